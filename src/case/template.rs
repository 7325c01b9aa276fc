//! Values with `{{ … }}` in them, rendered when a case runs.
//!
//! Only `{{ … }}` is special (minijinja expressions); `{%` and `{#` are text. A literal `{{` is written `{{ '{{' }}`, and read as that
//! literal.

use std::sync::Arc;

use serde_json::Value;

use super::engine::{CompiledExpression, Piece, split};
use super::filter::text_of;
use super::scope::{RenderError, Scope};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Node, written_text};
use crate::source::{Place, Source, Span};

/// A JSON value in which strings may contain `{{ expressions }}`. Cheap to clone where it contains any.
#[derive(Debug, Clone)]
pub enum Template {
    /// Without expressions.
    Literal(Value),
    /// A string that is exactly one `{{ expression }}`: keeps the type of its value.
    Expression(Expression),
    /// A string with text around its expressions: yields a string.
    Text(MixedText),
    Sequence(Vec<Template>),
    Mapping(Vec<(String, Template)>),
}

/// A compiled `{{ expression }}`.
#[derive(Debug, Clone)]
pub struct Expression(Arc<CompiledExpression>);

/// Expressions with text around them; made by [`Template::from_text`].
#[derive(Debug, Clone, PartialEq)]
pub struct MixedText(Arc<[TextPart]>);

/// Texts are not empty, and no two are adjacent.
#[derive(Debug, Clone, PartialEq)]
enum TextPart {
    Literal(String),
    Expression(Expression),
}

/// A variable that a template reads.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'t> {
    /// `email`, or `unique.email` where a member is read.
    pub path: &'t str,
    /// Of the expression.
    within: Option<&'t Place>,
}

impl Reference<'_> {
    /// Where it is written: the name itself, else the expression.
    pub fn place(&self) -> Option<Place> {
        self.within.map(|expression| word(expression, self.path))
    }
}

impl Template {
    /// Reads a value. Syntax errors, unknown filters and templates in keys are diagnostics; the value they are in is kept as it is.
    pub fn parse(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Template {
        Template::parse_scalars(node, &Node::to_json, source, diagnostics)
    }

    /// Reads a value that is sent as text, like [`Template::parse`]: a number or boolean whose notation JSON would change is the text as
    /// it is written (`1e3`, `1.10`, `0x10`, `True`).
    pub fn parse_written(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Template {
        let scalar = |node: &Node| match written_text(node, source) {
            Some(text) => Value::from(text),
            None => node.to_json(),
        };
        Template::parse_scalars(node, &scalar, source, diagnostics)
    }

    /// `scalar`: the value of a number, a boolean or null.
    fn parse_scalars(
        node: &Node,
        scalar: &dyn Fn(&Node) -> Value,
        source: &Source,
        diagnostics: &mut Diagnostics,
    ) -> Template {
        match &node.value {
            document::Value::String(text) => {
                Template::parse_text(text, &source.place(node.span), diagnostics)
            }
            document::Value::Sequence(items) => {
                let items = items
                    .iter()
                    .map(|item| Template::parse_scalars(item, scalar, source, diagnostics));
                sequence(items.collect())
            }
            document::Value::Mapping(entries) => {
                let mut fields = Vec::with_capacity(entries.len());
                for (key, entry) in entries {
                    refuse_template_in_key(key, source.place(entry.key_span), diagnostics);
                    fields.push((
                        key.clone(),
                        Template::parse_scalars(&entry.value, scalar, source, diagnostics),
                    ));
                }
                mapping(fields)
            }
            _ => Template::Literal(scalar(node)),
        }
    }

    /// Reads a string written at `place`.
    pub fn parse_text(text: &str, place: &Place, diagnostics: &mut Diagnostics) -> Template {
        compile(text, Some(place)).unwrap_or_else(|error| {
            let diagnostic = Diagnostic::error("template-syntax", error.message, error.place);
            diagnostics.push(diagnostic.with_optional_advice(error.advice));
            Template::Literal(Value::String(text.to_owned()))
        })
    }

    /// A string with `{{ expressions }}` in it, made by code. Fails on wrong syntax or an unknown filter.
    ///
    /// ```
    /// use counterpart::case::{Scope, Template};
    ///
    /// let name = Template::from_text("customer {{ id }}")?;
    /// let mut scope = Scope::default();
    /// scope.set("id", 7);
    /// assert_eq!(name.render_text(&scope).ok().as_deref(), Some("customer 7"));
    ///
    /// assert!(Template::from_text("customer {{ id").is_err());
    /// # Ok::<(), counterpart::case::TemplateError>(())
    /// ```
    pub fn from_text(text: &str) -> Result<Template, TemplateError> {
        compile(text, None)
    }

    /// A value whose strings may hold `{{ expressions }}`, made by code. Fails like [`Template::from_text`].
    ///
    /// ```
    /// use counterpart::case::Template;
    /// use serde_json::json;
    ///
    /// let body = Template::from_json(&json!({ "email": "{{ unique.email }}", "age": 7 }))?;
    /// assert_eq!(body.references()[0].path, "unique.email");
    /// # Ok::<(), counterpart::case::TemplateError>(())
    /// ```
    pub fn from_json(value: &Value) -> Result<Template, TemplateError> {
        match value {
            Value::String(text) => Template::from_text(text),
            Value::Array(items) => {
                let items = items.iter().map(Template::from_json);
                Ok(sequence(items.collect::<Result<_, _>>()?))
            }
            Value::Object(entries) => {
                let fields = entries
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), Template::from_json(value)?)));
                Ok(mapping(fields.collect::<Result<_, _>>()?))
            }
            scalar => Ok(Template::Literal(scalar.clone())),
        }
    }

    /// A value without templates in it.
    pub fn literal(value: impl Into<Value>) -> Template {
        Template::Literal(value.into())
    }

    /// The rendered value. `{{ x }}` alone keeps the type of `x`; among other text it becomes text as in [`Template::render_text`].
    /// Fails where a variable has no value or a filter refuses its input.
    pub fn render(&self, scope: &Scope) -> Result<Value, RenderError> {
        match self {
            Template::Literal(value) => Ok(value.clone()),
            Template::Expression(expression) => expression.0.evaluate(scope),
            Template::Text(MixedText(parts)) => {
                let mut text = String::new();
                for part in parts.iter() {
                    match part {
                        TextPart::Literal(literal) => text.push_str(literal),
                        TextPart::Expression(expression) => {
                            text.push_str(&text_of(&expression.0.evaluate(scope)?));
                        }
                    }
                }
                Ok(Value::String(text))
            }
            Template::Sequence(items) => items.iter().map(|item| item.render(scope)).collect(),
            Template::Mapping(entries) => {
                let mut map = serde_json::Map::with_capacity(entries.len());
                for (key, value) in entries {
                    map.insert(key.clone(), value.render(scope)?);
                }
                Ok(Value::Object(map))
            }
        }
    }

    /// The value as text: a string as it is, numbers and booleans as in JSON, `null` as the empty text, lists and mappings as
    /// JSON. Fails like [`Template::render`].
    pub fn render_text(&self, scope: &Scope) -> Result<String, RenderError> {
        match self {
            Template::Literal(value) => Ok(text_of(value)),
            _ => self.render(scope).map(|value| text_of(&value)),
        }
    }

    /// The string in the notation of a case file, literal braces escaped; `None` where the template is not a string.
    pub fn written(&self) -> Option<String> {
        match self {
            Template::Literal(Value::String(text)) => Some(written_literal(text, false)),
            Template::Expression(expression) => Some(expression.written()),
            Template::Text(MixedText(parts)) => {
                let mut written = String::new();
                for (index, part) in parts.iter().enumerate() {
                    match part {
                        TextPart::Literal(text) => {
                            let before_expression = index + 1 < parts.len();
                            written.push_str(&written_literal(text, before_expression));
                        }
                        TextPart::Expression(expression) => written.push_str(&expression.written()),
                    }
                }
                Some(written)
            }
            Template::Literal(_) | Template::Sequence(_) | Template::Mapping(_) => None,
        }
    }

    /// Whether it contains no expressions.
    pub fn is_literal(&self) -> bool {
        matches!(self, Template::Literal(_))
    }

    /// The variables it reads, repeated as often as expressions use them, in the order written.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'t>(&'t self, found: &mut Vec<Reference<'t>>) {
        match self {
            Template::Literal(_) => {}
            Template::Expression(expression) => expression.collect(found),
            Template::Text(MixedText(parts)) => {
                for part in parts.iter() {
                    if let TextPart::Expression(expression) = part {
                        expression.collect(found);
                    }
                }
            }
            Template::Sequence(items) => {
                for item in items {
                    item.collect(found);
                }
            }
            Template::Mapping(entries) => {
                for (_, value) in entries {
                    value.collect(found);
                }
            }
        }
    }
}

impl Expression {
    /// The expression as written, without braces.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    fn written(&self) -> String {
        format!("{{{{ {} }}}}", self.source())
    }

    /// Where it is written; `None` where it was made by code.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    fn collect<'t>(&'t self, found: &mut Vec<Reference<'t>>) {
        found.extend(self.0.references.iter().map(|path| Reference {
            path,
            within: self.0.place.as_ref(),
        }));
    }
}

impl Scope {
    /// Sets a variable; it hides an earlier one of the same name.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.variables.insert(name.into(), value.into());
    }
}

/// Why a text is not a template.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong: a lowercase fragment.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// The part of the text that is wrong, where it is written.
    pub place: Option<Place>,
}

/// `place`: where the text is written, if it is in a file.
fn compile(text: &str, place: Option<&Place>) -> Result<Template, TemplateError> {
    let narrow = |part: &str| place.map(|place| narrow(place, part));
    let pieces = split(text).map_err(|range| TemplateError {
        message: "`{{` is never closed by `}}`".to_owned(),
        advice: Some(
            "close the expression, or write `{{ '{{' }}` for the two characters".to_owned(),
        ),
        place: narrow(&text[range]),
    })?;
    let mut parts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match piece {
            Piece::Text(literal) => add_literal(&mut parts, literal),
            Piece::Expression(inner) if let Some(braces) = escaped_braces(inner) => {
                add_literal(&mut parts, braces);
            }
            Piece::Expression(inner) => {
                let place = narrow(&format!("{{{{{inner}}}}}"));
                match CompiledExpression::new(inner, place.clone()) {
                    Ok(compiled) => {
                        parts.push(TextPart::Expression(Expression(Arc::new(compiled))));
                    }
                    Err(fault) => {
                        return Err(TemplateError {
                            message: fault.message,
                            advice: fault.advice,
                            place,
                        });
                    }
                }
            }
        }
    }
    Ok(match &parts[..] {
        [] => Template::literal(""),
        [TextPart::Literal(only)] => Template::literal(only.as_str()),
        [TextPart::Expression(only)] => Template::Expression(only.clone()),
        _ => Template::Text(MixedText(parts.into())),
    })
}

/// A text in the notation of a case file: `{{`, and a `{` that would form one with the next expression, are escaped.
pub(super) fn written_literal(text: &str, before_expression: bool) -> String {
    let mut written = text.replace("{{", "{{ '{{' }}");
    if before_expression && written.ends_with('{') {
        written.truncate(written.len() - 1);
        written.push_str("{{ '{' }}");
    }
    written
}

fn add_literal(parts: &mut Vec<TextPart>, text: &str) {
    match parts.last_mut() {
        Some(TextPart::Literal(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(TextPart::Literal(text.to_owned())),
    }
}

/// The braces of an expression that only produces them as text, as in `{{ '{{' }}`.
fn escaped_braces(expression: &str) -> Option<&str> {
    let text = expression.trim();
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    let braces = quoted('\'').or_else(|| quoted('"'))?;
    (!braces.is_empty() && braces.bytes().all(|byte| byte == b'{')).then_some(braces)
}

/// The list of these items: a literal where all of them are literals.
fn sequence(items: Vec<Template>) -> Template {
    match items.iter().all(Template::is_literal) {
        true => Template::Literal(items.into_iter().filter_map(literal).collect()),
        false => Template::Sequence(items),
    }
}

/// The mapping of these fields: a literal where all of them are literals.
fn mapping(fields: Vec<(String, Template)>) -> Template {
    match fields.iter().all(|(_, value)| value.is_literal()) {
        true => {
            let fields = fields.into_iter();
            let values = fields.filter_map(|(key, value)| Some((key, literal(value)?)));
            Template::Literal(Value::Object(values.collect()))
        }
        false => Template::Mapping(fields),
    }
}

/// The value of a literal template.
fn literal(template: Template) -> Option<Value> {
    match template {
        Template::Literal(value) => Some(value),
        _ => None,
    }
}

fn refuse_template_in_key(key: &str, place: Place, diagnostics: &mut Diagnostics) {
    if key.contains("{{") {
        diagnostics.push(
            Diagnostic::error("template-syntax", "a key cannot be a template", place).with_advice(
                "write the key out; where it must vary, build the whole JSON text with `text:`",
            ),
        );
    }
}

/// The part of `place` that contains `part`, where its text is unchanged in the file (not folded or escaped); else all of it.
fn narrow(place: &Place, part: &str) -> Place {
    match place.text().find(part) {
        Some(at) => {
            let start = place.span.start + at;
            place.source.place(Span::new(start, start + part.len()))
        }
        None => place.clone(),
    }
}

/// The part of `place` that is the path as a separate word.
fn word(place: &Place, path: &str) -> Place {
    let text = place.text();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    for (at, _) in text.match_indices(path) {
        let before = text[..at]
            .chars()
            .next_back()
            .is_some_and(|c| is_part(c) || c == '.');
        let after = text[at + path.len()..].chars().next().is_some_and(is_part);
        if !before && !after {
            let start = place.span.start + at;
            return place.source.place(Span::new(start, start + path.len()));
        }
    }
    place.clone()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::Document;

    fn template(yaml: &str) -> (Template, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let document = Document::parse(Source::new("t.yaml", yaml), &mut diagnostics).unwrap();
        let template = Template::parse(&document.root, &document.source, &mut diagnostics);
        (template, diagnostics)
    }

    fn scope() -> Scope {
        let mut scope = Scope::default();
        scope.set("id", 7);
        scope.set("price", json!(1.50));
        scope.set("yes", true);
        scope.set("nothing", Value::Null);
        scope.set("name", "Ada <3");
        scope.set(
            "customer",
            json!({"email": "a@example.com", "tags": ["x", 1]}),
        );
        scope
    }

    fn render(yaml: &str) -> Value {
        let (template, diagnostics) = template(yaml);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        template.render(&scope()).unwrap()
    }

    fn fault(yaml: &str) -> String {
        let (_, diagnostics) = template(yaml);
        let diagnostic = diagnostics.iter().next().expect("a diagnostic");
        let place = diagnostic.place.clone().unwrap();
        format!(
            "{} | {} | {}",
            diagnostic.message,
            place.text(),
            diagnostic.advice.clone().unwrap_or_default()
        )
    }

    #[test]
    fn an_expression_alone_keeps_its_type() {
        assert_eq!(render("'{{ id }}'"), json!(7));
        assert_eq!(render("'{{ price }}'"), json!(1.5));
        assert_eq!(render("'{{yes}}'"), json!(true));
        assert_eq!(render("'{{ nothing }}'"), Value::Null);
        assert_eq!(
            render("'{{ customer }}'"),
            json!({"email": "a@example.com", "tags": ["x", 1]})
        );
        assert_eq!(render("'{{ customer.tags[1] + 1 }}'"), json!(2));
        assert_eq!(render("'{{ id | string }}'"), json!("7"));
        assert_eq!(render("'{{ \"12\" | int }}'"), json!(12));
        assert_eq!(render("'{{ customer.email[:1] }}'"), json!("a"));
        assert_eq!(render("'{{ name[id - 3:] }}'"), json!("<3"));
    }

    #[test]
    fn an_expression_among_text_becomes_text() {
        assert_eq!(render("' {{ id }}'"), json!(" 7"));
        assert_eq!(
            render("'{{ id }}{{ yes }}{{ price }}{{ nothing }}.'"),
            json!("7true1.5.")
        );
        assert_eq!(
            render("'<{{ name }}> {{ customer }}'"),
            json!(r#"<Ada <3> {"email":"a@example.com","tags":["x",1]}"#)
        );
        assert_eq!(
            render("\"{{ '{{' }} {% if %} {# #} }}\""),
            json!("{{ {% if %} {# #} }}")
        );
    }

    #[test]
    fn escaped_braces_are_literals() {
        let literal = |text: &str| match Template::from_text(text).unwrap() {
            Template::Literal(Value::String(text)) => text,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(literal("{{ '{{' }}"), "{{");
        assert_eq!(literal("a {{ \"{{\" }} x }}"), "a {{ x }}");
        assert_eq!(literal("{{'{{'}}{{ '{' }}{"), "{{{{");
        for text in [
            "",
            "{",
            "{{",
            "{{{",
            "{{{{",
            "a {{ x }}",
            "{ {",
            "}}",
            "{{ '{{' }}",
            "{{'{'}}{",
        ] {
            let template = Template::literal(text);
            assert_eq!(literal(&template.written().unwrap()), text);
        }
        for (parts, expected) in [
            ("{{ '{' }}{{ x }}}", "{{ '{' }}{{ x }}}"),
            ("{{ '{{{' }}{{x}}", "{{ '{{' }}{{ '{' }}{{ x }}"),
            ("{{ x }}{{ y }}{", "{{ x }}{{ y }}{"),
            ("{{ {'a': {}} }}", "{{ {'a': {}} }}"),
        ] {
            let template = Template::from_text(parts).unwrap();
            let written = template.written().unwrap();
            assert_eq!(written, expected);
            assert_eq!(Template::from_text(&written).unwrap(), template);
        }
        // Still an expression.
        assert!(!Template::from_text("{{ '{a' }}").unwrap().is_literal());
        assert_eq!(Template::literal(7).written(), None);
    }

    #[test]
    fn templates_are_filled_in_anywhere_in_a_value() {
        assert_eq!(
            render("{a: [1, '{{ id }}'], b: {c: '{{ name }}', d: null}}"),
            json!({"a": [1, 7], "b": {"c": "Ada <3", "d": null}})
        );
        let (whole, _) = template("{a: [1, x], b: {c: y}}");
        assert!(whole.is_literal());
    }

    #[test]
    fn filters() {
        assert_eq!(render("\"{{ 'ab' | repeat(3) }}\""), json!("ababab"));
        assert_eq!(render("\"{{ 'a b&c' | urlencode }}\""), json!("a%20b%26c"));
        assert_eq!(
            render("\"{{ 'user:pass' | base64 }}\""),
            json!("dXNlcjpwYXNz")
        );
        assert_eq!(render("'{{ name | json }}'"), json!("\"Ada <3\""));
        assert_eq!(render("'{{ customer.tags | json }}'"), json!("[\"x\",1]"));
        assert_eq!(render("'{{ nothing | string }}'"), json!(""));
        let (huge, _) = template("\"{{ 'ab' | repeat(1000000000) }}\"");
        assert!(
            huge.render(&scope())
                .unwrap_err()
                .message
                .contains("67108864 bytes")
        );
    }

    #[test]
    fn text_of_a_value() {
        let text = |yaml| template(yaml).0.render_text(&scope()).unwrap();
        assert_eq!(text("5"), "5");
        assert_eq!(text("null"), "");
        assert_eq!(text("true"), "true");
        assert_eq!(text("'{{ price }}'"), "1.5");
        assert_eq!(text("[1, a]"), "[1,\"a\"]");
    }

    #[test]
    fn faults_are_reported_with_their_place() {
        assert_eq!(
            fault("'a {{ id'"),
            "`{{` is never closed by `}}` | {{ id | close the expression, or write `{{ '{{' }}` for the two characters"
        );
        assert_eq!(
            fault("'a {{ id | uper }}'"),
            "unknown filter `uper` | {{ id | uper }} | did you mean `upper`?"
        );
        assert_eq!(
            fault("'{{ }}'"),
            "no expression between `{{` and `}}` | {{ }} | "
        );
        assert!(fault("'{{ a b }}'").starts_with("`a b` is not an expression: "));
        assert!(fault("{'{{ a }}': 1}").starts_with("a key cannot be a template | "));
    }

    #[test]
    fn a_value_that_is_missing_at_run_time_is_an_error_with_its_place() {
        let error = |yaml| {
            let (template, _) = template(yaml);
            let error = template.render(&scope()).unwrap_err();
            format!("{} {}", error.place.unwrap(), error.message)
        };
        assert_eq!(
            error("a: x\nb: '{{ nme }}'"),
            "t.yaml:2:5 `nme` has no value here"
        );
        assert_eq!(
            error("'{{ customer.nme }}'"),
            "t.yaml:1:2 `{{ customer.nme }}` has no value"
        );
        assert!(error("'{{ customer.nme.x }}'").contains("cannot evaluate `{{ customer.nme.x }}`"));
        assert!(error("'x {{ customer.nme }}'").contains("has no value"));
    }

    #[test]
    fn references_are_found_without_evaluating() {
        let (template, _) =
            template("{a: '{{ x.y }} {{ dict(b=z) }}', b: ['{{ range(n) }}', '{{ x }}']}");
        let found: Vec<_> = template
            .references()
            .iter()
            .map(|reference| {
                format!(
                    "{}@{}",
                    reference.path,
                    reference.place().unwrap().position().column
                )
            })
            .collect();
        assert_eq!(found, ["x.y@9", "z@26", "n@48", "x@60"]);
    }
}
