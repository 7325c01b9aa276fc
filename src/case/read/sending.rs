//! Reads `when`, `repeat`, `until` and `once` of a step into [`SendRules`], and the step `wait`.

use std::time::Duration;

use super::attachment::Attachments;
use super::context::Context;
use super::{expectation, names};
use crate::case::{Expectation, Repeat, SendRules, Template, Until, Wait};
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::document::{self, Fields, Node};
use crate::duration::duration_text;
use crate::source::{Place, Source};

/// The shortest pause between two polls.
const SHORTEST: Duration = Duration::from_millis(10);

/// Reads the fields of a cleanup step that say when and how often it is sent.
pub(super) fn read_of_cleanup(
    fields: &mut Fields<'_>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> SendRules {
    let rules = conditions(fields, source, diagnostics);
    for name in ["until", "once"] {
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
    rules
}

/// Reads the fields of a step that say when and how often it is sent.
pub(super) fn read(
    fields: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> SendRules {
    let source = context.source;
    let rules = conditions(fields, source, diagnostics);
    let until_entry = fields.entry("until");
    let until =
        until_entry.and_then(|entry| until(&entry.value, source, context.attachments, diagnostics));
    let once_entry = fields.entry("once");
    let once = once_entry
        .and_then(|entry| document::expect_bool("once", &entry.value, source, diagnostics))
        .unwrap_or(false);
    if let (Some(until), Some(entry), true) = (until_entry, once_entry, once) {
        diagnostics.push(
            Diagnostic::error(
                "once-until",
                "`once` beside `until`, which sends the step again",
                source.place(entry.key_span),
            )
            .with_related(source.place(until.key_span), "sends it until this holds")
            .with_advice("send the request in one step, and poll another operation in the next"),
        );
    }
    SendRules {
        until,
        once,
        ..rules
    }
}

fn conditions(
    fields: &mut Fields<'_>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> SendRules {
    SendRules {
        when: when(fields, source, diagnostics),
        repeat: fields
            .get("repeat")
            .and_then(|node| repeat(node, source, diagnostics)),
        ..SendRules::default()
    }
}

fn errors(diagnostics: &Diagnostics) -> usize {
    diagnostics.count(DiagnosticSeverity::Error)
}

/// Refuses the fields in a step that is sent at the same time as others, and returns how that is sent.
pub(super) fn read_of_parallel(
    fields: &mut Fields<'_>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> SendRules {
    for name in ["when", "repeat", "until", "once"] {
        if let Some(entry) = fields.entry(name) {
            diagnostics.push(
                Diagnostic::error(
                    "parallel-steps",
                    format!("`{name}` in a parallel step, which is sent exactly once"),
                    source.place(entry.key_span),
                )
                .with_advice("write `when` beside `parallel`, `times` for several copies; poll in a later step"),
            );
        }
    }
    SendRules {
        once: true,
        ..SendRules::default()
    }
}

/// A condition: one expression.
pub(super) fn when(
    fields: &mut Fields<'_>,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Template> {
    let node = fields.get("when")?;
    let before = errors(diagnostics);
    let condition = Template::parse(node, source, diagnostics);
    if matches!(condition, Template::Expression(_)) || errors(diagnostics) > before {
        return Some(condition);
    }
    diagnostics.push(
        document::wrong_type("when", "one `{{ }}` expression", node, source)
            .with_advice("write a condition: `when: \"{{ kind == 'virtual' }}\"`"),
    );
    None
}

/// `{ id: "{{ ids }}" }`, or only a number of rounds.
fn repeat(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<Repeat> {
    let document::Value::Mapping(entries) = &node.value else {
        return over(node, source, diagnostics).map(|over| Repeat { item: None, over });
    };
    let mut entries = entries.iter();
    let (Some((name, entry)), None) = (entries.next(), entries.next()) else {
        diagnostics.push(
            document::wrong_type("repeat", "one name with a list or a number", node, source)
                .with_advice(
                    "write the variable of the item and the list: `repeat: { id: \"{{ ids }}\" }`",
                ),
        );
        return None;
    };
    let place = source.place(entry.key_span);
    names::check("an item", name, place, diagnostics);
    let over = over(&entry.value, source, diagnostics)?;
    Some(Repeat {
        item: Some(name.clone()),
        over,
    })
}

/// A list, a number of rounds, or an expression that gives one of them.
fn over(node: &Node, source: &Source, diagnostics: &mut Diagnostics) -> Option<Template> {
    let before = errors(diagnostics);
    let over = Template::parse(node, source, diagnostics);
    let fits = match &over {
        Template::Expression(_) => true,
        Template::Sequence(items) => !items.is_empty(),
        Template::Literal(value) => match value {
            serde_json::Value::Array(items) => !items.is_empty(),
            value => value
                .as_u64()
                .is_some_and(|count| (1..=Repeat::MAX).contains(&count)),
        },
        Template::Text(_) | Template::Mapping(_) => false,
    };
    if fits || errors(diagnostics) > before {
        return Some(over);
    }
    diagnostics.push(
        document::wrong_type(
            "repeat",
            &format!(
                "a list with items, a number from 1 to {}, or an expression",
                Repeat::MAX
            ),
            node,
            source,
        )
        .with_advice("write `repeat: 3`, or the variable of the item and the list: `repeat: { id: \"{{ ids }}\" }`"),
    );
    None
}

fn until(
    node: &Node,
    source: &Source,
    attachments: Attachments<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Until> {
    let place = source.place(node.span);
    let mut fields = Fields::of("`until`", node, source, diagnostics)?;
    let before = errors(diagnostics);
    let expect = expectation::read_condition(&mut fields, &place, source, attachments, diagnostics);
    let duration = |name: &'static str, fields: &mut Fields<'_>, diagnostics: &mut Diagnostics| {
        let node = fields.get(name)?;
        let read = expectation::read_duration(name, node, source, diagnostics)?;
        Some((read.value, read.place))
    };
    let every = duration("every", &mut fields, diagnostics);
    let within = duration("within", &mut fields, diagnostics);
    let is_faulty = errors(diagnostics) > before;
    fields.finish(diagnostics);
    if !is_faulty && is_empty(&expect) {
        diagnostics.push(
            Diagnostic::error(
                "until-condition",
                "`until` without a condition",
                place.clone(),
            )
            .with_advice(
                "say what must hold, with the keys of `expect`: `until: { body: { state: done } }`",
            ),
        );
    }
    check_limits(every.as_ref(), within.as_ref(), diagnostics);
    Some(Until {
        expect,
        every: every.map_or(Until::EVERY, |(every, _)| every),
        within: within.map_or(Until::WITHIN, |(within, _)| within),
        place: Some(place),
    })
}

fn is_empty(expect: &Expectation<Template>) -> bool {
    let empty = Expectation {
        place: None,
        ..Expectation::default()
    };
    *expect == empty
}

/// Reports limits with which a case would poll too often, or for too long.
fn check_limits(
    every: Option<&(Duration, Place)>,
    within: Option<&(Duration, Place)>,
    diagnostics: &mut Diagnostics,
) {
    let report = |message: String, place: &Place, advice: String, diagnostics: &mut Diagnostics| {
        diagnostics
            .push(Diagnostic::error("until-limits", message, place.clone()).with_advice(advice));
    };
    if let Some((within, place)) = within
        && *within > Until::MAX_WITHIN
    {
        let message = format!("`within` is more than {}", shown(Until::MAX_WITHIN));
        let advice = "a run must not hang: poll for ten minutes at most (`10m`)".to_owned();
        return report(message, place, advice, diagnostics);
    }
    let limit = within.map_or(Until::WITHIN, |(within, _)| *within);
    let pause = every.map_or(Until::EVERY, |(every, _)| *every);
    let Some((_, place)) = every.or(within) else {
        return;
    };
    if pause < SHORTEST {
        let message = format!("`every` is less than {}", shown(SHORTEST));
        let advice = "polling more often only loads the server: write `100ms` or more".to_owned();
        return report(message, place, advice, diagnostics);
    }
    if pause > limit {
        let message = format!(
            "`every` ({}) is more than `within` ({})",
            shown(pause),
            shown(limit)
        );
        let advice =
            "lower `every`, or raise `within`: the step would be sent only twice".to_owned();
        return report(message, place, advice, diagnostics);
    }
    if pause * Until::MAX_POLLS < limit {
        let message = format!(
            "more than {} requests: every {} within {}",
            Until::MAX_POLLS,
            shown(pause),
            shown(limit)
        );
        let advice = "raise `every`, or lower `within`".to_owned();
        report(message, place, advice, diagnostics);
    }
}

/// As it is written.
fn shown(duration: Duration) -> String {
    duration_text(duration).unwrap_or_default()
}

/// Reads a step `wait: { for, reason }` from its fields.
pub(super) fn wait(
    fields: &mut Fields<'_>,
    name: Option<String>,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Wait> {
    let when = when(fields, source, diagnostics);
    let place = source.place(node.span);
    let advice = "say how long and why: `wait: { for: 2s, reason: the index is rebuilt }`";
    if node.as_mapping().is_none() {
        diagnostics
            .push(document::wrong_type("wait", "a mapping", node, source).with_advice(advice));
        return None;
    }
    let mut inner = Fields::of("`wait`", node, source, diagnostics)?;
    let duration = inner.required("for", diagnostics);
    let duration = duration
        .and_then(|node| expectation::read_duration("for", node, source, diagnostics))
        .filter(|duration| {
            let fits = duration.value <= Wait::MAX;
            if !fits {
                diagnostics.push(
                    Diagnostic::error(
                        "wait-limit",
                        format!("a wait of more than {}", shown(Wait::MAX)),
                        duration.place.clone(),
                    )
                    .with_advice("wait for ten minutes at most, or poll with `until`"),
                );
            }
            fits
        });
    let reason = inner.string("reason", diagnostics);
    let has_reason = inner.get("reason").is_some();
    inner.finish(diagnostics);
    let is_given = reason
        .as_ref()
        .is_some_and(|reason| !reason.value.trim().is_empty());
    if !is_given && (reason.is_some() || !has_reason) {
        diagnostics.push(
            Diagnostic::error("missing-reason", "`wait` without a reason", place.clone())
                .with_advice(format!(
                    "{advice}; where the server shows its state, poll with `until` instead"
                )),
        );
    }
    Some(Wait {
        name,
        when,
        duration: duration?.value,
        reason: reason?.value,
        place: Some(place),
    })
}
