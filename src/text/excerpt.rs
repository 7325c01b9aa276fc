//! Texts cut to a number of characters. Main functions: [`cut`], [`head`].

/// The first `limit` characters, and whether there were more.
pub fn head(text: &str, limit: usize) -> (&str, bool) {
    match text.char_indices().nth(limit) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

/// The first `limit` characters, followed by `…` where there were more.
pub fn cut(text: &str, limit: usize) -> String {
    match head(text, limit) {
        (head, true) => format!("{head}…"),
        (whole, false) => whole.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_counts_characters_and_marks_what_is_left_out() {
        assert_eq!(cut("äöü", 2), "äö…");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("", 0), "");
        assert_eq!(head("äöü", 2), ("äö", true));
        assert_eq!(head("äöü", 3), ("äöü", false));
    }
}
