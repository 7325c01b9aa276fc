//! Building live requests from recorded ones.

use serde_json::json;

use crate::compare::bindings::Sent;
use crate::compare::tests::{CUSTOMERS, LIVE, Pair, RECORDED};
use crate::diagnostic::Diagnostics;
use crate::exchange::Request;
use crate::recording::{Entry, Recording, har};
use crate::replay::substitute::Substitution;
use crate::source::Source;
use crate::target::Target;

fn entry(method: &str, path: &str, body: Option<&str>) -> Entry {
    let post = body.map(|text| json!({ "text": text })).unwrap_or_default();
    let har = json!({ "log": { "entries": [{
        "request": {
            "method": method, "url": format!("{RECORDED}{path}"), "postData": if body.is_some() { post } else { json!({}) },
            "headers": [
                { "name": "Host", "value": "recorded.example" },
                { "name": "authorization", "value": "bearer \"opaque-token-of-theirs\"" },
                { "name": "X-Odd", "value": "a b" },
            ],
        },
        "response": { "status": 200 },
    }] } });
    let mut diagnostics = Diagnostics::new();
    let recording: Recording =
        har::read(Source::new("x.har", har.to_string()), &mut diagnostics).unwrap();
    recording.entries.into_iter().next().unwrap()
}

fn requested(pair: &Pair, target: &str, entry: &Entry) -> (Request, Sent) {
    let target = Target::parse(target).unwrap();
    let substitution = Substitution {
        target: &target,
        base_path: "/rest/default",
        accounts: &[],
    };
    substitution.request(entry, &pair.bindings).unwrap()
}

fn learned() -> Pair {
    let mut pair = Pair::new();
    pair.at("2026-11-20 10:00:00", "2027-03-01 08:00:00");
    let body = |id: i64, address: i64, at: &str, token: &str| json!({ "id": id, "default_billing": address.to_string(), "addresses": [{ "id": address }], "created_at": at, "token": token });
    let recorded = body(2, 3, "2026-11-20 10:00:00", "opaque-token-of-theirs");
    let difference = pair.responses(
        CUSTOMERS,
        &recorded,
        &body(20, 30, "2027-03-01 08:00:01", "opaque-token-of-ours!!"),
    );
    assert!(difference.is_none(), "{difference:?}");
    pair
}

#[test]
fn requests_have_the_live_values_and_nothing_else_changes() {
    let pair = learned();
    for (path, expected) in [
        (
            "/rest/default/V1/customers/2",
            "/rest/default/V1/customers/20",
        ),
        (
            "/rest/all/V1/customers/2%20/confirm",
            "/rest/all/V1/customers/20%20/confirm",
        ),
        (
            "/rest/default/V1/customers/2.5",
            "/rest/default/V1/customers/20.5",
        ),
        (
            "/rest/default/V1/customers/2abc",
            "/rest/default/V1/customers/2abc",
        ),
        (
            "/rest/default/V1/customers/addresses/3",
            "/rest/default/V1/customers/addresses/30",
        ),
        (
            "/rest/default/V1/customers/3",
            "/rest/default/V1/customers/3",
        ),
        (
            "/rest/default//V1/x?customerId=2&page=2",
            "/rest/default//V1/x?customerId=20&page=2",
        ),
        (
            "/V1/customers/search?f[0][field]=entity_id&f[0][value]=2,9",
            "/V1/customers/search?f[0][field]=entity_id&f[0][value]=20%2C9",
        ),
        (
            "/V1/customers/search?f[0][field]=email&f[0][value]=2",
            "/V1/customers/search?f[0][field]=email&f[0][value]=2",
        ),
        (
            "/V1/customers?reset=opaque-token-of-theirs",
            "/V1/customers?reset=opaque-token-of-ours!!",
        ),
    ] {
        let (request, _) = requested(&pair, LIVE, &entry("GET", path, None));
        assert_eq!(request.url.as_str(), format!("{LIVE}{expected}"));
    }
    let text = r#"{ "customer" : {"id": "2", "id" :2, "group_id": 2, "default_billing":"3","note": "2",
        "created_at": "2026-11-20 10:00:00", "addresses": [{"id": 3, "customer_id": 2}]}, "token": "opaque-token-of-theirs" }"#;
    let (request, sent) = requested(&pair, LIVE, &entry("PUT", CUSTOMERS, Some(text)));
    let expected = text
        .replace(r#""id" :2"#, r#""id" :20"#)
        .replace(r#""default_billing":"3""#, r#""default_billing":"30""#)
        .replace(
            r#""id": 3, "customer_id": 2"#,
            r#""id": 30, "customer_id": 20"#,
        )
        .replace("2026-11-20 10:00:00", "2027-03-01 08:00:01")
        .replace("of-theirs", "of-ours!!");
    assert_eq!(std::str::from_utf8(&request.body).unwrap(), expected);
    assert!(sent.replaced.contains(&("2".to_owned(), "20".to_owned())));
    assert!(sent.named.contains(&("address".to_owned(), "3".to_owned())));
    let broken = r#"{"id": 2, "#;
    let (request, _) = requested(&pair, LIVE, &entry("PUT", CUSTOMERS, Some(broken)));
    assert_eq!(request.body, broken);
}

#[test]
fn headers_are_sent_as_recorded_except_those_of_the_connection() {
    let pair = learned();
    let (request, _) = requested(&pair, LIVE, &entry("GET", CUSTOMERS, None));
    assert_eq!(
        request.headers["authorization"],
        "bearer \"opaque-token-of-ours!!\""
    );
    assert_eq!(request.headers["x-odd"], "a b");
    assert!(!request.headers.contains_key("host"));
}

#[test]
fn a_path_of_the_target_replaces_the_base_path() {
    let pair = Pair::new();
    for (path, expected) in [
        ("/rest/default/V1/x", "/shop/rest/V1/x"),
        ("/rest/defaults/V1/x", "/rest/defaults/V1/x"),
        ("/rest/all/V1/x", "/rest/all/V1/x"),
    ] {
        let (request, _) = requested(
            &pair,
            "http://live.example/shop/rest/",
            &entry("GET", path, None),
        );
        assert_eq!(request.url.path(), expected);
    }
}
