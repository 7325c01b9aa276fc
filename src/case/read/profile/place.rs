//! Reads where a credential is sent: `{ header: X-Key }`, `{ query: key }`, `{ cookie: sid }`, `{ form: _token }`.

use http::HeaderName;

use crate::case::read::context::Context;
use crate::case::read::expectation::check_header_name;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Fields, MappingEntry};
use crate::exchange::CredentialPlace;
use crate::source::Spanned;

/// The places of tokens and API keys, in the order in which messages name them.
pub(super) const FOR_TOKENS: &[&str] = &["header", "query", "cookie"];

/// The places of a token against cross-site request forgery. A cookie would prove nothing.
pub(super) const FOR_CSRF: &[&str] = &["header", "query", "form"];

/// The place among the fields of a mapping, which may have others. `what` is sent there.
pub(super) fn read(
    what: &str,
    fields: &mut Fields<'_>,
    allowed: &'static [&'static str],
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<CredentialPlace> {
    let source = context.source;
    let given: Vec<(&'static str, &MappingEntry)> = allowed
        .iter()
        .filter_map(|key| Some((*key, fields.entry(key)?)))
        .collect();
    let Some((key, _)) = given.first() else {
        let listed: Vec<String> = allowed.iter().map(|key| format!("`{key}`")).collect();
        diagnostics.push(
            Diagnostic::error(
                "missing-field",
                format!("{what} needs one of the fields {}", listed.join(", ")),
                source.place(fields.span()),
            )
            .with_advice("write where it is sent: `{ header: NAME }`"),
        );
        return None;
    };
    if let Some((other, entry)) = given.get(1) {
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                format!("`{other}` beside `{key}`: {what} is sent in one place"),
                source.place(entry.key_span),
            )
            .with_advice("keep one of them"),
        );
    }
    place(key, fields.string(key, diagnostics)?, diagnostics)
}

fn place(
    key: &str,
    name: Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<CredentialPlace> {
    let Spanned { value, place } = name;
    match key {
        "header" => {
            check_header_name(&value, place, diagnostics);
            let header = HeaderName::from_bytes(value.as_bytes()).ok()?;
            Some(CredentialPlace::Header(header))
        }
        "query" => Some(CredentialPlace::Query(value)),
        "cookie" if !is_cookie_name(&value) => {
            diagnostics.push(
                Diagnostic::error(
                    "bad-profile",
                    format!("`{value}` cannot be the name of a cookie"),
                    place,
                )
                .with_advice("write letters, digits, `-` and `_`, as in `sid`"),
            );
            None
        }
        "cookie" => Some(CredentialPlace::Cookie(value)),
        _ => Some(CredentialPlace::Form(value)),
    }
}

/// A token of HTTP (RFC 6265, section 4.1.1): what a header's name is, too.
fn is_cookie_name(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}
