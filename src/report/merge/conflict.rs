//! Why recordings are not the parts of one run. Main type: [`Conflict`].

use std::collections::HashMap;

use super::part::ShardEvents;
use crate::event::{ContractNamed, ShardRecord, Subject, SystemStarted, WaiverUse};
use crate::text::counted;

/// What keeps recordings from being merged; each a fragment for people that names the files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    #[error("no recording is given")]
    Nothing,
    #[error("{file} is of a whole run, not of a shard: `report` takes it alone")]
    NoShard { file: String },
    /// Two parts that cannot be of one run: what differs, and what each says.
    #[error("{one} and {other} are not of one run: {what} {is}, and {is_other}")]
    Differ {
        one: String,
        other: String,
        what: String,
        is: String,
        is_other: String,
    },
    #[error("{one} and {other} are both shard {shard}")]
    SameShard {
        one: String,
        other: String,
        shard: String,
    },
    #[error("{file} says it is shard {shard}, and there is no such part")]
    NoSuchShard { file: String, shard: String },
    #[error("the {} {subject} is in {one} and again in {other}", subject.kind.noun())]
    SubjectTwice {
        one: String,
        other: String,
        subject: Box<Subject>,
    },
}

/// Subjects named of those that are there twice: one is mostly a sign of very many.
const MOST_TWICE: usize = 5;

/// All that keeps the parts from being one run; none where they are its shards, though some may be missing.
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
    // Of one file given twice each subject is there twice; that is reported already.
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
            Some(known) if known.run.shard.is_some_and(|one| one.of == shard.of) => {
                conflicts.push(Conflict::SameShard {
                    one: known.name.clone(),
                    other: file,
                    shard: shard.to_string(),
                });
            }
            _ => {
                seen.insert(shard.index, part);
            }
        }
    }
}

fn differences(one: &ShardEvents, other: &ShardEvents, conflicts: &mut Vec<Conflict>) {
    let mut differ = |what: String, is: String, is_other: String| {
        if is != is_other {
            conflicts.push(Conflict::Differ {
                one: one.name.clone(),
                other: other.name.clone(),
                what,
                is,
                is_other,
            });
        }
    };
    differ(
        "the version of counterpart is".to_owned(),
        one.run.version.clone(),
        other.run.version.clone(),
    );
    if let (Some(shard), Some(shard_of_other)) = (one.run.shard, other.run.shard) {
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
        let plural = one.run.subjects.plural();
        differ(
            format!("the number of {plural} selected, over all shards, is"),
            selected(planned, plan),
            selected(shard_of_other.planned, shard_of_other.plan),
        );
    }
    differ("the systems are".to_owned(), systems(one), systems(other));
    for system in &one.run.systems {
        let mut systems = other.run.systems.iter();
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
    coverage(one, other, &mut differ);
    if one.is_whole() && other.is_whole() {
        differ(
            "the waivers that were judged are".to_owned(),
            waivers(one),
            waivers(other),
        );
    }
}

fn systems(part: &ShardEvents) -> String {
    let systems = part.run.systems.iter();
    let names: Vec<&str> = systems.map(|one| one.system.as_str()).collect();
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

/// A part that was killed may have come to its end before it said what there is to cover.
fn coverage(
    one: &ShardEvents,
    other: &ShardEvents,
    differ: &mut impl FnMut(String, String, String),
) {
    let of = |part: &ShardEvents, system: &str| {
        let mut coverables = part.coverables.iter();
        coverables.find(|one| one.system == system).cloned()
    };
    for system in &one.run.systems {
        let name = &system.system;
        let what = || format!("what the contracts of {name} have to cover is");
        let said = |recorded: bool| match recorded {
            true => "recorded".to_owned(),
            false => "not recorded".to_owned(),
        };
        match (of(one, name), of(other, name)) {
            (Some(points), Some(of_other)) if points != of_other => {
                let count = |points: usize| counted(points, "point");
                let (is, is_other) = (count(points.points.len()), of_other.points.len());
                let is_other = match is_other == points.points.len() {
                    true => "as many others".to_owned(),
                    false => count(is_other),
                };
                differ(what(), is, is_other);
            }
            (Some(_), None) if other.end.is_some() => differ(what(), said(true), said(false)),
            (None, Some(_)) if one.end.is_some() => differ(what(), said(false), said(true)),
            _ => {}
        }
    }
}

/// By line and words: the file may lie elsewhere on another machine.
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
    let all = parts
        .iter()
        .flat_map(|part| part.finished.iter().map(move |one| (part, &one.subject)));
    let twice = all.filter_map(|(part, subject)| {
        let one = seen.insert(subject, &part.name)?;
        Some(Conflict::SubjectTwice {
            one: one.to_owned(),
            other: part.name.clone(),
            subject: Box::new(subject.clone()),
        })
    });
    conflicts.extend(twice.take(MOST_TWICE));
}
