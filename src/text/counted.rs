//! Numbers with nouns. Main function: [`counted`].

/// `1 case`, `2 cases`, `2 entries`: a number and a noun, in the plural unless the number is one.
pub fn counted(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => {
            format!("{number} {stem}ies")
        }
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_everything_else_plural() {
        for (number, noun, expected) in [
            (0, "case", "0 cases"),
            (1, "case", "1 case"),
            (2, "more case", "2 more cases"),
            (1, "entry", "1 entry"),
            (3, "entry", "3 entries"),
            (3, "key", "3 keys"),
        ] {
            assert_eq!(counted(number, noun), expected);
        }
    }
}
