//! Auth profiles: what each method sends, and what it never shows.

mod command;
mod cookies;
mod life;
mod oauth1;
mod oauth2;
mod placed;
mod tls;

use counterpart::event::{Event, SubjectFinished};

use super::run_all;

/// One case of these steps, run against a target.
async fn run_steps(
    target: counterpart::target::Target,
    system: &str,
    steps: &str,
) -> SubjectFinished {
    let cases = format!("cases: [ {{ name: a, steps: [ {steps} ] }} ]");
    let events = run_all(target, system, &cases, 1).await;
    let mut finished = events.into_iter().filter_map(|event| match event {
        Event::SubjectFinished(case) => Some(case),
        _ => None,
    });
    finished.next().unwrap()
}

/// Everything that a report may know of a case, as JSON.
fn shown(case: &SubjectFinished) -> String {
    serde_json::to_string(case).unwrap()
}
