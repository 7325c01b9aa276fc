//! Points in time as the service writes them: ISO 8601 in bodies, HTTP dates in headers.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// The current time in whole milliseconds.
pub fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_millisecond(now.millisecond()).unwrap_or(now)
}

/// `2026-01-31T12:00:00.25Z`.
pub fn iso(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

/// `Sat, 31 Jan 2026 12:00:00 GMT`.
pub fn http_date(time: OffsetDateTime) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time.format(&format).unwrap_or_default()
}

/// A date such as `2026-01-31`; nothing when it does not exist.
pub fn date(text: &str) -> Option<Date> {
    // The parser would also accept a sign before the year.
    let is_plain = text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit());
    let parsed = Date::parse(text, &format_description!("[year]-[month]-[day]"));
    parsed.ok().filter(|_| is_plain)
}
