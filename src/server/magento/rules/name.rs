//! Validation of names.

/// The longest run of allowed characters that the rule's pattern matches.
const MAX_RUN: usize = 255;

/// Whether a name is valid: its first run of allowed characters must be the whole name. A name without any allowed character is also
/// valid, because the pattern then matches nothing.
pub fn is_valid(name: &str) -> bool {
    let Some(start) = name.find(is_allowed) else {
        return true;
    };
    let run = name[start..]
        .chars()
        .take_while(|c| is_allowed(*c))
        .take(MAX_RUN)
        .count();
    start == 0 && run == name.chars().count()
}

/// Letters and marks of any script, digits, blanks and `, - _ . ' ’ \` &`.
fn is_allowed(c: char) -> bool {
    c.is_alphabetic()
        || is_mark(c)
        || c.is_ascii_digit()
        || c.is_whitespace()
        || ",-_.'’`&".contains(c)
}

/// Combining marks that are not alphabetic, in the blocks that contain only marks.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in [
            "Ada",
            "Zoë",
            "Łukasz",
            "Anne-Marie",
            "O'Neil",
            "   ",
            "123",
            "1.5",
            "😀",
            "@",
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in [
            "<script>alert(1)</script>",
            "A{{var x}}",
            "A@B",
            "a/b",
            "http://x.example",
            "😀a",
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
        assert!(is_valid(&"x".repeat(255)));
        assert!(!is_valid(&"x".repeat(256)));
    }
}
