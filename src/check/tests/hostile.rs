//! Whatever a server sends, the check returns: it never panics and never overflows the stack.

use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::exchange::Transfer;

const REAL: &str = r#"{"id":1,"group_id":1,"name":"Ada","made":"2024-03-01T10:11:12Z","message":"x","parts":[{"id":2,"name":"\u00e9\/"}],"a/b~":null,"n":[1.5,-2e3,true]}"#;

fn mutated(random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut body = REAL.as_bytes().to_vec();
    for _ in 0..random.random_range(0..6) {
        let at = random.random_range(0..=body.len());
        match random.random_range(0..6) {
            0 => body.truncate(at),
            1 => body.insert(at, random.random()),
            2 if at < body.len() => body[at] = random.random(),
            3 if at < body.len() => {
                body.remove(at);
            }
            4 => {
                let part = body[at..].to_vec();
                body.extend(part);
            }
            _ => {
                let open = [b'[', b'{', b'"', b'\\'][random.random_range(0..4)];
                body.splice(at..at, vec![open; random.random_range(1..40)]);
            }
        }
    }
    body
}

fn header_value(random: &mut ChaCha8Rng) -> HeaderValue {
    let known = [
        "application/json",
        "text/plain; charset=utf-8",
        "text/html;charset=latin1",
        "*/*",
        ";",
        "application/",
        "a=1,b",
        "1,2,3",
        "{}",
        "-0",
        "1e999",
        "true",
        "",
    ];
    let mut value = known[random.random_range(0..known.len())]
        .as_bytes()
        .to_vec();
    if random.random_bool(0.3) {
        let at = random.random_range(0..=value.len());
        value.insert(at, random.random_range(0x80..=0xff));
    }
    HeaderValue::from_bytes(&value).unwrap()
}

#[test]
fn arbitrary_responses_are_checked_without_panic() {
    let mut random = ChaCha8Rng::seed_from_u64(20_240_301);
    let expect = json!({
        "status": [200],
        "headers": {"X-Request-Id": {"$gt": 1}, "Set-Cookie": {"$not": {"$matches": "x"}}},
        "body": {"id": 1, "name": {"$matches": "^A"}, "parts": {"$unordered": [{"id": 2}]}, "n": {"$each": {"$lt": 3}}},
        "schema": {"properties": {"n": {"items": {"type": "integer"}}}},
        "absent": ["/a~1b~0", "/parts/0/id", "/~"],
        "text": {"$contains": "x"},
    });
    let paths = [
        "/things/{id}",
        "/open",
        "/closed",
        "/text",
        "/any",
        "/void",
        "/nowhere",
    ];
    let (mut judged, mut clean) = (0, 0);
    for round in 0..3000 {
        let status = [200, 200, 200, 201, 204, 302, 404, 500, 999][random.random_range(0..9)];
        let mut settings = settings(paths[round % paths.len()], 200, "", mutated(&mut random))
            .expect(expect.clone());
        settings.exchange.response.status = StatusCode::from_u16(status).unwrap();
        for name in [
            CONTENT_TYPE,
            LOCATION,
            SET_COOKIE,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("x-size"),
            HeaderName::from_static("x-tags"),
        ] {
            if random.random_bool(0.6) {
                settings
                    .exchange
                    .response
                    .headers
                    .append(name, header_value(&mut random));
            }
        }
        if random.random_bool(0.5) {
            settings
                .exchange
                .response
                .headers
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if random.random_bool(0.05) {
            settings.exchange.response.transfer = Transfer::CutShort("reset".to_owned());
        }
        if random.random_bool(0.1) {
            settings = settings.without_case();
        }
        settings.caller = [
            Caller::Unauthenticated,
            Caller::Refused,
            Caller::Authenticated,
        ][round % 3];
        let checked = settings.checked();
        judged += 1;
        clean += usize::from(checked.findings.is_empty());
        let listed = checked
            .findings
            .windows(2)
            .all(|pair| pair[0].code <= pair[1].code);
        assert!(listed, "{:?}", settings.found());
        assert!(
            checked
                .findings
                .iter()
                .all(|finding| !finding.message.is_empty())
        );
    }
    assert_eq!(judged, 3000);
    assert!(clean < judged, "{clean} of {judged} without a finding");
}

/// The deepest body that can be configured, on a thread with the stack size of a worker.
#[test]
fn the_deepest_body_fits_the_stack() {
    let judge = || {
        let depth = crate::check::MAX_DEPTH;
        let deep = format!(
            r#"{}{{"message":1}}{}"#,
            r#"{"parts":["#.repeat(depth / 2 - 1),
            "]}".repeat(depth / 2 - 1)
        );
        let nested = exchange(200, JSON, deep);
        let case = expectation(
            &json!({"body": {"$not": 1}, "schema": {}, "text": {"$contains": "parts"}}),
        );
        let operation = contract().operation(&Method::GET, "/open");
        let context = CheckContext {
            operation: operation.map(Arc::as_ref),
            expectation: Some(&case),
            caller: Caller::Unauthenticated,
            signed: &[],
            has_certificates: false,
            depth: usize::MAX,
        };
        let checked = check(&nested, &context, &Severities::default());
        assert!(checked.error.is_none(), "{:?}", checked.error);
        assert!(!checked.findings.is_empty());
        let beyond = exchange(200, JSON, "[".repeat(depth + 1));
        let checked = check(&beyond, &context, &Severities::default());
        assert!(checked.error.is_some());
    };
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    assert!(thread.spawn(judge).unwrap().join().is_ok());
}
