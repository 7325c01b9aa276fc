//! Dates as Magento reads them (a number is seconds since 1970) and writes them (`YYYY-MM-DD HH:MM:SS`, UTC).

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

const STAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The current time in UTC: `2026-11-20 21:57:13`.
pub fn now() -> String {
    write_stamp(PrimitiveDateTime::new(
        OffsetDateTime::now_utc().date(),
        OffsetDateTime::now_utc().time(),
    ))
}

/// The current time in seconds since 1970.
pub fn now_in_seconds() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// A point in time as `YYYY-MM-DD HH:MM:SS`; `None` if the text is not a date.
pub fn stamp(text: &str) -> Option<String> {
    read(text).map(write_stamp)
}

/// A day as `YYYY-MM-DD`; `None` if the text is not a date.
pub fn day(text: &str) -> Option<String> {
    read(text).and_then(|moment| moment.date().format(DAY).ok())
}

fn write_stamp(moment: PrimitiveDateTime) -> String {
    // Formatting fails only for years above 9999, which the parser rejects.
    moment.format(STAMP).unwrap_or_default()
}

/// Seconds since 1970, or a day with an optional time, fraction and zone.
fn read(text: &str) -> Option<PrimitiveDateTime> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        let moment = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        return Some(PrimitiveDateTime::new(moment.date(), moment.time()));
    }
    let (day, rest) = match text.find(['T', ' ']) {
        Some(end) => (&text[..end], text[end + 1..].trim()),
        None => (text, ""),
    };
    let date = read_day(day)?;
    if rest.is_empty() {
        return Some(PrimitiveDateTime::new(date, Time::MIDNIGHT));
    }
    let zone_start = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone_start);
    let local = PrimitiveDateTime::new(date, read_clock(clock)?);
    let utc = local
        .assume_offset(read_zone(zone)?)
        .checked_to_offset(UtcOffset::UTC)?;
    Some(PrimitiveDateTime::new(utc.date(), utc.time()))
}

/// `YYYY-MM-DD`, `MM/DD/YYYY`, `DD.MM.YYYY` or `DD-MM-YYYY`.
///
/// Like PHP it counts on from the month's first day: a day up to 31 that the month does not have is in the next month, and day or month 0
/// are the last of the month or year before.
fn read_day(text: &str) -> Option<Date> {
    let (year, month, day) = if let [month, day, year] = numbers(text, '/')?[..] {
        (year, month, day)
    } else if let [day, month, year] = numbers(text, '.')?[..] {
        (year, month, day)
    } else if let [first, month, last] = numbers(text, '-')?[..] {
        match text.find('-') {
            Some(4) => (first, month, last),
            _ => (last, month, first),
        }
    } else {
        return None;
    };
    if month > 12 || day > 31 || year > 9999 {
        return None;
    }
    let months = i32::try_from(year * 12 + month).ok()? - 1;
    let month = Month::try_from(u8::try_from(months.rem_euclid(12) + 1).ok()?).ok()?;
    Date::from_calendar_date(months.div_euclid(12), month, 1)
        .ok()?
        .checked_add(Duration::days(i64::from(day) - 1))
        .filter(|date| (0..=9999).contains(&date.year()))
}

fn read_clock(text: &str) -> Option<Time> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole).trim();
    let parts = numbers(whole, ':')?;
    let at = |index: usize| u8::try_from(parts.get(index).copied().unwrap_or(0)).ok();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    Time::from_hms(at(0)?, at(1)?, at(2)?).ok()
}

fn read_zone(text: &str) -> Option<UtcOffset> {
    let sign = match text.chars().next() {
        None | Some('Z') => return (text.len() <= 1).then_some(UtcOffset::UTC),
        Some('-') => -1,
        Some(_) => 1,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let number: i32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    UtcOffset::from_whole_seconds(sign * (number / 100 * 3600 + number % 100 * 60)).ok()
}

/// The numbers between the separators; the whole text as one part if there are none. `None` for anything but digits
/// in a text that has the separator.
fn numbers(text: &str, separator: char) -> Option<Vec<u32>> {
    if !text.contains(separator) {
        return Some(Vec::new());
    }
    text.split(separator)
        .map(|part| {
            part.parse()
                .ok()
                .filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        for (text, expected) in [
            ("1990-12-10", "1990-12-10"),
            ("12/10/1990", "1990-12-10"),
            ("5", "1970-01-01"),
            ("2100-01-01", "2100-01-01"),
            ("1990-12-10T00:00:00Z", "1990-12-10"),
            ("2023-02-29", "2023-03-01"),
            ("2024-02-29", "2024-02-29"),
            ("2023-02-31", "2023-03-03"),
            ("2023-04-31", "2023-05-01"),
            ("02/30/2023", "2023-03-02"),
            ("2023-12-31", "2023-12-31"),
            ("2023-03-00", "2023-02-28"),
            ("2023-00-10", "2022-12-10"),
            ("31.12.1999", "1999-12-31"),
            ("31-12-1999", "1999-12-31"),
            ("31.02.1999", "1999-03-03"),
        ] {
            assert_eq!(day(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "not-a-date",
            "1990-13-45",
            "1990-01-32",
            "13/01/1990",
            "0000-00-00",
            "31.13.1999",
            "1.5",
            "",
            "garbage",
            "1990-12",
            "99999-01-01",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn points_in_time() {
        assert_eq!(stamp("2020-01-01 00:00:00").unwrap(), "2020-01-01 00:00:00");
        assert_eq!(stamp("5").unwrap(), "1970-01-01 00:00:05");
        assert_eq!(
            stamp("2020-01-01T02:30:00+02:30").unwrap(),
            "2020-01-01 00:00:00"
        );
        assert_eq!(stamp("2020-01-01 25:00"), None);
        assert_eq!(stamp("9999-12-31T23:59:59-23:59"), None);
        assert_eq!(now().len(), 19);
    }
}
