//! Secret values and where they are in a text. Main type: [`SecretValues`].

use std::collections::HashMap;
use std::sync::Arc;

/// The number of bytes by which a value is looked up; no value is shorter.
pub(super) const HEAD: usize = 6;

/// Values, each found by its first bytes. Adding a value takes the same time however many there are: nearly every response adds one.
#[derive(Clone, Default)]
pub(super) struct SecretValues {
    by_head: HashMap<[u8; HEAD], Vec<Arc<str>>>,
}

/// Shows only the count: the values are secret.
impl std::fmt::Debug for SecretValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count: usize = self.by_head.values().map(Vec::len).sum();
        write!(f, "{count} values")
    }
}

impl SecretValues {
    pub(super) fn contains(&self, value: &str) -> bool {
        self.at(value.as_bytes()).any(|known| known == value)
    }

    /// Adds a value. A value shorter than [`HEAD`] is never found.
    pub(super) fn learn(&mut self, value: &str) {
        if let Some(head) = value.as_bytes().first_chunk()
            && !self.contains(value)
        {
            self.by_head.entry(*head).or_default().push(value.into());
        }
    }

    /// The text with each value replaced by `mask`. Values that overlap become one mask.
    pub(super) fn replaced(&self, text: &str, mask: &str) -> String {
        if self.by_head.is_empty() {
            return text.to_owned();
        }
        let mut replaced = String::with_capacity(text.len());
        let mut end = 0;
        for start in 0..text.len() {
            let Some(longest) = self.at(&text.as_bytes()[start..]).map(str::len).max() else {
                continue;
            };
            if start >= end {
                replaced.push_str(&text[end..start]);
                replaced.push_str(mask);
            }
            end = end.max(start + longest);
        }
        replaced.push_str(&text[end..]);
        replaced
    }

    /// The values that begin with these bytes.
    fn at<'v>(&'v self, bytes: &'v [u8]) -> impl Iterator<Item = &'v str> {
        let values = bytes.first_chunk().and_then(|head| self.by_head.get(head));
        values
            .into_iter()
            .flatten()
            .map(|value| &**value)
            .filter(|value| bytes.starts_with(value.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_are_found() {
        let mut values = SecretValues::default();
        for number in 0..500 {
            values.learn(&format!("secret-{number}-x"));
            values.learn(&format!("other-{number}-y"));
        }
        for number in [0, 1, 250, 498, 499] {
            let text = format!("<secret-{number}-x|other-{number}-y>");
            assert_eq!(values.replaced(&text, "***"), "<***|***>");
        }
        assert_eq!(values.replaced("secret-500-x", "***"), "secret-500-x");
        assert!(values.contains("secret-7-x") && !values.contains("secret-500-x"));
        values.learn("secret-7-x");
        assert_eq!(format!("{values:?}"), "1000 values");
    }

    #[test]
    fn overlapping_values_are_masked_completely() {
        let mut values = SecretValues::default();
        for value in ["abc123", "abc123xyz", "xyz789"] {
            values.learn(value);
        }
        assert_eq!(values.replaced("-abc123xyz789-", "***"), "-***-");
        assert_eq!(values.replaced("abc123abc123", "***"), "******");
        assert_eq!(values.replaced("ä€ abc123 €", "***"), "ä€ *** €");
        assert_eq!(values.replaced("abc12", "***"), "abc12");
    }
}
