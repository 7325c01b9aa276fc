//! `{ oauth2: { token_url: …, grant: …, scope: … } }` (RFC 6749).

use std::sync::Arc;

use http::Method;

use super::method::{AuthMethodEntry, AuthMethodReader, template_or_credential};
use super::token;
use crate::case::read::context::Context;
use crate::case::{AuthMethod, BasicAuth, Body, OAuth2, Step, Template};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::document::{self, Fields};
use crate::source::Spanned;

pub(super) const OAUTH2: AuthMethodReader = AuthMethodReader {
    key: "oauth2",
    is_word: false,
    read,
};

/// The grants that need no browser.
const GRANTS: [&str; 3] = ["client_credentials", "password", "refresh_token"];

/// How the client proves who it is (section 2.3.1).
const CLIENT_AUTHS: [&str; 2] = ["basic", "body"];

/// The fields of a form.
type FormFields = Vec<(String, Template)>;

fn read(
    entry: &AuthMethodEntry<'_>,
    options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<AuthMethod> {
    let is_carrier_written = ["scheme", "send_in"]
        .iter()
        .any(|key| options.entry(key).is_some());
    let carrier = token::carrier(options, context, diagnostics);
    let mut fields = Fields::of("`oauth2`", entry.details?, context.source, diagnostics)?;
    let steps = steps(entry, &mut fields, context, diagnostics);
    fields.finish(diagnostics);
    let (grant, renewal, client) = steps?;
    Some(AuthMethod::OAuth2(OAuth2 {
        grant: Arc::new(grant),
        renewal: Arc::new(renewal),
        client,
        carrier: carrier?,
        is_carrier_written,
    }))
}

/// The request for a token, the request that renews it, and what signs both.
fn steps(
    entry: &AuthMethodEntry<'_>,
    fields: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(Step, Step, Option<BasicAuth>)> {
    let url = token_url(fields, context, diagnostics);
    let grant = one_of(fields, "grant", &GRANTS, diagnostics);
    let client_auth = one_of(fields, "client_auth", &CLIENT_AUTHS, diagnostics);
    let mut credential = |fields: &mut Fields<'_>, key| {
        template_or_credential(Some(fields), key, &entry.place, context, diagnostics)
    };
    let client_id = credential(fields, "client_id");
    let is_public = fields
        .get("client_secret")
        .is_some_and(|node| node.is_null());
    let client_secret = match is_public {
        true => None,
        false => Some(credential(fields, "client_secret")?),
    };
    let mut form: FormFields = vec![("grant_type".to_owned(), Template::literal(grant))];
    let of_grant: &[&'static str] = match grant {
        "password" => &["username", "password"],
        "refresh_token" => &["refresh_token"],
        _ => &[],
    };
    for key in of_grant {
        form.push(((*key).to_owned(), credential(fields, key)?));
    }
    let mut extra = extra_fields(fields, context, diagnostics);
    let client_id = client_id?;
    let mut client = None;
    match client_secret {
        Some(secret) if client_auth == "basic" => {
            client = Some(BasicAuth {
                username: client_id,
                password: secret,
            });
        }
        secret => {
            extra.push(("client_id".to_owned(), client_id));
            extra.extend(secret.map(|secret| ("client_secret".to_owned(), secret)));
        }
    }
    let mut renewing: FormFields = vec![
        ("grant_type".to_owned(), Template::literal("refresh_token")),
        (
            OAuth2::REFRESH_TOKEN.to_owned(),
            Template::from_text(&format!("{{{{ {} }}}}", OAuth2::REFRESH_TOKEN)).ok()?,
        ),
    ];
    // A scope may be left out when a token is renewed: it stays the same (section 6).
    let without_scope = extra.iter().filter(|(name, _)| name != "scope").cloned();
    renewing.extend(without_scope);
    form.extend(extra);
    let url = url?;
    let step = |name: &str, form: FormFields| {
        let mut step = Step::send(Method::POST, url.clone(), context.contracts)
            .with_header("Accept", Some(Template::literal("application/json")))
            .with_body(Body::form(form));
        step.name = Some(name.to_owned());
        step.place = Some(entry.place.clone());
        step
    };
    Some((
        step("token request", form),
        step("token renewal", renewing),
        client,
    ))
}

/// A path below the base path, from the server's root (`//…`), or the URL of another server.
fn token_url(
    fields: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Template> {
    let node = fields.required("token_url", diagnostics)?;
    let text = document::expect_string("token_url", node, context.source, diagnostics)?;
    let begins = ["/", "http://", "https://", "{{"];
    if !begins.iter().any(|begin| text.value.starts_with(begin)) {
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                format!("`{}` is neither a path nor a URL", text.value),
                text.place,
            )
            .with_advice(
                "write `/oauth/token`, `//oauth/token` from the server's root, or `https://…`",
            ),
        );
        return None;
    }
    Some(Template::parse_text(&text.value, &text.place, diagnostics))
}

/// One of some words; the first where the field is absent or wrong.
fn one_of(
    fields: &mut Fields<'_>,
    key: &'static str,
    words: &[&'static str],
    diagnostics: &mut Diagnostics,
) -> &'static str {
    let default = words.first().copied().unwrap_or_default();
    let Some(Spanned { value, place }) = fields.string(key, diagnostics) else {
        return default;
    };
    if let Some(word) = words.iter().find(|word| **word == value) {
        return word;
    }
    let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let advice = match nearest(&value, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of {}", listed.join(", ")),
    };
    diagnostics.push(
        Diagnostic::error(
            "bad-profile",
            format!("`{key}: {value}` is not known"),
            place,
        )
        .with_advice(advice),
    );
    default
}

/// `scope`, and the `parameters` that only this server knows (`audience`).
fn extra_fields(
    fields: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> FormFields {
    let source = context.source;
    let mut extra = FormFields::new();
    if let Some(text) = fields.string("scope", diagnostics) {
        let scope = Template::parse_text(&text.value, &text.place, diagnostics);
        extra.push(("scope".to_owned(), scope));
    }
    if let Some(node) = fields.get("parameters")
        && let Some(entries) = document::expect_mapping("parameters", node, source, diagnostics)
    {
        for (name, entry) in entries {
            let value = Template::parse_written(&entry.value, source, diagnostics);
            extra.push((name.clone(), value));
        }
    }
    extra
}
