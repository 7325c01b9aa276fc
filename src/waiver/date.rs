//! Days as waivers write them: `2026-12-31`, UTC.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const FORM: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The current day, UTC.
pub fn today() -> Date {
    OffsetDateTime::now_utc().date()
}

/// The day that a text names. `None` for any other form, and for days that do not exist.
pub(super) fn parse(text: &str) -> Option<Date> {
    Date::parse(text, FORM).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_existing_days_in_one_form_are_read() {
        assert_eq!(
            parse("2026-02-28").map(|day| day.to_string()),
            Some("2026-02-28".to_owned())
        );
        for text in [
            "",
            "2026-02-30",
            "2026-2-3",
            "31.12.2026",
            "2026-12-31T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
