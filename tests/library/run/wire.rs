//! Responses that HTTP allows give no finding; responses that it does not allow, or that exceed a limit, have their own code.

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use counterpart::event::{SubjectFinished, Verdict};
use counterpart::target::{Redirects, Target};

use super::server::{Reply, Server, json, with_headers};
use super::{reported_codes, run_case};

const GET: &str = "cases: [ { name: a, call: GET /thing, expect: { status: 200 } } ]";

/// The verdict on `GET /thing` with these bytes as the response, after which the connection is closed.
async fn case_with_response(bytes: impl Into<Vec<u8>>) -> SubjectFinished {
    let bytes = bytes.into();
    let server = Server::start(move |_, _| Reply::Close(bytes.clone()));
    run_case(server.target(), "", GET).await
}

#[track_caller]
fn assert_codes(case: &SubjectFinished, verdict: Verdict, codes: &[&str]) {
    assert_eq!(
        (case.verdict, reported_codes(case)),
        (verdict, codes.iter().map(|&code| code.to_owned()).collect()),
        "{case:#?}"
    );
}

#[tokio::test]
async fn legal_responses_pass() {
    let long = "x".repeat(60_000);
    let many: String = (0..90).map(|i| format!("X-{i}: {i}\r\n")).collect();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let responses = [
        // The end of the connection is the end of the body.
        "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"id\":1}".to_owned(),
        format!("{head}Connection: close\r\n\r\n{{\"id\":1}}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n4\r\n{{\"id\r\n4;x=y\r\n\":1}}\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        // Interim responses precede the final one.
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{head}Content-Length: 8\r\n\r\n{{\"id\":1}}"),
        format!("{head}X-Long: {long}\r\nContent-Length: 8\r\n\r\n{{\"id\":1}}"),
        format!("{head}{many}Content-Length: 8\r\n\r\n{{\"id\":1}}"),
        // No reason phrase, names in other case, blanks around values.
        "HTTP/1.1 200\r\nCONTENT-TYPE:   application/json;charset=UTF-8  \r\ncontent-length:8\r\n\r\n{\"id\":1}".to_owned(),
    ];
    for response in responses {
        assert_codes(&case_with_response(response).await, Verdict::Passed, &[]);
    }
    let latin = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Name: Z\xfcrich\r\nContent-Length: 8\r\n\r\n{\"id\":1}";
    assert_codes(&case_with_response(*latin).await, Verdict::Passed, &[]);
}

#[tokio::test]
async fn closed_connections_are_classified_by_their_position() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    for nothing in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Ty",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        assert_codes(
            &case_with_response(nothing).await,
            Verdict::Error,
            &["connection-broken"],
        );
    }
    for garbage in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 banana\r\n\r\n",
        "\0\0\0\0\0\0",
    ] {
        assert_codes(
            &case_with_response(garbage).await,
            Verdict::Error,
            &["connection-broken"],
        );
    }
    let cut = [
        format!("{head}Content-Length: 100\r\n\r\n{{\"id\":"),
        format!("{head}Content-Length: 100\r\n\r\n{{\"id\":1}}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n8\r\n{{\"id\":1}}\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{\"id\":1}}\r\n"),
    ];
    for response in cut {
        assert_codes(
            &case_with_response(response).await,
            Verdict::Failed,
            &["body-truncated"],
        );
    }
}

#[tokio::test]
async fn bodies_where_none_belongs() {
    let head = Server::start(|_, _| {
        Reply::Keep(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"
                .to_vec(),
        )
    });
    let case = "cases: [ { name: a, call: HEAD /thing, expect: { status: 200 } } ]";
    assert_codes(
        &run_case(head.target(), "", case).await,
        Verdict::Passed,
        &[],
    );
    let gone = Server::start(|_, _| Reply::Keep(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()));
    let case = "cases: [ { name: a, call: DELETE /thing, expect: { status: 204 } } ]";
    assert_codes(
        &run_case(gone.target(), "", case).await,
        Verdict::Passed,
        &[],
    );
}

#[tokio::test]
async fn an_empty_response_may_have_a_content_encoding() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 30\r\n\r\n";
    let head = Server::start(move |_, _| Reply::Keep(bytes.to_vec()));
    let case = "cases: [ { name: a, call: HEAD /thing, expect: { status: 200 } } ]";
    assert_codes(
        &run_case(head.target(), "", case).await,
        Verdict::Passed,
        &[],
    );
    for coding in ["gzip", "br", "deflate"] {
        let gone = Server::start(move |_, _| {
            Reply::Keep(
                format!("HTTP/1.1 204 No Content\r\nContent-Encoding: {coding}\r\n\r\n")
                    .into_bytes(),
            )
        });
        let case = "cases: [ { name: a, call: DELETE /thing, expect: { status: 204 } } ]";
        assert_codes(
            &run_case(gone.target(), "", case).await,
            Verdict::Passed,
            &[],
        );
    }
}

/// `{"id":1}` as gzip writes it (RFC 1952), and as zlib does (RFC 1950), stored without compression.
fn stored(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    let mut block = vec![1];
    block.extend(length.to_le_bytes());
    block.extend((!length).to_le_bytes());
    block.extend(body);
    block
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bytes.extend(stored(body));
    bytes.extend((!crc).to_le_bytes());
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes
}

#[tokio::test]
async fn content_encodings_are_decoded_and_broken_ones_reported() {
    let headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let right = gzip(b"{\"id\":1}");
    assert_codes(
        &case_with_response(with_headers("200 OK", headers, &right)).await,
        Verdict::Passed,
        &[],
    );
    let plain = case_with_response(with_headers("200 OK", headers, b"{\"id\":1}")).await;
    assert_codes(&plain, Verdict::Failed, &["body-truncated"]);
    let cut = case_with_response(with_headers("200 OK", headers, &right[..right.len() - 6])).await;
    assert_codes(&cut, Verdict::Failed, &["body-truncated"]);
    let mut wrong_sum = right.clone();
    let at = wrong_sum.len() - 7;
    wrong_sum[at] ^= 0xff;
    let wrong = case_with_response(with_headers("200 OK", headers, &wrong_sum)).await;
    assert_codes(&wrong, Verdict::Failed, &["body-truncated"]);
}

/// A contract may require the headers of the compressed body; sizes are those of the body as it is read.
#[tokio::test]
async fn headers_of_a_compressed_body_are_checked_as_received() {
    let case = "cases: [ { name: a, call: GET /packed, expect: { status: 200 } } ]";
    let coding = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let received = async |headers: &'static str, body: Vec<u8>| {
        let bytes = with_headers("200 OK", headers, &body);
        let server = Server::start(move |_, _| Reply::Close(bytes.clone()));
        let finished = run_case(server.target(), "", case).await;
        let requests = server.requests();
        let accepted = requests[0].headers.iter();
        let accepted: Vec<_> = accepted
            .filter(|(name, _)| name == "accept-encoding")
            .map(|(_, value)| value.clone())
            .collect();
        assert_eq!(accepted, ["gzip, deflate, br"]);
        finished
    };
    let right = received(coding, gzip(b"{\"id\":1}")).await;
    assert_codes(&right, Verdict::Passed, &[]);

    let wrong = received(coding, gzip(b"{\"id\":\"1\"}")).await;
    assert_codes(&wrong, Verdict::Failed, &["body-schema"]);
    let response = wrong.steps[0].response.as_ref().unwrap();
    assert_eq!(response.body.as_ref().unwrap().bytes, 10);

    let plain = received("Content-Type: application/json\r\n", b"{\"id\":1}".to_vec()).await;
    assert_codes(
        &plain,
        Verdict::Failed,
        &["header-missing", "header-invalid"],
    );
}

#[tokio::test]
async fn the_body_limit_applies_to_the_decompressed_body() {
    // 1032 : 1, the most that deflate can do: zeros as one literal and matches of 258, in one block with the fixed codes.
    let mut bits: Vec<bool> = vec![true, true, false];
    bits.extend([false, false, true, true, false, false, false, false]);
    for _ in 0..400 {
        bits.extend([true, true, false, false, false, true, false, true]);
        bits.extend([false; 5]);
    }
    bits.extend([false; 7]);
    let block: Vec<u8> = bits
        .chunks(8)
        .map(|bits| {
            bits.iter()
                .rev()
                .fold(0, |byte, &bit| byte << 1 | u8::from(bit))
        })
        .collect();
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bomb.extend(block);
    let packed = bomb.len();
    let server = Server::start(move |_, _| {
        Reply::Close(with_headers(
            "200 OK",
            "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
            &bomb,
        ))
    });
    let mut target = server.target();
    target.limits.body = 100_000;
    assert!(packed < 1000, "{packed}");
    assert_codes(
        &run_case(target, "", GET).await,
        Verdict::Error,
        &["response-too-large"],
    );
    // The limit itself is allowed.
    for (length, codes) in [(1000, &[][..]), (1001, &["response-too-large"][..])] {
        let body = format!("{{\"id\":1{}}}", " ".repeat(length - 8));
        let server = Server::start(move |_, _| Reply::Keep(json("200 OK", &body)));
        let mut target = server.target();
        target.limits.body = 1000;
        assert_eq!(reported_codes(&run_case(target, "", GET).await), codes);
    }
}

#[tokio::test]
async fn depth_is_limited() {
    for (depth, codes) in [
        (5, &[][..]),
        (6, &["response-too-deep"][..]),
        (100_000, &["response-too-deep"][..]),
    ] {
        let body = format!(
            "{{\"id\":1,\"x\":{}{}}}",
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        );
        let server = Server::start(move |_, _| Reply::Keep(json("200 OK", &body)));
        let mut target = server.target();
        target.limits.depth = 5;
        target.severities.overrides.insert(
            counterpart::finding::Code::BodyUndocumentedProperty,
            counterpart::finding::Severity::Off,
        );
        assert_eq!(
            reported_codes(&run_case(target, "", GET).await),
            codes,
            "{depth}"
        );
    }
}

#[tokio::test]
async fn time_is_limited_even_if_bytes_arrive_slowly() {
    let short = |server: &Server| {
        let mut target = server.target();
        target.limits.total = Duration::from_millis(300);
        target
    };
    let silent = Server::start(|_, _| Reply::Hang);
    assert_codes(
        &run_case(short(&silent), "", GET).await,
        Verdict::Error,
        &["timeout"],
    );
    let drip =
        Server::start(|_, _| Reply::Drip(json("200 OK", "{\"id\":1}"), Duration::from_millis(20)));
    assert_codes(
        &run_case(short(&drip), "", GET).await,
        Verdict::Error,
        &["timeout"],
    );
    let body = Server::start(|_, _| {
        Reply::Keep(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
                .to_vec(),
        )
    });
    assert_codes(
        &run_case(short(&body), "", GET).await,
        Verdict::Error,
        &["timeout"],
    );
    // A step may set a longer or shorter timeout.
    let patient = "cases: [ { name: a, call: GET /thing, timeout: 30s, expect: { status: 200 } } ]";
    assert_codes(
        &run_case(short(&drip), "", patient).await,
        Verdict::Passed,
        &[],
    );
    let hasty = "cases: [ { name: a, call: GET /thing, timeout: 100ms, expect: { status: 200 } } ]";
    assert_codes(
        &run_case(silent.target(), "", hasty).await,
        Verdict::Error,
        &["timeout"],
    );
}

#[tokio::test]
async fn a_listener_that_accepts_nothing_is_a_connect_timeout() {
    // Linux completes handshakes up to the backlog; fill it, and the next connection waits.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let held: Vec<_> = (0..5000)
        .map_while(|_| {
            std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok()
        })
        .collect();
    let mut target = Target::parse(&format!("http://{address}")).unwrap();
    target.limits.connect = Duration::from_millis(200);
    target.limits.total = Duration::from_secs(20);
    let outcome = super::outcome(target, "", GET).await;
    drop(held);
    let counterpart::run::Outcome::Unreachable(error) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (error.kind.as_str(), error.message.unescaped()),
        ("connect-timeout", "no connection within 200ms")
    );
}

#[tokio::test]
async fn connections_closed_between_requests_give_no_finding() {
    // The server closes the connection after each response without announcing it.
    let server = Server::start(|_, _| Reply::Close(json("200 OK", "{\"id\":1}")));
    let steps = "{ call: GET /thing, expect: { status: 200 } }, ".repeat(50);
    let case = format!("cases: [ {{ name: a, steps: [ {steps} ] }} ]");
    assert_codes(
        &run_case(server.target(), "", &case).await,
        Verdict::Passed,
        &[],
    );
    assert_eq!(server.requests().len(), 50);
}

#[tokio::test]
async fn redirects_are_reported_or_followed_on_the_same_origin_only() {
    let elsewhere = Server::start(|_, _| Reply::Keep(json("200 OK", "{\"id\":1}")));
    let other = elsewhere.url.clone();
    let server = Server::start(move |request, _| {
        let to = match request.path.as_str() {
            "/thing?q=there" => format!("{other}/stolen"),
            "/thing?q=loop" => "/thing?q=loop".to_owned(),
            "/thing?q=one" => "/thing?q=two".to_owned(),
            "/thing?q=two" => "/thing".to_owned(),
            _ => return Reply::Keep(json("200 OK", "{\"id\":1}")),
        };
        Reply::Keep(with_headers(
            "302 Found",
            &format!("Location: {to}\r\n"),
            b"",
        ))
    });
    let case = |q: &str| {
        format!(
            "cases: [ {{ name: a, call: GET /thing, query: {{ q: {q} }}, as: someone, expect: {{ status: 200 }} }} ]"
        )
    };
    let system = "auth: { someone: { bearer: no-secret-at-all } }";
    let following = |times| {
        let mut target = server.target();
        target.redirects = Redirects::Follow(times);
        target
    };
    assert_codes(
        &run_case(server.target(), system, &case("one")).await,
        Verdict::Failed,
        &["redirect-unexpected"],
    );
    assert_codes(
        &run_case(following(2), system, &case("one")).await,
        Verdict::Passed,
        &[],
    );
    assert_codes(
        &run_case(following(1), system, &case("one")).await,
        Verdict::Error,
        &["redirect-limit"],
    );
    assert_codes(
        &run_case(following(3), system, &case("loop")).await,
        Verdict::Error,
        &["redirect-limit"],
    );
    assert_codes(
        &run_case(following(3), system, &case("there")).await,
        Verdict::Failed,
        &["redirect-unexpected"],
    );
    assert_eq!(elsewhere.lines(), Vec::<String>::new());
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.header("authorization") == Some("Bearer no-secret-at-all"))
    );
}

#[tokio::test]
async fn loopback_is_never_requested_through_a_proxy() {
    // Environment variables are read when a client is created; setting them in this process would need `unsafe`, so a child
    // process is started.
    let server = Server::start(|_, _| Reply::Keep(json("200 OK", "{\"id\":1}")));
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", proxy.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    };
    write("schemas/things.yaml", super::CONTRACT);
    write(
        "cases/shop/file.yaml",
        &format!("contract: things.yaml\n{GET}"),
    );
    write("counterpart.toml", "");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args(["run", "--target", &server.url])
        .current_dir(folder.path())
        .envs(
            ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
                .map(|name| (name, proxy.as_str())),
        )
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("1 cases: 1 passed") || text.contains("1 case: 1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(server.requests().len(), 1);
}

/// The schema that `lint` accepts is the one that is enforced, in the draft it names.
#[tokio::test]
async fn the_schema_of_a_case_is_enforced() {
    let draft_7 = "$schema: 'http://json-schema.org/draft-07/schema#', if: { required: [id] }, then: { properties: { id: { maximum: 5 } } }";
    // A schema of draft 4 is named by `id`, a text; one of draft 7 by `$id`.
    let (draft_4_itself, draft_7_itself) = (
        "$ref: 'http://json-schema.org/draft-04/schema#'",
        "$ref: 'http://json-schema.org/draft-07/schema#'",
    );
    for (schema, body, codes) in [
        (draft_7, r#"{"id":5}"#, &[][..]),
        (draft_7, r#"{"id":6}"#, &["expect-schema"]),
        (draft_7_itself, r#"{"id":5}"#, &[]),
        (draft_4_itself, r#"{"id":5}"#, &["expect-schema"]),
    ] {
        let server = Server::start(move |_, _| Reply::Close(json("200 OK", body)));
        let cases = format!(
            "cases: [ {{ name: a, call: GET /thing, expect: {{ schema: {{ {schema} }} }} }} ]"
        );
        let case = run_case(server.target(), "", &cases).await;
        let verdict = match codes {
            [] => Verdict::Passed,
            _ => Verdict::Failed,
        };
        assert_codes(&case, verdict, codes);
    }
}
