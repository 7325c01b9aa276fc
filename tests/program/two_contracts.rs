//! Two published contracts document `POST /V1/customers` of Magento. The cases of one, sent to a server of the other, must fail where the
//! contracts differ, and only there.

use std::process::Command;

use counterpart::report::{Report, json_lines};
use counterpart::server::{self, InstanceOptions, Running, System};

/// Runs all cases of `system` against `running`. Returns the exit code and the report.
fn run(system: System, running: &Running) -> (Option<i32>, Report) {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("run.jsonl");
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart"));
    command
        .args([
            "run",
            "--quiet",
            "--disposable",
            "--target-version",
            "2.4.7",
        ])
        .args(["--system", system.name(), "--target", &running.url()])
        .arg(format!("--report=json={}", events.display()))
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    for &(profile, key, value) in running.system().credentials() {
        command.env(
            format!("COUNTERPART_AUTH_{profile}_{key}").to_uppercase(),
            value,
        );
    }
    let code = command.output().unwrap().status.code();
    let file = std::fs::File::open(events).unwrap();
    let recording = json_lines::read_report(std::io::BufReader::new(file)).unwrap();
    (code, recording.report)
}

async fn serve(system: System) -> Running {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    server::start(system, listener, InstanceOptions::default())
        .await
        .unwrap()
}

fn failed(report: &Report) -> Vec<String> {
    report
        .failed()
        .iter()
        .map(|case| case.subject.to_string())
        .collect()
}

fn passed(report: &Report) -> Vec<String> {
    report
        .passed()
        .iter()
        .map(|case| case.subject.to_string())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_the_other_contract_fails_where_the_contracts_differ() {
    let running = serve(System::MagentoAdminSave).await;
    let (code, report) = run(System::Magento, &running);
    assert_eq!(code, Some(1));
    let (failed, passed) = (failed(&report), passed(&report));
    // In that contract a guest cannot register…
    let guest = "magento::customers/create::a guest registers with email, name and password";
    assert!(failed.iter().any(|id| id == guest), "{failed:?}");
    // …customers cannot be changed by id, and `me/session` is a route.
    let by_id = "magento::customers/by-id::an administrator changes a customer";
    assert!(failed.iter().any(|id| id == by_id), "{failed:?}");
    // Where both agree, nothing fails: signing in as an administrator, reading a customer by id, reading one's own data.
    for agreed in [
        "magento::customers/by-id::an administrator reads a customer",
        "magento::customers/me-get::a customer reads her own data",
        "magento::customers/me-get::a guest is nobody",
    ] {
        assert!(passed.iter().any(|id| id == agreed), "{agreed}: {failed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reverse_fails_as_well() {
    let running = serve(System::Magento).await;
    let (code, report) = run(System::MagentoAdminSave, &running);
    assert_eq!(code, Some(1));
    let failed = failed(&report);
    // A released Magento lets guests register, and has no `me/session`.
    assert!(
        failed.iter().any(|id| id.contains("customers/save::")),
        "{failed:?}"
    );
    assert!(failed.iter().any(|id| id.contains("session")), "{failed:?}");
    assert!(!passed(&report).is_empty());
}
