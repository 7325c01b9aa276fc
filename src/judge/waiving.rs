//! Findings before the waivers: which of them fail their subject, and what was left out that a waiver speaks of. Main type:
//! [`JudgedFinding`].

use std::sync::Arc;

use super::Judge;
use crate::case::{Call, Fixture, Step};
use crate::contract::Operation;
use crate::event::Subject;
use crate::finding::{Code, Finding, Severity};
use crate::plan::PlannedCase;
use crate::waiver::{Decision, Scene, WaiverLedger};

/// A finding, and what the waivers say to it.
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

/// Lets the waivers decide over the findings of a response. A finding that counts those not listed is waived where all of these are.
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
        ledger.asked(scene);
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

/// A decision for each finding listed.
fn decisions_on(
    ledger: &WaiverLedger,
    scene: &Scene<'_>,
    findings: &[Finding],
    unlisted: &[Finding],
) -> Vec<Decision> {
    let of_rest = |code: Code| {
        let mut last = Decision::Counts;
        for finding in unlisted.iter().filter(|one| one.code == code) {
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
        if is_last && unlisted.iter().any(|one| one.code == code) {
            of_rest(code)
        } else {
            ledger.decide(finding, scene)
        }
    };
    findings.iter().enumerate().map(decide).collect()
}

/// Notes that the case was not run: whatever its fixtures and steps call was not asked.
pub(super) fn not_run(judge: &Judge, planned: &PlannedCase) {
    let mut fixtures: Vec<&Fixture> = Vec::new();
    let mut wanted: Vec<&Fixture> = planned.case.given.iter().map(|one| &*one.fixture).collect();
    while let Some(fixture) = wanted.pop() {
        if !fixtures.iter().any(|known| std::ptr::eq(*known, fixture)) {
            fixtures.push(fixture);
            wanted.extend(fixture.given.iter().map(|one| &*one.fixture));
        }
    }
    for fixture in fixtures {
        not_taken(judge, planned, &fixture.steps);
    }
    not_taken(judge, planned, &planned.case.steps);
}

/// Notes that these steps of the case were not taken.
pub(super) fn not_taken(judge: &Judge, planned: &PlannedCase, steps: &[Step]) {
    if judge.ledger.waivers().is_empty() {
        return;
    }
    for step in steps {
        let names: Vec<Arc<str>> = match &step.call {
            Call::Operation { operation, .. } => vec![Arc::clone(operation.name())],
            // Its path is not known before it is sent: it might have met any operation with this method.
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
                judge.ledger.doubt(scene);
            });
        }
    }
}

/// Gives `note` the place where a finding on this subject is made, at this operation (`None`: an undocumented one). Does nothing where there are no
/// waivers: then names and URLs need not be made for each answer.
fn at_scene(
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
    fn what_is_counted_and_not_listed_is_waived_only_where_all_of_it_is() {
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
                .map(|one| matches!(one, Decision::Waived(_)))
                .collect()
        };
        assert_eq!(waived(&[at("/1/x"), at("/2/x")]), [true, true]);
        assert_eq!(waived(&[at("/1/x"), at("/2/y")]), [true, false]);
        assert_eq!(
            waived(&[]),
            [true, false],
            "then the last one is a finding like any other"
        );
    }
}
