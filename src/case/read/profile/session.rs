//! `cookies: true` and `csrf` of a login.

use std::sync::Arc;

use super::place;
use crate::case::read::capture;
use crate::case::read::context::Context;
use crate::case::read::step::{self, Role};
use crate::case::{Capture, CsrfToken};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Fields;
use crate::source::Spanned;

/// Whether a login keeps its session in cookies, and the token that its unsafe requests need. `csrf` without cookies is a diagnostic.
pub(super) fn read(
    options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> (bool, Option<CsrfToken>) {
    let has_cookies = options.bool("cookies", diagnostics).unwrap_or(false);
    let Some(entry) = options.entry("csrf") else {
        return (has_cookies, None);
    };
    if !has_cookies {
        let place = context.source.place(entry.key_span);
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                "`csrf` belongs to a session in cookies",
                place,
            )
            .with_advice("add `cookies: true`, or remove it"),
        );
    }
    let Some(mut fields) = Fields::of("`csrf`", &entry.value, context.source, diagnostics) else {
        return (has_cookies, None);
    };
    let csrf = csrf(&mut fields, context, diagnostics);
    fields.finish(diagnostics);
    (has_cookies, csrf)
}

fn csrf(
    fields: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<CsrfToken> {
    let source = context.source;
    let page = fields
        .get("page")
        .map(|node| step::read(node, Role::Login, context, diagnostics));
    let from = fields.required("from", diagnostics).and_then(|node| {
        capture::value_source("from", node, source, diagnostics).map(|found| (node, found))
    });
    let place = fields.required("send_in", diagnostics).and_then(|node| {
        let mut place_fields = Fields::of("`send_in`", node, source, diagnostics)?;
        let place = place::read(
            "a CSRF token",
            &mut place_fields,
            place::FOR_CSRF,
            context,
            diagnostics,
        );
        place_fields.finish(diagnostics);
        place
    });
    let (node, (from, matches)) = from?;
    // One that is wrong is not as if there were none.
    let page = match page {
        Some(page) => Some(Arc::new(page?)),
        None => None,
    };
    Some(CsrfToken {
        page,
        from: Capture {
            name: Spanned::new("csrf".to_owned(), source.place(node.span)).into(),
            from,
            matches,
        },
        place: place?,
    })
}
