//! Sizes (`16MiB`) as people write them.

/// A whole number of bytes: `16MiB`, `64KiB`, `1GiB`, `500kB`, `2MB`, `1000B` or a bare number. Fails, with a fragment that
/// says what is expected, for anything else and for zero.
pub(in crate::cli) fn parse_size(text: &str) -> Result<usize, String> {
    let wrong = || {
        format!(
            "`{text}` is not a size; write a whole number and B, kB, MB, KiB, MiB or GiB, as in `16MiB`"
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
        Some(0) => Err(format!("`{text}` is zero; write more than zero")),
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
