//! What the page says, from top to bottom. Main type: [`Page`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::Value;
use serde::Serialize;

use crate::event::CaseFinished;
use crate::report::group::{Group, group};
use crate::report::warning::without_indices;
use crate::report::{CaseSummary, Counts, CutShort, ExitStatus, Report, SystemReport};

use super::anchor::Anchors;
use super::case::{CaseView, ErrorView, Label, WaiverView, codes, list};
use super::coverage::{self, CoverageView};
use super::explain;
use super::slow::{self, SlowView};
use super::{NAME, Templates, WORDS, counted, duration, text};

/// Everything the template is filled with.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    title: String,
    verdict: Verdict,
    /// What else must be known before anything below is believed.
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
    warnings: Vec<WarningView>,
    further_warnings: usize,
    waived: Vec<WaivedView>,
    waived_findings: usize,
    stale: Vec<WaiverView>,
    stale_fails: bool,
    skipped: Vec<ListView>,
    skipped_cases: usize,
    passed: Vec<ListView>,
    passed_cases: usize,
    coverage: Vec<Value>,
    slow: Option<SlowView>,
    explain: Vec<explain::Page>,
}

#[derive(Debug, Serialize)]
struct Verdict {
    name: &'static str,
    exit: u8,
    headline: &'static str,
    words: String,
}

/// Cases of one verdict, and their part of a bar 1000 wide.
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
    words: String,
}

#[derive(Debug, Serialize)]
struct ContractView {
    path: String,
    title: String,
    version: String,
    overlays: Vec<String>,
}

/// What the cases can be filtered by.
#[derive(Debug, Default, Serialize)]
struct Filters {
    verdicts: Vec<Count>,
    operations: BTreeSet<String>,
    tags: BTreeSet<String>,
    codes: BTreeSet<String>,
    /// Cases in the page.
    cases: usize,
}

/// Cases that fell for one reason.
#[derive(Debug, Serialize)]
struct GroupView {
    id: String,
    code: String,
    explained: bool,
    operation: String,
    at: String,
    message: String,
    cases: usize,
    /// Told whole, as HTML.
    whole: Vec<Value>,
    named: Vec<Label>,
    /// Why the others are only named.
    note: Option<String>,
}

/// Errors of one kind.
#[derive(Debug, Serialize)]
struct KindView {
    kind: String,
    explained: bool,
    cases: usize,
    groups: Vec<GroupView>,
}

#[derive(Debug, Serialize)]
struct LostView {
    system: String,
    target: String,
    url: String,
    error: ErrorView,
    cases: usize,
}

#[derive(Debug, Serialize)]
struct WarningView {
    code: String,
    explained: bool,
    system: String,
    operation: String,
    at: String,
    message: String,
    cases: usize,
    first: Vec<String>,
}

#[derive(Debug, Serialize)]
struct WaivedView {
    code: String,
    explained: bool,
    system: String,
    operation: String,
    at: String,
    message: String,
    findings: usize,
    cases: usize,
    ended: usize,
    waiver: WaiverView,
}

/// Cases of one file, or of one reason.
#[derive(Debug, Serialize)]
struct ListView {
    title: String,
    cases: Vec<Line>,
}

/// A case in few words.
#[derive(Debug, Serialize)]
struct Line {
    label: Label,
    reason: Option<String>,
    waived: Vec<String>,
}

/// Cases of a group told whole.
const WHOLE: usize = 5;
/// Consequences told.
const CONSEQUENCES: usize = 100;

impl Page {
    pub(super) fn of(report: &Report, templates: &mut Templates) -> Result<Self, minijinja::Error> {
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
        let consequences = consequences.iter().take(CONSEQUENCES).map(|one| {
            let first = text(&one.first.to_string(), NAME);
            (text(&one.text, WORDS), one.cases, first)
        });
        let errors = maker.errors(&report.errors())?;
        let lost = report.lost().iter().map(|one| {
            maker.codes.insert(one.error.kind.clone());
            LostView {
                system: text(&one.system, NAME),
                target: text(&one.target, NAME),
                url: text(&one.url, NAME),
                error: ErrorView::of(&one.error),
                cases: one.cases,
            }
        });
        let lost = lost.collect();
        let warnings = maker.warnings(report);
        let waived = maker.waived(report);
        let skipped = maker.skipped(report);
        let passed = maker.passed(report);
        let coverage = coverage_parts(coverage::views(report), maker.templates)?;
        let Maker {
            mut filters, codes, ..
        } = maker;
        let counts = report.counts();
        filters.verdicts = self::counts(counts);
        filters.codes = codes.iter().map(|code| text(code, NAME)).collect();
        let verdict = verdict(report);
        let names: Vec<String> = report
            .systems()
            .iter()
            .map(|one| text(&one.system.system, NAME))
            .collect();
        Ok(Page {
            title: format!("{}: {}", verdict.headline, names.join(", ")),
            verdict,
            remarks: remarks(report),
            facts: facts(report),
            counts: self::counts(counts),
            systems: report.systems().iter().map(SystemView::of).collect(),
            filters,
            failures,
            failed_cases: failed.len(),
            consequences: consequences.collect(),
            errors,
            error_cases: report.errors().len(),
            lost,
            warnings,
            further_warnings: report.further_warnings(),
            waived,
            waived_findings: report.waived_counts().0,
            stale: report.stale_waivers().iter().map(WaiverView::of).collect(),
            stale_fails: report.end().is_some_and(|end| end.strict_waivers),
            skipped,
            skipped_cases: counts.skipped,
            passed,
            passed_cases: counts.passed,
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

/// Makes the lists of cases, and remembers what they can be filtered by.
struct Maker<'a> {
    templates: &'a mut Templates,
    anchors: Anchors,
    filters: Filters,
    codes: BTreeSet<String>,
    groups: usize,
}

impl Maker<'_> {
    /// The groups, those of one operation and code beside each other, in the order of their first cases.
    fn groups(&mut self, groups: &[Group<'_>]) -> Result<Vec<GroupView>, minijinja::Error> {
        let mut kinds: Vec<(&str, &str)> = Vec::new();
        let mut placed = Vec::new();
        for one in groups {
            let kind = one
                .cause
                .as_ref()
                .map(|cause| (cause.operation, cause.code));
            let kind = kind.unwrap_or_default();
            let place = kinds.iter().position(|known| *known == kind);
            let place = place.unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            });
            placed.push((place, one));
        }
        placed.sort_by_key(|(place, _)| *place);
        placed.into_iter().map(|(_, one)| self.group(one)).collect()
    }

    fn group(&mut self, group: &Group<'_>) -> Result<GroupView, minijinja::Error> {
        self.groups += 1;
        let number = self.groups;
        let mut whole = Vec::new();
        let mut named = Vec::new();
        let cases = std::iter::once(group.shown).chain(group.also.iter().copied());
        for case in cases {
            self.remember(case);
            let id = self.anchors.of(&case.case);
            let open = number <= 3 && whole.is_empty() && named.is_empty();
            if whole.len() < WHOLE && named.is_empty() {
                let view = CaseView::of(case, id, open);
                match self.templates.case(&view)? {
                    Some(text) => whole.push(Value::from_safe_string(text)),
                    None => named.push(view.label),
                }
            } else {
                named.push(Label::of(case, id));
            }
        }
        let note = (!named.is_empty()).then(|| {
            if whole.len() < WHOLE {
                "only named, for the page would become too large; the JSON report has them whole"
            } else {
                "only named, for they fell for the same reason; the JSON report has them whole"
            }
            .to_owned()
        });
        let cause = group.cause.as_ref();
        let shown = group.shown;
        let message = cause.map(|one| one.message).or(shown.reason.as_deref());
        let code = cause.map_or_else(|| "no finding".to_owned(), |one| text(one.code, NAME));
        Ok(GroupView {
            id: format!("group-{number}"),
            explained: explain::is_known(&code),
            code,
            operation: cause.map_or_else(String::new, |one| text(one.operation, NAME)),
            at: cause.map_or_else(String::new, |one| {
                text(without_indices(one.at).trim_end(), NAME)
            }),
            message: text(message.unwrap_or("no reason was recorded"), WORDS),
            cases: group.also.len() + 1,
            whole,
            named,
            note,
        })
    }

    fn errors(&mut self, cases: &[&CaseFinished]) -> Result<Vec<KindView>, minijinja::Error> {
        let (groups, _) = group(cases);
        let mut kinds: BTreeMap<&str, Vec<Group<'_>>> = BTreeMap::new();
        for one in groups {
            let kind = one
                .cause
                .as_ref()
                .map_or("no error recorded", |cause| cause.code);
            kinds.entry(kind).or_default().push(one);
        }
        let kinds = kinds.into_iter().map(|(kind, groups)| {
            Ok(KindView {
                kind: text(kind, NAME),
                explained: explain::is_known(kind),
                cases: groups.iter().map(|one| one.also.len() + 1).sum(),
                groups: self.groups(&groups)?,
            })
        });
        kinds.collect()
    }

    fn remember(&mut self, case: &CaseFinished) {
        self.codes
            .extend(codes(case).into_iter().map(str::to_owned));
        self.filter(&case.operations, case.tags.iter());
    }

    fn filter<T: AsRef<str>>(&mut self, operations: &[Arc<str>], tags: impl Iterator<Item = T>) {
        self.filters.cases += 1;
        for operation in operations {
            self.filters.operations.insert(text(operation, NAME));
        }
        for tag in tags {
            self.filters.tags.insert(text(tag.as_ref(), NAME));
        }
    }

    fn warnings(&mut self, report: &Report) -> Vec<WarningView> {
        let warnings = report.warnings().into_iter().map(|one| {
            self.codes.insert(one.code.clone());
            let first = one.first.iter().map(|case| text(&case.to_string(), NAME));
            WarningView {
                code: text(&one.code, NAME),
                explained: explain::is_known(&one.code),
                system: text(&one.system, NAME),
                operation: text(&one.operation, NAME),
                at: text(one.at.trim_end(), NAME),
                message: text(&one.message, WORDS),
                cases: one.cases,
                first: first.collect(),
            }
        });
        warnings.collect()
    }

    fn waived(&mut self, report: &Report) -> Vec<WaivedView> {
        let waived = report.waived().into_iter().map(|one| {
            self.codes.insert(one.code.clone());
            WaivedView {
                code: text(&one.code, NAME),
                explained: explain::is_known(&one.code),
                system: text(&one.system, NAME),
                operation: text(&one.operation, NAME),
                at: text(one.at.trim_end(), NAME),
                message: text(&one.message, WORDS),
                findings: one.findings,
                cases: one.cases,
                ended: one.ended,
                waiver: WaiverView::of(&one.waiver),
            }
        });
        waived.collect()
    }

    /// By reason, the most frequent first.
    fn skipped(&mut self, report: &Report) -> Vec<ListView> {
        let cases = report.skipped();
        let reasons = report.skip_reasons().into_iter().map(|(reason, _)| {
            let of_reason =
                |one: &&&CaseSummary| one.reason.as_deref().unwrap_or("no reason given") == reason;
            let lines = cases.iter().filter(of_reason);
            ListView {
                title: text(reason, WORDS),
                cases: lines
                    .map(|case| Line {
                        reason: None,
                        ..self.line(case, "skipped")
                    })
                    .collect(),
            }
        });
        reasons.collect()
    }

    /// By system and case file.
    fn passed(&mut self, report: &Report) -> Vec<ListView> {
        let mut files: Vec<ListView> = Vec::new();
        for case in report.passed() {
            let title = text(&format!("{} / {}", case.case.system, case.case.file), NAME);
            let line = self.line(case, "passed");
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

    fn line(&mut self, case: &CaseSummary, verdict: &'static str) -> Line {
        self.filter(&case.operations, case.tags.iter());
        Line {
            label: Label {
                id: self.anchors.of(&case.case),
                full: text(&case.case.to_string(), NAME),
                name: text(&case.case.name, NAME),
                system: text(&case.case.system, NAME),
                file: text(&case.file, NAME),
                line: case.line,
                verdict,
                time: duration(case.milliseconds),
                operations: list(&case.operations),
                tags: list(&case.tags),
                codes: String::new(),
            },
            reason: case.reason.as_ref().map(|reason| text(reason, WORDS)),
            waived: case.waived.iter().map(|one| text(one, WORDS)).collect(),
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

fn verdict(report: &Report) -> Verdict {
    let Counts {
        passed,
        failed,
        errors,
        skipped,
    } = report.counts();
    let status = report.exit_status();
    let without = report.without_verdict();
    let (name, headline, words) = match status {
        ExitStatus::Passed => (
            "passed",
            "Passed",
            match (passed, skipped) {
                (0, _) => "this shard has none of the cases to ask".to_owned(),
                (1, 0) => "the one case kept to the contract".to_owned(),
                (_, 0) => format!("all {passed} cases kept to the contract"),
                _ => format!(
                    "every case that ran kept to the contract: {passed} passed, {skipped} skipped"
                ),
            },
        ),
        ExitStatus::Findings if failed > 0 => (
            "findings",
            "Failed",
            format!("the API broke a promise in {}", counted(failed, "case")),
        ),
        ExitStatus::Findings => (
            "findings",
            "Failed",
            format!(
                "no case failed, but the run is strict about waivers and {} matched nothing",
                counted(report.stale_waivers().len(), "waiver")
            ),
        ),
        ExitStatus::Unreachable => (
            "unreachable",
            "Not known",
            format!(
                "no promise was seen broken, but {} could not be decided",
                counted(errors, "case")
            ),
        ),
        ExitStatus::NothingMatched => (
            "nothing-matched",
            "Nothing asked",
            "no case was run, so nothing is known of the API".to_owned(),
        ),
        ExitStatus::Coverage => (
            "coverage",
            "Too little covered",
            "every case that ran kept to the contract, but they cover less of it than was asked for"
                .to_owned(),
        ),
        ExitStatus::Interrupted if report.end().is_some() => (
            "interrupted",
            "Interrupted",
            format!(
                "the run was cut short; {} without verdict",
                counted(without, "case")
            ),
        ),
        ExitStatus::Interrupted => (
            "interrupted",
            "Interrupted",
            format!(
                "the recording ends before the run did; {} without verdict",
                counted(without, "case")
            ),
        ),
        ExitStatus::Input => ("input", "Not run", "the input is wrong".to_owned()),
    };
    Verdict {
        name,
        exit: status.code(),
        headline,
        words,
    }
}

/// Cases named that a killed run took along.
const UNDER_WAY: usize = 20;

fn remarks(report: &Report) -> Vec<String> {
    let notes = report.run().into_iter().flat_map(|run| &run.notes);
    let mut remarks: Vec<String> = notes.map(|note| text(note, WORDS)).collect();
    let shortfalls = report.shortfalls().iter();
    remarks.extend(shortfalls.map(|shortfall| text(&shortfall.to_string(), WORDS)));
    let without = counted(report.without_verdict(), "case");
    if let Some(CutShort::Stopped(why)) = report.cut_short() {
        remarks.push(text(&format!("stopped {why}: {without} not run"), WORDS));
    }
    if report.cut_short() == Some(CutShort::Killed) {
        let under_way = report.under_way().iter().take(UNDER_WAY);
        remarks.extend(under_way.map(|case| text(&format!("under way at the end: {case}"), NAME)));
        let more = report.under_way().len().saturating_sub(UNDER_WAY);
        if more > 0 {
            remarks.push(format!("under way at the end: {more} more"));
        }
    }
    remarks
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(run) = report.run() {
        facts.push(("started", instant(&run.started)));
    }
    // Nobody knows how long a killed run took.
    let took = report.end().map(|end| duration(end.milliseconds));
    facts.push(("duration", took.unwrap_or_else(|| "not known".to_owned())));
    if let Some(run) = report.run() {
        facts.push(("seed", run.seed.to_string()));
        if let Some(shard) = run.shard {
            facts.push(("shard", format!("{} of {}", shard.index, shard.of)));
        }
        facts.push(("counterpart", text(&run.version, NAME)));
    }
    facts
}

/// `2026-11-20 08:30:00 UTC`; what is no RFC 3339 stays as it is.
fn instant(rfc3339: &str) -> String {
    use time::format_description::well_known::Rfc3339;
    use time::macros::format_description;
    let shown = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    time::OffsetDateTime::parse(rfc3339, &Rfc3339)
        .ok()
        .map(|at| at.to_offset(time::UtcOffset::UTC))
        .and_then(|at| at.format(shown).ok())
        .unwrap_or_else(|| text(rfc3339, NAME))
}

impl SystemView {
    fn of(report: &SystemReport) -> Self {
        let system = &report.system;
        let contracts = system.contracts.iter().map(|one| ContractView {
            path: text(&one.path, NAME),
            title: text(&one.title, NAME),
            version: text(&one.version, NAME),
            overlays: one.overlays.iter().map(|path| text(path, NAME)).collect(),
        });
        let words: Vec<String> = counts(report.counts)
            .iter()
            .filter(|one| one.number > 0)
            .map(|one| format!("{} {}", one.number, one.word))
            .collect();
        SystemView {
            system: text(&system.system, NAME),
            target: text(&system.target, NAME),
            url: text(&system.url, NAME),
            version: system.target_version.as_ref().map(|one| text(one, NAME)),
            reading: match system.contract.as_str() {
                "real" => "real (overlays applied)".to_owned(),
                other => text(other, NAME),
            },
            contracts: contracts.collect(),
            counts: counts(report.counts),
            words: words.join(", "),
        }
    }
}
