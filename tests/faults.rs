//! Tests the shipped cases: for every fault of the embedded servers they must report the expected code. (`tests/conformance.rs`
//! shows that a server without a fault has no finding.)

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use counterpart::case::{self, Suite};
use counterpart::contract;
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::event::{Event, SubjectFinished};
use counterpart::plan::{PlannedCase, Selection, plan};
use counterpart::run::{Assignment, Pipeline, RunOptions, run};
use counterpart::server::{self, FAULTS, Fault, System};
use counterpart::source::{FileError, Files, Folder, Source};
use counterpart::target::Target;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio_util::sync::CancellationToken;

/// Each fault with the expected code of a finding, or of the error that prevents judging.
const EXPECTED: &[(&str, &str)] = &[
    ("drop-email", "body-schema"),
    ("drop-address-region", "expect-body"),
    ("drop-subscription", "expect-body"),
    ("id-as-text", "body-schema"),
    ("group-id-quoted", "body-schema"),
    ("null-email", "body-schema"),
    ("null-addresses", "body-schema"),
    ("addresses-as-object", "body-schema"),
    ("extension-as-list", "body-schema"),
    ("null-region", "body-schema"),
    ("default-flag-as-text", "body-schema"),
    ("date-with-slashes", "body-schema"),
    ("swap-names", "expect-body"),
    ("extra-property", "body-undocumented-property"),
    ("leak-password", "body-write-only-property"),
    ("leak-password-hash", "body-write-only-property"),
    ("created-status", "status-unexpected"),
    ("teapot-status", "status-unexpected"),
    ("not-found-as-success", "status-unexpected"),
    ("forbidden-for-unauthorized", "status-unexpected"),
    ("internal-error", "server-error"),
    ("bad-gateway", "server-error"),
    ("html-type", "content-type-undocumented"),
    ("garbled-type", "content-type-undocumented"),
    ("no-type", "content-type-missing"),
    ("empty-body", "body-missing"),
    ("half-the-text", "body-truncated"),
    ("half-the-bytes", "body-truncated"),
    ("trailing-comma", "body-unparsable"),
    ("single-quotes", "body-unparsable"),
    ("not-utf-eight", "body-unparsable"),
    ("two-documents", "body-unparsable"),
    ("twice-the-same-key", "body-duplicate-key"),
    ("no-cache-control", "header-missing"),
    ("public-cache-control", "header-invalid"),
    ("no-frame-options", "header-missing"),
    ("garbled-frame-options", "header-invalid"),
    ("ignored-auth", "auth-ignored"),
    ("ignored-auth-me", "auth-ignored"),
    ("ignored-auth-delete", "auth-ignored"),
    ("forged-token", "status-unexpected"),
    ("lost-update", "expect-body"),
    ("lost-update-by-admin", "expect-body"),
    ("old-value", "expect-body"),
    ("delete-keeps", "status-unexpected"),
    ("delete-says-false", "expect-body"),
    ("email-in-capitals", "expect-body"),
    ("duplicate-email", "status-unexpected"),
    ("weak-password", "status-unexpected"),
    ("any-password", "status-unexpected"),
    ("token-in-an-object", "body-schema"),
    ("another-message", "expect-body"),
    ("placeholder-without-parameter", "error-template"),
    ("parameter-left-over", "error-template"),
    ("no-parameters", "expect-body"),
    ("no-message", "body-schema"),
    ("error-in-a-list", "body-schema"),
    ("html-errors", "content-type-undocumented"),
    ("late", "expect-time"),
    ("moved", "redirect-unexpected"),
    ("deep", "response-too-deep"),
    ("huge", "response-too-large"),
    ("hang-up", "connection-broken"),
    ("admin-save-drop-email", "body-schema"),
    ("admin-save-ignored-auth", "auth-ignored"),
    ("admin-save-lost-update", "expect-body"),
    ("admin-save-session-moved", "redirect-unexpected"),
    ("admin-save-session-extra", "body-undocumented-property"),
    ("nuweb-drop-type", "body-schema"),
    ("nuweb-drop-name", "body-schema"),
    ("nuweb-null-name", "body-schema"),
    ("nuweb-phone-code-as-text", "body-schema"),
    ("nuweb-data-as-list", "body-schema"),
    ("nuweb-date-form", "body-format"),
    ("nuweb-link", "body-format"),
    ("nuweb-extra-attribute", "body-undocumented-property"),
    ("nuweb-leak-password", "body-write-only-property"),
    ("nuweb-teapot", "status-undocumented"),
    ("nuweb-created", "status-undocumented"),
    ("nuweb-no-company", "header-missing"),
    ("nuweb-garbled-company", "header-invalid"),
    ("nuweb-ignored-auth", "auth-ignored"),
    ("nuweb-lost-update", "expect-body"),
    ("nuweb-old-value", "expect-body"),
    ("nuweb-invalid-values", "status-unexpected"),
    ("nuweb-no-company-needed", "status-unexpected"),
    ("nuweb-html-errors", "content-type-undocumented"),
    ("search-ignores-filters", "expect-body"),
    ("search-ignores-order", "expect-body"),
    ("search-ignores-pages", "expect-body"),
    ("search-total", "expect-body"),
    ("search-drop-criteria", "body-schema"),
    ("email-taken", "expect-body"),
    ("password-not-kept", "status-unexpected"),
    ("any-current-password", "status-unexpected"),
    ("revoke-keeps-token", "status-unexpected"),
    ("any-reset-token", "status-unexpected"),
    ("any-reset-link", "status-unexpected"),
    ("any-confirmation-key", "status-unexpected"),
    ("always-valid", "expect-body"),
    ("confirmation-required", "expect-body"),
    ("read-only", "expect-body"),
    ("address-of-anybody", "auth-ignored"),
    ("address-of-another", "status-unexpected"),
    ("address-stays", "status-unexpected"),
    ("no-address-as-null", "body-schema"),
    ("default-group-deleted", "status-unexpected"),
    ("group-stays", "status-unexpected"),
    ("group-code-twice", "status-unexpected"),
    ("group-not-changed", "expect-body"),
    ("group-search-ignores-filters", "expect-body"),
    ("group-without-code", "body-schema"),
    ("lock-reported-early", "expect-body"),
    ("accents-differ", "status-unexpected"),
    ("calendar-days-only", "status-unexpected"),
    ("region-name-as-code", "expect-body"),
    ("query-ignored", "status-unexpected"),
    ("default-by-number", "expect-body"),
    ("activated-with-extensions", "expect-absent"),
    ("no-session-cookie", "expect-header"),
];

/// Faults that no shipped case can detect, with the code they would lead to: the request needs a token that is only sent by mail.
const UNSEEN: &[(&str, &str)] = &[("reset-token-reusable", "status-unexpected")];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test(
        "every fault has its code, and nothing else has",
        every_fault_is_expected,
    )];
    for &(name, code) in EXPECTED {
        trials.push(Trial::test(
            format!("{name} is reported as {code}"),
            move || is_reported(name, code),
        ));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn every_fault_is_expected() -> Result<(), Failed> {
    let faults: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name).collect();
    let expected: BTreeSet<&str> = EXPECTED
        .iter()
        .chain(UNSEEN)
        .map(|(name, _)| *name)
        .collect();
    let difference: Vec<_> = faults.symmetric_difference(&expected).collect();
    if difference.is_empty() {
        Ok(())
    } else {
        Err(
            format!("faults in only one of the two tables (server and test): {difference:?}")
                .into(),
        )
    }
}

#[tokio::main(flavor = "current_thread")]
async fn is_reported(name: &str, code: &str) -> Result<(), Failed> {
    let fault: &'static Fault = server::fault(name).ok_or("there is no such fault")?;
    let seen = codes_seen(fault, code).await?;
    if seen.contains(code) {
        Ok(())
    } else {
        Err(format!("the shipped cases reported only {seen:?}").into())
    }
}

/// Runs the cases that call the faulty operation until `expected` is reported, and returns all reported codes.
async fn codes_seen(fault: &'static Fault, expected: &str) -> Result<BTreeSet<String>, Failed> {
    let suite = suite(fault.system)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let options = server::InstanceOptions {
        faults: vec![fault],
        ..server::InstanceOptions::default()
    };
    let running = server::start(fault.system, listener, options).await?;
    let mut target = Target::parse(&running.url())?;
    target.disposable = true;
    if let Some(version) = running.version() {
        target = target.with_version(version.name())?;
    }
    for &(profile, key, value) in fault.system.credentials() {
        target = target.with_credential(profile, key, value);
    }
    let seed = 1;
    let planned = plan(&[Arc::clone(&suite)], &Selection::default(), seed);
    let cases = planned.systems.into_iter().flat_map(|system| system.cases);
    let cases = cases
        .filter(|planned| calls(planned, fault))
        .map(|planned| (planned, None))
        .collect();
    let pipeline = Pipeline::new(suite, Arc::new(target), seed)?;
    let jobs = NonZeroUsize::new(4).ok_or("no jobs")?;
    let cancel = CancellationToken::new();
    let (sender, mut events) = tokio::sync::mpsc::channel(64);
    let options = RunOptions {
        jobs,
        seed,
        max_failures: None,
        shard: None,
    };
    let task = tokio::spawn(run(
        vec![Assignment { pipeline, cases }],
        options,
        cancel.clone(),
        sender,
    ));
    let mut seen = BTreeSet::new();
    while let Some(event) = events.recv().await {
        if let Event::SubjectFinished(finished) = event {
            seen.extend(codes_of(&finished));
            if seen.contains(expected) {
                cancel.cancel();
            }
        }
    }
    task.await?;
    Ok(seen)
}

/// Whether one of the case's own steps calls the faulty operation.
fn calls(planned: &PlannedCase, fault: &Fault) -> bool {
    let method_and_path = fault.operation.split_once(' ');
    planned
        .case
        .requests()
        .any(|step| match (&step.call, method_and_path) {
            (case::Call::Operation { operation, .. }, Some((method, path))) => {
                operation.method == method && path.ends_with(&operation.path)
            }
            _ => false,
        })
}

fn codes_of(finished: &SubjectFinished) -> Vec<String> {
    let findings = finished
        .steps
        .iter()
        .flat_map(|step| step.findings.iter().map(|finding| finding.code.to_string()));
    let errors = finished
        .steps
        .iter()
        .filter_map(|step| step.error.as_ref())
        .map(|error| error.kind.to_string());
    findings.chain(errors).collect()
}

/// A case of this test. No shipped case limits the time of a response: on a loaded machine it would fail without a fault.
const TIME_LIMIT: (&str, &str) = (
    "magento/time-limit.yaml",
    "contract: [magento/customers.yaml, magento/tokens.yaml]
cases:
  - name: a customer reads her own data within two seconds
    given: [customer]
    call: GET /V1/customers/me
    as: customer
    expect: { status: 200, within: 2s }
",
);

/// The shipped cases and [`TIME_LIMIT`].
#[derive(Debug)]
struct ShippedAndOwn(Folder);

impl Files for ShippedAndOwn {
    fn read(&self, path: &str) -> Result<Source, FileError> {
        match TIME_LIMIT {
            (own, text) if own == path => Ok(Source::new(path, text)),
            _ => self.0.read(path),
        }
    }

    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileError> {
        self.0.read_bytes(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut paths = self.0.list(folder);
        if folder == "magento" {
            paths.push(TIME_LIMIT.0.to_owned());
        }
        paths
    }
}

/// The shipped suite of a system with the case of this test, loaded once for all faults.
fn suite(system: System) -> Result<Arc<Suite>, Failed> {
    static SUITES: Mutex<BTreeMap<&str, Arc<Suite>>> = Mutex::new(BTreeMap::new());
    let mut suites = SUITES.lock()?;
    if let Some(suite) = suites.get(system.name()) {
        return Ok(Arc::clone(suite));
    }
    let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let schemas = Folder::new(project.join("schemas"));
    let cases = ShippedAndOwn(Folder::new(project.join("cases")));
    let mut diagnostics = Diagnostics::new();
    let contracts =
        |path: &str, diagnostics: &mut Diagnostics| contract::load(&schemas, path, diagnostics);
    let suite = case::load(&cases, system.name(), &contracts, &mut diagnostics);
    match suite {
        Some(suite) if !diagnostics.has_errors() => {
            let suite = Arc::new(suite);
            suites.insert(system.name(), Arc::clone(&suite));
            Ok(suite)
        }
        _ => Err(diagnostics.render(Style::Plain).into()),
    }
}
