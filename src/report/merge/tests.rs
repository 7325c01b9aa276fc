use super::*;
use crate::event::{Coverable, PointKind, ShardRecord};
use crate::finding::Named;
use crate::report::formats::junit;
use crate::report::terminal::{self, Look};
use crate::report::{ExitStatus, Report, fixture, json_lines};

/// The recordings of the shared fixture's run in `of` shards. Cases are distributed one by one, also those of the lost target.
fn shards(of: u32) -> Vec<Vec<Event>> {
    let whole = fixture::run();
    let mut finished = 0;
    let mut shards: Vec<Vec<Event>> = (1..=of)
        .map(|index| vec![Event::RunStarted(start_of(index, of))])
        .collect();
    for event in whole {
        match event {
            Event::RunStarted(_) => {}
            Event::TargetLost(lost) => {
                for (index, shard) in shards.iter_mut().enumerate() {
                    let mut lost = lost.clone();
                    lost.not_run = dealt(lost.not_run, index, of);
                    shard.push(Event::TargetLost(lost));
                }
            }
            Event::RunFinished(end) => shards.iter_mut().for_each(|shard| {
                shard.push(Event::RunFinished(end.clone()));
            }),
            Event::SubjectFinished(_) => {
                shards[finished % of as usize].push(event);
                finished += 1;
            }
            other => shards[finished % of as usize].push(other),
        }
    }
    shards
}

fn start_of(index: u32, of: u32) -> RunStarted {
    let Event::RunStarted(mut start) = fixture::started() else {
        panic!("the start of a run");
    };
    start.shard = Some(ShardRecord {
        index,
        of,
        planned: start.planned,
        plan: 77,
    });
    for system in &mut start.systems {
        system.planned = dealt(system.planned, index as usize - 1, of);
    }
    start.planned = start.systems.iter().map(|system| system.planned).sum();
    start
}

fn dealt(cases: usize, index: usize, of: u32) -> usize {
    let of = of as usize;
    cases / of + usize::from(index < cases % of)
}

fn parts(shards: Vec<Vec<Event>>) -> Vec<ShardEvents> {
    let parts = shards.into_iter().enumerate();
    parts
        .map(|(index, events)| {
            ShardEvents::of(format!("{}.jsonl", index + 1), events).expect("a start")
        })
        .collect()
}

fn start(events: &mut [Event]) -> &mut RunStarted {
    match &mut events[0] {
        Event::RunStarted(start) => start,
        other => panic!("{other:?}"),
    }
}

fn finish(events: &mut [Event]) -> &mut RunFinished {
    match events.last_mut() {
        Some(Event::RunFinished(end)) => end,
        other => panic!("{other:?}"),
    }
}

fn merged(shards: Vec<Vec<Event>>) -> Report {
    let events = merge(parts(shards)).expect("shards of one run");
    Report::from_events(&events)
}

fn refused(shards: Vec<Vec<Event>>) -> Vec<String> {
    let conflicts = merge(parts(shards)).expect_err("not of one run");
    conflicts.iter().map(ToString::to_string).collect()
}

fn text(report: &Report) -> String {
    terminal::render(report, Look::default())
}

fn notes(report: &Report) -> Vec<String> {
    report
        .run()
        .map(|run| run.notes.clone())
        .unwrap_or_default()
}

#[test]
fn shards_in_any_order_give_the_report_of_the_whole_run() {
    let whole = Report::from_events(&fixture::run());
    for of in [1, 2, 3, 5, 12] {
        let shards = shards(of);
        for turned in 0..of as usize {
            let mut order = shards.clone();
            order.rotate_left(turned);
            let merged = merged(order);
            assert_eq!(text(&merged), text(&whole));
            assert_eq!(junit::render(&merged), junit::render(&whole));
            assert_eq!(merged.exit_status(), whole.exit_status());
        }
    }
}

#[test]
fn merged_events_are_read_again_to_the_same_events() {
    let events = merge(parts(shards(3))).expect("shards of one run");
    let mut file = Vec::new();
    for event in &events {
        json_lines::write(event, &mut file).unwrap();
    }
    let again = ShardEvents::read("merged.jsonl", file.as_slice()).unwrap();
    assert_eq!(merge(vec![again]).expect("a whole run"), events);
    // The events of a whole run are put into the same order.
    let whole = ShardEvents::of("whole.jsonl", fixture::run()).expect("a start");
    assert_eq!(merge(vec![whole]).expect("a whole run"), events);
}

#[test]
fn a_missing_shard_is_reported_and_the_others_give_no_verdict() {
    let mut shards = shards(5);
    shards.remove(2);
    let report = merged(shards);
    assert_eq!(notes(&report), ["shard 3/5 is missing"]);
    assert_eq!(report.exit_status(), ExitStatus::Interrupted);
    // 52 in all; the third shard had 2 of the 11 cases, and 8 of the 41 cases of the lost target.
    assert_eq!(report.without_verdict(), 10);
    let text = text(&report);
    assert!(
        text.contains("shard 3/5 is missing\nthe run is incomplete: 10 cases without verdict\n"),
        "{text}"
    );
    let xml = junit::render(&report);
    assert!(
        xml.contains(
            "the run is incomplete: 10 cases without verdict\nshard 3/5 is missing</error>"
        ),
        "{xml}"
    );
}

#[test]
fn killed_interrupted_and_stopped_shards_are_named() {
    let mut killed = shards(3);
    killed[1].pop();
    killed[1].push(Event::SubjectStarted {
        subject: Subject::case("magento", "customers/me", "the case that killed it"),
    });
    let report = merged(killed);
    assert_eq!(
        notes(&report),
        ["shard 2/3 was killed before the end of its run"]
    );
    assert_eq!(report.exit_status(), ExitStatus::Interrupted);
    let text = text(&report);
    let running =
        "running at that time: 1 case\n  magento::customers/me::the case that killed it\n";
    assert!(text.contains(running), "{text}");

    let mut interrupted = shards(3);
    finish(&mut interrupted[0]).interrupted = true;
    finish(&mut interrupted[2]).interrupted = true;
    let report = merged(interrupted);
    assert_eq!(notes(&report), ["shards 1/3, 3/3 were interrupted"]);
    assert_eq!(report.exit_status(), ExitStatus::Interrupted);
    assert!(report.end().is_some_and(|end| end.interrupted));

    let mut stopped = shards(3);
    finish(&mut stopped[1]).stopped_after = Some(3);
    let report = merged(stopped);
    assert_eq!(
        notes(&report),
        ["shard 2/3 stopped after failures, before its last case"]
    );
    assert_eq!(report.exit_status(), ExitStatus::Findings);
}

#[test]
fn times_are_the_earliest_start_and_the_longest_shard() {
    let mut shards = shards(3);
    start(&mut shards[0]).started = "2026-11-20T08:30:00.5Z".to_owned();
    start(&mut shards[1]).started = "2026-11-20T08:30:00.25Z".to_owned();
    start(&mut shards[2]).started = "2026-11-20T09:31:00+01:00".to_owned();
    finish(&mut shards[2]).milliseconds = 9999.0;
    let report = merged(shards);
    let started = report.run().map(|run| run.started.as_str());
    assert_eq!(started, Some("2026-11-20T08:30:00.25Z"));
    assert_eq!(report.end().map(|end| end.milliseconds), Some(9999.0));
}

#[test]
fn other_seeds_and_urls_are_reported() {
    let mut shards = shards(2);
    start(&mut shards[1]).seed = 43;
    for (index, target) in [(0, "https://shop-2.example"), (1, "embedded")] {
        let system = &mut start(&mut shards[1]).systems[index];
        system.target = target.to_owned();
        system.url = "https://shop-2.example".to_owned();
    }
    let report = merged(shards);
    assert_eq!(
        notes(&report),
        [
            "shard 2/2 used a seed other than 42: pass the same --seed to all shards",
            "shard 2/2 sent the requests of magento to a URL other than https://shop.example/rest/default",
        ]
    );
    // The run was completed nevertheless.
    assert_eq!(report.exit_status(), ExitStatus::Findings);
}

#[test]
fn a_waiver_is_stale_if_it_is_stale_in_all_shards_together() {
    const CALLED: [bool; 3] = [true, false, false];
    const MET: [bool; 3] = [true, true, false];
    const LEFT_OUT: [bool; 3] = [true, false, true];
    const NEVER: [bool; 3] = [false; 3];
    for (uses, expected) in [
        ([CALLED, CALLED], 1),
        ([CALLED, NEVER], 1),
        ([CALLED, MET], 0),
        ([MET, NEVER], 0),
        ([CALLED, LEFT_OUT], 0),
        ([NEVER, NEVER], 0),
    ] {
        for strict in [false, true] {
            let mut shards = shards(2);
            for (shard, [requested, met, doubtful]) in shards.iter_mut().zip(uses) {
                shard.retain(|event| {
                    !matches!(event, Event::SubjectFinished(_) | Event::TargetLost(_))
                });
                let at = shard.len() - 1;
                shard.insert(at, Event::SubjectFinished(fixture::passed()));
                let end = finish(shard);
                end.strict_waivers = strict;
                end.waivers = vec![WaiverUse {
                    waiver: fixture::waiver(),
                    requested,
                    met,
                    doubtful,
                }];
            }
            for event in &mut shards[1] {
                if let Event::SubjectFinished(case) = event {
                    case.subject.name = "another".into();
                }
            }
            // A single shard reports no stale waivers.
            assert!(Report::from_events(&shards[0]).stale_waivers().is_empty());
            let report = merged(shards.clone());
            assert_eq!(report.stale_waivers().len(), expected, "{uses:?}");
            let status = match (expected, strict) {
                (1, true) => ExitStatus::Findings,
                _ => ExitStatus::Passed,
            };
            assert_eq!(report.exit_status(), status, "{uses:?}");
            // A part of the shards gives no result.
            finish(&mut shards[1]).interrupted = true;
            assert!(merged(shards).stale_waivers().is_empty());
        }
    }
}

fn coverable(points: usize) -> Event {
    let point = |index: usize| {
        let status = (200 + index).to_string();
        fixture::point(PointKind::Status(status.into()))
    };
    Event::Coverable(Coverable {
        system: "magento".to_owned(),
        points: (0..points).map(point).collect(),
    })
}

fn cover(events: &mut [Event], points: &[u32]) {
    let first = events.iter_mut().find_map(|event| match event {
        Event::SubjectFinished(case) => Some(case),
        _ => None,
    });
    first.expect("a case").covered = points.to_vec();
}

#[test]
fn coverage_is_what_any_shard_covered() {
    let mut shards = shards(2);
    for (shard, points) in shards.iter_mut().zip([[0, 1], [1, 3]]) {
        shard.insert(1, coverable(5));
        cover(shard, &points);
    }
    let events = merge(parts(shards.clone())).expect("shards of one run");
    let report = Report::from_events(&events);
    let [magento] = report.coverage()[..] else {
        panic!("one system is recorded");
    };
    let covered: Vec<bool> = magento.points().map(|(_, covered)| covered).collect();
    assert_eq!(covered, [true, true, false, true, false]);
    let mut recorded: Vec<u32> = Vec::new();
    for event in &events {
        if let Event::SubjectFinished(case) = event {
            recorded.extend_from_slice(&case.covered);
        }
    }
    recorded.sort_unstable();
    assert_eq!(recorded, [0, 1, 3], "each point once");

    shards[1][1] = coverable(4);
    assert_eq!(
        refused(shards.clone()),
        [
            "1.jsonl and 2.jsonl are from different runs: the number of points in the contracts of magento is 5 points, and 4 points"
        ]
    );
    shards[1].remove(1);
    assert_eq!(
        refused(shards.clone()),
        [
            "1.jsonl and 2.jsonl are from different runs: the number of points in the contracts of magento is recorded, and not recorded"
        ]
    );
    // A killed shard may have ended before that line.
    shards[1].pop();
    assert_eq!(merged(shards).coverage().len(), 1);
}

#[test]
fn recordings_of_different_runs_are_rejected() {
    type Change = fn(&mut Vec<Vec<Event>>);
    let table: [(Change, &str); 12] = [
        (
            |all| *all = vec![all[0].clone(), all[0].clone()],
            "1.jsonl and 2.jsonl are recordings of the same shard 1/3",
        ),
        (
            |all| all[1] = fixture::run(),
            "2.jsonl is the recording of a whole run, not of a shard: pass it alone to `report`",
        ),
        (
            |all| all[1] = shards(4).remove(1),
            "1.jsonl and 2.jsonl are from different runs: the number of shards is 3, and 4",
        ),
        (
            |all| start(&mut all[1]).shard.as_mut().unwrap().plan = 78,
            "1.jsonl and 2.jsonl are from different runs: the number of cases selected, over all shards, is 52 (plan 4d), and 52 (plan 4e)",
        ),
        (
            |all| start(&mut all[1]).shard.as_mut().unwrap().index = 4,
            "2.jsonl is the recording of shard 4/3, but there is no such shard",
        ),
        (
            |all| start(&mut all[1]).version = "0.2.0".to_owned(),
            "1.jsonl and 2.jsonl are from different runs: the version of counterpart is 0.1.0, and 0.2.0",
        ),
        (
            |all| drop(start(&mut all[1]).systems.pop()),
            "1.jsonl and 2.jsonl are from different runs: the systems are magento, nuweb, and magento",
        ),
        (
            |all| start(&mut all[1]).systems[0].target_version = Some("2.4.8".to_owned()),
            "1.jsonl and 2.jsonl are from different runs: the version of the target of magento is not stated, and 2.4.8",
        ),
        (
            |all| start(&mut all[1]).systems[1].contract = Named::of("documented"),
            "1.jsonl and 2.jsonl are from different runs: the contract of nuweb is read as real, and documented",
        ),
        (
            |all| start(&mut all[1]).systems[1].contracts[0].version = "2".to_owned(),
            "1.jsonl and 2.jsonl are from different runs: the contracts of nuweb are schemas/nuweb/customers.yaml 1, and schemas/nuweb/customers.yaml 2",
        ),
        (
            |all| {
                finish(&mut all[1]).waivers = vec![WaiverUse {
                    waiver: fixture::waiver(),
                    requested: true,
                    met: true,
                    doubtful: false,
                }];
            },
            "1.jsonl and 2.jsonl are from different runs: the waivers that were judged are none, and status-unexpected GET /V1/customers/me at status (line 3)",
        ),
        (
            |all| {
                let case = all[0]
                    .iter()
                    .find(|event| matches!(event, Event::SubjectFinished(_)));
                let case = case.cloned().unwrap();
                all[1].insert(1, case);
            },
            "the case magento::customers/me::a customer reads her own data is in both 1.jsonl and 2.jsonl",
        ),
    ];
    for (change, expected) in table {
        let mut shards = shards(3);
        change(&mut shards);
        let messages = refused(shards);
        assert!(
            messages.iter().any(|message| message == expected),
            "{expected}\n{messages:#?}"
        );
    }
    assert_eq!(refused(Vec::new()), ["no recording was given"]);
}
