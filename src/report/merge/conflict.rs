//! Why recordings cannot be merged as the shards of one run. Main type: [`Conflict`].

use std::collections::HashMap;

use super::part::ShardEvents;
use crate::event::{ContractNamed, ShardRecord, Subject, SystemStarted, WaiverUse};
use crate::text::counted;

/// A reason why recordings cannot be merged, as a message that names the files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    #[error("no recording was given")]
    Nothing,
    #[error("{file} is the recording of a whole run, not of a shard: pass it alone to `report`")]
    NoShard { file: String },
    /// Two recordings of different runs: what differs, and both values.
    #[error("{first} and {second} are from different runs: {what} {is}, and {is_other}")]
    Differ {
        first: String,
        second: String,
        what: String,
        is: String,
        is_other: String,
    },
    #[error("{first} and {second} are recordings of the same shard {shard}")]
    SameShard {
        first: String,
        second: String,
        shard: String,
    },
    #[error("{file} is the recording of shard {shard}, but there is no such shard")]
    NoSuchShard { file: String, shard: String },
    #[error("the {} {subject} is in both {first} and {second}", subject.kind.noun())]
    SubjectTwice {
        first: String,
        second: String,
        subject: Box<Subject>,
    },
}

/// Maximum number of duplicate subjects that are named: usually there is none, or very many.
const MOST_TWICE: usize = 5;

/// All reasons why the parts cannot be merged; empty if they are shards of one run, even if shards are missing.
pub(super) fn conflicts(parts: &[ShardEvents]) -> Vec<Conflict> {
    let Some((first, others)) = parts.split_first() else {
        return vec![Conflict::Nothing];
    };
    let mut conflicts = Vec::new();
    if !others.is_empty() || first.run.shard.is_some() {
        shards(parts, &mut conflicts);
    }
    for other in others {
        differences(first, other, &mut conflicts);
    }
    // If a file is passed twice, all its subjects are duplicates, but the duplicate shard is reported already.
    if conflicts.is_empty() {
        subjects(parts, &mut conflicts);
    }
    conflicts
}

fn shards(parts: &[ShardEvents], conflicts: &mut Vec<Conflict>) {
    let mut seen: HashMap<u32, &ShardEvents> = HashMap::new();
    for part in parts {
        let file = part.name.clone();
        let Some(shard) = part.run.shard else {
            conflicts.push(Conflict::NoShard { file });
            continue;
        };
        if shard.index == 0 || shard.index > shard.of {
            let shard = shard.to_string();
            conflicts.push(Conflict::NoSuchShard { file, shard });
            continue;
        }
        match seen.get(&shard.index) {
            Some(known) if known.run.shard.is_some_and(|other| other.of == shard.of) => {
                conflicts.push(Conflict::SameShard {
                    first: known.name.clone(),
                    second: file,
                    shard: shard.to_string(),
                });
            }
            _ => {
                seen.insert(shard.index, part);
            }
        }
    }
}

fn differences(first: &ShardEvents, second: &ShardEvents, conflicts: &mut Vec<Conflict>) {
    let mut differ = |what: String, is: String, is_other: String| {
        if is != is_other {
            conflicts.push(Conflict::Differ {
                first: first.name.clone(),
                second: second.name.clone(),
                what,
                is,
                is_other,
            });
        }
    };
    differ(
        "the version of counterpart is".to_owned(),
        first.run.version.clone(),
        second.run.version.clone(),
    );
    if let (Some(shard), Some(shard_of_other)) = (first.run.shard, second.run.shard) {
        let ShardRecord {
            index: _,
            of,
            planned,
            plan,
        } = shard;
        differ(
            "the number of shards is".to_owned(),
            of.to_string(),
            shard_of_other.of.to_string(),
        );
        let selected = |planned: usize, plan: u64| format!("{planned} (plan {plan:x})");
        let plural = first.run.subjects.plural();
        differ(
            format!("the number of {plural} selected, over all shards, is"),
            selected(planned, plan),
            selected(shard_of_other.planned, shard_of_other.plan),
        );
    }
    differ(
        "the systems are".to_owned(),
        systems(first),
        systems(second),
    );
    for system in &first.run.systems {
        let mut systems = second.run.systems.iter();
        let Some(of_other) = systems.find(|other| other.system == system.system) else {
            continue;
        };
        let name = &system.system;
        let version = |system: &SystemStarted| {
            let version = system.target_version.as_deref();
            version.unwrap_or("not stated").to_owned()
        };
        differ(
            format!("the version of the target of {name} is"),
            version(system),
            version(of_other),
        );
        differ(
            format!("the contract of {name} is read as"),
            system.contract.to_string(),
            of_other.contract.to_string(),
        );
        differ(
            format!("the contracts of {name} are"),
            contracts(system),
            contracts(of_other),
        );
    }
    coverage(first, second, &mut differ);
    if first.is_whole() && second.is_whole() {
        differ(
            "the waivers that were judged are".to_owned(),
            waivers(first),
            waivers(second),
        );
    }
}

fn systems(part: &ShardEvents) -> String {
    let systems = part.run.systems.iter();
    let names: Vec<&str> = systems.map(|system| system.system.as_str()).collect();
    names.join(", ")
}

fn contracts(system: &SystemStarted) -> String {
    let contracts = system.contracts.iter().map(|contract| {
        let ContractNamed {
            path,
            title: _,
            version,
            overlays,
        } = contract;
        let corrected = overlays.iter().map(|overlay| format!(" + {overlay}"));
        format!("{path} {version}{}", corrected.collect::<String>())
    });
    contracts.collect::<Vec<_>>().join(", ")
}

/// Compares the coverable points. A killed shard may have ended before it recorded them.
fn coverage(
    first: &ShardEvents,
    second: &ShardEvents,
    differ: &mut impl FnMut(String, String, String),
) {
    let of = |part: &ShardEvents, system: &str| {
        let mut coverables = part.coverables.iter();
        coverables
            .find(|coverable| coverable.system == system)
            .cloned()
    };
    for system in &first.run.systems {
        let name = &system.system;
        let what = || format!("the number of points in the contracts of {name} is");
        let state = |recorded: bool| match recorded {
            true => "recorded".to_owned(),
            false => "not recorded".to_owned(),
        };
        match (of(first, name), of(second, name)) {
            (Some(points), Some(of_other)) if points != of_other => {
                let count = |points: usize| counted(points, "point");
                let (is, is_other) = (count(points.points.len()), of_other.points.len());
                let is_other = match is_other == points.points.len() {
                    true => "the same number of other points".to_owned(),
                    false => count(is_other),
                };
                differ(what(), is, is_other);
            }
            (Some(_), None) if second.end.is_some() => differ(what(), state(true), state(false)),
            (None, Some(_)) if first.end.is_some() => differ(what(), state(false), state(true)),
            _ => {}
        }
    }
}

/// The waivers by line and content: their file may have another path on another machine.
fn waivers(part: &ShardEvents) -> String {
    let uses = part.end.iter().flat_map(|end| &end.waivers);
    let lines = uses.map(|WaiverUse { waiver, .. }| {
        let (line, code) = (waiver.place.line, &waiver.code);
        format!("{code} {} at {} (line {line})", waiver.operation, waiver.at)
    });
    match lines.collect::<Vec<_>>() {
        lines if lines.is_empty() => "none".to_owned(),
        lines => lines.join(", "),
    }
}

fn subjects(parts: &[ShardEvents], conflicts: &mut Vec<Conflict>) {
    let mut seen: HashMap<&Subject, &str> = HashMap::new();
    let all = parts.iter().flat_map(|part| {
        part.finished
            .iter()
            .map(move |finished| (part, &finished.subject))
    });
    let twice = all.filter_map(|(part, subject)| {
        let first = seen.insert(subject, &part.name)?;
        Some(Conflict::SubjectTwice {
            first: first.to_owned(),
            second: part.name.clone(),
            subject: Box::new(subject.clone()),
        })
    });
    conflicts.extend(twice.take(MOST_TWICE));
}
