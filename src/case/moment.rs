//! Times in the notations that APIs use, and spans between them. Main types: [`Moment`], [`TimeSpan`].

use serde_json::Value;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::macros::format_description;
use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};

/// A point in time, and how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    time: OffsetDateTime,
    notation: TimeNotation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimeNotation {
    /// `2026-11-28T03:06:03Z` (RFC 3339).
    Rfc3339,
    /// The same without an offset, with `T` or a space: taken as UTC.
    Local(char),
    /// `2026-11-28`: its first moment in UTC.
    Date,
    /// `Sat, 28 Nov 2026 03:06:03 GMT` (RFC 9110, section 5.6.7).
    Http,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
}

/// From this number on, a number is milliseconds, not seconds: the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

impl Moment {
    pub(crate) fn of(time: OffsetDateTime) -> Self {
        Moment {
            time,
            notation: TimeNotation::Rfc3339,
        }
    }

    /// A time in one of the notations; `None` where it is in none.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Moment::of_number(number.as_i64()?),
            Value::String(text) => Moment::of_text(text.trim()),
            _ => None,
        }
    }

    fn of_number(number: i64) -> Option<Self> {
        let (nanoseconds, notation) = match number.abs() < FIRST_MILLISECONDS {
            true => (1_000_000_000, TimeNotation::Seconds),
            false => (1_000_000, TimeNotation::Milliseconds),
        };
        let nanoseconds = i128::from(number) * nanoseconds;
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?;
        Some(Moment { time, notation })
    }

    fn of_text(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Moment::of_number(number);
        }
        if let Ok(date) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
            return Some(Moment {
                time: date.midnight().assume_utc(),
                notation: TimeNotation::Date,
            });
        }
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc2822) {
            return Some(Moment {
                time,
                notation: TimeNotation::Http,
            });
        }
        let separator = text.chars().nth(10)?;
        if !matches!(separator, 'T' | 't' | ' ') {
            return None;
        }
        let with_t = text.replacen(separator, "T", 1);
        if let Ok(time) = OffsetDateTime::parse(&with_t, &Rfc3339) {
            return Some(Moment::of(time));
        }
        let time = OffsetDateTime::parse(&format!("{with_t}Z"), &Rfc3339).ok()?;
        Some(Moment {
            time,
            notation: TimeNotation::Local(separator),
        })
    }

    /// Whether another moment is at most a span before or after.
    pub(crate) fn is_near(self, other: Moment, by: TimeSpan) -> bool {
        let (earliest, latest) = (self.plus(by.reversed()), self.plus(by));
        earliest.is_none_or(|earliest| earliest.time <= other.time)
            && latest.is_none_or(|latest| other.time <= latest.time)
    }

    pub(crate) fn time(self) -> OffsetDateTime {
        self.time
    }

    /// The time in its notation; a date with a time of day, and a year that a notation does not have, in RFC 3339. `None` where no
    /// notation has it.
    pub(crate) fn written(self) -> Option<Value> {
        let Moment { time, notation } = self;
        let rfc3339 = || time.format(&Rfc3339).ok().map(Value::from);
        match notation {
            TimeNotation::Local(separator) => {
                let text = time.to_offset(UtcOffset::UTC).format(&Rfc3339).ok()?;
                let text = text.trim_end_matches('Z');
                Some(Value::from(text.replacen('T', &separator.to_string(), 1)))
            }
            TimeNotation::Date if time.time() == time::Time::MIDNIGHT => {
                let format = format_description!("[year]-[month]-[day]");
                time.format(format).ok().map(Value::from)
            }
            TimeNotation::Rfc3339 | TimeNotation::Date => rfc3339(),
            TimeNotation::Http => http_date(time).map(Value::from),
            TimeNotation::Seconds => Some(Value::from(time.unix_timestamp())),
            TimeNotation::Milliseconds => milliseconds(time),
        }
    }

    /// The time later by a span; `None` outside the years 0 to 9999.
    pub(crate) fn plus(self, span: TimeSpan) -> Option<Self> {
        let date = plus_months(self.time.date(), span.months)?;
        let time = self.time.replace_date(date);
        let time = time.checked_add(Duration::seconds(span.seconds))?;
        (0..=9999).contains(&time.year()).then_some(Moment {
            time,
            notation: self.notation,
        })
    }
}

/// The same day of another month, or its last day (RFC 3339, appendix C, for the lengths of months).
fn plus_months(date: Date, months: i64) -> Option<Date> {
    let index = i64::from(date.year()) * 12 + i64::from(u8::from(date.month())) - 1;
    let index = index.checked_add(months)?;
    let year = i32::try_from(index.div_euclid(12)).ok()?;
    let month = Month::try_from(u8::try_from(index.rem_euclid(12)).ok()? + 1).ok()?;
    let day = date.day().min(month.length(year));
    Date::from_calendar_date(year, month, day).ok()
}

/// A date of HTTP (RFC 9110, section 5.6.7).
pub(crate) fn http_date(time: OffsetDateTime) -> Option<String> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time.to_offset(UtcOffset::UTC).format(format).ok()
}

/// Milliseconds since 1970.
pub(crate) fn milliseconds(time: OffsetDateTime) -> Option<Value> {
    let milliseconds = time.unix_timestamp_nanos().div_euclid(1_000_000);
    i64::try_from(milliseconds).ok().map(Value::from)
}

/// A span of time: months, whose length depends on the date, and seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeSpan {
    months: i64,
    seconds: i64,
}

impl TimeSpan {
    /// One or more numbers with units: `1d`, `2h 30m`, `3 months`. `None` where the text is something else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut span = TimeSpan {
            months: 0,
            seconds: 0,
        };
        let mut rest = text.trim();
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number: i64 = rest.get(..digits)?.parse().ok()?;
            rest = rest[digits..].trim_start();
            let letters = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                    .len();
            let (months, seconds) = match &rest[..letters] {
                "s" => (0, 1),
                "m" => (0, 60),
                "h" => (0, 3600),
                "d" => (0, 86400),
                "w" => (0, 7 * 86400),
                "month" | "months" => (1, 0),
                "year" | "years" => (12, 0),
                _ => return None,
            };
            span.months = span.months.checked_add(number.checked_mul(months)?)?;
            span.seconds = span.seconds.checked_add(number.checked_mul(seconds)?)?;
            rest = rest[letters..].trim_start();
        }
        Some(span)
    }

    /// The span in the other direction.
    pub(crate) fn reversed(self) -> Self {
        TimeSpan {
            months: -self.months,
            seconds: -self.seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_keeps_its_notation() {
        for value in [
            json!("2026-11-28T03:06:03Z"),
            json!("2026-11-28T03:06:03.25+02:00"),
            json!("2026-11-28T03:06:03"),
            json!("2026-11-28 03:06:03"),
            json!("2026-11-28"),
            json!("Sat, 28 Nov 2026 03:06:03 GMT"),
            json!(1_795_835_163),
            json!(1_795_835_163_250_i64),
            json!(-1),
        ] {
            let moment = Moment::read(&value).unwrap();
            assert_eq!(moment.written(), Some(value));
        }
        assert_eq!(
            Moment::read(&json!("1795835163")).and_then(Moment::written),
            Some(json!(1_795_835_163))
        );
        for value in [
            json!("tomorrow"),
            json!(""),
            json!("2026-02-30"),
            json!("2026-11-28X03:06:03"),
            json!(1.5),
            json!(null),
            json!([1]),
        ] {
            assert_eq!(Moment::read(&value), None, "{value}");
        }
    }

    #[test]
    fn the_same_moment_is_one_time_in_every_notation() {
        // `date -u -d @1795835163`
        let expected = OffsetDateTime::from_unix_timestamp(1_795_835_163).unwrap();
        for value in [
            json!("2026-11-28T03:06:03Z"),
            json!("2026-11-28T05:06:03+02:00"),
            json!("2026-11-28 03:06:03"),
            json!("2026-11-28 03:06:03Z"),
            json!("Sat, 28 Nov 2026 03:06:03 GMT"),
            json!(1_795_835_163),
            json!(1_795_835_163_000_i64),
        ] {
            assert_eq!(Moment::read(&value).unwrap().time(), expected, "{value}");
        }
    }

    #[test]
    fn spans_are_added_by_the_calendar() {
        for (time, span, expected) in [
            ("2026-11-28", "1d", json!("2026-11-29")),
            ("2026-11-28", "1w 2d", json!("2026-12-07")),
            ("2026-11-28", "90m", json!("2026-11-28T01:30:00Z")),
            ("2026-01-31", "1 month", json!("2026-02-28")),
            ("2024-02-29", "1 year", json!("2025-02-28")),
            ("2026-11-30", "3months", json!("2027-02-28")),
            ("2026-12-31T23:59:59Z", "1s", json!("2027-01-01T00:00:00Z")),
            ("1795835163", "1h", json!(1_795_838_763)),
        ] {
            let moment = Moment::read(&json!(time)).unwrap();
            let later = moment.plus(TimeSpan::parse(span).unwrap()).unwrap();
            assert_eq!(later.written(), Some(expected), "{time} {span}");
        }
        let moment = Moment::read(&json!("2026-03-31")).unwrap();
        let earlier = moment.plus(TimeSpan::parse("1 month").unwrap().reversed());
        assert_eq!(earlier.and_then(Moment::written), Some(json!("2026-02-28")));
        for span in ["9999 years", "999999999999999999s"] {
            assert_eq!(moment.plus(TimeSpan::parse(span).unwrap()), None, "{span}");
        }
        for text in [
            "",
            "1",
            "d",
            "1 x",
            "-1d",
            "1.5h",
            "1d,2h",
            "99999999999999999999d",
            "9223372036854775807w",
        ] {
            assert_eq!(TimeSpan::parse(text), None, "{text}");
        }
    }
}
