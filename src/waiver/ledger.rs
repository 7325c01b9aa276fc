//! What the waivers of a run came to on one target. Main type: [`WaiverLedger`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Decision, Scene, Waiver, Waivers};
use crate::finding::Finding;

/// Waivers with a note on each: was asked for what it speaks of, did it meet a finding, is something left that might have met it.
/// Written by all workers at once.
#[derive(Debug, Default)]
pub struct WaiverLedger {
    waivers: Arc<Waivers>,
    notes: Vec<Note>,
}

/// What became of a waiver, on all targets of a run.
#[derive(Debug, Clone)]
pub struct Used {
    pub waiver: Arc<Waiver>,
    /// Whether an answer came of what it speaks of.
    pub asked: bool,
    /// Whether it met a finding.
    pub met: bool,
    /// Whether something of what it speaks of was left out, which it might have met.
    pub doubtful: bool,
}

impl Used {
    /// Whether it met nothing, although what it speaks of was asked and nothing of it left out.
    pub fn is_stale(&self) -> bool {
        self.asked && !self.met && !self.doubtful
    }
}

#[derive(Debug, Default)]
struct Note {
    asked: AtomicBool,
    met: AtomicBool,
    doubtful: AtomicBool,
}

impl WaiverLedger {
    pub fn new(waivers: Arc<Waivers>) -> Self {
        let notes = waivers.list.iter().map(|_| Note::default()).collect();
        WaiverLedger { waivers, notes }
    }

    pub fn waivers(&self) -> &Waivers {
        &self.waivers
    }

    /// Notes that an answer came there.
    pub fn asked(&self, scene: &Scene<'_>) {
        for (_, note) in self.concerned(scene) {
            note.asked.store(true, Ordering::Relaxed);
        }
    }

    /// Notes that something there was not asked after all: what speaks of it cannot be called stale.
    pub fn doubt(&self, scene: &Scene<'_>) {
        for (_, note) in self.concerned(scene) {
            note.doubtful.store(true, Ordering::Relaxed);
        }
    }

    /// Decides over a finding (see [`Waivers::decide`]) and notes which waiver met it.
    pub fn decide(&self, finding: &Finding, scene: &Scene<'_>) -> Decision {
        let (decision, index) = self.waivers.decide(finding, scene);
        if let Some(note) = index.and_then(|index| self.notes.get(index)) {
            note.met.store(true, Ordering::Relaxed);
        }
        decision
    }

    /// What each waiver came to. Those that may belong to a system left out of the run are not among them. The ledgers are those of
    /// one run: they hold the same waivers.
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
                    let mut notes = ledgers.iter().filter_map(|one| one.notes.get(index));
                    notes.any(|one| note(one).load(Ordering::Relaxed))
                };
                Used {
                    waiver: Arc::clone(waiver),
                    asked: any(|note| &note.asked),
                    met: any(|note| &note.met),
                    doubtful: any(|note| &note.doubtful),
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
