//! Numbers that 64 bits do not hold, compared as they are written.
//!
//! Main function: [`corrected`]. The engine reads numbers as floats: to it, two numbers of 30 digits may be one. Where a number of the
//! body or of the schema is rounded so, the keywords for numbers are decided here. Keywords within alternatives that the value does not
//! satisfy stay the engine's, and so do numbers inside lists and objects of `const` and `enum`.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde_json::Value;

use super::decimal::Decimal;
use super::documents::DocumentPointer;
use super::library::SchemaLibrary;
use super::shape::{NodeId, Shape};
use super::violation::{Violation, sort};
use super::walk::{Applying, ValuePath, Visitor, follow};
use crate::document::{Node, Value as NodeValue, escape_pointer, parse_json};
use crate::text::cut;

/// How deep a body is nested at most.
const MAX_DEPTH: usize = 500;
/// How many characters of a number a message shows.
const LONGEST: usize = 60;

/// The violations of `value`, which was read from `text`, with those of numbers decided exactly.
pub(super) fn corrected(
    library: &SchemaLibrary,
    (shape, root): (&Shape, NodeId),
    (value, text): (&Value, &[u8]),
    mut violations: Vec<Violation>,
) -> Vec<Violation> {
    let mut rounded = HashMap::new();
    if let Ok((node, _)) = parse_json(text, MAX_DEPTH) {
        collect_rounded(&node, text, String::new(), &mut rounded);
    }
    let mut finder = NumberFinder {
        library,
        shape,
        rounded,
        decided: Vec::new(),
    };
    follow(library, shape, root, value, &mut finder);
    for (place, instance, violation) in finder.decided {
        violations.retain(|known| known.instance != instance || known.place.pointer != place);
        violations.extend(violation);
    }
    sort(&mut violations);
    violations
}

/// A number with its literal.
struct Literal {
    text: String,
    decimal: Decimal,
    /// Whether the float that the engine reads is another number.
    rounded: bool,
}

impl Literal {
    fn of(text: &str, value: &Value) -> Option<Literal> {
        let Value::Number(number) = value else {
            return None;
        };
        let read = Decimal::of(number)?;
        let written = Decimal::parse(text);
        // The text may be that of something else, such as an alias.
        let near = |written: &Decimal| text.parse().ok() == number.as_f64() || *written == read;
        Some(match written.filter(near) {
            Some(decimal) => Literal {
                text: text.to_owned(),
                rounded: decimal != read,
                decimal,
            },
            None => Literal {
                text: number.to_string(),
                decimal: read,
                rounded: false,
            },
        })
    }
}

/// The numbers of a JSON text that are read as others, by pointer.
fn collect_rounded(
    node: &Node,
    text: &[u8],
    pointer: String,
    found: &mut HashMap<String, Literal>,
) {
    match &node.value {
        NodeValue::Number(number) => {
            let literal = text.get(node.span.start..node.span.end);
            let literal = literal.and_then(|literal| std::str::from_utf8(literal).ok());
            let value = Value::Number(number.clone());
            let literal = literal.and_then(|literal| Literal::of(literal, &value));
            found.extend(
                literal
                    .filter(|literal| literal.rounded)
                    .map(|it| (pointer, it)),
            );
        }
        NodeValue::Sequence(items) => {
            for (i, item) in items.iter().enumerate() {
                collect_rounded(item, text, format!("{pointer}/{i}"), found);
            }
        }
        NodeValue::Mapping(entries) => {
            for (key, entry) in entries {
                let pointer = format!("{pointer}/{}", escape_pointer(key));
                collect_rounded(&entry.value, text, pointer, found);
            }
        }
        _ => {}
    }
}

struct NumberFinder<'l> {
    library: &'l SchemaLibrary,
    shape: &'l Shape,
    rounded: HashMap<String, Literal>,
    /// The place of a keyword, the pointer of a number, and what is wrong with it.
    decided: Vec<(String, String, Option<Violation>)>,
}

impl Visitor for NumberFinder<'_> {
    fn value(&mut self, value: &Value, at: &ValuePath<'_>, applying: &[Applying<'_>]) {
        if !value.is_number() {
            return;
        }
        let pointer = at.pointer();
        let number = match self.rounded.remove(&pointer) {
            Some(number) => Some(number),
            None => Literal::of(&value.to_string(), value),
        };
        let Some(number) = number else {
            return;
        };
        for entry in applying {
            let location = &self.shape.node(entry.id).location;
            let schema = self.library.schema(location).and_then(Value::as_object);
            for (keyword, limit) in schema.into_iter().flatten() {
                let at = location.child(keyword);
                if let Some((holds, message, expected)) = self.decide(&number, keyword, limit, &at)
                {
                    let place = self.library.place(&at);
                    let violation = Violation {
                        instance: pointer.clone(),
                        keyword: keyword.clone(),
                        place: place.clone(),
                        message,
                        expected,
                        actual: cut(&number.text, LONGEST),
                        missing: None,
                    };
                    let violation = (!holds).then_some(violation);
                    self.decided
                        .push((place.pointer, pointer.clone(), violation));
                }
            }
        }
    }

    fn undocumented(&mut self, _: &ValuePath<'_>) {}
}

impl NumberFinder<'_> {
    /// Whether a number satisfies a keyword, the message if not, and what is expected; `None` where the engine decides rightly.
    fn decide(
        &self,
        number: &Literal,
        keyword: &str,
        limit: &Value,
        at: &DocumentPointer,
    ) -> Option<(bool, String, String)> {
        let actual = cut(&number.text, LONGEST);
        if keyword == "enum" {
            let values = limit.as_array()?.iter().enumerate();
            let values: Vec<Literal> = values
                .filter_map(|(i, value)| self.literal(&at.child(&i.to_string()), value))
                .collect();
            let rounded = number.rounded || values.iter().any(|value| value.rounded);
            let holds = values.iter().any(|value| value.decimal == number.decimal);
            let shown: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
            let expected = cut(&format!("one of [{}]", shown.join(",")), LONGEST);
            return rounded.then(|| (holds, format!("{actual} is not {expected}"), expected));
        }
        let limit = self.literal(at, limit)?;
        let order = number.decimal.cmp(&limit.decimal);
        let shown = cut(&limit.text, LONGEST);
        let (holds, comparison, sign) = match keyword {
            "const" => (order == Ordering::Equal, "not", ""),
            "minimum" => (order != Ordering::Less, "less than", ">= "),
            "maximum" => (order != Ordering::Greater, "greater than", "<= "),
            "exclusiveMinimum" => (order == Ordering::Greater, "not greater than", "> "),
            "exclusiveMaximum" => (order == Ordering::Less, "not less than", "< "),
            "multipleOf" => {
                let holds = number.decimal.is_multiple_of(&limit.decimal);
                (holds, "not a multiple of", "a multiple of ")
            }
            _ => return None,
        };
        (number.rounded || limit.rounded).then(|| {
            let message = format!("{actual} is {comparison} {shown}");
            (holds, message, format!("{sign}{shown}"))
        })
    }

    fn literal(&self, at: &DocumentPointer, value: &Value) -> Option<Literal> {
        let written = self.library.written_at(at);
        Literal::of(&written.unwrap_or_else(|| value.to_string()), value)
    }
}
