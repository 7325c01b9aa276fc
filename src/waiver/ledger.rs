//! How the waivers of a run were used on one target. Main type: [`WaiverLedger`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Decision, Scene, Waiver, Waivers};
use crate::finding::Finding;

/// Waivers with a note on each: whether what it refers to was tested, whether it matched a finding, and whether something that it might
/// have matched was left out. Written by all workers at once.
#[derive(Debug, Default)]
pub struct WaiverLedger {
    waivers: Arc<Waivers>,
    notes: Vec<Note>,
}

/// How a waiver was used, on all targets of a run.
#[derive(Debug, Clone)]
pub struct Used {
    pub waiver: Arc<Waiver>,
    /// Whether a response was received for what it refers to.
    pub tested: bool,
    /// Whether it matched a finding.
    pub matched: bool,
    /// Whether something that it might have matched was left out.
    pub incomplete: bool,
}

impl Used {
    /// Whether it matched nothing, although everything it refers to was tested.
    pub fn is_stale(&self) -> bool {
        self.tested && !self.matched && !self.incomplete
    }
}

#[derive(Debug, Default)]
struct Note {
    tested: AtomicBool,
    matched: AtomicBool,
    incomplete: AtomicBool,
}

impl WaiverLedger {
    pub fn new(waivers: Arc<Waivers>) -> Self {
        let notes = waivers.list.iter().map(|_| Note::default()).collect();
        WaiverLedger { waivers, notes }
    }

    pub fn waivers(&self) -> &Waivers {
        &self.waivers
    }

    /// Records that a response was received in this scene.
    pub fn record_tested(&self, scene: &Scene<'_>) {
        for (_, note) in self.concerned(scene) {
            note.tested.store(true, Ordering::Relaxed);
        }
    }

    /// Records that something in this scene was not tested: waivers that refer to it cannot be called stale.
    pub fn record_omitted(&self, scene: &Scene<'_>) {
        for (_, note) in self.concerned(scene) {
            note.incomplete.store(true, Ordering::Relaxed);
        }
    }

    /// Decides about a finding (see [`Waivers::decide`]) and records which waiver matched it.
    pub fn decide(&self, finding: &Finding, scene: &Scene<'_>) -> Decision {
        let (decision, index) = self.waivers.decide(finding, scene);
        if let Some(note) = index.and_then(|index| self.notes.get(index)) {
            note.matched.store(true, Ordering::Relaxed);
        }
        decision
    }

    /// Whether a waiver accepts a fault of this code in the contract of the scene's operation. Records which.
    pub fn accepts_fault(&self, code: &str, scene: &Scene<'_>) -> bool {
        let index = self.waivers.accepting_fault(code, scene);
        if let Some(note) = index.and_then(|index| self.notes.get(index)) {
            note.matched.store(true, Ordering::Relaxed);
        }
        index.is_some()
    }

    /// How each waiver was used. Those that may belong to a system left out of the run are not included. The ledgers are those of one run:
    /// they hold the same waivers.
    pub fn used<'l>(ledgers: impl IntoIterator<Item = &'l WaiverLedger>) -> Vec<Used> {
        let ledgers: Vec<&WaiverLedger> = ledgers.into_iter().collect();
        let Some(first) = ledgers.first() else {
            return Vec::new();
        };
        let waivers = first.waivers.list.iter().enumerate();
        waivers
            .filter(|(_, waiver)| !first.waivers.narrowed || waiver.system.is_some())
            .map(|(index, waiver)| {
                let any = |note: fn(&Note) -> &AtomicBool| {
                    let mut notes = ledgers.iter().filter_map(|ledger| ledger.notes.get(index));
                    notes.any(|ledger| note(ledger).load(Ordering::Relaxed))
                };
                Used {
                    waiver: Arc::clone(waiver),
                    tested: any(|note| &note.tested),
                    matched: any(|note| &note.matched),
                    incomplete: any(|note| &note.incomplete),
                }
            })
            .collect()
    }

    fn concerned<'s>(
        &'s self,
        scene: &'s Scene<'_>,
    ) -> impl Iterator<Item = (&'s Waiver, &'s Note)> {
        let waivers = self.waivers.list.iter().map(Arc::as_ref);
        waivers
            .zip(&self.notes)
            .filter(|(waiver, _)| waiver.concerns(scene))
    }
}
