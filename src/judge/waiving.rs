//! Applies waivers to findings: which of them fail their subject, and which waivers could not be checked. Main type:
//! [`JudgedFinding`].

use std::sync::Arc;

use super::Judge;
use crate::case::{Call, Fixture, Step, requests_in};
use crate::contract::Operation;
use crate::event::Subject;
use crate::finding::{Code, Finding, Severity};
use crate::plan::PlannedCase;
use crate::waiver::{Decision, Scene, WaiverLedger};

/// A finding and the decision of the waivers about it.
#[derive(Debug)]
pub(crate) struct JudgedFinding {
    pub(crate) finding: Finding,
    pub(crate) decision: Decision,
}

impl JudgedFinding {
    /// Whether it fails its subject.
    pub(crate) fn fails(&self) -> bool {
        self.finding.severity == Severity::Error && !matches!(self.decision, Decision::Waived(_))
    }
}

/// Applies the waivers to the findings of a response. A finding that counts unlisted ones is waived if all of those are waived.
pub(super) fn decide(
    judge: &Judge,
    subject: &Subject,
    findings: Vec<Finding>,
    unlisted: &[Finding],
    operation: Option<&Operation>,
) -> Vec<JudgedFinding> {
    let ledger = &judge.ledger;
    let operation = operation.map(|operation| &**operation.name());
    let mut decisions: Vec<Decision> = Vec::new();
    at_scene(judge, subject, operation, |scene| {
        ledger.record_tested(scene);
        decisions = decisions_on(ledger, scene, &findings, unlisted);
    });
    let decisions = decisions
        .into_iter()
        .chain(std::iter::repeat(Decision::Counts));
    findings
        .into_iter()
        .zip(decisions)
        .map(|(finding, decision)| JudgedFinding { finding, decision })
        .collect()
}

/// A decision for each listed finding.
fn decisions_on(
    ledger: &WaiverLedger,
    scene: &Scene<'_>,
    findings: &[Finding],
    unlisted: &[Finding],
) -> Vec<Decision> {
    let for_unlisted = |code: Code| {
        let mut last = Decision::Counts;
        for finding in unlisted.iter().filter(|finding| finding.code == code) {
            last = ledger.decide(finding, scene);
            if !matches!(last, Decision::Waived(_)) {
                return Decision::Counts;
            }
        }
        last
    };
    let decide = |(index, finding): (usize, &Finding)| {
        let code = finding.code;
        let is_last = findings.get(index + 1).is_none_or(|next| next.code != code);
        if is_last && unlisted.iter().any(|finding| finding.code == code) {
            for_unlisted(code)
        } else {
            ledger.decide(finding, scene)
        }
    };
    findings.iter().enumerate().map(decide).collect()
}

/// Records that the case was not run: no operation of its fixtures and steps was called.
pub(super) fn not_run(judge: &Judge, planned: &PlannedCase) {
    for fixture in fixtures_of(planned) {
        steps_not_run(judge, planned, requests_in(&fixture.steps));
    }
    steps_not_run(judge, planned, planned.case.requests());
}

/// All fixtures that a case needs, the setup of its file included, each once.
pub(super) fn fixtures_of(planned: &PlannedCase) -> Vec<&Fixture> {
    let mut fixtures: Vec<&Fixture> = Vec::new();
    let given = planned.case.given.iter().chain(&planned.setup);
    let mut pending: Vec<&Fixture> = given.map(|given| &*given.fixture).collect();
    while let Some(fixture) = pending.pop() {
        if !fixtures.iter().any(|known| std::ptr::eq(*known, fixture)) {
            fixtures.push(fixture);
            pending.extend(fixture.given.iter().map(|given| &*given.fixture));
        }
    }
    fixtures
}

/// Records that these steps of the case were not run.
pub(super) fn steps_not_run<'s>(
    judge: &Judge,
    planned: &PlannedCase,
    steps: impl Iterator<Item = &'s Step>,
) {
    if judge.ledger.waivers().is_empty() {
        return;
    }
    for step in steps {
        let names: Vec<Arc<str>> = match &step.call {
            Call::Operation { operation, .. } => vec![Arc::clone(operation.name())],
            // Its path is unknown before it is sent: it might have called any operation with this method.
            Call::Raw {
                method, contracts, ..
            } => contracts
                .iter()
                .flat_map(|contract| &contract.operations)
                .filter(|operation| operation.method == *method)
                .map(|operation| Arc::clone(operation.name()))
                .collect(),
        };
        for name in names {
            at_scene(judge, &planned.subject, Some(&name), |scene| {
                judge.ledger.record_omitted(scene);
            });
        }
    }
}

/// Calls `note` with the scene of a finding on this subject, at this operation (`None`: an undocumented one). Does nothing if
/// there are no waivers: then names and URLs are not built for each response.
pub(super) fn at_scene(
    judge: &Judge,
    subject: &Subject,
    operation: Option<&str>,
    note: impl FnOnce(&Scene<'_>),
) {
    if judge.ledger.waivers().is_empty() {
        return;
    }
    note(&Scene {
        system: &subject.system,
        target: &judge.target.name,
        url: &judge.url,
        operation,
        case: &subject.to_string(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::finding::Location;
    use crate::source::Source;
    use crate::waiver::{Waivers, today};

    #[test]
    fn unlisted_findings_are_waived_only_if_all_of_them_are() {
        let text = "waivers: [{ code: body-schema, operation: GET /a, at: body /*/x, reason: known, owner: ada, until: 9999-12-31 }]";
        let mut diagnostics = Diagnostics::new();
        let waivers = Waivers::read(Source::new("w.yaml", text), today(), &mut diagnostics);
        let ledger = WaiverLedger::new(Arc::new(waivers.unwrap()));
        assert!(diagnostics.is_empty());
        let scene = Scene {
            system: "s",
            target: "t",
            url: "http://t",
            operation: Some("GET /a"),
            case: "s::f::c",
        };
        let at = |pointer: &str| {
            let at = Location::Body(pointer.to_owned());
            Finding::new(Code::BodySchema, at, "wrong")
        };
        let listed = [at("/0/x"), at("")];
        let waived = |unlisted: &[Finding]| -> Vec<bool> {
            let decisions = decisions_on(&ledger, &scene, &listed, unlisted).into_iter();
            decisions
                .map(|decision| matches!(decision, Decision::Waived(_)))
                .collect()
        };
        assert_eq!(waived(&[at("/1/x"), at("/2/x")]), [true, true]);
        assert_eq!(waived(&[at("/1/x"), at("/2/y")]), [true, false]);
        assert_eq!(
            waived(&[]),
            [true, false],
            "then the last finding is a normal one"
        );
    }
}
