//! [`Matcher`]s in the notation of case files: literals, mappings and lists as written, and mappings with one `$` key.

use serde_json::Value;

use super::{Comparison, JsonType, Matcher, Pattern, Rule, written_out};
use crate::case::Template;
use crate::case::moment::{Moment, TimeSpan};
use crate::case::write::value::{Inexpressible, entry, names, one_line_mapping, template, text};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::document::{self, Fields, MAX_DEPTH, MappingEntry, Node, YamlLayout, YamlValue};
use crate::source::Source;

/// The `$` keys.
pub(in crate::case) const KEYS: [&str; 16] = [
    "$absent",
    "$any",
    "$contains",
    "$each",
    "$equals",
    "$gt",
    "$gte",
    "$length",
    "$lt",
    "$lte",
    "$matches",
    "$near",
    "$not",
    "$one_of",
    "$type",
    "$unordered",
];

/// Reads a matcher. A fault becomes a diagnostic, and the matcher `$any`.
pub(in crate::case) fn read(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Matcher<Template> {
    let rule = match &node.value {
        document::Value::Sequence(items) => Rule::Sequence(read_all(items, source, diagnostics)),
        document::Value::Mapping(entries) => {
            let dollar = entries.iter().find(|(key, _)| key.starts_with('$'));
            match dollar {
                Some((key, entry)) if entries.len() == 1 => {
                    read_rule(key, entry, source, diagnostics)
                }
                Some((key, entry)) => {
                    diagnostics.push(
                        Diagnostic::error(
                            "matcher",
                            format!("`{key}` must be the only key of its mapping"),
                            source.place(entry.key_span),
                        )
                        .with_advice(
                            "a matcher is one key; for two rules use two places; for a property whose name begins with `$` \
                             write the whole object under `$equals`",
                        ),
                    );
                    Rule::Any
                }
                None => Rule::Mapping(
                    entries
                        .iter()
                        .map(|(key, entry)| {
                            refuse_template(key, entry, source, diagnostics);
                            (key.clone(), read(&entry.value, source, diagnostics))
                        })
                        .collect(),
                ),
            }
        }
        _ => Rule::Value(Template::parse(node, source, diagnostics)),
    };
    Matcher {
        place: Some(source.place(node.span)),
        rule,
    }
}

fn read_all(
    items: &[Node],
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Vec<Matcher<Template>> {
    items
        .iter()
        .map(|item| read(item, source, diagnostics))
        .collect()
}

fn refuse_template(
    key: &str,
    entry: &MappingEntry,
    source: &Source,
    diagnostics: &mut Diagnostics,
) {
    if key.contains("{{") {
        diagnostics.push(
            Diagnostic::error(
                "template-syntax",
                "a key cannot be a template",
                source.place(entry.key_span),
            )
            .with_advice("write the key out, one case for each"),
        );
    }
}

fn read_rule(
    key: &str,
    entry: &MappingEntry,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Rule<Template> {
    let node = &entry.value;
    let rule = match key {
        "$matches" => pattern("$matches", node, source, diagnostics).map(Rule::Matches),
        "$type" => types(node, source, diagnostics).map(Rule::Type),
        "$any" => only_true(key, node, source, diagnostics).then_some(Rule::Any),
        "$absent" => only_true(key, node, source, diagnostics).then_some(Rule::Absent),
        "$equals" => {
            refuse_matchers(node, source, diagnostics);
            Some(Rule::Equals(Template::parse(node, source, diagnostics)))
        }
        "$contains" => Some(Rule::Contains(Box::new(read(node, source, diagnostics)))),
        "$not" => Some(Rule::Not(Box::new(read(node, source, diagnostics)))),
        "$each" => Some(Rule::Each(Box::new(read(node, source, diagnostics)))),
        "$one_of" => list(key, node, source, diagnostics).map(Rule::OneOf),
        "$unordered" => list(key, node, source, diagnostics).map(Rule::Unordered),
        "$length" => {
            let expected = "a whole number from 0";
            operand(key, expected, node, source, diagnostics, Value::is_u64).map(Rule::Length)
        }
        "$gt" | "$gte" | "$lt" | "$lte" => {
            let comparison = match key {
                "$gt" => Comparison::Greater,
                "$gte" => Comparison::GreaterOrEqual,
                "$lt" => Comparison::Less,
                _ => Comparison::LessOrEqual,
            };
            let comparable = |value: &Value| value.is_number() || value.is_string();
            operand(
                key,
                "a number or a string",
                node,
                source,
                diagnostics,
                comparable,
            )
            .map(|value| Rule::Compare(comparison, value))
        }
        "$near" => near(node, source, diagnostics),
        _ => {
            let mut diagnostic = Diagnostic::error(
                "matcher",
                format!("unknown matcher `{key}`"),
                source.place(entry.key_span),
            );
            diagnostic = match nearest(key, KEYS) {
                Some(near) => diagnostic.with_advice(format!("did you mean `{near}`?")),
                None => diagnostic.with_advice(format!(
                    "matchers: {}; for an object that really has this key use `$equals`",
                    KEYS.join(", ")
                )),
            };
            diagnostics.push(diagnostic);
            None
        }
    };
    rule.unwrap_or(Rule::Any)
}

/// `{ value: …, by: … }`.
fn near(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<Rule<Template>> {
    let mut fields = Fields::of("`$near`", node, source, diagnostics)?;
    let comparable = |value: &Value| value.is_number() || Moment::read(value).is_some();
    let is_distance = |value: &Value| match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number >= 0.0),
        Value::String(text) => TimeSpan::parse(text).is_some(),
        _ => false,
    };
    let value = fields.required("value", diagnostics).and_then(|node| {
        let expected = "a number or a time";
        operand("value", expected, node, source, diagnostics, comparable)
    });
    let by = fields.required("by", diagnostics).and_then(|node| {
        let expected = "a number from 0, or a span of time such as `5s`";
        operand("by", expected, node, source, diagnostics, is_distance)
    });
    fields.finish(diagnostics);
    Some(Rule::Near {
        value: value?,
        by: by?,
    })
}

/// In `$equals` everything is literal; a matcher in it is probably a mistake.
fn refuse_matchers(node: &Node, source: &Source, diagnostics: &mut Diagnostics) {
    match &node.value {
        document::Value::Mapping(entries) => {
            for (key, entry) in entries {
                if entries.len() == 1 && KEYS.contains(&key.as_str()) {
                    let place = source.place(entry.key_span);
                    diagnostics.push(
                        Diagnostic::error("matcher", format!("`{key}` is not a matcher inside `$equals`"), place)
                            .with_advice("write the mapping without `$equals`, and list under `absent` what must be absent"),
                    );
                }
                refuse_matchers(&entry.value, source, diagnostics);
            }
        }
        document::Value::Sequence(items) => {
            items
                .iter()
                .for_each(|item| refuse_matchers(item, source, diagnostics));
        }
        _ => {}
    }
}

/// The regular expression in the field `what`.
pub(in crate::case) fn pattern(
    what: &str,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Pattern> {
    let text = document::expect_string(what, node, source, diagnostics)?;
    match Pattern::parse(&text.value) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let full = error.to_string();
            let reason = full
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned();
            let advice = match text.value.contains("{{") {
                true if what != "$matches" => "templates do not work in a regular expression",
                true => {
                    "templates do not work in `$matches`; use `{ $contains: \"{{ … }}\" }` or a literal with templates"
                }
                false => {
                    "patterns are those of the Rust crate `regex`: no look-around, no back-references; escape special characters with `\\`"
                }
            };
            diagnostics.push(
                Diagnostic::error(
                    "bad-pattern",
                    format!("not a regular expression: {reason}"),
                    text.place,
                )
                .with_advice(advice),
            );
            None
        }
    }
}

fn types(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<Vec<JsonType>> {
    let read_type = |node: &Node, diagnostics: &mut Diagnostics| {
        let name = document::expect_string("$type", node, source, diagnostics)?;
        let found = JsonType::ALL
            .into_iter()
            .find(|known| known.as_str() == name.value);
        if found.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    "matcher",
                    format!("unknown type `{}`", name.value),
                    name.place,
                )
                .with_nearest(&name.value, JsonType::ALL.map(JsonType::as_str)),
            );
        }
        found
    };
    match node.as_sequence() {
        Some([]) => {
            diagnostics.push(document::wrong_type(
                "$type",
                "a type or a list of types",
                node,
                source,
            ));
            None
        }
        Some(items) => items
            .iter()
            .map(|item| read_type(item, diagnostics))
            .collect(),
        None => read_type(node, diagnostics).map(|only| vec![only]),
    }
}

fn only_true(key: &str, node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> bool {
    let given = node.as_bool() == Some(true);
    if !given {
        let other = if key == "$any" { "$absent" } else { "$any" };
        diagnostics.push(
            Diagnostic::error(
                "matcher",
                format!("`{key}` takes only `true`"),
                source.place(node.span),
            )
            .with_advice(format!("for the opposite write `{other}: true`")),
        );
    }
    given
}

fn list(
    key: &str,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Matcher<Template>>> {
    let items = document::expect_sequence(key, node, source, diagnostics)?;
    if items.is_empty() && key == "$one_of" {
        diagnostics.push(
            Diagnostic::error(
                "matcher",
                "`$one_of` with an empty list matches nothing",
                source.place(node.span),
            )
            .with_advice("list at least one value"),
        );
        return None;
    }
    Some(read_all(items, source, diagnostics))
}

/// A literal of the right kind, or a template (whose value is known only when the case runs).
fn operand(
    key: &str,
    expected: &str,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
    fits: impl Fn(&Value) -> bool,
) -> Option<Template> {
    let template = Template::parse(node, source, diagnostics);
    let wrong = match &template {
        Template::Literal(value) => !fits(value),
        Template::Sequence(_) | Template::Mapping(_) => true,
        Template::Expression(_) | Template::Text(_) => false,
    };
    if wrong {
        let message = format!("`{key}` must be {expected}");
        diagnostics.push(
            Diagnostic::error("wrong-type", message, source.place(node.span))
                .with_advice("write the value, or a template that yields it"),
        );
        return None;
    }
    Some(template)
}

/// The notation of a matcher. Fails for an object matched in part that has a key beginning with `$`: that cannot be written.
pub(in crate::case) fn write(matcher: &Matcher<Template>) -> Result<YamlValue, Inexpressible> {
    nested(matcher, MAX_DEPTH)
}

fn nested(matcher: &Matcher<Template>, depth: usize) -> Result<YamlValue, Inexpressible> {
    let depth = depth.checked_sub(1).ok_or_else(Inexpressible::too_deep)?;
    let list = |items: &[Matcher<Template>]| {
        let items = items.iter().map(|item| nested(item, depth));
        let items = items.collect::<Result<_, _>>()?;
        Ok(YamlValue::Sequence(YamlLayout::OneLine, items))
    };
    let rule = |key: &str, operand: YamlValue| Ok(one_line_mapping(vec![entry(key, operand)]));
    match written_out(&matcher.rule).as_ref() {
        Rule::Value(value) => template(value),
        Rule::Mapping(entries) => {
            if let Some((key, _)) = entries.iter().find(|(key, _)| key.starts_with('$')) {
                return Err(Inexpressible::new(format!(
                    "the expected key `{key}` would be read as a matcher; an object with a key that begins with `$` can only be \
                     expected as a whole, under `$equals`"
                )));
            }
            names(entries, |value| nested(value, depth)).map(one_line_mapping)
        }
        Rule::Sequence(items) => list(items),
        Rule::Matches(pattern) => rule("$matches", text(pattern.as_str())),
        Rule::Type(types) => match &types[..] {
            [only] => rule("$type", json_type(*only)),
            several => {
                let types = several.iter().map(|of_type| json_type(*of_type)).collect();
                rule("$type", YamlValue::Sequence(YamlLayout::OneLine, types))
            }
        },
        Rule::Any => rule("$any", YamlValue::Bool(true)),
        Rule::Absent => rule("$absent", YamlValue::Bool(true)),
        Rule::Equals(value) => rule("$equals", template(value)?),
        Rule::Contains(inner) => rule("$contains", nested(inner, depth)?),
        Rule::Length(length) => rule("$length", template(length)?),
        Rule::Not(inner) => rule("$not", nested(inner, depth)?),
        Rule::OneOf(choices) => rule("$one_of", list(choices)?),
        Rule::Compare(comparison, bound) => {
            let key = match comparison {
                Comparison::Greater => "$gt",
                Comparison::GreaterOrEqual => "$gte",
                Comparison::Less => "$lt",
                Comparison::LessOrEqual => "$lte",
            };
            rule(key, template(bound)?)
        }
        Rule::Near { value, by } => {
            let operands = vec![entry("value", template(value)?), entry("by", template(by)?)];
            rule("$near", one_line_mapping(operands))
        }
        Rule::Each(inner) => rule("$each", nested(inner, depth)?),
        Rule::Unordered(items) => rule("$unordered", list(items)?),
    }
}

fn json_type(json_type: JsonType) -> YamlValue {
    text(json_type.as_str())
}
