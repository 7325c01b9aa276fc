//! Values and texts, shortened for messages: [`short_json`], [`short_text`].

use serde::Serialize;
use serde_json::Value;

use crate::text::cut;

/// Characters of an `expected` or `actual` before it is cut.
pub(super) const SHORT: usize = 200;
/// Characters of a whole message before it is cut.
pub(super) const MESSAGE: usize = 500;

/// The value as compact JSON, cut after [`SHORT`] characters. Renders only the part that is shown.
pub(super) fn short_json(value: &Value) -> String {
    let mut start = Start {
        bytes: Vec::new(),
        // A character has at most four bytes. The extra four show that the value is longer.
        room: SHORT * 4 + 4,
    };
    // Fails only when the room is used up. The bytes written so far are the ones to show.
    let _ = value.serialize(&mut serde_json::Serializer::new(&mut start));
    cut(&String::from_utf8_lossy(&start.bytes), SHORT)
}

/// The text as a JSON string, cut after [`SHORT`] characters.
pub(super) fn short_text(text: &str) -> String {
    let cut = cut(text, SHORT);
    Value::String(cut).to_string()
}

/// A writer that keeps the first bytes and then refuses.
struct Start {
    bytes: Vec<u8>,
    room: usize,
}

impl std::io::Write for Start {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.room == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        let taken = bytes.len().min(self.room);
        self.bytes.extend_from_slice(&bytes[..taken]);
        self.room -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_values_are_whole_and_long_ones_cut_between_characters() {
        assert_eq!(short_json(&json!({"a": [1, "é"]})), r#"{"a":[1,"é"]}"#);
        let long = short_json(&json!("é".repeat(100_000)));
        assert_eq!(long.chars().count(), SHORT + 1);
        assert!(long.starts_with("\"éé") && long.ends_with("é…"));
        assert_eq!(short_text("a\u{1b}\"b"), r#""a\u001b\"b""#);
    }
}
