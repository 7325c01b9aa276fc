//! A replay told: text for people ([`line()`], [`closing`]) and JSON Lines for programs ([`json_line`], [`json_closing`]). Pure functions.
//!
//! # JSON Lines
//!
//! One object an entry, and a last one for all:
//!
//! ```text
//! {"type":"entry","number":5,"name":"create_ok","method":"POST","path":"/rest/default/V1/customers","outcome":"equal"}
//! {"type":"entry",…,"outcome":"skipped","rule":"xml","reason":"only JSON is compared, and this request or its answer is XML"}
//! {"type":"entry",…,"outcome":"different","status":{"expected":200,"actual":400},
//!  "headers":[{"name":"cache-control","expected":"no-store","actual":null}],
//!  "body":[{"kind":"value","pointer":"/firstname","expected":"\"Ada\"","actual":"\"Eve\""}],
//!  "diff":{"expected":"…","actual":"…"}}
//! {"type":"entry",…,"outcome":"different","error":{"kind":"timeout","message":"no complete answer within 30s","advice":"…"}}
//! {"type":"summary","entries":641,"equal":560,"different":3,"skipped":78,"ended":"finished"}
//! ```
//!
//! `status`, `headers`, `body` and `diff` are there only where something differs. `ended` is `finished`, `interrupted` or
//! `unreachable`, the last with an `error`.

use serde_json::{Map, Value, json};

use super::compare::{BodyDifference, Difference};
use super::run::{EntryResult, Lost, Outcome, Summary};
use crate::event::DiffRecord;
use crate::report::ExitStatus;
use crate::report::terminal::{Ink, Look, Paint, diff_lines};
use crate::report::untrusted;

/// Places of a body that are told; the diff shows the rest.
const PLACES: usize = 6;

/// An entry's line, and below it what differs.
pub fn line(result: &EntryResult, look: Look) -> String {
    let paint = Paint(look.style);
    let name = untrusted::line(&result.name);
    let head =
        |ink: Ink, words: &str| format!("{:>5}  {name}: {}", result.number, paint.text(ink, words));
    match &result.outcome {
        Outcome::Equal => head(Ink::Passed, "equal"),
        Outcome::Skipped(rule) => format!("{} {}", head(Ink::Skipped, "skipped:"), rule.reason()),
        Outcome::Unanswered(error) => {
            let mut text = head(
                Ink::Error,
                &format!("different: {}", untrusted::line(&error.message)),
            );
            if let Some(advice) = &error.advice {
                text.push_str(&format!("\n         {}", untrusted::line(advice)));
            }
            text
        }
        Outcome::Different(difference) => {
            let mut lines = vec![head(
                Ink::Failed,
                &format!("different in {}", parts(difference)),
            )];
            let request = format!("{} {}", result.method, result.path);
            if request != result.name {
                lines
                    .push(paint.text(Ink::Dim, &format!("         {}", untrusted::line(&request))));
            }
            lines.extend(
                details(difference, look)
                    .into_iter()
                    .map(|line| format!("         {line}").trim_end().to_owned()),
            );
            lines.join("\n")
        }
    }
}

/// The last line: `641 entries: 560 equal, 3 different, 78 skipped`. Before it, where the replay ended early, a line that says why.
pub fn closing(summary: &Summary, target: &str) -> String {
    let counts = format!(
        "{} entries: {} equal, {} different, {} skipped",
        summary.entries(),
        summary.equal,
        summary.different,
        summary.skipped
    );
    match &summary.lost {
        None => counts,
        Some(Lost::Interrupted) => {
            format!("interrupted: the rest of the recording was not asked\n{counts}")
        }
        Some(Lost::Unreachable(error)) => format!(
            "{target} cannot be asked ({}): {}\n{counts}",
            error.kind,
            untrusted::line(&error.message)
        ),
    }
}

/// An entry as one JSON object on one line.
pub fn json_line(result: &EntryResult) -> String {
    let EntryResult {
        number,
        name,
        method,
        path,
        outcome,
    } = result;
    let mut object = Map::new();
    let mut set = |key: &str, value: Value| object.insert(key.to_owned(), value);
    set("type", "entry".into());
    set("number", (*number).into());
    set("name", name.as_str().into());
    set("method", method.as_str().into());
    set("path", path.as_str().into());
    match outcome {
        Outcome::Equal => {
            set("outcome", "equal".into());
        }
        Outcome::Skipped(rule) => {
            set("outcome", "skipped".into());
            set("rule", rule.name().into());
            set("reason", rule.reason().into());
        }
        Outcome::Unanswered(error) => {
            set("outcome", "different".into());
            set(
                "error",
                json!({ "kind": error.kind, "message": error.message, "advice": error.advice }),
            );
        }
        Outcome::Different(difference) => {
            set("outcome", "different".into());
            let Difference {
                status,
                headers,
                body,
                diff,
            } = &**difference;
            if let Some(status) = status {
                set(
                    "status",
                    json!({ "expected": status.expected, "actual": status.actual }),
                );
            }
            if !headers.is_empty() {
                let headers = headers.iter().map(|one| json!({ "name": one.name.as_str(), "expected": one.expected, "actual": one.actual }));
                set("headers", headers.collect());
            }
            if !body.is_empty() {
                let places = body.iter().map(|one| {
                    let BodyDifference { kind, pointer, expected, actual } = one;
                    json!({ "kind": kind.as_str(), "pointer": pointer, "expected": expected, "actual": actual })
                });
                set("body", places.collect());
            }
            if let Some((expected, actual)) = diff {
                set("diff", json!({ "expected": expected, "actual": actual }));
            }
        }
    }
    Value::Object(object).to_string()
}

/// The summary as one JSON object on one line.
pub fn json_closing(summary: &Summary) -> String {
    let ended = match &summary.lost {
        None => "finished",
        Some(Lost::Unreachable(_)) => "unreachable",
        Some(Lost::Interrupted) => "interrupted",
    };
    let mut counts = json!({
        "type": "summary",
        "entries": summary.entries(),
        "equal": summary.equal,
        "different": summary.different,
        "skipped": summary.skipped,
        "ended": ended,
    });
    if let Some(Lost::Unreachable(error)) = &summary.lost {
        counts["error"] = json!(error);
    }
    counts.to_string()
}

/// 130 interrupted, 3 the target could not be asked, 1 something differs, 4 nothing was compared, 0 all that was compared is equal.
pub fn exit_status(summary: &Summary) -> ExitStatus {
    match &summary.lost {
        Some(Lost::Interrupted) => ExitStatus::Interrupted,
        Some(Lost::Unreachable(_)) => ExitStatus::Unreachable,
        None if summary.different > 0 => ExitStatus::Findings,
        None if summary.equal == 0 => ExitStatus::NothingMatched,
        None => ExitStatus::Passed,
    }
}

/// `status, 2 headers, body`
fn parts(difference: &Difference) -> String {
    let mut parts = Vec::new();
    if difference.status.is_some() {
        parts.push("status".to_owned());
    }
    match difference.headers.len() {
        0 => {}
        1 => parts.push("1 header".to_owned()),
        count => parts.push(format!("{count} headers")),
    }
    if !difference.body.is_empty() {
        parts.push("body".to_owned());
    }
    parts.join(", ")
}

fn details(difference: &Difference, look: Look) -> Vec<String> {
    let Difference {
        status,
        headers,
        body,
        diff,
    } = difference;
    let mut lines = Vec::new();
    if let Some(status) = status {
        lines.push(format!(
            "status: {}, recorded {}",
            status.actual, status.expected
        ));
    }
    let or_none = |text: &Option<String>| {
        text.as_deref()
            .map_or_else(|| "none".to_owned(), |text| untrusted::short(text, 120))
    };
    for header in headers {
        lines.push(format!(
            "header {}: {}, recorded {}",
            header.name,
            or_none(&header.actual),
            or_none(&header.expected)
        ));
    }
    for place in body.iter().take(PLACES) {
        let at = match place.pointer.as_str() {
            "" => "body".to_owned(),
            pointer => format!("body {}", untrusted::short(pointer, 120)),
        };
        lines.push(format!(
            "{at} ({}): {}, expected {}",
            place.kind.as_str(),
            or_none(&place.actual),
            or_none(&place.expected)
        ));
    }
    if body.len() > PLACES {
        lines.push(format!("and {} more places", body.len() - PLACES));
    }
    if let Some((expected, actual)) = diff {
        let diff = DiffRecord {
            expected: expected.clone(),
            actual: actual.clone(),
        };
        let narrow = Look {
            width: look.width.saturating_sub(11),
            ..look
        };
        lines.extend(
            diff_lines(&diff, narrow)
                .into_iter()
                .map(|line| format!("  {line}")),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ErrorRecord;

    fn summary(equal: usize, different: usize, skipped: usize, lost: Option<Lost>) -> Summary {
        Summary {
            equal,
            different,
            skipped,
            lost,
        }
    }

    fn unreachable() -> Lost {
        Lost::Unreachable(ErrorRecord {
            kind: "connect-failed".to_owned(),
            message: "connection refused".to_owned(),
            advice: None,
        })
    }

    #[test]
    fn each_end_has_its_status() {
        for (summary, expected) in [
            (summary(1, 0, 1, None), ExitStatus::Passed),
            (summary(1, 1, 0, None), ExitStatus::Findings),
            (summary(0, 0, 3, None), ExitStatus::NothingMatched),
            (
                summary(1, 1, 0, Some(unreachable())),
                ExitStatus::Unreachable,
            ),
            (
                summary(1, 1, 0, Some(Lost::Interrupted)),
                ExitStatus::Interrupted,
            ),
        ] {
            assert_eq!(exit_status(&summary), expected, "{summary:?}");
        }
    }

    #[test]
    fn the_last_line_is_the_same_however_it_ended() {
        for lost in [None, Some(unreachable()), Some(Lost::Interrupted)] {
            let text = closing(&summary(2, 1, 3, lost), "shop");
            assert_eq!(
                text.lines().last(),
                Some("6 entries: 2 equal, 1 different, 3 skipped")
            );
        }
        let text = closing(&summary(0, 0, 0, Some(unreachable())), "shop");
        assert!(
            text.starts_with("shop cannot be asked (connect-failed): connection refused\n"),
            "{text}"
        );
        let object: Value =
            serde_json::from_str(&json_closing(&summary(0, 0, 0, Some(unreachable())))).unwrap();
        assert_eq!(
            (&object["ended"], &object["error"]["kind"]),
            (&json!("unreachable"), &json!("connect-failed"))
        );
    }
}
