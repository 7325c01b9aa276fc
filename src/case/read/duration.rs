//! Durations as people write them: `500ms`, `2s`, `1.5m`.

use std::time::Duration;

/// A number and a unit (`ms`, `s`, `m`, `h`) without a space between them. `None` for anything else, for zero, and for more
/// than a day.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let plain = number.starts_with(|c: char| c.is_ascii_digit())
        && number.ends_with(|c: char| c.is_ascii_digit());
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let value = number.parse::<f64>().ok().filter(|_| plain)? * seconds;
    (value > 0.0 && value <= 86_400.0).then(|| Duration::from_secs_f64(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_required_and_known() {
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse("2s"), Some(Duration::from_secs(2)));
        assert_eq!(parse("1.5m"), Some(Duration::from_secs(90)));
        assert_eq!(parse("1h"), Some(Duration::from_secs(3600)));
        for wrong in [
            "", "2", "2 s", "s", "-1s", "1e3s", ".5s", "5.s", "0s", "25h", "2days", "infs",
            "1.2.3s",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
