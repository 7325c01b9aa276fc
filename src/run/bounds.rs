//! The first and the last event of a run.

use std::time::Instant;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::case::Suite;
use crate::event::{
    ConnectionRecord, ContractNamed, FORMAT, RunFinished, RunStarted, ShardRecord, SubjectKind,
    SystemStarted, WaiverUse,
};
use crate::exchange::proxy_of;
use crate::finding::Named;
use crate::judge::waiver_record;
use crate::target::{Target, without_credentials};
use crate::waiver::{Stale, Used, WaiverLedger};

/// Why a run ended early, if it did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunEnding {
    pub(crate) interrupted: bool,
    /// The number of failures after which the run stopped although there were more subjects.
    pub(crate) stopped_after: Option<usize>,
}

/// The event of a run that starts now.
pub(crate) fn run_started(
    subjects: SubjectKind,
    systems: Vec<SystemStarted>,
    seed: u64,
    shard: Option<ShardRecord>,
) -> RunStarted {
    RunStarted {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: OffsetDateTime::now_utc()
            .format(&Rfc3339)
            .unwrap_or_default(),
        seed,
        subjects,
        planned: systems.iter().map(|system| system.planned).sum(),
        systems,
        shard,
        notes: Vec::new(),
    }
}

/// A system and its target, with the number of planned subjects.
pub(crate) fn system_started(suite: &Suite, target: &Target, planned: usize) -> SystemStarted {
    let mut contracts: Vec<ContractNamed> = Vec::new();
    for contract in suite.contracts() {
        if !contracts.iter().any(|named| named.path == contract.name) {
            contracts.push(ContractNamed {
                path: contract.name.clone(),
                title: contract.title.clone(),
                version: contract.version.clone(),
                overlays: contract
                    .overlays
                    .iter()
                    .map(|overlay| overlay.name.clone())
                    .collect(),
            });
        }
    }
    let reading = suite.contracts().next().map(|contract| contract.reading);
    SystemStarted {
        target_version: target.version.as_ref().map(ToString::to_string),
        contract: Named::Known(reading.unwrap_or_default()),
        system: suite.system.clone(),
        target: target.name.clone(),
        url: without_credentials(&target.url),
        connection: ConnectionRecord {
            proxy: proxy_of(target),
            ca: target.tls.ca.as_ref().map(|ca| ca.name.clone()),
            insecure: target.tls.insecure,
        },
        planned,
        contracts,
    }
}

/// The event of the end of a run that began at `started`. `ledgers`: those of its systems, all with the same waivers.
pub(crate) fn run_finished(
    started: Instant,
    ending: RunEnding,
    ledgers: &[&WaiverLedger],
    shard: Option<ShardRecord>,
) -> RunFinished {
    let rule = ledgers
        .first()
        .map_or(Stale::Ignored, |ledger| ledger.waivers().stale());
    // An incomplete run cannot show which waivers are stale. A single shard cannot either, but all shards together can.
    let is_whole = !ending.interrupted && ending.stopped_after.is_none();
    let used = match rule {
        Stale::Warns | Stale::Fails if is_whole => WaiverLedger::used(ledgers.iter().copied()),
        _ => Vec::new(),
    };
    let (stale_waivers, waivers) = match shard {
        Some(_) => (Vec::new(), used.iter().map(waiver_use).collect()),
        None => {
            let stale = used.iter().filter(|used| used.is_stale());
            let stale = stale.map(|used| waiver_record(&used.waiver));
            (stale.collect(), Vec::new())
        }
    };
    RunFinished {
        milliseconds: started.elapsed().as_secs_f64() * 1000.0,
        interrupted: ending.interrupted,
        stopped_after: ending.stopped_after,
        stale_waivers,
        strict_waivers: rule == Stale::Fails,
        waivers,
    }
}

fn waiver_use(used: &Used) -> WaiverUse {
    let Used {
        waiver,
        tested,
        matched,
        incomplete,
    } = used;
    WaiverUse {
        waiver: waiver_record(waiver),
        requested: *tested,
        met: *matched,
        doubtful: *incomplete,
    }
}
