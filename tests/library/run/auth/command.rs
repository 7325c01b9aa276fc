//! Headers of an external command.

use std::time::Duration;

use counterpart::event::{SubjectFinished, Verdict};
use counterpart::target::SigningCommand;

use super::super::server::{ReceivedRequest, Reply, Server, json};
use super::{run_steps, shown};

const STEPS: &str =
    "{ send: POST /a?b=c, as: signer, body: { k: 1 }, headers: { X-Own: own, X-Kept: kept } }";

/// A case whose request a shell script signs, and what was received.
async fn signed(script: &str, milliseconds: u64) -> (SubjectFinished, Vec<ReceivedRequest>) {
    let server = Server::start(|_, _| Reply::Keep(json("500 Internal Server Error", "{}")));
    let command = SigningCommand {
        words: ["sh", "-c", script].map(str::to_owned).to_vec(),
        folder: std::env::temp_dir(),
        timeout: Duration::from_millis(milliseconds),
    };
    let target = server.target().with_command("signer", command);
    let case = run_steps(target, "auth: { signer: command }", STEPS).await;
    (case, server.requests())
}

#[tokio::test]
async fn a_command_gets_the_request_and_returns_headers() {
    let script = r#"
        input=$(cat)
        case "$input" in
          *'"body":"{\"k\":1}"'*'"method":"POST"'*|*'"method":"POST"'*'"body":"{\"k\":1}"'*) ;;
          *) echo "unexpected: $input" >&2; exit 1 ;;
        esac
        case "$input" in *'/a?b=c"'*) ;; *) exit 2 ;; esac
        case "$input" in *'"x-own":"own"'*) ;; *) exit 4 ;; esac
        echo '{ "Authorization": "Sig s3cret-signature", "X-Date": "20261128T0405", "X-Kept": "replaced" }'
    "#;
    let (case, requests) = signed(script, 30_000).await;
    assert_eq!(case.verdict, Verdict::Failed, "{}", shown(&case));
    assert_eq!(
        requests[0].header("authorization"),
        Some("Sig s3cret-signature")
    );
    assert_eq!(requests[0].header("x-date"), Some("20261128T0405"));
    assert_eq!(
        requests[0].header("x-kept"),
        Some("kept"),
        "the step has priority"
    );
    assert!(!shown(&case).contains("s3cret-signature"));
}

#[tokio::test]
async fn a_command_that_fails_is_named_with_its_reason() {
    for (script, milliseconds, message) in [
        (
            "echo 'no key' >&2; exit 3",
            30_000,
            "auth profile `signer`: the command `sh` ended with exit code 3: no key",
        ),
        (
            "exit 1",
            30_000,
            "auth profile `signer`: the command `sh` ended with exit code 1: it printed nothing on stderr",
        ),
        (
            "sleep 60",
            50,
            "auth profile `signer`: the command `sh` did not end within 50ms",
        ),
        (
            "echo '[]'",
            30_000,
            "auth profile `signer`: the command `sh` must print headers as a JSON object, not another JSON value",
        ),
        (
            "echo '{\"X\": 1}'",
            30_000,
            "auth profile `signer`: the command `sh` printed a value of `X` that is not a text",
        ),
        (
            "echo '{\"X Y\": \"1\"}'",
            30_000,
            "auth profile `signer`: the command `sh` printed `X Y`, which is not a header name",
        ),
    ] {
        let (case, requests) = signed(script, milliseconds).await;
        assert_eq!(case.verdict, Verdict::Error);
        let error = case.steps[0].error.as_ref().unwrap();
        assert_eq!(error.message.to_string(), message);
        assert!(requests.is_empty());
    }
}

#[tokio::test]
async fn what_a_command_prints_shows_no_credential_of_the_target() {
    let server = Server::start(|_, _| Reply::Keep(json("200 OK", "{}")));
    let command = SigningCommand {
        words: ["sh", "-c", "echo 'wrong key t0p-s3cret' >&2; exit 1"]
            .map(str::to_owned)
            .to_vec(),
        folder: std::env::temp_dir(),
        timeout: SigningCommand::TIMEOUT,
    };
    let target = server.target().with_command("signer", command);
    let target = target.with_credential("signer", "client_secret", "t0p-s3cret");
    let case = run_steps(target, "auth: { signer: command }", STEPS).await;
    let error = case.steps[0].error.as_ref().unwrap();
    assert!(
        error.message.to_string().ends_with("wrong key ***"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_command_that_does_not_exist_or_is_not_configured() {
    let server = Server::start(|_, _| Reply::Keep(json("200 OK", "{}")));
    let skipped = run_steps(server.target(), "auth: { signer: command }", STEPS).await;
    assert_eq!(skipped.verdict, Verdict::Skipped);
    let command = SigningCommand {
        words: vec!["./no-such-program".to_owned()],
        folder: std::env::temp_dir(),
        timeout: SigningCommand::TIMEOUT,
    };
    let target = server.target().with_command("signer", command);
    let case = run_steps(target, "auth: { signer: command }", STEPS).await;
    let error = case.steps[0].error.as_ref().unwrap();
    assert_eq!(
        error.message.to_string(),
        "auth profile `signer`: the command `./no-such-program` cannot be run: No such file or directory (os error 2)"
    );
}
