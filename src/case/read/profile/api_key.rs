//! `{ api_key: { header: X-Api-Key } }`, or with `query`, `cookie`; `value` where the target's `api_key` is not meant.

use super::method::{AuthMethodEntry, AuthMethodReader, template_or_credential};
use super::place;
use crate::case::read::context::Context;
use crate::case::{ApiKey, AuthMethod};
use crate::diagnostic::Diagnostics;
use crate::document::Fields;

pub(super) const API_KEY: AuthMethodReader = AuthMethodReader {
    key: "api_key",
    is_word: false,
    read,
};

fn read(
    entry: &AuthMethodEntry<'_>,
    _options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<AuthMethod> {
    let mut fields = Fields::of("`api_key`", entry.details?, context.source, diagnostics)?;
    let place = place::read(
        "an API key",
        &mut fields,
        place::FOR_TOKENS,
        context,
        diagnostics,
    );
    let value = match fields.get("value") {
        Some(_) => template_or_credential(
            Some(&mut fields),
            "value",
            &entry.place,
            context,
            diagnostics,
        ),
        None => template_or_credential(None, "api_key", &entry.place, context, diagnostics),
    };
    fields.finish(diagnostics);
    Some(AuthMethod::ApiKey(ApiKey {
        place: place?,
        value: value?,
    }))
}
