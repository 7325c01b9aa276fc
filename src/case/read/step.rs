//! Reads a [`Step`]: what it calls, with which profile and values, and what is captured from the response.

use super::context::Context;
use super::parameters::ParameterReader;
use super::{body, call, capture, expectation, sending, stream};
use crate::case::{Call, Expectation, SendRules, Step};
use crate::contract::ParameterLocation;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Fields, Node};
use crate::source::{Source, Spanned};

/// What a step is for, which decides the fields it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Of a case or a fixture.
    Checked,
    /// Its response is not checked.
    Cleanup,
    /// Its response contains a token.
    Login,
    /// Of a case or a fixture, sent at the same time as others.
    Parallel,
}

/// The fields that make a mapping a step.
pub(super) const FIELDS: [&str; 23] = [
    "call",
    "send",
    "as",
    "path",
    "query",
    "headers",
    "cookies",
    "body",
    "text",
    "form",
    "multipart",
    "file",
    "base64",
    "ndjson",
    "content_type",
    "timeout",
    "stream",
    "expect",
    "capture",
    "when",
    "repeat",
    "until",
    "once",
];

/// Reads a list of cleanup steps.
pub(super) fn read_cleanup(
    node: &Node,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Step> {
    let items =
        document::expect_sequence("cleanup", node, context.source, diagnostics).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| read(item, Role::Cleanup, context, diagnostics))
        .collect()
}

/// Reads a step that is a separate mapping. `None`, with diagnostics, where it calls nothing.
pub(super) fn read(
    node: &Node,
    role: Role,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Step> {
    let what = match role {
        Role::Checked => "a step",
        Role::Cleanup => "a cleanup step",
        Role::Login => "a login",
        Role::Parallel => "a parallel step",
    };
    let mut fields = Fields::of(what, node, context.source, diagnostics)?;
    let name = fields.string("name", diagnostics).map(|name| name.value);
    let step = read_fields(&mut fields, name, role, context, diagnostics);
    fields.finish(diagnostics);
    step
}

/// Reads a step from the fields of a mapping that may have others too (a case in single-step form).
pub(super) fn read_fields(
    fields: &mut Fields<'_>,
    name: Option<String>,
    role: Role,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Step> {
    let source = context.source;
    let call = call::read(fields, context, diagnostics);
    let place = call
        .as_ref()
        .map_or_else(|| source.place(fields.span()), |(_, place)| place.clone());
    let caller = match role {
        Role::Login => None,
        Role::Checked | Role::Cleanup | Role::Parallel => fields.string("as", diagnostics),
    };
    if let Some(caller) = &caller
        && !context.profiles.contains_key(&caller.value)
    {
        diagnostics.push(
            Diagnostic::error(
                "unknown-profile",
                format!("unknown auth profile `{}`", caller.value),
                caller.place.clone(),
            )
            .with_nearest(&caller.value, context.profiles.keys().map(String::as_str)),
        );
    }
    let called = call.as_ref().map(|(call, _)| call);
    let parameters = &ParameterReader {
        operation: called.and_then(Call::operation),
        source,
    };
    let path = parameters.path(fields, called, diagnostics);
    let query = parameters.named(fields, "query", ParameterLocation::Query, diagnostics);
    let headers = match fields.get("headers") {
        Some(node) => parameters.headers(node, diagnostics),
        None => Vec::new(),
    };
    let cookies = parameters.named(fields, "cookies", ParameterLocation::Cookie, diagnostics);
    let body = body::read(fields, &headers, parameters, context, diagnostics);
    let timeout = fields
        .get("timeout")
        .and_then(|node| expectation::read_duration("timeout", node, source, diagnostics))
        .map(|timeout| timeout.value);
    let mut expect = Expectation {
        place: Some(place),
        ..Expectation::default()
    };
    let mut capture = Vec::new();
    if matches!(role, Role::Checked | Role::Parallel) {
        if let Some(node) = fields.get("expect") {
            expect = expectation::read(node, source, context.attachments, diagnostics);
        }
        if let Some(node) = fields.get("capture") {
            capture = capture::read(node, source, diagnostics);
        }
        expect.stream = fields
            .get("stream")
            .and_then(|node| stream::read(node, source, diagnostics));
    }
    let sending = match role {
        Role::Checked => sending::read(fields, context, diagnostics),
        Role::Cleanup => {
            refuse_in_cleanup(fields, source, diagnostics);
            sending::read_of_cleanup(fields, source, diagnostics)
        }
        Role::Login => SendRules::default(),
        Role::Parallel => sending::read_of_parallel(fields, source, diagnostics),
    };
    let (call, place) = call?;
    let caller = caller.unwrap_or_else(|| Spanned::new("guest".to_owned(), place.clone()));
    Some(Step {
        name,
        call,
        caller: caller.into(),
        path,
        query,
        headers,
        cookies,
        body,
        timeout,
        expect,
        capture,
        sending,
        place: Some(place),
    })
}

fn refuse_in_cleanup(fields: &mut Fields<'_>, source: &Source, diagnostics: &mut Diagnostics) {
    for name in ["expect", "capture", "stream"] {
        if let Some(entry) = fields.entry(name) {
            diagnostics.push(
                Diagnostic::error(
                    "cleanup-unchecked",
                    format!("`{name}` in a cleanup, whose responses are not checked"),
                    source.place(entry.key_span),
                )
                .with_advice("remove it, or move the step to `steps`"),
            );
        }
    }
}
