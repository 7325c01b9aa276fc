//! What the readers of all methods have in common. Main types: [`AuthMethodReader`], [`AuthMethodEntry`].

use crate::case::read::context::Context;
use crate::case::{AuthMethod, Template};
use crate::diagnostic::Diagnostics;
use crate::document::{self, Fields, Node};
use crate::source::Place;

/// A method of authentication in `system.yaml`.
pub(super) struct AuthMethodReader {
    pub(super) key: &'static str,
    /// Whether the key alone is a profile (`staff: basic`): all that it needs are credentials of the target.
    pub(super) is_word: bool,
    pub(super) read: fn(
        &AuthMethodEntry<'_>,
        &mut Fields<'_>,
        Context<'_>,
        &mut Diagnostics,
    ) -> Option<AuthMethod>,
}

/// What is written for the method of a profile.
pub(super) struct AuthMethodEntry<'n> {
    /// The value of the method's key; `None` where the profile is only a word.
    pub(super) details: Option<&'n Node>,
    /// The method's key, or the word.
    pub(super) place: Place,
}

impl<'n> AuthMethodEntry<'n> {
    /// The fields of its details, if it has any (`basic: {}` and `basic:` are as good as the word alone). `None`, with a diagnostic, where
    /// the details are no mapping.
    pub(super) fn fields(
        &self,
        what: &'static str,
        context: Context<'n>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Option<Fields<'n>>> {
        match self.details.filter(|node| !node.is_null()) {
            None => Some(None),
            Some(node) if !matches!(node.value, document::Value::Mapping(_)) => {
                let diagnostic = document::wrong_type(what, "a mapping", node, context.source);
                diagnostics.push(
                    diagnostic.with_advice("leave its value out to use the target's credentials"),
                );
                None
            }
            Some(node) => Fields::of(what, node, context.source, diagnostics).map(Some),
        }
    }
}

/// A template of a method's details; where they do not state it, the target's credential of this key.
pub(super) fn template_or_credential(
    fields: Option<&mut Fields<'_>>,
    key: &'static str,
    place: &Place,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Template> {
    let written = fields.and_then(|fields| fields.get(key));
    match written {
        Some(node) => {
            let text = document::expect_string(key, node, context.source, diagnostics)?;
            Some(Template::parse_text(&text.value, &text.place, diagnostics))
        }
        None => {
            let text = format!("{{{{ credentials.{key} }}}}");
            Some(Template::parse_text(&text, place, diagnostics))
        }
    }
}
