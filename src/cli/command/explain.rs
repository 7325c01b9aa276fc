//! `counterpart explain [CODE]`: the page of a code, or the table of all.

use super::{ExitStatus, Setting};
use crate::cli::args::ExplainArgs;
use crate::cli::page::page;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::finding::{Code, ErrorKind, Severity};

/// Shows the page of the code, or all codes. An unknown code is reported with the nearest one.
pub(super) fn explain(
    args: &ExplainArgs,
    setting: &Setting<'_>,
) -> Result<ExitStatus, Diagnostics> {
    let topics = topics();
    let text = match &args.code {
        None => table(&topics),
        Some(name) => match topics.iter().find(|topic| topic.name == *name) {
            Some(topic) => page(topic.page, setting.console.look()),
            None => {
                let mut diagnostics = Diagnostics::new();
                diagnostics.push(
                    Diagnostic::without_place("unknown-code", format!("unknown code `{name}`"))
                        .with_advice(match nearest(name, topics.iter().map(|topic| topic.name)) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "`counterpart explain` lists all codes".to_owned(),
                        }),
                );
                return Err(diagnostics);
            }
        },
    };
    setting.console.say(&text);
    Ok(ExitStatus::Passed)
}

/// Something that can be explained.
struct Topic {
    family: Family,
    name: &'static str,
    /// One sentence.
    summary: &'static str,
    /// Markdown.
    page: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Finding,
    Warning,
    Error,
}

impl Family {
    const ALL: [Family; 3] = [Family::Finding, Family::Warning, Family::Error];

    fn title(self) -> &'static str {
        match self {
            Family::Finding => "findings: the API deviates from its contract, the case fails",
            Family::Warning => "warnings: shown, the case passes (see [severities])",
            Family::Error => "errors: we could not find out",
        }
    }
}

fn topics() -> Vec<Topic> {
    let findings = Code::ALL.iter().map(|code| Topic {
        family: match code.default_severity() {
            Severity::Error => Family::Finding,
            Severity::Warning | Severity::Off => Family::Warning,
        },
        name: code.as_str(),
        summary: code.summary(),
        page: code.page(),
    });
    let errors = ErrorKind::ALL.iter().map(|kind| Topic {
        family: Family::Error,
        name: kind.as_str(),
        summary: kind.summary(),
        page: kind.page(),
    });
    findings.chain(errors).collect()
}

fn table(topics: &[Topic]) -> String {
    let width = topics.iter().map(|topic| topic.name.len()).max();
    let width = width.unwrap_or_default();
    let families = Family::ALL.into_iter().map(|family| {
        let lines = topics
            .iter()
            .filter(|topic| topic.family == family)
            .map(|topic| format!("  {:width$}  {}", topic.name, topic.summary));
        let lines: Vec<String> = std::iter::once(family.title().to_owned())
            .chain(lines)
            .collect();
        lines.join("\n")
    });
    let families: Vec<String> = families.collect();
    format!(
        "{}\n\n`counterpart explain CODE` shows what it means, an example, and how to fix it.",
        families.join("\n\n")
    )
}
