//! Moments: a date and time in a recorded response, and the one in a live response for the same event.
//!
//! An event that happened while an entry was recorded happens in the replay while the same entry is replayed. So a recorded
//! moment is looked up among the entries, and the live one must be within the period of these entries in the replay, with a
//! tolerance of one second on each side, because both are written in whole seconds. The clock is the server's own if its
//! responses have a `Date` header (RFC 9110, section 6.6.1), else ours.
//!
//! A moment from outside the recording (`1970-01-01 00:00:05`, an imported order) is a plain value.
//!
//! Main type: [`Timeline`].

use std::ops::RangeInclusive;
use std::time::Duration;

use http::HeaderMap;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Both servers write whole seconds.
const TOLERANCE: time::Duration = time::Duration::SECOND;

/// How much a recorder's clock may deviate from the beginning and end that its entries state.
const AROUND: time::Duration = time::Duration::seconds(2);

/// The time between request and response, by the server's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    pub start: OffsetDateTime,
    pub end: OffsetDateTime,
}

impl Period {
    /// From the response's `Date`, else from `started`; `None` if neither is known.
    pub fn of(
        headers: &HeaderMap,
        started: Option<OffsetDateTime>,
        took: Duration,
    ) -> Option<Period> {
        let date = headers
            .get(http::header::DATE)
            .and_then(|date| OffsetDateTime::parse(date.to_str().ok()?, &Rfc2822).ok());
        match (date, started) {
            (Some(end), _) => Some(Period {
                start: end.checked_sub(time::Duration::try_from(took).ok()?)?,
                end,
            }),
            (None, Some(start)) => Some(Period {
                start,
                end: start.checked_add(time::Duration::try_from(took).ok()?)?,
            }),
            (None, None) => None,
        }
    }
}

/// The periods of the entries replayed so far, recorded and live.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    entries: Vec<(Period, Period)>,
}

impl Timeline {
    /// Adds the latest entry.
    pub fn add(&mut self, recorded: Period, live: Period) {
        self.entries.push((recorded, live));
    }

    /// The period in which the event of a recorded moment happened in the replay; `None` if the moment is outside the recording.
    pub fn live(&self, recorded: OffsetDateTime) -> Option<RangeInclusive<OffsetDateTime>> {
        let during =
            |period: &Period| recorded >= period.start - AROUND && recorded <= period.end + AROUND;
        let mut found: Option<(OffsetDateTime, OffsetDateTime)> = None;
        let mut widen = |live: &Period| {
            let (start, end) = found.unwrap_or((live.start, live.end));
            found = Some((start.min(live.start), end.max(live.end)));
        };
        for (period, live) in &self.entries {
            if during(period) {
                widen(live);
            }
        }
        if found.is_none() {
            // Between two entries: an event that an earlier entry triggered.
            let before = self
                .entries
                .iter()
                .rev()
                .find(|(period, _)| period.end < recorded);
            let after = self
                .entries
                .iter()
                .find(|(period, _)| period.start > recorded);
            if let (Some((_, before)), Some((_, after))) = (before, after) {
                found = Some((before.start, after.end));
            }
        }
        let (start, end) = found?;
        let start = start - TOLERANCE;
        let start = start.replace_nanosecond(0).unwrap_or(start);
        Some(start..=end + TOLERANCE)
    }

    /// Whether the two are the days on which the last entry was sent, in recording and replay.
    pub fn is_today(&self, recorded: Date, live: Date) -> bool {
        let days = |period: &Period| [period.start.date(), period.end.date()];
        self.entries
            .last()
            .is_some_and(|(recorded_period, live_period)| {
                days(recorded_period).contains(&recorded) && days(live_period).contains(&live)
            })
    }
}

/// Whether two moments of one live object have the same order as the recorded ones: equal stays equal and earlier stays earlier,
/// each with a tolerance of one second.
pub fn keeps_order(recorded: [OffsetDateTime; 2], live: [OffsetDateTime; 2]) -> bool {
    let between = live[1] - live[0];
    match recorded[0].cmp(&recorded[1]) {
        std::cmp::Ordering::Equal => between.abs() <= TOLERANCE,
        std::cmp::Ordering::Less => between >= -TOLERANCE,
        std::cmp::Ordering::Greater => between <= TOLERANCE,
    }
}

/// A date and time, and the form in which it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub moment: OffsetDateTime,
    /// The text with every digit as `0`: two moments of the same form differ only in digits.
    pub form: String,
}

/// Reads `2026-11-20 21:57:13` (UTC), also with `T` instead of the space, with a fraction and with an offset as in RFC 3339.
pub fn read(text: &str) -> Option<Written> {
    if !(19..=40).contains(&text.len()) || !text.is_ascii() {
        return None;
    }
    let (head, tail) = text.split_at(19);
    let moment = match tail {
        "" => {
            let (date, time) = head.split_once([' ', 'T'])?;
            PrimitiveDateTime::new(read_date(date)?, read_time(time)?).assume_offset(UtcOffset::UTC)
        }
        _ => OffsetDateTime::parse(&text.replacen(' ', "T", 1), &Rfc3339)
            .or_else(|_| OffsetDateTime::parse(&format!("{text}Z").replacen(' ', "T", 1), &Rfc3339))
            .ok()?,
    };
    Some(Written {
        moment,
        form: text.replace(|c: char| c.is_ascii_digit(), "0"),
    })
}

/// Reads `2026-11-20`.
pub fn read_date(text: &str) -> Option<Date> {
    Date::parse(
        text,
        time::macros::format_description!("[year]-[month]-[day]"),
    )
    .ok()
}

fn read_time(text: &str) -> Option<Time> {
    Time::parse(
        text,
        time::macros::format_description!("[hour]:[minute]:[second]"),
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> OffsetDateTime {
        read(text).unwrap().moment
    }

    fn period(start: &str, end: &str) -> Period {
        Period {
            start: at(start),
            end: at(end),
        }
    }

    fn timeline() -> Timeline {
        let mut timeline = Timeline::default();
        timeline.add(
            period("2026-11-20 10:00:00", "2026-11-20 10:00:01"),
            period("2027-01-01 08:00:00", "2027-01-01 08:00:00"),
        );
        timeline.add(
            period("2026-11-20 10:01:00", "2026-11-20 10:01:00"),
            period("2027-01-01 08:00:10", "2027-01-01 08:00:10"),
        );
        timeline
    }

    #[test]
    fn a_moment_of_an_entry_is_one_of_the_same_entry_in_the_replay() {
        let live = timeline().live(at("2026-11-20 10:00:01")).unwrap();
        assert!(live.contains(&at("2027-01-01 08:00:01")));
        assert!(!live.contains(&at("2027-01-01 08:00:10")));
        assert!(!live.contains(&at("2026-11-20 10:00:01")));
    }

    #[test]
    fn between_two_entries_is_between_them_in_the_replay() {
        let live = timeline().live(at("2026-11-20 10:00:30")).unwrap();
        assert!(live.contains(&at("2027-01-01 08:00:05")));
        assert!(!live.contains(&at("2027-01-01 08:01:00")));
    }

    #[test]
    fn a_moment_outside_the_recording_is_a_plain_value() {
        for text in [
            "1970-01-01 00:00:05",
            "2026-11-20 09:59:00",
            "2030-01-01 00:00:00",
        ] {
            assert_eq!(timeline().live(at(text)), None, "{text}");
        }
    }

    #[test]
    fn order_is_kept_within_a_second() {
        let [a, b, c] = [
            "2026-01-01 00:00:00",
            "2026-01-01 00:00:01",
            "2026-01-01 00:00:03",
        ]
        .map(at);
        assert!(keeps_order([a, a], [a, b]));
        assert!(!keeps_order([a, a], [a, c]));
        assert!(keeps_order([a, c], [a, a]));
        assert!(!keeps_order([a, c], [c, a]));
        assert!(!keeps_order([c, a], [a, c]));
    }

    #[test]
    fn forms_are_distinguished_and_other_texts_are_not_moments() {
        let plain = read("2026-11-20 21:57:13").unwrap();
        let zoned = read("2026-11-20T22:57:13+01:00").unwrap();
        assert_eq!(plain.moment, zoned.moment);
        assert_ne!(plain.form, zoned.form);
        assert_eq!(
            read("2026-11-20 21:57:13.250").unwrap().form,
            "0000-00-00 00:00:00.000"
        );
        for other in [
            "2026-13-20 21:57:13",
            "2026-11-20",
            "a name that is long enough",
            "2026-11-20 21:57:1é",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn the_servers_clock_is_used() {
        let mut headers = HeaderMap::new();
        let started = Some(at("2026-11-20 21:00:00"));
        let took = Duration::from_secs(2);
        assert_eq!(
            Period::of(&headers, started, took).unwrap().end,
            at("2026-11-20 21:00:02")
        );
        headers.insert("date", "Fri, 20 Nov 2026 21:57:13 GMT".parse().unwrap());
        assert_eq!(
            Period::of(&headers, started, took),
            Some(period("2026-11-20 21:57:11", "2026-11-20 21:57:13"))
        );
        assert_eq!(Period::of(&HeaderMap::new(), None, took), None);
    }
}
