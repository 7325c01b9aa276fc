//! Texts that match a regular expression.

use regex_syntax::hir::{Class, Hir, HirKind};
use regex_syntax::{Parser, ParserBuilder};

/// The longest text that is made.
const LONGEST: usize = 10_000;

/// A short text that the pattern should match, of at least `length` characters where repetitions allow it. `None` for what only other
/// engines know (lookaround, references to groups). What anchors and word boundaries demand is not heeded.
pub(super) fn text(pattern: &str, length: usize) -> Option<String> {
    let parsed = parser().parse(pattern).ok()?;
    let shortest = written(&parsed, 0)?;
    let missing = length.saturating_sub(shortest.chars().count());
    match missing {
        0 => Some(shortest),
        missing => written(&parsed, missing),
    }
}

fn parser() -> Parser {
    ParserBuilder::new().nest_limit(100).build()
}

/// The text of an expression; each repetition may add `more` repeats to the least it allows.
fn written(expression: &Hir, more: usize) -> Option<String> {
    let mut text = String::new();
    write(expression, more, &mut text)?;
    Some(text)
}

fn write(expression: &Hir, more: usize, text: &mut String) -> Option<()> {
    if text.len() > LONGEST {
        return None;
    }
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => text.push(member(class)?),
        HirKind::Repetition(repetition) => {
            let least = repetition.min as usize;
            let most = repetition.max.map_or(usize::MAX, |most| most as usize);
            for _ in 0..least.saturating_add(more).min(most).min(LONGEST) {
                write(&repetition.sub, more, text)?;
            }
        }
        HirKind::Capture(group) => write(&group.sub, more, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, more, text)?;
            }
        }
        HirKind::Alternation(alternatives) => write(alternatives.first()?, more, text)?,
    }
    Some(())
}

/// A character of a class, one that needs no escape in most places if there is one.
fn member(class: &Class) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .filter(|range| range.end().is_ascii())
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
    };
    let holds = |wanted: &char| {
        ranges
            .iter()
            .any(|(from, to)| (from..=to).contains(&wanted))
    };
    let plain = ['a', 'A', '1', '0', '-', '_', '.'];
    let common = plain.into_iter().chain('b'..='z').chain('B'..='Z');
    let common = common.chain('2'..='9').find(holds);
    common.or_else(|| ranges.first().map(|(from, _)| *from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_match_their_pattern() {
        for (pattern, length) in [
            ("^[A-Z]{3}-[0-9]+$", 0),
            ("^(red|green)$", 0),
            ("^itm_[0-9A-HJKMNP-TV-Z]{26}$", 0),
            (r"^\d{4}-\d{2}$", 0),
            ("^[a-z]+$", 12),
            (r"^[^\s/]+@[^\s/]+\.[a-z]{2,}$", 20),
            ("", 3),
        ] {
            let made = text(pattern, length).unwrap();
            let matcher = regex::Regex::new(pattern).unwrap();
            assert!(matcher.is_match(&made), "{pattern}: {made}");
            let grows = !pattern.is_empty();
            assert!(!grows || made.chars().count() >= length, "{made}");
        }
        assert_eq!(text("(?=a)b", 0), None);
        assert_eq!(text("(((((x{900}){900}){900}){900}){900})", 0), None);
    }
}
