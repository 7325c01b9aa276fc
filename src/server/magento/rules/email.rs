//! Validation of e-mail addresses with Magento's messages. Main function: [`check`].

/// The lines of the error message; empty for a valid address.
///
/// Top-level domains are not looked up in IANA's list: all are accepted except those that RFC 2606 reserves.
pub fn check(address: &str) -> Vec<String> {
    let invalid = || vec!["\"Email\" is not a valid email address.".to_owned()];
    let Some((local, host)) = address.rsplit_once('@') else {
        return invalid();
    };
    if local.is_empty() || host.is_empty() || address.contains("..") {
        return invalid();
    }
    if local.len() > 64 || host.len() > 255 {
        return vec!["\"Email\" uses too many characters.".to_owned()];
    }
    let mut lines = check_host(host);
    if !is_dot_atom(local) && !is_quoted(local) {
        lines.extend(invalid());
    }
    lines
}

/// RFC 5322 section 3.2.3, with the letters of RFC 6532.
fn is_dot_atom(local: &str) -> bool {
    let is_atext = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// A quoted string (RFC 5322 section 3.2.4) without escapes.
fn is_quoted(local: &str) -> bool {
    local.len() > 2
        && local.starts_with('"')
        && local.ends_with('"')
        && !local[1..local.len() - 1].contains(|c: char| c == '"' || c == '\\' || c.is_control())
}

fn check_host(host: &str) -> Vec<String> {
    const NOT_A_HOST: &str = "\"Email\" is not a valid hostname.";
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let local_name =
        || format!("'{host}' looks like a local network name, which is not an acceptable format.");
    if !labels.iter().all(|label| is_label(label)) {
        return vec![
            NOT_A_HOST.to_owned(),
            "The input does not match the expected structure for a DNS hostname".to_owned(),
        ];
    }
    let top = labels.last().copied().unwrap_or_default();
    if labels.len() < 2 || top.len() < 2 || top.chars().all(|c| c.is_ascii_digit()) {
        return vec![
            NOT_A_HOST.to_owned(),
            "The input does not match the expected structure for a DNS hostname".to_owned(),
            local_name(),
        ];
    }
    let is_reserved = ["test", "example", "invalid", "localhost"]
        .iter()
        .any(|name| top.eq_ignore_ascii_case(name));
    if is_reserved {
        return vec![
            NOT_A_HOST.to_owned(),
            format!(
                "'{host}' looks like a DNS hostname but we cannot match the TLD against known TLDs."
            ),
            local_name(),
        ];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "ada@example.com",
            "a.b+c@sub.example.org",
            "r6b00c238.c5@example.com",
        ] {
            assert!(check(good).is_empty(), "{good}");
        }
        for bad in [
            "not-an-email",
            "a@",
            "@example.com",
            "a b@example.com",
            "5",
            "a..b@example.com",
        ] {
            assert_eq!(
                check(bad),
                ["\"Email\" is not a valid email address."],
                "{bad}"
            );
        }
        assert_eq!(
            check(&format!("{}@example.com", "x".repeat(250))),
            ["\"Email\" uses too many characters."]
        );
        assert_eq!(
            check("x@localhost"),
            [
                "\"Email\" is not a valid hostname.",
                "The input does not match the expected structure for a DNS hostname",
                "'localhost' looks like a local network name, which is not an acceptable format.",
            ]
        );
    }
}
