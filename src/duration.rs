//! Durations as written in case files, the configuration and on the command line: `500ms`, `2s`, `1.5m`.
//!
//! Main functions: [`parse_duration`], [`duration_text`].

use std::time::Duration;

use crate::text::InvalidText;

/// The longest duration that is accepted. A longer one is a typo: nothing here waits longer than a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A number and its unit (`ms`, `s`, `m`, `h`) without a space between: `500ms`, `30s`, `1.5m`, `1h`. Fails, with a fragment that says
/// what is expected, for anything else, for zero (`0s`), and for more than a day.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidText> {
    let wrong = || {
        InvalidText(format!(
            "`{text}` is not a duration; write a number and ms, s, m or h, as in `30s`"
        ))
    };
    let unit_at = text
        .find(|c: char| c.is_ascii_alphabetic())
        .ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit_at);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    let plain = number.starts_with(|c: char| c.is_ascii_digit())
        && number.ends_with(|c: char| c.is_ascii_digit());
    let number: f64 = number.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
    match duration {
        Duration::ZERO => Err(InvalidText(format!("`{text}` must be more than zero"))),
        longer if longer > LONGEST => Err(InvalidText(format!("`{text}` is longer than a day"))),
        duration => Ok(duration),
    }
}

/// The text that [`parse_duration`] reads as this duration, in the largest unit that gives a whole number; `None` where there is none.
pub fn duration_text(duration: Duration) -> Option<String> {
    const UNITS: [(u128, &str); 4] = [
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
    ];
    let nanoseconds = duration.as_nanos();
    let whole = UNITS
        .iter()
        .find(|(unit, _)| nanoseconds.is_multiple_of(*unit));
    let text = match whole {
        Some((unit, name)) => format!("{}{name}", nanoseconds / unit),
        None => {
            let (whole, rest) = (nanoseconds / 1_000_000, nanoseconds % 1_000_000);
            let decimals = format!("{rest:06}");
            format!("{whole}.{}ms", decimals.trim_end_matches('0'))
        }
    };
    (parse_duration(&text) == Ok(duration)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_they_are_read() {
        for (nanoseconds, text) in [
            (500_000_000, Some("500ms")),
            (2_000_000_000, Some("2s")),
            (90_000_000_000, Some("90s")),
            (120_000_000_000, Some("2m")),
            (3_600_000_000_000, Some("1h")),
            (86_400_000_000_000, Some("24h")),
            (1, Some("0.000001ms")),
            (1_500_000, Some("1.5ms")),
            (86_399_999_999_999, Some("86399999.999999ms")),
            (0, None),
            (86_400_000_000_001, None),
        ] {
            let duration = Duration::from_nanos(nanoseconds);
            assert_eq!(duration_text(duration).as_deref(), text);
        }
    }

    #[test]
    fn units_are_required_and_known() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("2s", 2000),
            ("30s", 30_000),
            ("1.5m", 90_000),
            ("24h", 86_400_000),
        ] {
            let expected = Duration::from_millis(milliseconds);
            assert_eq!(parse_duration(text), Ok(expected), "{text}");
        }
        for wrong in [
            "",
            "2",
            "2 s",
            "s",
            "-1s",
            "1e3s",
            ".5s",
            "5.s",
            "0s",
            "0.0h",
            "25h",
            "2days",
            "infs",
            "1.2.3s",
            "1..5s",
            "1d",
            "99999999h",
        ] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_reason_is_reported() {
        for (text, words) in [
            ("soon", "write a number and ms, s, m or h"),
            ("0s", "must be more than zero"),
            ("25h", "longer than a day"),
        ] {
            let reason = parse_duration(text).unwrap_err().to_string();
            assert!(reason.contains(words), "{text}: {reason}");
        }
    }
}
