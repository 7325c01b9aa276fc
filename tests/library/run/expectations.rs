//! Expectations of headers, numbers and bytes: what passes, and the exact message of what does not.

use counterpart::event::Verdict;

use super::server::{Reply, Server, with_headers};
use super::{PHOTO, run_case};

/// The messages of the findings of a step that expects this of the response: an image of 10 bytes.
async fn messages(headers: &'static str, expect: &str) -> Vec<String> {
    let server = Server::start(move |_, _| Reply::Keep(with_headers("200 OK", headers, PHOTO)));
    let cases = format!(
        "cases: [ {{ name: a, vars: {{ two: '2', photo: aGk= }}, send: GET /thing, expect: {{ status: 200, undocumented: true, {expect} }} }} ]"
    );
    let finished = run_case(server.target(), "", &cases).await;
    let findings = finished.steps.iter().flat_map(|step| &step.findings);
    let messages: Vec<String> = findings
        .map(|finding| finding.message.unescaped().to_owned())
        .collect();
    assert_eq!(messages.is_empty(), finished.verdict == Verdict::Passed);
    messages
}

const IMAGE: &str = "Content-Type: image/PNG; q=1\r\n";

/// `printf '\\x89PNG\\r\\n\\x1a\\n\\0\\xff' | sha256sum`
const HASH: &str = "d44c4eee8f72efac76c1f294e7260408825c8dad42adaaf6e9bee7e7ef4c7de3";

#[tokio::test]
async fn bytes_are_expected_by_size_type_hash_and_file() {
    let upper = HASH.to_uppercase();
    for expect in [
        "binary: { size: 10, media_type: image/png, file: photo.png }".to_owned(),
        format!("binary: {{ sha256: {HASH} }}"),
        format!(
            "binary: {{ sha256: {upper}, size: {{ $gte: 10 }}, media_type: {{ $matches: '^image/' }} }}"
        ),
        "binary: { size: '{{ two | int * 5 }}' }".to_owned(),
    ] {
        assert_eq!(
            messages(IMAGE, &expect).await,
            Vec::<String>::new(),
            "{expect}"
        );
    }
    let zeros = "0".repeat(64);
    for (expect, expected) in [
        (
            "binary: { size: { $lt: 10 } }".to_owned(),
            vec!["the size of the body in bytes is 10, expected < 10".to_owned()],
        ),
        (
            "binary: { media_type: image/jpeg, size: 11 }".to_owned(),
            vec![
                "the media type of the body is \"image/png\", expected \"image/jpeg\"".to_owned(),
                "the size of the body in bytes is 10, expected 11".to_owned(),
            ],
        ),
        (
            format!("binary: {{ sha256: '{zeros}' }}"),
            vec![format!(
                "the SHA-256 of the body is {HASH}, expected {zeros}"
            )],
        ),
        (
            "binary: { file: file.yaml }".to_owned(),
            vec!["the body is not the file `file.yaml`: byte 0 is 0x89, expected 0x63".to_owned()],
        ),
    ] {
        let mut found = messages(IMAGE, &expect).await;
        found.sort();
        let mut expected = expected;
        expected.sort();
        assert_eq!(found, expected, "{expect}");
    }
    assert_eq!(
        messages("", "binary: { media_type: image/png }").await,
        ["the media type of the body is null, expected \"image/png\""]
    );
}

#[tokio::test]
async fn numbers_in_headers_compare_as_numbers() {
    let headers =
        "X-Rate: 10\r\nX-Price: 9.99\r\nX-Word: b\r\nDate: Sat, 28 Nov 2026 03:06:03 GMT\r\n";
    for expect in [
        "X-Rate: { $gt: 9 }",
        // A captured header is a text.
        "X-Rate: { $gt: '{{ two }}' }",
        "X-Rate: { $not: { $lt: '{{ two }}' } }",
        "X-Word: { $gt: a }",
        "X-Price: { $near: { value: 10, by: 0.01 } }",
        "X-Rate: { $near: { value: '{{ two }}', by: 8 } }",
        "Date: { $near: { value: '2026-11-28T03:06:00Z', by: 5s } }",
        "X-Rate: { $one_of: [{ $lt: 2 }, { $type: integer }] }",
        "X-Rate: { $length: 2 }",
    ] {
        let found = messages(headers, &format!("headers: {{ {expect} }}")).await;
        assert_eq!(found, Vec::<String>::new(), "{expect}");
    }
    for (expect, expected) in [
        (
            "X-Rate: { $lt: '{{ two }}' }",
            "the header X-Rate is 10, expected < 2",
        ),
        (
            "X-Price: { $near: { value: 10, by: 0.001 } }",
            "the header X-Price is 9.99, expected 10 ± 0.001",
        ),
        (
            "X-Word: { $near: { value: 10, by: 1 } }",
            "the header X-Word is \"b\", expected 10 ± 1",
        ),
        (
            "Date: { $near: { value: '2026-11-28T03:06:00Z', by: 2s } }",
            "the header Date is \"Sat, 28 Nov 2026 03:06:03 GMT\", expected \"2026-11-28T03:06:00Z\" ± 2s",
        ),
    ] {
        let found = messages(headers, &format!("headers: {{ {expect} }}")).await;
        assert_eq!(found, [expected], "{expect}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_names_the_keys_for_others() {
    let found = messages(IMAGE, "body: { a: 1 }").await;
    assert_eq!(found.len(), 1);
    assert!(
        found[0].ends_with(
            "the body is not JSON, expected {\"a\": 1}; for other bodies write `text`, `xml` or `binary` in `expect`"
        ),
        "{found:?}"
    );
}
