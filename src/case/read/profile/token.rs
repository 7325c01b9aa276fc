//! `{ bearer: TOKEN }`, and `{ login: { call: … }, token: … }`; with `scheme` and `send_in`.

use std::sync::Arc;

use super::method::{AuthMethodEntry, AuthMethodReader};
use super::{place, session};
use crate::case::read::capture;
use crate::case::read::context::Context;
use crate::case::read::step::{self, Role};
use crate::case::{
    AuthMethod, BodyPath, Capture, CaptureSource, CookieSession, KnownToken, Template,
    TokenCarrier, TokenLogin,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields};
use crate::source::{Source, Spanned};

pub(super) const LOGIN: AuthMethodReader = AuthMethodReader {
    key: "login",
    is_word: false,
    read: read_login,
};

pub(super) const BEARER: AuthMethodReader = AuthMethodReader {
    key: "bearer",
    is_word: false,
    read: read_bearer,
};

fn read_login(
    entry: &AuthMethodEntry<'_>,
    options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<AuthMethod> {
    let has_token = ["token", "send_in", "scheme"]
        .iter()
        .any(|key| options.entry(key).is_some());
    let token = token(options, context, diagnostics);
    let carrier = carrier(options, context, diagnostics);
    let (has_cookies, csrf) = session::read(options, context, diagnostics);
    let step = step::read(entry.details?, Role::Login, context, diagnostics);
    if has_cookies {
        return Some(AuthMethod::Session(CookieSession {
            step: Arc::new(step?),
            token: match has_token {
                true => Some((token?, carrier?)),
                false => None,
            },
            csrf,
        }));
    }
    Some(AuthMethod::Login(TokenLogin {
        step: Arc::new(step?),
        token: token?,
        carrier: carrier?,
    }))
}

fn read_bearer(
    entry: &AuthMethodEntry<'_>,
    options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<AuthMethod> {
    if let Some(token) = options.entry("token") {
        let place = context.source.place(token.key_span);
        diagnostics.push(
            Diagnostic::error("bad-profile", "`token` belongs to `login`", place)
                .with_advice("it says where the token is in the response of the login"),
        );
    }
    let carrier = carrier(options, context, diagnostics);
    let text = document::expect_string("bearer", entry.details?, context.source, diagnostics)?;
    Some(AuthMethod::Token(KnownToken {
        token: Template::parse_text(&text.value, &text.place, diagnostics),
        carrier: carrier?,
    }))
}

/// Where the token is in the response: as in `capture`; by default the whole body.
fn token(
    options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Capture> {
    let source = context.source;
    let Some(entry) = options.entry("token") else {
        return Some(Capture {
            name: "token".to_owned().into(),
            from: CaptureSource::Body(BodyPath::parse("$").ok()?),
            matches: None,
        });
    };
    let (from, matches) = capture::value_source("token", &entry.value, source, diagnostics)?;
    Some(Capture {
        name: Spanned::new("token".to_owned(), source.place(entry.key_span)).into(),
        from,
        matches,
    })
}

/// `send_in` and `scheme`. A token in another place than `Authorization` has no scheme, unless one is written.
pub(super) fn carrier(
    options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<TokenCarrier> {
    let scheme = scheme(options, context.source, diagnostics);
    let Some(node) = options.get("send_in") else {
        let usual = TokenCarrier::default();
        return Some(TokenCarrier {
            scheme: scheme.or(usual.scheme),
            ..usual
        });
    };
    if !matches!(node.value, document::Value::Mapping(_)) {
        diagnostics.push(
            document::wrong_type("send_in", "a mapping", node, context.source)
                .with_advice("write where it is sent: `{ header: X-Session }`"),
        );
        return None;
    }
    let mut fields = Fields::of("`send_in`", node, context.source, diagnostics)?;
    let place = place::read(
        "a token",
        &mut fields,
        place::FOR_TOKENS,
        context,
        diagnostics,
    );
    fields.finish(diagnostics);
    Some(TokenCarrier {
        place: place?,
        scheme,
    })
}

/// The scheme of the Authorization header (RFC 9110, section 11.1).
fn scheme(
    options: &mut Fields<'_>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let scheme = options.string("scheme", diagnostics)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if scheme.value.is_empty() || !scheme.value.chars().all(plain) {
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                format!("`{}` is not an authentication scheme", scheme.value),
                source.place(scheme.place.span),
            )
            .with_advice("write one word, such as `Bearer`"),
        );
    }
    Some(scheme.value)
}
