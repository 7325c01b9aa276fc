//! Expressions between `{{` and `}}`: found, compiled once by minijinja, evaluated with a [`Scope`].

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use minijinja::value::Serde;
use minijinja::{Environment, Error, UndefinedBehavior};
use serde_json::Value;

use super::filter::{FILTERS, add_filters};
use super::identifiers::{ExpressionNames, identifiers};
use super::scope::{RenderError, Scope};
use crate::diagnostic::nearest;
use crate::source::Place;

type EngineExpression = minijinja::Expression<'static, 'static>;

/// A compiled expression.
pub(super) struct CompiledExpression {
    /// As written between the braces, trimmed.
    pub(super) source: String,
    /// The expression with its braces, or the whole string where it cannot be found in the file (escapes, folded lines); `None` where it
    /// is not in a file.
    pub(super) place: Option<Place>,
    /// Variables it reads: names, and dotted paths where members are read.
    pub(super) references: Vec<String>,
    /// The names of a dotted path where the expression is only that: its value is taken without the engine.
    path: Option<Vec<String>>,
    /// A path is compiled only when it has no value, to get the engine's error message.
    expression: OnceLock<Result<EngineExpression, String>>,
}

impl fmt::Debug for CompiledExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{ {} }}}}", self.source)
    }
}

impl CompiledExpression {
    /// Compiles the text between two braces. Fails, with a fragment for messages, on wrong syntax or an unknown filter.
    pub(super) fn new(source: &str, place: Option<Place>) -> Result<Self, ExpressionFault> {
        let source = source.trim();
        if source.is_empty() {
            return Err(ExpressionFault::new("no expression between `{{` and `}}`"));
        }
        if is_path(source) {
            return Ok(CompiledExpression {
                source: source.to_owned(),
                place,
                references: vec![source.to_owned()],
                path: Some(source.split('.').map(str::to_owned).collect()),
                expression: OnceLock::new(),
            });
        }
        let expression = compile(source).map_err(ExpressionFault::new)?;
        let ExpressionNames { variables, filters } = identifiers(source);
        for filter in filters {
            if !is_filter(filter) {
                let advice = match nearest(filter, FILTERS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("filters: {}", FILTERS.join(", ")),
                };
                return Err(ExpressionFault {
                    message: format!("unknown filter `{filter}`"),
                    advice: Some(advice),
                });
            }
        }
        let references = variables
            .into_iter()
            .filter(|path| !GLOBALS.contains(&root(path)));
        Ok(CompiledExpression {
            source: source.to_owned(),
            place,
            references: references.collect(),
            path: None,
            expression: OnceLock::from(Ok(expression)),
        })
    }

    /// The value, with its type. Fails where a variable has no value, or a filter does not accept its input.
    pub(super) fn evaluate(&self, scope: &Scope) -> Result<Value, RenderError> {
        if let Some(value) = self.path.as_ref().and_then(|path| at(path, scope)) {
            return Ok(value.clone());
        }
        let mut context = BTreeMap::new();
        for reference in &self.references {
            let name = root(reference);
            if context.contains_key(name) {
                continue;
            }
            match scope.variables.get(name) {
                Some(value) => {
                    context.insert(name.to_owned(), minijinja::Value::from(Serde(value)));
                }
                None if scope.unset.contains(name) => {}
                None => return Err(self.error(format!("`{name}` has no value here"))),
            }
        }
        let expression = self.expression.get_or_init(|| compile(&self.source));
        let expression = expression
            .as_ref()
            .map_err(|reason| self.error(reason.clone()))?;
        let value = expression
            .eval(minijinja::Value::from(context))
            .map_err(|error| {
                self.unset(scope).unwrap_or_else(|| {
                    self.error(format!(
                        "cannot evaluate `{{{{ {} }}}}`: {}",
                        self.source,
                        detail(&error)
                    ))
                })
            })?;
        if value.is_undefined() {
            return Err(self.unset(scope).unwrap_or_else(|| {
                self.error(format!("`{{{{ {} }}}}` has no value", self.source))
            }));
        }
        serde_json::to_value(&value).map_err(|error| {
            self.error(format!(
                "`{{{{ {} }}}}` is not a JSON value: {error}",
                self.source
            ))
        })
    }

    /// The error for a capture of a step that was not sent, where the expression reads one.
    fn unset(&self, scope: &Scope) -> Option<RenderError> {
        let names = self.references.iter().map(|path| root(path));
        let name = names
            .into_iter()
            .find(|name| scope.unset.contains(*name) && !scope.variables.contains_key(*name))?;
        Some(self.error(format!(
            "`{name}` has no value: the step that captures it was not sent, because its `when` did not hold"
        )))
    }

    fn error(&self, message: String) -> RenderError {
        RenderError {
            message,
            place: self.place.clone(),
        }
    }
}

/// Fails with a fragment for messages.
fn compile(source: &str) -> Result<EngineExpression, String> {
    environment()
        .compile_expression_owned(source.to_owned())
        .map_err(|error| format!("`{source}` is not an expression: {}", detail(&error)))
}

/// Words that the engine does not read as the name of a variable.
const WORDS: [&str; 15] = [
    "true", "True", "false", "False", "none", "None", "not", "in", "is", "and", "or", "if", "else",
    "loop", "self",
];

/// Whether an expression is the name of a variable or a dotted path into one.
fn is_path(source: &str) -> bool {
    let mut names = source.split('.');
    let first = names.next().unwrap_or_default();
    is_name(first) && !WORDS.contains(&first) && !GLOBALS.contains(&first) && names.all(is_name)
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The value at a path of members; `None` where there is none: the engine then reports why.
fn at<'s>(path: &[String], scope: &'s Scope) -> Option<&'s Value> {
    let (first, members) = path.split_first()?;
    let value = scope.variables.get(first)?;
    members
        .iter()
        .try_fold(value, |value, member| value.as_object()?.get(member))
}

/// What is wrong with an expression.
#[derive(Debug)]
pub(super) struct ExpressionFault {
    pub(super) message: String,
    pub(super) advice: Option<String>,
}

impl ExpressionFault {
    fn new(message: impl Into<String>) -> Self {
        ExpressionFault {
            message: message.into(),
            advice: None,
        }
    }
}

/// A part of a string: text, or an expression without its braces.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    Expression(&'t str),
}

/// Splits a string at its `{{ … }}`. Braces and quotes inside an expression are respected, so `{{ {'a': '}}'} }}` is one.
/// Fails with the range of a `{{` that is never closed.
pub(super) fn split(text: &str) -> Result<Vec<Piece<'_>>, Range<usize>> {
    if !text.contains('{') {
        return Ok(vec![Piece::Text(text)]);
    }
    let mut pieces = Vec::new();
    let mut rest = 0;
    while let Some(found) = text[rest..].find("{{") {
        let open = rest + found;
        if open > rest {
            pieces.push(Piece::Text(&text[rest..open]));
        }
        let inner = open + 2;
        let length = closing(&text[inner..]).ok_or(open..text.len())?;
        pieces.push(Piece::Expression(&text[inner..inner + length]));
        rest = inner + length + 2;
    }
    if rest < text.len() || pieces.is_empty() {
        pieces.push(Piece::Text(&text[rest..]));
    }
    Ok(pieces)
}

/// Where the `}}` that ends an expression begins.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(open), _) => {
                if c == open {
                    quote = None;
                }
            }
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') if depth == 0 && text[at..].starts_with("}}") => return Some(at),
            (None, '{' | '[' | '(') => depth += 1,
            (None, '}' | ']' | ')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
    }
    None
}

fn is_filter(name: &str) -> bool {
    static QUESTION: OnceLock<Option<minijinja::Expression<'static, 'static>>> = OnceLock::new();
    let question = QUESTION.get_or_init(|| environment().compile_expression("name is filter").ok());
    let Some(question) = question else {
        return true;
    };
    let context = BTreeMap::from([("name".to_owned(), minijinja::Value::from(name))]);
    question
        .eval(minijinja::Value::from(context))
        .is_ok_and(|result| result.is_true())
}

/// The first name of a dotted path.
pub(super) fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Functions that an expression may call.
const GLOBALS: [&str; 2] = ["range", "dict"];

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // They show or change the engine's own state, which cases must not use.
        environment.remove_global("debug");
        environment.remove_global("namespace");
        add_filters(&mut environment);
        environment
    })
}

fn detail(error: &Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_split_at_its_expressions() {
        use Piece::{Expression, Text};
        assert_eq!(split("").unwrap(), [Text("")]);
        assert_eq!(split("a } }} {b}").unwrap(), [Text("a } }} {b}")]);
        assert_eq!(split("{{ x }}").unwrap(), [Expression(" x ")]);
        assert_eq!(
            split("a{{x}}{{ y }}b").unwrap(),
            [Text("a"), Expression("x"), Expression(" y "), Text("b")]
        );
        assert_eq!(
            split("{{ '}}' }}!").unwrap(),
            [Expression(" '}}' "), Text("!")]
        );
        assert_eq!(split(r"{{ '\'}}' }}").unwrap(), [Expression(r" '\'}}' ")]);
        assert_eq!(
            split("{{ {'a': {'b': 1}} }}").unwrap(),
            [Expression(" {'a': {'b': 1}} ")]
        );
        assert_eq!(split("é {{ x").unwrap_err(), 3..7);
        assert_eq!(split("{{ 'x }}").unwrap_err(), 0..8);
    }
}
