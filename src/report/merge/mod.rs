//! The recordings of shards put together again. Main function: [`merge`].
//!
//! What comes out are events once more, as of the whole run: every report made of them is the one that the whole run would have left,
//! but for times. Where a shard is missing or did not come to its end, the start says so in its `notes`, and there is no end: such a
//! run was cut short.

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

/// The events of the run that the parts are the shards of, whatever their order: start, planned subjects, what is to be covered, subjects
/// in the order of reports, lost targets, end. `subject_started` is kept only of subjects that a killed run took along. Of a single whole
/// run these are its own events in that order.
///
/// Fails with all that keeps the parts from being shards of one run.
///
/// - The seed and the URLs named are the first shard's; where others have others, a note says so.
/// - A lost target is told once for each system, with the first shard's words and the subjects of all.
/// - The run took as long as its longest shard, and was interrupted where one was.
/// - A waiver is stale where no shard met a finding with it, at least one asked for what it speaks of, and none left anything of that out.
/// - [`SubjectFinished::covered`] is kept of the first subject that covered a point.
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
    let mut under_way = BTreeSet::new();
    let mut planned = Vec::new();
    let mut finished = Vec::new();
    for part in parts {
        left_open.extend(part.left_open.iter().flat_map(SubjectNames::subjects));
        if part.end.is_none() {
            under_way.extend(part.under_way);
        }
        planned.extend(part.planned);
        finished.extend(part.finished);
    }
    finished.sort_by_cached_key(|one| (systems.position(&one.subject.system), Order::of(one)));
    keep_first_covered(&mut finished);
    let planned = planned_in_order(&planned, &finished, &systems);

    let mut events = vec![Event::RunStarted(run)];
    events.extend(planned.into_iter().map(Event::Planned));
    let left_open = SubjectNames::of(&left_open).into_iter();
    events.extend(left_open.map(Event::LeftOpen));
    events.extend(coverables.into_iter().map(Event::Coverable));
    let begun = under_way.into_iter();
    events.extend(begun.map(|subject| Event::SubjectStarted { subject }));
    events.extend(finished.into_iter().map(Event::SubjectFinished));
    events.extend(lost.into_iter().map(Event::TargetLost));
    events.extend(end.map(Event::RunFinished));
    Ok(events)
}

/// The systems of a run by their place in its order.
struct Systems(HashMap<String, usize>);

impl Systems {
    fn of(run: &RunStarted) -> Self {
        let systems = run.systems.iter().enumerate();
        Systems(
            systems
                .map(|(index, one)| (one.system.clone(), index))
                .collect(),
        )
    }

    /// Systems that were not announced come first, as in every report.
    fn position(&self, system: &str) -> Option<usize> {
        self.0.get(system).copied()
    }
}

/// The indices of shards that no part is of.
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
            planned: of_parts.map(|one| one.planned).sum(),
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

/// For comparing: fractions of a second have as many digits as they need, so texts do not sort.
fn moment(text: &str) -> (Option<OffsetDateTime>, &str) {
    (OffsetDateTime::parse(text, &Rfc3339).ok(), text)
}

/// What keeps the parts from being one whole run, and what of a report is not true of all of them.
fn notes(parts: &[ShardEvents], missing: &[u32]) -> Vec<String> {
    let mut notes = Vec::new();
    let of = parts.first().and_then(|part| part.run.shard);
    let of = of.map_or(0, |shard| shard.of);
    let missing: Vec<String> = missing
        .iter()
        .map(|index| format!("{index}/{of}"))
        .collect();
    notes.extend(told(&missing, "is missing", "are missing"));
    let shards = |which: &dyn Fn(&ShardEvents) -> bool| -> Vec<String> {
        let parts = parts.iter().filter(|part| which(part));
        let shards = parts.filter_map(|part| part.run.shard);
        shards.map(|shard| shard.to_string()).collect()
    };
    let killed = shards(&|part| part.end.is_none());
    notes.extend(told(
        &killed,
        "was killed: its events end before the run did",
        "were killed: their events end before the run did",
    ));
    let interrupted = shards(&|part| part.end.as_ref().is_some_and(|end| end.interrupted));
    notes.extend(told(&interrupted, "was interrupted", "were interrupted"));
    let stopped = shards(&|part| {
        part.end
            .as_ref()
            .is_some_and(|end| end.stopped_after.is_some())
    });
    notes.extend(told(
        &stopped,
        "stopped before its last case, for its failures",
        "stopped before their last cases, for their failures",
    ));
    let Some(first) = parts.first().map(|part| &part.run) else {
        return notes;
    };
    let other_seed = shards(&|part| part.run.seed != first.seed);
    let words = format!(
        "had another seed than {}: give all shards the same --seed",
        first.seed
    );
    notes.extend(told(&other_seed, &words, &words));
    for (index, system) in first.systems.iter().enumerate() {
        // An embedded server has another port each time.
        let elsewhere = |part: &ShardEvents| {
            let other = part.run.systems.get(index);
            other.is_some_and(|other| other.url != system.url && other.target != system.target)
        };
        let words = format!(
            "sent the requests of {} to another URL than {}",
            system.system, system.url
        );
        notes.extend(told(&shards(&elsewhere), &words, &words));
    }
    notes
}

/// `shard 3/5 is missing`, `shards 1/5, 3/5 are missing`
fn told(shards: &[String], of_one: &str, of_several: &str) -> Option<String> {
    const NAMED: usize = 20;
    let more = match shards.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match shards {
        [] => None,
        [one] => Some(format!("shard {one} {of_one}")),
        several => {
            let named = several[..several.len().min(NAMED)].join(", ");
            Some(format!("shards {named}{more} {of_several}"))
        }
    }
}

/// `None` where a part is missing or has none.
fn end(parts: &[ShardEvents], missing: &[u32]) -> Option<RunFinished> {
    if !missing.is_empty() {
        return None;
    }
    let ends: Option<Vec<&RunFinished>> = parts.iter().map(|part| part.end.as_ref()).collect();
    let ends = ends?;
    let interrupted = ends.iter().any(|end| end.interrupted);
    let stopped_after = ends.iter().find_map(|end| end.stopped_after);
    let stale_waivers = match (ends.as_slice(), interrupted || stopped_after.is_some()) {
        // A whole run has judged them itself.
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

/// The waivers that the shards together call stale, in the order of their file. All shards have noted the same ones.
fn stale(ends: &[&RunFinished]) -> Vec<WaiverRecord> {
    let Some(first) = ends.first() else {
        return Vec::new();
    };
    let waivers = first.waivers.iter().enumerate();
    let stale = waivers.filter(|(index, _)| {
        let uses = || ends.iter().filter_map(|end| end.waivers.get(*index));
        let any = |which: fn(&WaiverUse) -> bool| uses().any(which);
        any(|one| one.asked) && !any(|one| one.met) && !any(|one| one.doubtful)
    });
    stale.map(|(_, one)| one.waiver.clone()).collect()
}

/// Of each system once: the parts say the same.
fn coverables(parts: &[ShardEvents], systems: &Systems) -> Vec<Coverable> {
    let mut seen = BTreeSet::new();
    let all = parts.iter().flat_map(|part| &part.coverables);
    let mut once: Vec<Coverable> = all
        .filter(|one| seen.insert(&one.system))
        .cloned()
        .collect();
    once.sort_by_key(|one| systems.position(&one.system));
    once
}

fn lost(parts: &[ShardEvents], systems: &Systems) -> Vec<TargetLost> {
    let mut merged: Vec<TargetLost> = Vec::new();
    for lost in parts.iter().flat_map(|part| &part.lost) {
        match merged.iter_mut().find(|one| one.system == lost.system) {
            Some(known) => known.not_run += lost.not_run,
            None => merged.push(lost.clone()),
        }
    }
    merged.sort_by_key(|one| systems.position(&one.system));
    merged
}

fn keep_first_covered(finished: &mut [SubjectFinished]) {
    let mut covered: HashMap<Arc<str>, BTreeSet<u32>> = HashMap::new();
    for one in finished.iter_mut().filter(|one| !one.covered.is_empty()) {
        let covered = covered.entry(Arc::clone(&one.subject.system)).or_default();
        one.covered.retain(|point| covered.insert(*point));
    }
}

/// The planned subjects file by file in the order of reports; within a file those with a verdict in their order, then the others by
/// name.
fn planned_in_order(
    planned: &[SubjectNames],
    finished: &[SubjectFinished],
    systems: &Systems,
) -> Vec<SubjectNames> {
    let positions: HashMap<&Subject, usize> = finished
        .iter()
        .enumerate()
        .map(|(position, one)| (&one.subject, position))
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
