//! Validation of e-mail addresses with Magento's messages. Main function: [`check`].

use std::net::Ipv4Addr;

/// The lines of the error message; empty for a valid address. Top-level domains are not looked up in a list.
pub fn check(address: &str) -> Vec<String> {
    let invalid = || vec!["\"Email\" is not a valid email address.".to_owned()];
    let Some((local, host)) = address.rsplit_once('@') else {
        return invalid();
    };
    if local.is_empty() || host.is_empty() || address.contains("..") {
        return invalid();
    }
    let mut lines = Vec::new();
    if local.len() > 64 || host.len() > 255 {
        lines.push("\"Email\" uses too many characters.".to_owned());
    }
    lines.extend(check_host(host));
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

/// The messages of the host's validator, after one that says that the host is wrong.
fn check_host(host: &str) -> Vec<String> {
    let messages = if is_ipv4(host) {
        vec![format!(
            "'{host}' looks like an IP address, which is not an acceptable format."
        )]
    } else {
        let Some(not_dns) = dns_refusal(host) else {
            return Vec::new();
        };
        let not_local = if is_local_name(host) {
            format!("'{host}' looks like a local network name, which is not an acceptable format.")
        } else {
            format!("'{host}' does not look like a valid local network name.")
        };
        vec![not_dns, not_local]
    };
    let mut lines = vec!["\"Email\" is not a valid hostname.".to_owned()];
    lines.extend(messages);
    lines
}

fn is_ipv4(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok()
}

/// Why the host is no name of the domain name system; `None` if it is one.
fn dns_refusal(host: &str) -> Option<String> {
    let labels: Vec<&str> = host.split('.').collect();
    if labels.len() < 2 || !(4..=254).contains(&host.chars().count()) {
        return Some(
            "The input does not match the expected structure for a DNS hostname".to_owned(),
        );
    }
    let looks_like_dns =
        |problem: &str| format!("'{host}' looks like a DNS hostname but {problem}");
    let top = labels.last().copied().unwrap_or_default();
    if top.chars().count() < 2 {
        return Some(looks_like_dns("cannot extract TLD part."));
    }
    if labels.iter().any(|label| has_misplaced_dash(label)) {
        return Some(looks_like_dns("contains a dash in an invalid position."));
    }
    if !labels.iter().all(|label| is_label(label)) {
        return Some(looks_like_dns(&format!(
            "we cannot match it against the hostname schema for TLD '{top}'."
        )));
    }
    None
}

/// At the start, at the end, or third and fourth (RFC 5891 section 4.2.3.1), except in `xn--`.
fn has_misplaced_dash(label: &str) -> bool {
    let third_and_fourth = label.get(2..4) == Some("--") && !label.starts_with("xn--");
    label.starts_with('-') || label.ends_with('-') || third_and_fourth
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// Labels of letters, digits and dashes, between dots.
fn is_local_name(host: &str) -> bool {
    let mut labels = host.strip_suffix('.').unwrap_or(host).split('.');
    labels.all(|label| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    })
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
            "ada@shop.example",
            "\"ada lovelace\"@example.com",
            "adä@example.com",
            "ada@exämple.net",
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
        let local = |length| format!("{}@example.com", "x".repeat(length));
        assert!(check(&local(64)).is_empty());
        assert_eq!(check(&local(65)), ["\"Email\" uses too many characters."]);
        assert_eq!(
            check("ada@example.net "),
            [
                "\"Email\" is not a valid hostname.",
                "'example.net ' looks like a DNS hostname but we cannot match it against the hostname schema for TLD 'net '.",
                "'example.net ' does not look like a valid local network name.",
            ]
        );
        assert_eq!(
            check("ada@127.0.0.1"),
            [
                "\"Email\" is not a valid hostname.",
                "'127.0.0.1' looks like an IP address, which is not an acceptable format.",
            ]
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
