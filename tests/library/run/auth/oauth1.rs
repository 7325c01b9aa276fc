//! OAuth 1.0a against a verifier of another author: `oauthlib`, where Python has it.

use std::io::Write;
use std::process::{Command, Stdio};

use counterpart::event::Verdict;
use counterpart::target::Target;

use super::super::server::{ReceivedRequest, Reply, Server, json};
use super::{run_steps, shown};

/// Verifies one signature: a JSON object on stdin, `True` or `False` on stdout.
const VERIFIER: &str = r#"
import json, sys
from oauthlib.oauth1 import RequestValidator
class Validator(RequestValidator):
    enforce_ssl = False
    allowed_signature_methods = ("HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT")
    def check_client_key(self, key): return True
    def check_access_token(self, token): return True
    def check_nonce(self, nonce): return True
r = json.load(sys.stdin)
v = Validator()
from oauthlib.oauth1.rfc5849.endpoints.base import BaseEndpoint
from oauthlib.oauth1.rfc5849 import signature as s
e = BaseEndpoint(v)
q = e._create_request(r["url"], r["method"], r["body"], r["headers"])
e._check_transport_security(q); e._check_mandatory_parameters(q)
verify = {"HMAC-SHA1": s.verify_hmac_sha1, "HMAC-SHA256": s.verify_hmac_sha256}.get(q.signature_method)
print(verify(q, "cons&umer secret", r["secret"]) if verify else s.verify_plaintext(q, "cons&umer secret", r["secret"]))
"#;

fn has_oauthlib() -> bool {
    let found = Command::new("python3")
        .args(["-c", "import oauthlib.oauth1"])
        .stderr(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}

/// What `oauthlib` says about a request.
fn verified(server: &Server, request: &ReceivedRequest, token_secret: &str) -> String {
    let headers: serde_json::Map<String, serde_json::Value> = request
        .headers
        .iter()
        .filter(|(name, _)| ["authorization", "content-type"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    let described = serde_json::json!({
        "url": format!("{}{}", server.url, request.path),
        "method": request.method,
        "body": request.body,
        "headers": headers,
        "secret": token_secret,
    });
    let mut python = Command::new("python3")
        .args(["-c", VERIFIER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    stdin.write_all(described.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn target(server: &Server) -> Target {
    let mut target = server.target();
    for (key, value) in [
        ("consumer_key", "consumer-1"),
        ("consumer_secret", "cons&umer secret"),
        ("token", "token-1"),
        ("token_secret", "t/ken+secret"),
    ] {
        target = target.with_credential("erp", key, value);
    }
    target
}

#[tokio::test]
async fn another_library_verifies_every_signature() {
    if !has_oauthlib() {
        println!("skipped: python3 has no `oauthlib`");
        return;
    }
    for profile in [
        "oauth1",
        "{ oauth1: { signature_method: HMAC-SHA1, realm: 'a \"shop\"' } }",
        "{ oauth1: { signature_method: PLAINTEXT } }",
        "{ oauth1: { token: null } }",
    ] {
        let server = Server::start(|_, _| Reply::Keep(json("200 OK", "{\"id\":1}")));
        let system = format!("auth: {{ erp: {profile} }}");
        let steps =
            "{ send: 'GET /a%20b/ä?x=%2F&x=a+b&y', as: erp, query: { z: 'é &=', empty: '' } },
            { send: POST /form?q=1, as: erp, form: { a: 'x y', a2: 'ü+&', q: 2 } },
            { send: PUT /json, as: erp, body: { a: 1 } },
            { send: DELETE /, as: erp }";
        let case = run_steps(target(&server), &system, steps).await;
        assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
        let secret = if profile.contains("null") {
            ""
        } else {
            "t/ken+secret"
        };
        let requests = server.requests();
        assert_eq!(requests.len(), 4);
        for request in &requests {
            assert_eq!(
                verified(&server, request, secret),
                "True",
                "{profile} {}",
                request.line()
            );
            assert_eq!(verified(&server, request, "wrong"), "False", "{profile}");
        }
    }
}

#[tokio::test]
async fn each_request_has_its_own_nonce_and_no_secret_is_shown() {
    for method in ["HMAC-SHA256", "PLAINTEXT"] {
        let server = Server::start(|_, _| Reply::Keep(json("500 Internal Server Error", "{}")));
        let system = format!("auth: {{ erp: {{ oauth1: {{ signature_method: {method} }} }} }}");
        let steps = "{ send: GET /a, as: erp, expect: { status: 500 } }, { send: GET /a, as: erp }";
        let case = run_steps(target(&server), &system, steps).await;
        assert_eq!(case.verdict, Verdict::Failed, "{}", shown(&case));
        let nonces: Vec<String> = server
            .requests()
            .iter()
            .map(|request| {
                let header = request.header("authorization").unwrap();
                assert!(
                    header.starts_with("OAuth oauth_consumer_key=\"consumer-1\""),
                    "{header}"
                );
                let nonce = header.split("oauth_nonce=\"").nth(1).unwrap();
                nonce.split('"').next().unwrap().to_owned()
            })
            .collect();
        assert_ne!(nonces[0], nonces[1]);
        for secret in [
            "cons&umer",
            "cons%26umer",
            "cons%2526umer",
            "t/ken+secret",
            "t%2Fken",
            "t%252Fken",
            "token-1",
        ] {
            assert!(
                !shown(&case).contains(secret),
                "{secret} in {}",
                shown(&case)
            );
        }
    }
}
