//! Durations (`30s`) and sizes (`16MiB`) as people write them.

use std::time::Duration;

/// The longest duration that is taken for one: a year. Anything beyond is a slip.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A number with a unit: `500ms`, `30s`, `1.5m`, `1h`. Fails, with a fragment that says what is expected, for anything else,
/// for nothing at all (`0s`), and for more than a year.
pub(in crate::cli) fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("`{text}` is no duration; write a number and ms, s, m or h, as in `30s`");
    let (number, unit) = split(text);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
    match duration {
        Duration::ZERO => Err(format!("`{text}` is no time at all; write more than zero")),
        longer if longer > LONGEST => Err(format!("`{text}` is longer than a year")),
        duration => Ok(duration),
    }
}

/// A whole number of bytes: `16MiB`, `64KiB`, `1GiB`, `500kB`, `2MB`, `1000B` or a bare number. Fails, with a fragment that
/// says what is expected, for anything else and for nothing at all.
pub(in crate::cli) fn parse_size(text: &str) -> Result<usize, String> {
    let wrong = || {
        format!(
            "`{text}` is no size; write a whole number and B, kB, MB, KiB, MiB or GiB, as in `16MiB`"
        )
    };
    let (number, unit) = split(text);
    let bytes: usize = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1024,
        "MiB" => 1024 * 1024,
        "GiB" => 1024 * 1024 * 1024,
        _ => return Err(wrong()),
    };
    let number: usize = number.parse().map_err(|_| wrong())?;
    match number.checked_mul(bytes) {
        Some(0) => Err(format!("`{text}` is nothing; write more than zero")),
        Some(size) => Ok(size),
        None => Err(wrong()),
    }
}

/// The number and its unit, with or without a space between.
fn split(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("1.5m", 90_000),
            ("2 h", 7_200_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "30",
            "s",
            "-1s",
            "1d",
            "1e9s",
            "0s",
            "99999999h",
            "1..5s",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("16MiB", 16_777_216),
            ("500 kB", 500_000),
            ("12", 12),
            ("12B", 12),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in ["", "MiB", "1.5MiB", "-1", "0", "1TB", "99999999999GiB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
