//! The content of the page, from top to bottom. Main type: [`ReportPage`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Value;
use serde::Serialize;

use super::anchor::Anchors;
use super::case::{CaseView, Label, WaiverView};
use super::coverage::{self, CoverageView};
use super::explain;
use super::limits::{MESSAGE, NAME, duration};
use super::slow::{self, SlowView};
use super::templates::Templates;
use crate::contract::Reading;
use crate::event::SubjectFinished;
use crate::report::cause::{Cause, CauseCode, occurrences};
use crate::report::group::{CauseGroup, group};
use crate::report::model::{Counts, Report, SubjectSummary, SystemReport, skip_reason};
use crate::report::summary::{Problem, ProblemKind, Summary};
use crate::text::short;

/// All values for the template.
#[derive(Debug, Serialize)]
pub(super) struct ReportPage {
    title: String,
    /// The noun for one subject and for several.
    noun: &'static str,
    plural: &'static str,
    verdict: VerdictView,
    /// Remarks that affect how the whole report is to be read.
    remarks: Vec<String>,
    facts: Vec<(&'static str, String)>,
    counts: Vec<Count>,
    systems: Vec<SystemView>,
    filters: Filters,
    failures: Vec<GroupView>,
    failed_cases: usize,
    consequences: Vec<(String, usize, String)>,
    errors: Vec<KindView>,
    error_cases: usize,
    lost: Vec<LostView>,
    warnings: Vec<CauseView>,
    further_warnings: usize,
    waived: Vec<CauseView>,
    waived_findings: usize,
    stale: Vec<WaiverView>,
    stale_message: String,
    skipped: Vec<ListView>,
    skipped_cases: usize,
    passed: Vec<ListView>,
    passed_cases: usize,
    coverage: Vec<Value>,
    slow: Option<SlowView>,
    explain: Vec<explain::ExplainPage>,
}

#[derive(Debug, Serialize)]
struct VerdictView {
    name: &'static str,
    exit: u8,
    headline: &'static str,
    sentence: String,
}

/// Number of subjects with a verdict, and their part of a bar of width 1000.
#[derive(Debug, Serialize)]
struct Count {
    verdict: &'static str,
    word: &'static str,
    number: usize,
    x: f64,
    width: f64,
}

#[derive(Debug, Serialize)]
struct SystemView {
    system: String,
    target: String,
    url: String,
    version: Option<String>,
    reading: String,
    contracts: Vec<ContractView>,
    counts: Vec<Count>,
    summary: String,
}

#[derive(Debug, Serialize)]
struct ContractView {
    path: String,
    title: String,
    version: String,
    overlays: Vec<String>,
}

/// The values that the subjects can be filtered by.
#[derive(Debug, Default, Serialize)]
struct Filters {
    verdicts: Vec<Count>,
    operations: BTreeSet<String>,
    tags: BTreeSet<String>,
    codes: BTreeSet<String>,
    /// Number of subjects in the page.
    cases: usize,
}

/// Subjects that did not pass for the same cause.
#[derive(Debug, Serialize)]
struct GroupView {
    id: String,
    code: String,
    explained: bool,
    operation: String,
    at: String,
    message: String,
    cases: usize,
    /// Shown in full, as HTML.
    whole: Vec<Value>,
    named: Vec<Label>,
    /// Why only the names of the others are shown.
    note: Option<String>,
}

/// Errors of one kind.
#[derive(Debug, Serialize)]
struct KindView {
    groups: Vec<GroupView>,
}

#[derive(Debug, Serialize)]
struct LostView {
    code: String,
    explained: bool,
    message: String,
    advice: Option<String>,
}

/// A cause for which no subject fails.
#[derive(Debug, Serialize)]
struct CauseView {
    code: String,
    explained: bool,
    system: String,
    operation: String,
    at: String,
    message: String,
    findings: usize,
    cases: usize,
    ended: usize,
    first: Vec<String>,
    waiver: Option<WaiverView>,
}

/// Subjects of a file, or skipped for the same reason.
#[derive(Debug, Serialize)]
struct ListView {
    title: String,
    cases: Vec<HeadLine>,
}

/// A subject in brief.
#[derive(Debug, Serialize)]
struct HeadLine {
    label: Label,
    reason: Option<String>,
    remarks: Vec<String>,
}

/// Maximum number of subjects of a group shown in full.
const WHOLE: usize = 5;
/// Maximum number of consequences shown.
const CONSEQUENCES: usize = 100;

impl ReportPage {
    pub(super) fn of(report: &Report, templates: &mut Templates) -> Result<Self, minijinja::Error> {
        let summary = report.summary();
        let mut maker = Maker {
            templates,
            anchors: Anchors::default(),
            filters: Filters::default(),
            codes: BTreeSet::new(),
            groups: 0,
        };
        let failed = report.failed();
        let (groups, consequences) = group(&failed);
        let failures = maker.groups(&groups)?;
        let consequences = consequences.iter().take(CONSEQUENCES).map(|consequence| {
            let first = short(&consequence.first.to_string(), NAME);
            (
                short(&consequence.cause.to_string(), MESSAGE),
                consequence.subjects,
                first,
            )
        });
        let errors = maker.errors(&report.errors())?;
        let lost = report.lost().iter();
        maker
            .codes
            .extend(lost.map(|lost| CauseCode::Error(lost.error.kind.clone())));
        let warnings = maker.causes(&report.warnings());
        let waived = maker.causes(&report.waived());
        let skipped = maker.skipped(report);
        let passed = maker.passed(report);
        let coverage = coverage_parts(coverage::views(report), maker.templates)?;
        let Maker {
            mut filters, codes, ..
        } = maker;
        filters.verdicts = counts(summary.counts);
        filters.codes = codes
            .iter()
            .map(|code| short(&code.to_string(), NAME))
            .collect();
        let names: Vec<String> = report
            .systems()
            .iter()
            .map(|system| short(&system.system.system, NAME))
            .collect();
        let mut stale_waivers = summary.problems_of(ProblemKind::StaleWaivers);
        let stale_message = stale_waivers.next().map(|problem| problem.message.clone());
        Ok(ReportPage {
            title: format!("{}: {}", summary.headline, names.join(", ")),
            noun: summary.kind.noun(),
            plural: summary.kind.plural(),
            verdict: VerdictView {
                name: summary.status.name(),
                exit: summary.status.code(),
                headline: summary.headline,
                sentence: summary.sentence.clone(),
            },
            remarks: remarks(&summary),
            facts: facts(report, &summary),
            counts: counts(summary.counts),
            systems: report.systems().iter().map(SystemView::of).collect(),
            filters,
            failures,
            failed_cases: failed.len(),
            consequences: consequences.collect(),
            errors,
            error_cases: report.errors().len(),
            lost: summary
                .problems_of(ProblemKind::LostTarget)
                .map(LostView::of)
                .collect(),
            warnings,
            further_warnings: report.further_warnings(),
            waived,
            waived_findings: report.waived_counts().0,
            stale: report.stale_waivers().iter().map(WaiverView::of).collect(),
            stale_message: stale_message.unwrap_or_default(),
            skipped,
            skipped_cases: summary.counts.skipped,
            passed,
            passed_cases: summary.counts.passed,
            coverage,
            slow: slow::view(report),
            explain: explain::pages(&codes),
        })
    }
}

fn coverage_parts(
    views: Vec<CoverageView>,
    templates: &Templates,
) -> Result<Vec<Value>, minijinja::Error> {
    let parts = views.iter().map(|view| {
        let text = templates.fill("coverage.html", view)?;
        Ok(Value::from_safe_string(text))
    });
    parts.collect()
}

/// Builds the lists of subjects, and collects the values for the filters.
struct Maker<'a> {
    templates: &'a mut Templates,
    anchors: Anchors,
    filters: Filters,
    codes: BTreeSet<CauseCode>,
    groups: usize,
}

impl Maker<'_> {
    /// The groups in the order of their first subjects; groups with the same operation and code are adjacent.
    fn groups(&mut self, groups: &[CauseGroup<'_>]) -> Result<Vec<GroupView>, minijinja::Error> {
        let mut kinds = Vec::new();
        let mut placed = Vec::new();
        for group in groups {
            let cause = group.cause.as_ref();
            let kind = cause.map(|cause| (cause.step.called(), cause.code()));
            let place = kinds.iter().position(|known| *known == kind);
            let place = place.unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            });
            placed.push((place, group));
        }
        placed.sort_by_key(|(place, _)| *place);
        placed
            .into_iter()
            .map(|(_, group)| self.group(group))
            .collect()
    }

    fn group(&mut self, group: &CauseGroup<'_>) -> Result<GroupView, minijinja::Error> {
        self.groups += 1;
        let number = self.groups;
        let mut whole = Vec::new();
        let mut named = Vec::new();
        let subjects = std::iter::once(group.shown).chain(group.also.iter().copied());
        for finished in subjects {
            self.remember(finished);
            let id = self.anchors.of(&finished.subject);
            let open = number <= 3 && whole.is_empty() && named.is_empty();
            if whole.len() < WHOLE && named.is_empty() {
                let view = CaseView::of(finished, id, open);
                match self.templates.case(&view)? {
                    Some(text) => whole.push(Value::from_safe_string(text)),
                    None => named.push(view.label),
                }
            } else {
                named.push(Label::of(finished, id));
            }
        }
        let note = (!named.is_empty()).then(|| {
            if whole.len() < WHOLE {
                "only names, because the page would become too large; the JSON report has them in full"
            } else {
                "only names, because the cause is the same; the JSON report has them in full"
            }
            .to_owned()
        });
        let cause = group.cause.as_ref();
        let message = match (cause, &group.shown.reason) {
            (Some(cause), _) => cause.message().short(MESSAGE),
            (None, Some(reason)) => reason.short(MESSAGE),
            (None, None) => "no reason was recorded".to_owned(),
        };
        let at = cause.and_then(|cause| cause.at());
        Ok(GroupView {
            id: format!("group-{number}"),
            code: cause.map_or_else(|| "no finding".to_owned(), |cause| cause.code().to_string()),
            explained: cause.is_some_and(|cause| cause.code().is_explained()),
            operation: cause.map_or_else(String::new, |cause| cause.step.called().short(NAME)),
            at: at.map_or_else(String::new, |at| short(&at.to_string(), NAME)),
            message,
            cases: group.also.len() + 1,
            whole,
            named,
            note,
        })
    }

    fn errors(&mut self, subjects: &[&SubjectFinished]) -> Result<Vec<KindView>, minijinja::Error> {
        let (groups, _) = group(subjects);
        let mut kinds: BTreeMap<Option<CauseCode>, Vec<CauseGroup<'_>>> = BTreeMap::new();
        for group in groups {
            let kind = group.cause.as_ref().map(|cause| cause.code().clone());
            kinds.entry(kind).or_default().push(group);
        }
        let kinds = kinds.into_values().map(|groups| {
            Ok(KindView {
                groups: self.groups(&groups)?,
            })
        });
        kinds.collect()
    }

    fn remember(&mut self, finished: &SubjectFinished) {
        self.codes
            .extend(occurrences(finished).map(|cause| cause.code().clone()));
        self.filter(&finished.operations, finished.tags.iter());
    }

    fn filter<T: AsRef<str>>(&mut self, operations: &[Arc<str>], tags: impl Iterator<Item = T>) {
        self.filters.cases += 1;
        for operation in operations {
            self.filters.operations.insert(short(operation, NAME));
        }
        for tag in tags {
            self.filters.tags.insert(short(tag.as_ref(), NAME));
        }
    }

    fn causes(&mut self, causes: &[&Cause]) -> Vec<CauseView> {
        let views = causes.iter().map(|cause| {
            self.codes.insert(cause.code.clone());
            let first = cause.first.iter();
            let at = cause.at.as_ref().map(ToString::to_string);
            CauseView {
                code: cause.code.to_string(),
                explained: cause.code.is_explained(),
                system: short(&cause.system, NAME),
                operation: cause.operation.short(NAME),
                at: short(&at.unwrap_or_default(), NAME),
                message: cause.message.short(MESSAGE),
                findings: cause.findings,
                cases: cause.subjects,
                ended: cause.ended,
                first: first
                    .map(|first| short(&first.subject.to_string(), NAME))
                    .collect(),
                waiver: cause.waiver.as_ref().map(WaiverView::of),
            }
        });
        views.collect()
    }

    /// Grouped by reason, the most frequent reason first.
    fn skipped(&mut self, report: &Report) -> Vec<ListView> {
        let skipped = report.skipped();
        let reasons = report.skip_reasons().into_iter().map(|(reason, _)| {
            let lines = skipped
                .iter()
                .filter(|summary| skip_reason(summary) == reason);
            ListView {
                title: reason.short(MESSAGE),
                cases: lines
                    .map(|summary| HeadLine {
                        reason: None,
                        ..self.line(summary)
                    })
                    .collect(),
            }
        });
        reasons.collect()
    }

    /// Grouped by system and file.
    fn passed(&mut self, report: &Report) -> Vec<ListView> {
        let mut files: Vec<ListView> = Vec::new();
        for summary in report.passed() {
            let subject = &summary.subject;
            let title = short(&format!("{} / {}", subject.system, subject.file), NAME);
            let line = self.line(summary);
            match files.last_mut() {
                Some(file) if file.title == title => file.cases.push(line),
                _ => files.push(ListView {
                    title,
                    cases: vec![line],
                }),
            }
        }
        files
    }

    fn line(&mut self, summary: &SubjectSummary) -> HeadLine {
        let SubjectSummary {
            subject,
            verdict,
            milliseconds,
            tags,
            operations,
            place,
            reason,
            waived,
            notes,
        } = summary;
        self.filter(operations, tags.iter());
        let id = self.anchors.of(subject);
        let place = place.as_ref().map(|place| (&*place.file, place.line));
        HeadLine {
            label: Label::new(id, subject, *verdict, place, *milliseconds)
                .filtered_by(operations, tags),
            reason: reason.as_ref().map(|reason| reason.short(MESSAGE)),
            remarks: waived
                .iter()
                .chain(notes)
                .map(|line| short(line, MESSAGE))
                .collect(),
        }
    }
}

impl LostView {
    fn of(problem: &Problem) -> Self {
        LostView {
            code: problem.code.clone(),
            explained: problem.is_explained,
            message: problem.message.clone(),
            advice: problem.advice.clone(),
        }
    }
}

fn counts(counts: Counts) -> Vec<Count> {
    let all = [
        ("failed", "failed", counts.failed),
        ("error", "errors", counts.errors),
        ("skipped", "skipped", counts.skipped),
        ("passed", "passed", counts.passed),
    ];
    let total = counts.total().max(1) as f64;
    let mut before = 0.0;
    let parts = all.map(|(verdict, word, number)| {
        let width = (number as f64 * 10_000.0 / total).round() / 10.0;
        let x = before;
        before += width;
        Count {
            verdict,
            word,
            number,
            x: (x * 10.0_f64).round() / 10.0,
            width,
        }
    });
    parts.into()
}

fn remarks(summary: &Summary) -> Vec<String> {
    let shortfalls = summary.problems_of(ProblemKind::Coverage);
    let shortfalls = shortfalls.map(|problem| &problem.message);
    let cut_short = summary.cut_short.iter();
    let cut_short = cut_short.filter(|text| **text != summary.sentence);
    let notes = summary.notes.iter();
    let remarks = notes.chain(shortfalls).chain(cut_short);
    remarks.chain(&summary.running).cloned().collect()
}

fn facts(report: &Report, summary: &Summary) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(run) = report.run() {
        facts.push(("started", instant(&run.started)));
    }
    let took = summary.seconds.map(|seconds| duration(seconds * 1000.0));
    facts.push(("duration", took.unwrap_or_else(|| "unknown".to_owned())));
    facts.extend(summary.seed.map(|seed| ("seed", seed.to_string())));
    if let Some(run) = report.run() {
        if let Some(shard) = run.shard {
            facts.push(("shard", format!("{} of {}", shard.index, shard.of)));
        }
        facts.push(("counterpart", short(&run.version, NAME)));
    }
    facts
}

/// `2026-11-20 08:30:00 UTC`; text that is not RFC 3339 stays unchanged.
fn instant(rfc3339: &str) -> String {
    use time::format_description::well_known::Rfc3339;
    use time::macros::format_description;
    let shown = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    time::OffsetDateTime::parse(rfc3339, &Rfc3339)
        .ok()
        .map(|at| at.to_offset(time::UtcOffset::UTC))
        .and_then(|at| at.format(shown).ok())
        .unwrap_or_else(|| short(rfc3339, NAME))
}

impl SystemView {
    fn of(report: &SystemReport) -> Self {
        let system = &report.system;
        let contracts = system.contracts.iter().map(|contract| ContractView {
            path: short(&contract.path, NAME),
            title: short(&contract.title, NAME),
            version: short(&contract.version, NAME),
            overlays: contract
                .overlays
                .iter()
                .map(|path| short(path, NAME))
                .collect(),
        });
        let numbers: Vec<String> = counts(report.counts)
            .iter()
            .filter(|count| count.number > 0)
            .map(|count| format!("{} {}", count.number, count.word))
            .collect();
        SystemView {
            system: short(&system.system, NAME),
            target: short(&system.target, NAME),
            url: short(&system.url, NAME),
            version: system
                .target_version
                .as_ref()
                .map(|version| short(version, NAME)),
            reading: match system.contract == Reading::Corrected {
                true => "real (overlays applied)".to_owned(),
                false => system.contract.to_string(),
            },
            contracts: contracts.collect(),
            counts: counts(report.counts),
            summary: numbers.join(", "),
        }
    }
}
