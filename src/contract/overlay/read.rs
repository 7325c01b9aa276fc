//! From the text of an overlay to an [`Overlay`]: every fault is reported, and the usable actions are kept.

use percent_encoding::percent_decode_str;
use serde_json_path::JsonPath;

use super::{Action, Overlay, OverlayChange};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Fields, Node, Value, expect_sequence, expect_string, wrong_type};
use crate::source::{Source, Span, Spanned};

/// Reads the overlay of the document at `path`. `None`, with diagnostics, where nothing in it can be applied.
pub(super) fn read(source: Source, path: &str, diagnostics: &mut Diagnostics) -> Option<Overlay> {
    let document = Document::parse(source, diagnostics)?;
    let source = &document.source;
    let mut fields =
        Fields::of("an overlay", &document.root, source, diagnostics)?.with_extensions();
    let supported = fields
        .required("overlay", diagnostics)
        .is_some_and(|node| is_supported(node, source, diagnostics));
    let (title, version) = match fields.required("info", diagnostics) {
        Some(node) => info(node, source, diagnostics),
        None => Default::default(),
    };
    if let Some(extends) = fields.string("extends", diagnostics) {
        check_extends(&extends, path, diagnostics);
    }
    let list = fields
        .required("actions", diagnostics)
        .and_then(|node| Some((node, expect_sequence("actions", node, source, diagnostics)?)));
    fields.finish(diagnostics);
    let (node, items) = list?;
    if items.is_empty() {
        diagnostics.push(
            Diagnostic::error(
                "no-actions",
                "an overlay without actions",
                source.place(node.span),
            )
            .with_advice("add an action, or remove the file"),
        );
    }
    let actions: Vec<Action> = items
        .iter()
        .filter_map(|item| action(item, source, diagnostics))
        .collect();
    let notes = actions
        .iter()
        .map(|action| (action.place.span, action.description.clone()))
        .collect();
    supported.then(|| Overlay {
        source: source.with_notes(notes),
        title,
        version,
        actions,
    })
}

/// The patch version does not affect features (Overlay 1.0, "Versions").
fn is_supported(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> bool {
    let version = match &node.value {
        Value::String(text) => text.clone(),
        // `overlay: 1.0` without quotes is a number in YAML, but its meaning is clear.
        Value::Number(_) => source.place(node.span).text().trim().to_owned(),
        _ => {
            diagnostics.push(wrong_type(
                "overlay",
                "a version such as `1.0.0`",
                node,
                source,
            ));
            return false;
        }
    };
    let patch = version.strip_prefix("1.0");
    let known = patch.is_some_and(|patch| {
        let number = patch.strip_prefix('.').unwrap_or("0");
        (patch.is_empty() || patch.starts_with('.'))
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !known {
        diagnostics.push(
            Diagnostic::error(
                "unknown-overlay-version",
                format!("unknown overlay version `{version}`"),
                source.place(node.span),
            )
            .with_advice("write `overlay: 1.0.0`, the supported version; nothing was applied"),
        );
    }
    known
}

fn info(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> (String, String) {
    let Some(fields) = Fields::of("`info`", node, source, diagnostics) else {
        return Default::default();
    };
    let mut fields = fields.with_extensions();
    let title = fields.required("title", diagnostics);
    let title = title.and_then(|node| expect_string("title", node, source, diagnostics));
    let version = fields.required("version", diagnostics);
    let version = version.and_then(|node| match &node.value {
        // `version: 1.0` without quotes.
        Value::Number(_) => Some(source.place(node.span).text().trim().to_owned()),
        _ => expect_string("version", node, source, diagnostics).map(|text| text.value),
    });
    fields.finish(diagnostics);
    let title = title.map(|text| text.value).unwrap_or_default();
    (title, version.unwrap_or_default())
}

/// `extends` must name the document beside the overlay: a relative reference by its path, a URL by its last part.
fn check_extends(extends: &Spanned<String>, path: &str, diagnostics: &mut Diagnostics) {
    let file = path.rsplit('/').next().unwrap_or(path);
    let written = extends.value.split(['?', '#']).next().unwrap_or("");
    let is_url = written.contains("://");
    let named = match is_url {
        true => written.rsplit('/').next().unwrap_or(""),
        false => written.strip_prefix("./").unwrap_or(written),
    };
    if percent_decode_str(named).decode_utf8_lossy() != file {
        diagnostics.push(
            Diagnostic::error(
                "wrong-extends",
                format!(
                    "this overlay extends `{}`, but is beside {file}",
                    extends.value
                ),
                extends.place.clone(),
            )
            .with_advice(format!(
                "write `extends: {file}`, or name this overlay after the document it corrects"
            )),
        );
    }
}

fn action(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<Action> {
    let mut fields = Fields::of("an action", node, source, diagnostics)?.with_extensions();
    let target = fields
        .required("target", diagnostics)
        .and_then(|node| target(node, source, diagnostics));
    let description = fields.string("description", diagnostics);
    let given = description
        .as_ref()
        .is_some_and(|text| !text.value.trim().is_empty());
    if !given {
        let place = match fields.entry("description") {
            Some(entry) => source.place(entry.key_span),
            None => source.place(node.span),
        };
        diagnostics.push(
            Diagnostic::error("missing-reason", "a correction without a reason", place)
                .with_advice("say in `description` what the API really does, and how you know"),
        );
    }
    let update = fields.entry("update");
    let remove = fields.bool("remove", diagnostics).unwrap_or(false);
    let change = match (update, remove) {
        (Some(update), true) => {
            diagnostics.push(
                Diagnostic::error(
                    "update-and-remove",
                    "`update` beside `remove: true`: a removed value cannot be updated",
                    source.place(update.key_span),
                )
                .with_advice(
                    "write two actions: first the removal, then the update of what holds it",
                ),
            );
            None
        }
        (Some(update), false) => Some(OverlayChange::Update(update.value.clone())),
        (None, true) => Some(OverlayChange::Remove),
        (None, false) => {
            diagnostics.push(
                Diagnostic::error(
                    "no-change",
                    "this action neither updates nor removes",
                    source.place(node.span),
                )
                .with_advice("add `update: …` or `remove: true`"),
            );
            None
        }
    };
    fields.finish(diagnostics);
    Some(Action {
        target: target?,
        change: change?,
        place: source.place(node.span),
        description: description
            .map(|text| one_line(&text.value))
            .unwrap_or_default(),
    })
}

fn target(
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<JsonPath>> {
    let text = expect_string("target", node, source, diagnostics)?;
    match JsonPath::parse(&text.value) {
        Ok(path) => Some(Spanned::new(path, text.place)),
        Err(error) => {
            let reason = match error.message() {
                "parser error" => "",
                message => message,
            };
            let place = at_position(&text, error.position());
            diagnostics.push(
                Diagnostic::error(
                    "invalid-jsonpath",
                    format!("`{}` is not a JSONPath", text.value),
                    place,
                )
                .with_label(reason.to_owned())
                .with_advice(
                    "begin with `$`, and put names with characters other than letters, digits and `_` into brackets: \
                     `$.paths['/V1/customers'].get` (RFC 9535)",
                ),
            );
            None
        }
    }
}

/// The place of a text from its `position`th character (from 1) on; the whole text where quoting makes that position unknown.
fn at_position(text: &Spanned<String>, position: usize) -> crate::source::Place {
    let skipped: usize = text
        .value
        .chars()
        .take(position.saturating_sub(1))
        .map(char::len_utf8)
        .sum();
    let span = text.place.span;
    let plain = text.place.text() == text.value;
    match plain && skipped < text.value.len() {
        true => text
            .place
            .source
            .place(Span::new(span.start + skipped, span.end)),
        false => text.place.clone(),
    }
}

/// Findings show a reason on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
