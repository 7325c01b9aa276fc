//! What is bound, what is equal and what differs.

use http::{HeaderName, StatusCode};
use serde_json::json;

use super::{CUSTOMERS, LIVE, Pair, RECORDED, exchange, kinds};
use crate::compare::{DifferenceKind, compare};
use crate::exchange::Exchange;

#[test]
fn an_id_is_bound_where_it_first_appears_and_required_afterwards() {
    let mut pair = Pair::new();
    assert!(
        pair.responses(
            CUSTOMERS,
            &json!({ "id": 132, "email": "a@x" }),
            &json!({ "id": 7, "email": "a@x" })
        )
        .is_none()
    );
    assert_eq!(pair.bindings.id("customer", "132"), Some("7"));
    let wrapped =
        |id: i64| json!({ "items": [{ "id": id }], "address": { "id": 1, "customer_id": id } });
    assert!(
        pair.responses(CUSTOMERS, &wrapped(132), &wrapped(7))
            .is_none()
    );

    let wrong = pair.responses(CUSTOMERS, &wrapped(132), &wrapped(8));
    assert_eq!(
        kinds(&wrong),
        [
            (DifferenceKind::Identifier, "/items/0/id"),
            (DifferenceKind::Identifier, "/address/customer_id")
        ]
    );
    assert_eq!(
        wrong.body[0].expected.as_deref(),
        Some("7 (recorded as 132)")
    );
    let stale = pair.responses(CUSTOMERS, &wrapped(132), &wrapped(132));
    assert_eq!(
        kinds(&stale),
        [
            (DifferenceKind::Identifier, "/items/0/id"),
            (DifferenceKind::Identifier, "/address/customer_id")
        ]
    );
}

#[test]
fn a_binding_is_one_to_one_and_kept() {
    let mut pair = Pair::new();
    let id = |id: i64| json!({ "id": id });
    assert!(pair.responses(CUSTOMERS, &id(1), &id(5)).is_none());
    let taken = pair.responses(CUSTOMERS, &id(2), &id(5));
    assert_eq!(kinds(&taken), [(DifferenceKind::Identifier, "/id")]);
    assert!(
        taken.body[0]
            .expected
            .as_deref()
            .unwrap()
            .contains("recorded 1"),
        "{taken:?}"
    );
    // Nothing is learned from a contradiction.
    assert!(pair.responses(CUSTOMERS, &id(2), &id(6)).is_none());
    assert!(pair.responses(CUSTOMERS, &id(1), &id(5)).is_none());
}

#[test]
fn spaces_do_not_mix() {
    let mut pair = Pair::new();
    assert!(
        pair.responses(
            CUSTOMERS,
            &json!({ "id": 1, "addresses": [{ "id": 1 }] }),
            &json!({ "id": 4, "addresses": [{ "id": 9 }] })
        )
        .is_none()
    );
    assert_eq!(pair.bindings.id("customer", "1"), Some("4"));
    assert_eq!(pair.bindings.id("address", "1"), Some("9"));
    let region = pair.responses(
        CUSTOMERS,
        &json!({ "region_id": 1 }),
        &json!({ "region_id": 9 }),
    );
    assert_eq!(
        kinds(&region),
        [(DifferenceKind::Value, "/region_id")],
        "what was never a resource's own id is a plain value"
    );
}

#[test]
fn identifiers_in_the_request_must_be_in_the_response() {
    let mut pair = Pair::new();
    pair.sent.named.insert(("group".to_owned(), "1".to_owned()));
    let group = |id: i64| json!({ "id": id, "code": "General" });
    let path = "/rest/default/V1/customerGroups/1";
    assert_eq!(
        kinds(&pair.responses(path, &group(1), &group(2))),
        [(DifferenceKind::Value, "/id")]
    );
    assert!(pair.responses(path, &group(1), &group(1)).is_none());
}

#[test]
fn a_reference_by_another_name_follows_the_id_beside_it() {
    let mut pair = Pair::new();
    let customer =
        |id: &str, address: i64| json!({ "default_billing": id, "addresses": [{ "id": address }] });
    assert!(
        pair.responses(CUSTOMERS, &customer("3", 3), &customer("8", 8))
            .is_none()
    );
    let alone = |id: &str| json!({ "default_billing": id });
    assert!(
        pair.responses(CUSTOMERS, &alone("3"), &alone("8"))
            .is_none()
    );
    assert_eq!(
        kinds(&pair.responses(CUSTOMERS, &alone("3"), &alone("9"))),
        [(DifferenceKind::Identifier, "/default_billing")]
    );
}

#[test]
fn a_value_that_merely_differs_is_never_bound() {
    let mut pair = Pair::new();
    let body = |name: &str, count: i64, code: &str| json!({ "items": [{ "id": 5 }], "firstname": name, "total_count": count, "postcode": code, "paid": count });
    let recorded = body("Ada", 5, "5");
    for _ in 0..2 {
        let difference = pair.responses(CUSTOMERS, &recorded, &body("Eve", 7, "x"));
        assert_eq!(
            kinds(&difference),
            [
                (DifferenceKind::Value, "/firstname"),
                (DifferenceKind::Value, "/total_count"),
                (DifferenceKind::Value, "/postcode"),
                (DifferenceKind::Value, "/paid")
            ]
        );
    }
    let mut pair = Pair::new();
    let message = pair.responses(
        CUSTOMERS,
        &json!({ "message": "The account is locked." }),
        &json!({ "message": "No." }),
    );
    assert_eq!(kinds(&message), [(DifferenceKind::Value, "/message")]);
}

#[test]
fn order_type_missing_and_unexpected_are_distinguished() {
    let mut pair = Pair::new();
    let difference = pair.texts(
        CUSTOMERS,
        r#"{"a": 1, "b": "2", "c": null, "d": [1, 2], "e": {}, "f": 1}"#,
        r#"{"b": 2, "a": 1, "d": [1], "e": [], "f": 1.0, "g": true}"#,
    );
    assert_eq!(
        kinds(&difference),
        [
            (DifferenceKind::Type, "/b"),
            (DifferenceKind::Missing, "/c"),
            (DifferenceKind::Missing, "/d/1"),
            (DifferenceKind::Type, "/e"),
            (DifferenceKind::Value, "/f"),
            (DifferenceKind::Unexpected, "/g"),
            (DifferenceKind::Order, ""),
        ]
    );
    let twice = r#"{"a": {"b": 1, "b": 1}}"#;
    let difference = pair.texts(CUSTOMERS, r#"{"a": {"b": 1}}"#, twice);
    assert_eq!(kinds(&difference), [(DifferenceKind::Duplicate, "/a/b")]);
    assert!(pair.texts(CUSTOMERS, twice, twice).is_none());
    let same = pair.texts(CUSTOMERS, r#"{"a":"\u00eb\/"}"#, "{ \"a\" : \"ë/\" }");
    assert!(same.is_none(), "notation is not compared");
}

#[test]
fn moments_are_compared_by_period_and_by_form() {
    let mut pair = Pair::new();
    pair.at("2026-11-20 10:00:00", "2027-03-01 08:00:00");
    let body =
        |created: &str, updated: &str| json!({ "created_at": created, "updated_at": updated });
    let recorded = body("2026-11-20 10:00:00", "2026-11-20 10:00:00");
    assert!(
        pair.responses(
            CUSTOMERS,
            &recorded,
            &body("2027-03-01 08:00:00", "2027-03-01 08:00:01")
        )
        .is_none()
    );

    let old = pair.responses(CUSTOMERS, &recorded, &recorded);
    assert_eq!(
        kinds(&old),
        [
            (DifferenceKind::Moment, "/created_at"),
            (DifferenceKind::Moment, "/updated_at")
        ]
    );
    let form = pair.responses(
        CUSTOMERS,
        &recorded,
        &body("2027-03-01T08:00:00Z", "2027-03-01 08:00:00"),
    );
    assert_eq!(kinds(&form), [(DifferenceKind::Moment, "/created_at")]);

    // Within the tolerance of the entry, but two seconds apart from each other.
    let apart = pair.responses(
        CUSTOMERS,
        &recorded,
        &body("2027-03-01 08:00:01", "2027-03-01 07:59:59"),
    );
    assert_eq!(kinds(&apart), [(DifferenceKind::Moment, "/updated_at")]);
    assert_eq!(
        apart.body[0].expected.as_deref(),
        Some("created_at at the same time as updated_at")
    );

    let birthday = |dob: &str| json!({ "dob": dob, "epoch": "1970-01-01 00:00:05" });
    assert_eq!(
        kinds(&pair.responses(CUSTOMERS, &birthday("1990-12-10"), &birthday("1990-12-11"))),
        [(DifferenceKind::Value, "/dob")]
    );
    assert!(
        pair.responses(CUSTOMERS, &birthday("2026-11-20"), &birthday("2027-03-01"))
            .is_none(),
        "the current date corresponds to the current date"
    );
}

/// A JSON web token of these claims.
fn jwt(claims: &str) -> String {
    use base64::Engine;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.c2lnbmF0dXJl",
        encode(r#"{"alg":"HS256"}"#),
        encode(claims)
    )
}

#[test]
fn tokens_are_compared_by_form_and_lifetime() {
    let mut pair = Pair::new();
    let path = "/rest/default/V1/integration/admin/token";
    let recorded = json!(jwt(r#"{"iat":1000,"exp":4600}"#));
    let live = jwt(r#"{"iat":5000,"exp":8600}"#);
    assert!(pair.responses(path, &recorded, &json!(live)).is_none());
    assert_eq!(
        pair.bindings.token(recorded.as_str().unwrap()),
        Some(live.as_str())
    );
    let short = pair.responses(path, &recorded, &json!(jwt(r#"{"iat":5000,"exp":5060}"#)));
    assert_eq!(kinds(&short), [(DifferenceKind::Token, "")]);
    assert!(!short.body[0].actual.as_deref().unwrap().contains("eyJ"));
    assert_eq!(
        kinds(&pair.responses(path, &recorded, &json!("nothing"))),
        [(DifferenceKind::Token, "")]
    );
    let opaque = |text: &str| json!({ "access_token": text });
    assert!(
        pair.responses(
            CUSTOMERS,
            &opaque("abcdefghijklmnop"),
            &opaque("qrstuvwxyzabcdefgh")
        )
        .is_none()
    );
    assert_eq!(
        kinds(&pair.responses(CUSTOMERS, &opaque("abcdefghijklmnop"), &opaque("short"))),
        [(DifferenceKind::Token, "/access_token")]
    );
}

#[test]
fn opaque_values_in_a_text_are_compared_by_their_form() {
    let mut pair = Pair::new();
    let message =
        |id: &str| json!({ "message": format!("Internal Error. Report ID: webapi-{id}") });
    let recorded = message("6b00c24129f91");
    assert!(
        pair.responses(CUSTOMERS, &recorded, &message("0a1b2c3d4e5f6"))
            .is_none()
    );
    for other in ["0a1b2c3d4e5f", "none", "1234567890123"] {
        assert_eq!(
            kinds(&pair.responses(CUSTOMERS, &recorded, &message(other))),
            [(DifferenceKind::Value, "/message")],
            "{other}"
        );
    }
}

#[test]
fn replaced_values_of_the_request_may_be_repeated() {
    let mut pair = Pair::new();
    pair.sent
        .replaced
        .insert(("132".to_owned(), "7".to_owned()));
    let body =
        |id: i64| json!({ "message": format!("No customer {id} in 1320"), "fieldValue": id });
    assert!(pair.responses(CUSTOMERS, &body(132), &body(7)).is_none());
    assert_eq!(
        kinds(&pair.responses(CUSTOMERS, &body(132), &body(8))),
        [
            (DifferenceKind::Value, "/message"),
            (DifferenceKind::Value, "/fieldValue")
        ]
    );
    let link = |origin: &str| json!({ "link": format!("{origin}/x") });
    assert!(
        pair.responses(CUSTOMERS, &link(RECORDED), &link(LIVE))
            .is_none()
    );
}

#[test]
fn headers_are_compared_by_meaning() {
    let mut recorded = exchange(RECORDED, CUSTOMERS, 201, "");
    let mut live = exchange(LIVE, CUSTOMERS, 201, "");
    let set = |exchange: &mut Exchange, name: &'static str, value: &str| {
        exchange
            .response
            .headers
            .append(HeaderName::from_static(name), value.parse().unwrap());
    };
    set(&mut recorded, "cache-control", "no-store, private");
    set(&mut live, "cache-control", "Private,no-store");
    live.response.headers.insert(
        "content-type",
        "Application/JSON;charset=UTF-8".parse().unwrap(),
    );
    set(&mut recorded, "allow", "GET, POST");
    set(&mut live, "allow", "POST, GET");
    set(
        &mut recorded,
        "location",
        &format!("{RECORDED}/V1/customers/132"),
    );
    set(&mut live, "location", &format!("{LIVE}/V1/customers/7"));
    set(&mut recorded, "set-cookie", "PHPSESSID=abc; path=/");
    set(&mut live, "set-cookie", "PHPSESSID=xyz");
    set(&mut recorded, "set-cookie", "form_key=deleted; Max-Age=0");
    set(&mut recorded, "server", "nginx");
    let mut pair = Pair::new();
    pair.responses(CUSTOMERS, &json!({ "id": 132 }), &json!({ "id": 7 }));
    let difference = compare(&recorded, &live, &pair.sent, &pair.bindings);
    assert!(difference.is_none(), "{difference:?}");

    set(&mut live, "set-cookie", "extra=1");
    set(&mut live, "x-frame-options", "DENY");
    live.response
        .headers
        .insert("content-type", "text/plain".parse().unwrap());
    live.response.headers.insert(
        "location",
        format!("{LIVE}/V1/customers/132").parse().unwrap(),
    );
    live.response.status = StatusCode::OK;
    let difference = compare(&recorded, &live, &pair.sent, &pair.bindings);
    let names: Vec<&str> = difference
        .headers
        .iter()
        .map(|difference| difference.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["content-type", "x-frame-options", "location", "set-cookie"]
    );
    assert_eq!(
        difference
            .status
            .map(|status| (status.expected, status.actual)),
        Some((201, 200))
    );
}

#[test]
fn pages_are_compared_by_title_and_other_bodies_as_text() {
    let pair = Pair::new();
    let page = |origin: &str, text: &str| {
        let mut page = exchange(origin, CUSTOMERS, 500, text);
        page.response
            .headers
            .insert("content-type", "text/html".parse().unwrap());
        page
    };
    let recorded = page(RECORDED, "<html><title> Oops </title><p>nginx/1.22</p>");
    let compared = |text: &str| compare(&recorded, &page(LIVE, text), &pair.sent, &pair.bindings);
    assert!(compared("<TITLE>Oops</TITLE>").is_none());
    for other in ["<title>Hello</title>", "", "<p>Oops", "{}"] {
        assert_eq!(
            kinds(&compared(other)),
            [(DifferenceKind::Text, "")],
            "{other}"
        );
    }
    let json = exchange(RECORDED, CUSTOMERS, 200, "true");
    assert_eq!(
        kinds(&compare(
            &json,
            &exchange(LIVE, CUSTOMERS, 200, "yes"),
            &pair.sent,
            &pair.bindings
        )),
        [(DifferenceKind::Text, "")]
    );
}
