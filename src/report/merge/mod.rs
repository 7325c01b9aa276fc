//! Merges the recordings of shards. Main function: [`merge`].
//!
//! The result is the events of the whole run: every report about them equals the report of the whole run, except for times. If a shard
//! is missing or was not completed, the start has a note about it, and there is no end: such a run was cut short.

mod conflict;
mod part;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::order::Order;
use crate::event::{
    Coverable, Event, RunFinished, RunStarted, Subject, SubjectFinished, SubjectNames,
    SystemStarted, TargetLost, WaiverRecord, WaiverUse,
};

pub use conflict::Conflict;
pub use part::ShardEvents;

/// The events of the run whose shards are given in any order: start, planned subjects, coverable points, subjects in the order of reports,
/// lost targets, end. `subject_started` is kept only for subjects that were running when a run was killed. For a single whole run, the
/// result is its own events in that order.
///
/// Fails with all reasons why the parts are not shards of one run.
///
/// - Seed and URLs are those of the first shard; a note lists shards with other values.
/// - A lost target is reported once per system, with the first shard's message and the subjects of all shards.
/// - The run took as long as its longest shard, and was interrupted if a shard was.
/// - A waiver is stale if it matched no finding in any shard, at least one shard got a response for what it applies to, and no shard left
///   any of that out.
/// - A point is kept in [`SubjectFinished::covered`] of the first subject that covered it.
pub fn merge(mut parts: Vec<ShardEvents>) -> Result<Vec<Event>, Vec<Conflict>> {
    let conflicts = conflict::conflicts(&parts);
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    parts.sort_by_key(|part| part.run.shard.map(|shard| shard.index));
    let missing = missing(&parts);
    let Some(run) = start(&parts, &missing) else {
        return Err(vec![Conflict::Nothing]);
    };
    let end = end(&parts, &missing);
    let systems = Systems::of(&run);
    let coverables = coverables(&parts, &systems);
    let lost = lost(&parts, &systems);
    let mut left_open = BTreeSet::new();
    let mut running = BTreeSet::new();
    let mut planned = Vec::new();
    let mut finished = Vec::new();
    for part in parts {
        left_open.extend(part.left_open.iter().flat_map(SubjectNames::subjects));
        if part.end.is_none() {
            running.extend(part.running);
        }
        planned.extend(part.planned);
        finished.extend(part.finished);
    }
    finished.sort_by_cached_key(|finished| {
        (
            systems.position(&finished.subject.system),
            Order::of(finished),
        )
    });
    keep_first_covered(&mut finished);
    let planned = planned_in_order(&planned, &finished, &systems);

    let mut events = vec![Event::RunStarted(run)];
    events.extend(planned.into_iter().map(Event::Planned));
    let left_open = SubjectNames::of(&left_open).into_iter();
    events.extend(left_open.map(Event::LeftOpen));
    events.extend(coverables.into_iter().map(Event::Coverable));
    let begun = running.into_iter();
    events.extend(begun.map(|subject| Event::SubjectStarted { subject }));
    events.extend(finished.into_iter().map(Event::SubjectFinished));
    events.extend(lost.into_iter().map(Event::TargetLost));
    events.extend(end.map(Event::RunFinished));
    Ok(events)
}

/// The systems of a run with their index in its order.
struct Systems(HashMap<String, usize>);

impl Systems {
    fn of(run: &RunStarted) -> Self {
        let systems = run.systems.iter().enumerate();
        Systems(
            systems
                .map(|(index, system)| (system.system.clone(), index))
                .collect(),
        )
    }

    /// Systems that were not announced are first, as in every report.
    fn position(&self, system: &str) -> Option<usize> {
        self.0.get(system).copied()
    }
}

/// The indices of missing shards.
fn missing(parts: &[ShardEvents]) -> Vec<u32> {
    let present: BTreeSet<u32> = parts
        .iter()
        .filter_map(|part| part.run.shard)
        .map(|shard| shard.index)
        .collect();
    let of = parts.first().and_then(|part| part.run.shard);
    let of = of.map_or(0, |shard| shard.of);
    (1..=of).filter(|index| !present.contains(index)).collect()
}

fn start(parts: &[ShardEvents], missing: &[u32]) -> Option<RunStarted> {
    let first = &parts.first()?.run;
    let systems = first.systems.iter().enumerate();
    let systems = systems.map(|(index, system)| {
        let of_parts = parts.iter().filter_map(|part| part.run.systems.get(index));
        SystemStarted {
            planned: of_parts.map(|system| system.planned).sum(),
            ..system.clone()
        }
    });
    let planned = match first.shard {
        Some(shard) if !missing.is_empty() => shard.planned,
        _ => parts.iter().map(|part| part.run.planned).sum(),
    };
    let started = parts.iter().map(|part| &part.run.started);
    Some(RunStarted {
        format: first.format,
        version: first.version.clone(),
        started: started.min_by_key(|text| moment(text))?.clone(),
        seed: first.seed,
        subjects: first.subjects,
        systems: systems.collect(),
        planned,
        shard: None,
        notes: match first.shard {
            Some(_) => notes(parts, missing),
            None => first.notes.clone(),
        },
    })
}

/// A key for comparing times: fractions of a second vary in length, so the texts cannot be compared.
fn moment(text: &str) -> (Option<OffsetDateTime>, &str) {
    (OffsetDateTime::parse(text, &Rfc3339).ok(), text)
}

/// Notes on missing or incomplete shards, and on values that differ between shards.
fn notes(parts: &[ShardEvents], missing: &[u32]) -> Vec<String> {
    let mut notes = Vec::new();
    let of = parts.first().and_then(|part| part.run.shard);
    let of = of.map_or(0, |shard| shard.of);
    let missing: Vec<String> = missing
        .iter()
        .map(|index| format!("{index}/{of}"))
        .collect();
    notes.extend(shards_note(&missing, "is missing", "are missing"));
    let shards = |which: &dyn Fn(&ShardEvents) -> bool| -> Vec<String> {
        let parts = parts.iter().filter(|part| which(part));
        let shards = parts.filter_map(|part| part.run.shard);
        shards.map(|shard| shard.to_string()).collect()
    };
    let killed = shards(&|part| part.end.is_none());
    notes.extend(shards_note(
        &killed,
        "was killed before the end of its run",
        "were killed before the end of their runs",
    ));
    let interrupted = shards(&|part| part.end.as_ref().is_some_and(|end| end.interrupted));
    notes.extend(shards_note(
        &interrupted,
        "was interrupted",
        "were interrupted",
    ));
    let stopped = shards(&|part| {
        part.end
            .as_ref()
            .is_some_and(|end| end.stopped_after.is_some())
    });
    notes.extend(shards_note(
        &stopped,
        "stopped after failures, before its last case",
        "stopped after failures, before their last cases",
    ));
    let Some(first) = parts.first().map(|part| &part.run) else {
        return notes;
    };
    let other_seed = shards(&|part| part.run.seed != first.seed);
    let text = format!(
        "used a seed other than {}: pass the same --seed to all shards",
        first.seed
    );
    notes.extend(shards_note(&other_seed, &text, &text));
    for (index, system) in first.systems.iter().enumerate() {
        // An embedded server has a different port in each run.
        let elsewhere = |part: &ShardEvents| {
            let other = part.run.systems.get(index);
            other.is_some_and(|other| other.url != system.url && other.target != system.target)
        };
        let text = format!(
            "sent the requests of {} to a URL other than {}",
            system.system, system.url
        );
        notes.extend(shards_note(&shards(&elsewhere), &text, &text));
    }
    notes
}

/// `shard 3/5 is missing`, `shards 1/5, 3/5 are missing`
fn shards_note(shards: &[String], of_one: &str, of_several: &str) -> Option<String> {
    const NAMED: usize = 20;
    let more = match shards.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match shards {
        [] => None,
        [only] => Some(format!("shard {only} {of_one}")),
        several => {
            let named = several[..several.len().min(NAMED)].join(", ");
            Some(format!("shards {named}{more} {of_several}"))
        }
    }
}

/// `None` if a part is missing or has no end.
fn end(parts: &[ShardEvents], missing: &[u32]) -> Option<RunFinished> {
    if !missing.is_empty() {
        return None;
    }
    let ends: Option<Vec<&RunFinished>> = parts.iter().map(|part| part.end.as_ref()).collect();
    let ends = ends?;
    let interrupted = ends.iter().any(|end| end.interrupted);
    let stopped_after = ends.iter().find_map(|end| end.stopped_after);
    let stale_waivers = match (ends.as_slice(), interrupted || stopped_after.is_some()) {
        // A whole run has determined its stale waivers itself.
        ([only], _) if only.waivers.is_empty() => only.stale_waivers.clone(),
        (_, true) => Vec::new(),
        (ends, false) => stale(ends),
    };
    let milliseconds = ends.iter().map(|end| end.milliseconds);
    Some(RunFinished {
        milliseconds: milliseconds.fold(0.0, f64::max),
        interrupted,
        stopped_after,
        stale_waivers,
        strict_waivers: ends.iter().any(|end| end.strict_waivers),
        waivers: Vec::new(),
    })
}

/// The waivers that are stale in all shards together, in the order of their file. All shards list the same waivers.
fn stale(ends: &[&RunFinished]) -> Vec<WaiverRecord> {
    let Some(first) = ends.first() else {
        return Vec::new();
    };
    let waivers = first.waivers.iter().enumerate();
    let stale = waivers.filter(|(index, _)| {
        let uses = || ends.iter().filter_map(|end| end.waivers.get(*index));
        let any = |which: fn(&WaiverUse) -> bool| uses().any(which);
        any(|used| used.requested) && !any(|used| used.met) && !any(|used| used.doubtful)
    });
    stale.map(|(_, used)| used.waiver.clone()).collect()
}

/// The points of each system once: they are the same in all parts.
fn coverables(parts: &[ShardEvents], systems: &Systems) -> Vec<Coverable> {
    let mut seen = BTreeSet::new();
    let all = parts.iter().flat_map(|part| &part.coverables);
    let mut once: Vec<Coverable> = all
        .filter(|coverable| seen.insert(&coverable.system))
        .cloned()
        .collect();
    once.sort_by_key(|coverable| systems.position(&coverable.system));
    once
}

fn lost(parts: &[ShardEvents], systems: &Systems) -> Vec<TargetLost> {
    let mut merged: Vec<TargetLost> = Vec::new();
    for lost in parts.iter().flat_map(|part| &part.lost) {
        match merged.iter_mut().find(|known| known.system == lost.system) {
            Some(known) => known.not_run += lost.not_run,
            None => merged.push(lost.clone()),
        }
    }
    merged.sort_by_key(|known| systems.position(&known.system));
    merged
}

fn keep_first_covered(finished: &mut [SubjectFinished]) {
    let mut covered: HashMap<Arc<str>, BTreeSet<u32>> = HashMap::new();
    for subject in finished
        .iter_mut()
        .filter(|subject| !subject.covered.is_empty())
    {
        let covered = covered
            .entry(Arc::clone(&subject.subject.system))
            .or_default();
        subject.covered.retain(|point| covered.insert(*point));
    }
}

/// The planned subjects file by file in the order of reports; within a file first those with a verdict in their order, then the others by
/// name.
fn planned_in_order(
    planned: &[SubjectNames],
    finished: &[SubjectFinished],
    systems: &Systems,
) -> Vec<SubjectNames> {
    let positions: HashMap<&Subject, usize> = finished
        .iter()
        .enumerate()
        .map(|(position, finished)| (&finished.subject, position))
        .collect();
    let mut files: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for subject in planned.iter().flat_map(SubjectNames::subjects) {
        let file = (systems.position(&subject.system), Arc::clone(&subject.file));
        let position = positions.get(&subject).copied().unwrap_or(usize::MAX);
        files.entry(file).or_default().insert((position, subject));
    }
    let in_order = files.into_values().flatten().map(|(_, subject)| subject);
    SubjectNames::of(&in_order.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
