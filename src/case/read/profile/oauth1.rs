//! `oauth1`, or `{ oauth1: { consumer_key: …, signature_method: … } }` (RFC 5849).

use super::method::{AuthMethodEntry, AuthMethodReader, template_or_credential};
use crate::case::read::context::Context;
use crate::case::{AuthMethod, OAuth1, Template};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Fields;
use crate::exchange::OAuth1Method;

pub(super) const OAUTH1: AuthMethodReader = AuthMethodReader {
    key: "oauth1",
    is_word: true,
    read,
};

fn read(
    entry: &AuthMethodEntry<'_>,
    _options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<AuthMethod> {
    let mut fields = entry.fields("`oauth1`", context, diagnostics)?;
    let has_token = fields
        .as_mut()
        .and_then(|fields| fields.get("token"))
        .is_none_or(|node| !node.is_null());
    let mut template =
        |key| template_or_credential(fields.as_mut(), key, &entry.place, context, diagnostics);
    let (consumer_key, consumer_secret) = (template("consumer_key"), template("consumer_secret"));
    let token = match has_token {
        true => Some((template("token")?, template("token_secret")?)),
        false => None,
    };
    let (mut method, mut realm) = (OAuth1Method::default(), None);
    if let Some(mut fields) = fields {
        if let Some(text) = fields.string("realm", diagnostics) {
            realm = Some(Template::parse_text(&text.value, &text.place, diagnostics));
        }
        method = signature_method(&mut fields, diagnostics);
        fields.finish(diagnostics);
    }
    Some(AuthMethod::OAuth1(OAuth1 {
        consumer_key: consumer_key?,
        consumer_secret: consumer_secret?,
        token,
        method,
        realm,
    }))
}

fn signature_method(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> OAuth1Method {
    let Some(text) = fields.string("signature_method", diagnostics) else {
        return OAuth1Method::default();
    };
    OAuth1Method::parse(&text.value).unwrap_or_else(|| {
        let names = OAuth1Method::ALL.iter().map(|method| method.name());
        let listed: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        let advice = format!("write one of {}", listed.join(", "));
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                format!("`{}` is not a signature method", text.value),
                text.place.clone(),
            )
            .with_advice(advice),
        );
        OAuth1Method::default()
    })
}
