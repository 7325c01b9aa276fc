//! All expected numbers were counted by hand from the contract and the cases in `project`.

use super::project::{CASES, Project, set};

#[test]
fn operations_and_statuses() {
    let recorded = Project::with(CASES).coverage();
    // POST and GET were called, DELETE was not.
    assert_eq!(recorded.ratio("operations"), "2/3");
    assert_eq!(
        recorded.of("operations", false),
        set(["DELETE /things/{id}"])
    );
    // 201, 400; 200, 404; 204. The 503 does not count.
    assert_eq!(recorded.ratio("statuses"), "2/5");
    assert_eq!(
        recorded.of("statuses", false),
        set([
            "POST /things 400",
            "GET /things/{id} 404",
            "DELETE /things/{id} 204"
        ])
    );
    let excluded: Vec<_> = recorded
        .points()
        .iter()
        .filter(|point| point.get("excluded").is_some())
        .map(|point| (point["what"].clone(), point["excluded"].clone()))
        .collect();
    assert_eq!(
        excluded,
        [(
            "503".into(),
            "a correct server has no reason to respond so".into()
        )]
    );
}

#[test]
fn parameters_and_roles() {
    let recorded = Project::with(CASES).coverage();
    // `id` of the path item counts for both its operations, `verbose` for GET alone; each of three operations as guest and as admin.
    assert_eq!(recorded.ratio("parameters"), "3/9");
    assert_eq!(
        recorded.of("parameters", true),
        set([
            "GET /things/{id} path id",
            "GET /things/{id} called as admin",
            "POST /things called as guest",
        ])
    );
}

#[test]
fn properties_of_items_maps_and_branches() {
    let recorded = Project::with(CASES).coverage();
    // Sent: name, colour, tags, label, weight. Received: id, note, labels, text, hint, card, iban.
    assert_eq!(recorded.ratio("properties"), "9/12");
    assert_eq!(
        recorded.of("properties", false),
        set([
            "request /tags/*/weight",
            "response /labels/*/hint",
            "response /iban",
        ]),
        "no item had a weight, no label a hint, and the branch with `iban` was not taken"
    );
    let covered = recorded.of("properties", true);
    assert!(
        covered.contains("response /note"),
        "a property that is null is covered: {covered:?}"
    );
}

#[test]
fn keywords() {
    let recorded = Project::with(CASES).coverage();
    // Sent: the body's type; name: type, 2; colour: 3; tags, an item, label, weight: type. Received: the two types of note.
    assert_eq!(recorded.ratio("keywords"), "3/13");
    assert_eq!(
        recorded.of("keywords", true),
        set([
            "request /name minLength 3",
            "request /colour enum red",
            "response /note type null",
        ])
    );
    assert_eq!(
        recorded.of("keywords", false),
        set([
            "request body type object: another",
            "request /name type string: another",
            "request /name minLength 3: shorter",
            "request /colour enum blue",
            "request /colour enum: another value",
            "request /tags type array: another",
            "request /tags/* type object: another",
            "request /tags/*/label type string: another",
            "request /tags/*/weight type number: another",
            "response /note type string",
        ])
    );
}

#[test]
fn a_length_far_from_the_limit_does_not_cover_it() {
    for (name, covered) in [
        ("abc", Some("request /name minLength 3")),
        ("abcd", Some("request /name minLength 3")),
        ("abcde", None),
        ("ab", Some("request /name minLength 3: shorter")),
        ("a", None),
    ] {
        let status = if name.len() < 3 { 400 } else { 201 };
        let recorded = Project::with(&format!(
            "contract: shop/things.yaml\ncases:\n  - {{ name: one, call: POST /things, body: {{ name: {name} }}, expect: {{ status: {status} }} }}\n"
        ))
        .coverage();
        let mut found = recorded.of("keywords", true);
        found.retain(|point| point.starts_with("request"));
        assert_eq!(
            found,
            covered.into_iter().map(str::to_owned).collect(),
            "{name}"
        );
        assert_eq!(
            recorded.of("statuses", true),
            set([&format!("POST /things {status}")]),
            "{name}"
        );
    }
}
