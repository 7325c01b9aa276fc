//! A string of the configuration that may name environment variables: `"${SHOP_PASSWORD}"`. Main type: [`ConfigText`].

use crate::cli::environment::{Environment, is_name};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Place, Span, Spanned};

/// A text with the environment variables it names, not yet looked up: only what a run needs has to be set.
#[derive(Debug, Clone)]
pub(in crate::cli) struct ConfigText {
    parts: Vec<ConfigTextPart>,
    pub(in crate::cli) place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ConfigTextPart {
    Literal(String),
    Variable(String),
}

impl ConfigText {
    /// Reads `${NAME}`; `$${` is a literal `${`. An invalid reference is a diagnostic, and the result is `None`.
    pub(in crate::cli) fn parse(
        written: Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<ConfigText> {
        let Spanned { value, place } = written;
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = value.as_str();
        while let Some(at) = rest.find("${") {
            if let Some(before) = rest[..at].strip_suffix('$') {
                literal.push_str(before);
                literal.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            literal.push_str(&rest[..at]);
            let after = &rest[at + 2..];
            let name = after.split('}').next().unwrap_or_default();
            if name.len() == after.len() || !is_name(name) {
                diagnostics.push(
                    Diagnostic::error(
                        "bad-variable",
                        "`${` is not followed by the name of an environment variable and `}`",
                        within(&place, "${"),
                    )
                    .with_advice("write `${NAME}`, or `$${` for a literal `${`"),
                );
                return None;
            }
            if !literal.is_empty() {
                parts.push(ConfigTextPart::Literal(std::mem::take(&mut literal)));
            }
            parts.push(ConfigTextPart::Variable(name.to_owned()));
            rest = &after[name.len() + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(ConfigTextPart::Literal(literal));
        }
        Some(ConfigText { parts, place })
    }

    /// The text, if it names no variable.
    pub(in crate::cli) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [ConfigTextPart::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with the values of its variables. Each variable that is not set is a diagnostic, and the result is `None`.
    pub(in crate::cli) fn resolve(
        &self,
        environment: &Environment,
        diagnostics: &mut Diagnostics,
    ) -> Option<String> {
        let mut text = String::new();
        let mut complete = true;
        for part in &self.parts {
            match part {
                ConfigTextPart::Literal(literal) => text.push_str(literal),
                ConfigTextPart::Variable(name) => match environment.get(name) {
                    Some(value) => text.push_str(value),
                    None => {
                        complete = false;
                        diagnostics.push(
                            Diagnostic::error(
                                "variable-not-set",
                                format!("the environment variable {name} is not set"),
                                within(&self.place, &format!("${{{name}}}")),
                            )
                            .with_advice(format!("set it before the run, as in `export {name}=…`")),
                        );
                    }
                },
            }
        }
        complete.then_some(text)
    }
}

/// The place of `text` within `place`, or the whole place if escapes hide it.
fn within(place: &Place, text: &str) -> Place {
    match place.text().find(text) {
        Some(at) => {
            let start = place.span.start + at;
            place.source.place(Span::new(start, start + text.len()))
        }
        None => place.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn text(written: &str, diagnostics: &mut Diagnostics) -> Option<ConfigText> {
        let source = Source::new("c.toml", written);
        let place = source.place(Span::new(0, written.len()));
        ConfigText::parse(Spanned::new(written.to_owned(), place), diagnostics)
    }

    #[test]
    fn variables_are_replaced_by_their_values() {
        let environment = Environment::with(&[("HOST", "shop.example"), ("PORT", "8443")]);
        for (written, expected) in [
            ("https://${HOST}:${PORT}/x", "https://shop.example:8443/x"),
            ("plain $ text {}", "plain $ text {}"),
            ("$${HOST} ${HOST}", "${HOST} shop.example"),
            ("", ""),
        ] {
            let mut diagnostics = Diagnostics::new();
            let resolved = text(written, &mut diagnostics)
                .and_then(|text| text.resolve(&environment, &mut diagnostics));
            assert_eq!(resolved.as_deref(), Some(expected));
            assert!(diagnostics.is_empty());
        }
    }

    #[test]
    fn every_missing_variable_is_named_at_its_place() {
        let mut diagnostics = Diagnostics::new();
        let resolved = text("${A}-${B}", &mut diagnostics)
            .and_then(|text| text.resolve(&Environment::default(), &mut diagnostics));
        assert_eq!(resolved, None);
        let reported: Vec<String> = diagnostics
            .iter()
            .map(|diagnostic| {
                let place = diagnostic.place.as_ref().unwrap();
                format!("{place} {}", diagnostic.message)
            })
            .collect();
        assert_eq!(
            reported,
            [
                "c.toml:1:1 the environment variable A is not set",
                "c.toml:1:6 the environment variable B is not set"
            ]
        );
    }

    #[test]
    fn an_invalid_reference_is_reported() {
        for written in ["${", "${}", "${a b}", "${A", "${1}"] {
            let mut diagnostics = Diagnostics::new();
            assert!(text(written, &mut diagnostics).is_none(), "{written}");
            assert_eq!(diagnostics.iter().count(), 1, "{written}");
        }
    }
}
