//! A proposed waiver file for all unwaived failures: one entry per cause, to be completed. Main function: [`render`].
//!
//! Reason, owner and date are empty, and a file with an empty value is rejected: a person must accept a finding, not a program.

use std::collections::HashMap;
use std::fmt::Write;

use super::cause::{Weight, What, occurrences};
use super::model::Report;
use crate::event::{FindingRecord, StepRecord, Subject};
use crate::text::{MaskedText, counted, line};

/// Maximum number of characters of an example.
const EXAMPLE: usize = 160;

/// The file as YAML. Without findings to waive it has an empty list, which is a valid waiver file.
pub fn render(report: &Report) -> String {
    let candidates = candidates(report);
    let mut out = String::from(
        "# Proposed waivers for the findings of a run, one entry per cause. Keep the entries that you accept for a limited time, and fill in\n\
         # reason, owner (or a ticket instead) and until. An entry with an empty value is rejected.\n",
    );
    if candidates.is_empty() {
        out.push_str("# Nothing failed that could be waived.\nwaivers: []\n");
        return out;
    }
    out.push_str("waivers:\n");
    for candidate in candidates {
        candidate.write(&mut out);
    }
    out
}

/// What one waiver would accept.
struct Candidate {
    /// Keys and values as they are written to the file, in order.
    fields: CandidateFields,
    findings: usize,
    subjects: usize,
    /// The first subject, and the message of its finding.
    example: (Subject, MaskedText),
}

type CandidateFields = Vec<(&'static str, String)>;

impl Candidate {
    fn write(&self, out: &mut String) {
        let (subject, message) = &self.example;
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "\n  # {} in {}, first in {}:",
            counted(self.findings, "finding"),
            counted(self.subjects, subject.kind.noun()),
            line(&subject.to_string())
        );
        let _ = writeln!(text, "  # {}", message.short(EXAMPLE));
        for (index, (name, value)) in self.fields.iter().enumerate() {
            let start = if index == 0 { "  - " } else { "    " };
            let _ = writeln!(text, "{start}{name}: {}", quoted(value));
        }
        text.push_str("    reason: \"\"\n    owner: \"\"\n    until: \"\"\n");
        out.push_str(&text);
    }
}

/// Candidates in the order of the failed subjects. Findings that the contract implies are included, because they would still fail.
fn candidates(report: &Report) -> Vec<Candidate> {
    let mut list: Vec<Candidate> = Vec::new();
    let mut known: HashMap<CandidateFields, usize> = HashMap::new();
    for failed in report.failed() {
        let mut counted = Vec::new();
        for occurrence in
            occurrences(failed).filter(|occurrence| occurrence.weight() == Weight::Failure)
        {
            let What::Finding(finding) = occurrence.what else {
                continue;
            };
            let fields = fields(report, &failed.subject, occurrence.step, finding);
            let index = *known.entry(fields.clone()).or_insert_with(|| {
                list.push(Candidate {
                    fields,
                    findings: 0,
                    subjects: 0,
                    example: (failed.subject.clone(), finding.message.clone()),
                });
                list.len() - 1
            });
            let Some(candidate) = list.get_mut(index) else {
                continue;
            };
            candidate.findings += 1;
            if !counted.contains(&index) {
                counted.push(index);
                candidate.subjects += 1;
            }
        }
    }
    list
}

/// The target's name, if the configuration defines one. The URL is not used, because it may change.
fn target<'r>(report: &'r Report, system: &str) -> Option<&'r str> {
    let name = report.system(system)?.system.target.as_str();
    (!name.is_empty() && !name.contains("://")).then_some(name)
}

fn fields(
    report: &Report,
    subject: &Subject,
    step: &StepRecord,
    finding: &FindingRecord,
) -> CandidateFields {
    let at = MaskedText::from(finding.subject().without_indices());
    let operation = step.operation.as_deref();
    let mut fields = vec![
        ("code", finding.code.as_str().to_owned()),
        ("operation", operation.unwrap_or("*").to_owned()),
        ("at", at.unescaped().to_owned()),
    ];
    let mut add = |name: &'static str, value: Option<String>| {
        fields.extend(value.map(|value| (name, value)));
    };
    add("keyword", finding.keyword.clone());
    add("actual", finding.found.map(|found| found.to_string()));
    add("system", Some(subject.system.to_string()));
    add("target", target(report, &subject.system).map(str::to_owned));
    // An operation that no contract documents is identified by its case only.
    add("case", operation.is_none().then(|| subject.to_string()));
    fields
}

/// A text as a YAML scalar: plain if it is unambiguous, else double-quoted (a JSON string is a valid YAML scalar).
fn quoted(text: &str) -> String {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let is_word = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    let means_more = ["null", "true", "false", "yes", "no", "on", "off"].contains(&text);
    if plain && is_word && !means_more {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostics, Style};
    use crate::event::Event;
    use crate::finding::ValueClass;
    use crate::report::fixture;
    use crate::source::Source;
    use crate::waiver::{self, Waivers};

    fn proposed(cases: Vec<crate::event::SubjectFinished>) -> String {
        let mut events = vec![fixture::started()];
        events.extend(cases.into_iter().map(Event::SubjectFinished));
        render(&Report::from_events(&events))
    }

    fn read(text: &str) -> (usize, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let source = Source::new("waivers.yaml", text);
        let waivers = Waivers::read(source, waiver::today(), &mut diagnostics);
        (waivers.map_or(0, |all| all.list().len()), diagnostics)
    }

    #[test]
    fn one_cause_is_one_entry_that_is_rejected_until_it_is_completed() {
        let mut first = fixture::failed_by_status();
        first.steps[0].findings[0].found = Some(ValueClass::Status(200));
        let mut second = first.clone();
        second.subject.name = "the same in another case".into();
        let text = proposed(vec![first, second, fixture::waived()]);
        let entry = "
  # 2 findings in 2 cases, first in magento::customers/me::only the customer may read her own data:
  # expected status 401, got 200
  - code: status-unexpected
    operation: \"GET /V1/customers/me\"
    at: status
    actual: \"status 200\"
    system: magento
    target: staging
    reason: \"\"
    owner: \"\"
    until: \"\"
";
        let (_, entries) = text.split_once("waivers:\n").expect("has entries");
        assert_eq!(entries, entry);
        let (number, diagnostics) = read(&text);
        let rendered = diagnostics.render(Style::Plain);
        assert_eq!(number, 0, "{rendered}");
        for message in ["give a reason", "give a date", "`owner` is empty"] {
            assert!(rendered.contains(message), "{message}: {rendered}");
        }
        let filled = text
            .replace("reason: \"\"", "reason: the gateway is late")
            .replace("owner: \"\"", "owner: ada")
            .replace("until: \"\"", "until: 2999-12-31");
        let (number, diagnostics) = read(&filled);
        assert!(
            diagnostics.is_empty(),
            "{}",
            diagnostics.render(Style::Plain)
        );
        assert_eq!(number, 1);
    }

    #[test]
    fn a_missing_property_is_named_and_hostile_text_stays_text() {
        let mut case = fixture::failed();
        case.steps.truncate(2);
        let finding = &mut case.steps[1].findings[0];
        finding.at = fixture::at("body");
        finding.missing = Some("a/b".into());
        finding.keyword = Some("required".to_owned());
        finding.found = Some(ValueClass::Missing);
        let mut hostile = fixture::hostile();
        hostile.steps[0].findings[1].at = fixture::at("body /\"]: &x\n  - evil: 1/0");
        let text = proposed(vec![case, hostile]);
        assert!(
            text.contains("at: \"body /a~1b\"\n    keyword: required\n    actual: missing\n"),
            "{text}"
        );
        let filled = text
            .replace("reason: \"\"", "reason: known")
            .replace("owner: \"\"", "owner: ada")
            .replace("until: \"\"", "until: 2999-12-31");
        let (number, diagnostics) = read(&filled);
        assert!(
            diagnostics.is_empty(),
            "{}",
            diagnostics.render(Style::Plain)
        );
        assert_eq!(number, 7, "{text}");
    }

    #[test]
    fn the_list_is_empty_if_nothing_failed() {
        let text = proposed(vec![fixture::passed(), fixture::waived()]);
        assert!(text.ends_with("waivers: []\n"), "{text}");
        let (number, diagnostics) = read(&text);
        assert!(diagnostics.is_empty());
        assert_eq!(number, 0);
    }
}
