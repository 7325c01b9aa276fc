//! Reads the auth profiles of `system.yaml`. Each method is a file; [`METHODS`] is the table of them.

mod api_key;
mod basic;
mod configured;
mod method;
mod oauth1;
mod oauth2;
mod place;
mod session;
mod token;

use self::method::{AuthMethodEntry, AuthMethodReader};
use super::context::Context;
use crate::case::{AuthMethod, Profile};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::document::{self, Fields, MappingEntry, Node, Value};
use crate::source::Place;

/// All methods, in the order in which messages name them.
const METHODS: &[AuthMethodReader] = &[
    token::LOGIN,
    token::BEARER,
    basic::BASIC,
    api_key::API_KEY,
    oauth2::OAUTH2,
    oauth1::OAUTH1,
    configured::CLIENT_CERTIFICATE,
    configured::COMMAND,
];

/// Reads one profile. `None`, with diagnostics, where it is wrong.
pub(super) fn read(
    name: &str,
    entry: &MappingEntry,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Profile> {
    let source = context.source;
    let (node, place) = (&entry.value, source.place(entry.key_span));
    if name.is_empty() || name.contains(char::is_whitespace) {
        diagnostics.push(
            Diagnostic::error(
                "bad-name",
                format!("`{name}` cannot be the name of an auth profile"),
                place,
            )
            .with_advice("use a name without spaces"),
        );
        return None;
    }
    if node.as_str() == Some("none") {
        return Some(Profile {
            place: Some(place),
            ..Profile::new(name, AuthMethod::None)
        });
    }
    if name == "guest" {
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                "`guest` has no credentials",
                source.place(node.span),
            )
            .with_advice("write `guest: none`, or remove it; give your profile another name"),
        );
        return None;
    }
    let (method, refused) = match &node.value {
        Value::String(word) => (of_word(word, node, context, diagnostics)?, false),
        Value::Mapping(_) => of_mapping(name, node, place.clone(), context, diagnostics)?,
        _ => {
            diagnostics.push(
                document::wrong_type(
                    "an auth profile",
                    "a method (`none`, `basic`), or a mapping with one",
                    node,
                    source,
                )
                .with_advice("for a fixed token write `{ bearer: … }`"),
            );
            return None;
        }
    };
    Some(Profile {
        refused,
        place: Some(place),
        ..Profile::new(name, method)
    })
}

/// `staff: basic`
fn of_word(
    word: &str,
    node: &Node,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<AuthMethod> {
    let place = context.source.place(node.span);
    let method = METHODS.iter().find(|method| method.key == word);
    if let Some(method) = method.filter(|method| method.is_word) {
        let entry = AuthMethodEntry {
            details: None,
            place,
        };
        // A mapping without fields: the method has no options.
        let empty = Node {
            value: Value::Mapping(document::Mapping::default()),
            span: node.span,
        };
        let mut fields = Fields::of("an auth profile", &empty, context.source, diagnostics)?;
        return (method.read)(&entry, &mut fields, context, diagnostics);
    }
    let words = || METHODS.iter().filter(|method| method.is_word);
    let listed: Vec<String> = std::iter::once("none")
        .chain(words().map(|method| method.key))
        .map(|word| format!("`{word}`"))
        .collect();
    let near = nearest(word, words().map(|method| method.key));
    let advice = match (method, near) {
        (Some(method), _) => format!("it needs details: write `{{ {}: … }}`", method.key),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!(
            "known here: {}; for a fixed token write `{{ bearer: … }}`",
            listed.join(", ")
        ),
    };
    diagnostics.push(
        Diagnostic::error(
            "bad-profile",
            format!("`{word}` alone is not an auth profile"),
            place,
        )
        .with_advice(advice),
    );
    None
}

/// The method, and whether the server must refuse it.
fn of_mapping(
    name: &str,
    node: &Node,
    place: Place,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(AuthMethod, bool)> {
    let source = context.source;
    let mut fields = Fields::of("an auth profile", node, source, diagnostics)?;
    let refused = fields.bool("refused", diagnostics).unwrap_or(false);
    let given: Vec<(&AuthMethodReader, &MappingEntry)> = METHODS
        .iter()
        .filter_map(|method| Some((method, fields.entry(method.key)?)))
        .collect();
    let method = match given[..] {
        [] => {
            diagnostics.push(
                Diagnostic::error(
                    "bad-profile",
                    format!("the auth profile `{name}` has no method"),
                    place,
                )
                .with_advice(format!(
                    "add one of {}; for no credentials write `none`",
                    listed_methods()
                )),
            );
            None
        }
        [(method, entry)] => {
            let entry = AuthMethodEntry {
                details: Some(&entry.value),
                place: source.place(entry.key_span),
            };
            (method.read)(&entry, &mut fields, context, diagnostics)
        }
        [(first, _), (second, second_entry), ..] => {
            diagnostics.push(
                Diagnostic::error(
                    "bad-profile",
                    format!("`{}` beside `{}`", second.key, first.key),
                    source.place(second_entry.key_span),
                )
                .with_advice(
                    "keep one: an auth profile has one method; a target's own `bearer` overrides a login",
                ),
            );
            return None;
        }
    };
    fields.finish(diagnostics);
    Some((method?, refused))
}

fn listed_methods() -> String {
    let keys: Vec<String> = METHODS
        .iter()
        .map(|method| format!("`{}`", method.key))
        .collect();
    keys.join(", ")
}
