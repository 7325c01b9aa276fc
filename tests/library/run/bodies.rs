//! Bodies on the wire: multipart (RFC 7578) and URL-encoded forms by the contract's `encoding`, files, base64, JSON Lines, empty ones. A
//! loopback server records each request as it was received.

use counterpart::event::{StepRecord, Verdict};
use counterpart::multipart::{self, FormPart};

use super::parameters::received;
use super::server::{ReceivedRequest, Reply, Server, empty};
use super::{PHOTO, run_case, suite_for};

const CONTRACT: &str = r##"openapi: 3.1.1
info: { title: T, version: '1' }
paths:
  /upload:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              properties:
                title: { type: string }
                tags: { type: array, items: { type: string } }
                ids: { type: array, items: { type: integer } }
                meta: { type: object }
                profile: { type: object }
                avatar: {}
                scan: {}
                deep: { type: object }
            encoding:
              ids: { contentType: application/json }
              profile: { contentType: application/vnd.profile+json }
              avatar: { contentType: "image/png, image/jpeg" }
              scan: { contentType: application/pdf, headers: { X-Pages: { required: true, schema: { type: integer } } } }
              deep: { style: deepObject, explode: true }
      responses: { '204': { description: done } }
  /form:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                address: { type: object }
                tags: { type: array, items: { type: string } }
                meta: { type: object }
                card: { type: object }
                ids: { type: array, items: { type: integer } }
            encoding:
              card: { style: deepObject, explode: true }
              ids: { style: form, explode: false }
              meta: { contentType: application/json }
      responses: { '204': { description: done } }
  /raw:
    post:
      requestBody: { content: { image/*: {}, application/octet-stream: {} } }
      responses: { '204': { description: done } }
  /lines:
    post:
      requestBody: { content: { application/jsonl: {} } }
      responses: { '204': { description: done } }
  /sequence:
    post:
      requestBody: { content: { application/json-seq: {} } }
      responses: { '204': { description: done } }
  /patch:
    post:
      requestBody: { content: { application/merge-patch+json: {}, text/plain: {} } }
      responses: { '204': { description: done } }
  /orders:
    post:
      requestBody: { content: { application/xml: {} } }
      responses: { '204': { description: done } }
"##;

/// The request of a case with one step to this path.
async fn sent(path: &str, body: &str) -> ReceivedRequest {
    let cases = format!(
        "cases: [ {{ name: a, vars: {{ rows: [{{ a: 1 }}], word: hé }}, call: POST {path}, {body}, expect: {{ status: 204 }} }} ]"
    );
    received(CONTRACT, &cases).await.remove(0)
}

fn parts(request: &ReceivedRequest) -> Vec<FormPart> {
    let content_type = request.header("content-type").unwrap();
    let body = request.bytes.clone().into();
    multipart::read(Some(content_type.as_bytes()), &body).unwrap()
}

/// Name, file name, content type and text of each part.
fn shown(parts: &[FormPart]) -> Vec<String> {
    let shown = parts.iter().map(|part| {
        format!(
            "{} {} {} {}",
            part.name,
            part.filename.as_deref().unwrap_or("-"),
            part.content_type.as_deref().unwrap_or("-"),
            part.as_text().unwrap_or("(bytes)")
        )
    });
    shown.collect()
}

#[tokio::test]
async fn parts_are_written_as_the_contract_says() {
    let request = sent(
        "/upload",
        "multipart: { title: 'x {{ word }}', price: 1e3, tags: [a, 1.10, null], ids: [1, 0x10], meta: { a: 1 }, list: [{ b: 2 }, c], \
         profile: { name: é }, deep: { a: { b: 1 } }, none: null, no_items: [] }",
    )
    .await;
    let content_type = request.header("content-type").unwrap();
    assert!(content_type.starts_with("multipart/form-data; boundary=counterpart-"));
    assert_eq!(
        shown(&parts(&request)),
        [
            "title - - x hé",
            "price - - 1e3",
            "tags - - a",
            "tags - - 1.10",
            "ids - application/json [1,16]",
            "meta - application/json {\"a\":1}",
            "list - application/json {\"b\":2}",
            "list - - c",
            "profile - application/vnd.profile+json {\"name\":\"é\"}",
            "deep[a][b] - - 1",
            "none - - ",
        ]
    );
}

#[tokio::test]
async fn parts_may_be_files_bytes_and_texts() {
    let request = sent(
        "/upload",
        "multipart: { avatar: { $file: photo.png }, other: { $file: ../shop/photo.png, filename: 'a \"{{ word }}\".png', content_type: image/x }, \
         bytes: { $base64: 'iVBO Rw==' }, text: { $text: '<a>{{ word }}</a>', content_type: text/xml, filename: a.xml, headers: { X-A: 1e3 } }, \
         scan: { $text: '%PDF', headers: { X-Pages: 2 } }, pages: [{ $file: photo.png, filename: null }, { $text: two }] }",
    )
    .await;
    let parts = parts(&request);
    assert_eq!(
        shown(&parts),
        [
            "avatar photo.png image/png (bytes)",
            "other a \"hé\".png image/x (bytes)",
            "bytes - application/octet-stream (bytes)",
            "text a.xml text/xml <a>hé</a>",
            "scan - application/pdf %PDF",
            "pages - image/png (bytes)",
            "pages - - two",
        ]
    );
    assert_eq!(parts[0].content, PHOTO);
    assert_eq!(parts[2].content, &b"\x89PNG"[..]);
    assert_eq!(parts[3].headers, [("X-A".to_owned(), "1e3".to_owned())]);
}

#[tokio::test]
async fn the_same_parts_make_the_same_body() {
    let body = "multipart: { id: '{{ unique.word }}', avatar: { $file: photo.png } }";
    let [first, second] = [sent("/upload", body).await, sent("/upload", body).await];
    assert_eq!(first.bytes, second.bytes);
    assert_eq!(first.header("content-type"), second.header("content-type"));
    // A boundary of one's own, another kind, none at all.
    let own = sent(
        "/upload",
        "multipart: { a: 1 }, content_type: multipart/mixed; boundary=X",
    )
    .await;
    assert_eq!(
        (own.header("content-type"), own.body.as_str()),
        (
            Some("multipart/mixed; boundary=X"),
            "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--\r\n"
        )
    );
    let none = sent("/upload", "multipart: { a: 1 }, content_type: null").await;
    assert_eq!(none.header("content-type"), None);
    assert!(none.body.starts_with("--counterpart-"));
}

#[tokio::test]
async fn forms_are_written_as_the_contract_says() {
    for (form, expected) in [
        // OpenAPI 3.1.1, "Encoding the x-www-form-urlencoded Media Type": an object is JSON unless `encoding` says otherwise.
        ("{ address: { a: 1e3 } }", "address=%7B%22a%22%3A1000.0%7D"),
        ("{ meta: [1, a] }", "meta=%5B1%2C%22a%22%5D"),
        ("{ tags: [a, null, b], x: 1 }", "tags=a&tags=b&x=1"),
        ("{ ids: [1, 2] }", "ids=1%2C2"),
        (
            "{ card: { number: 4242, exp: [1, { y: 2 }] } }",
            "card%5Bnumber%5D=4242&card%5Bexp%5D%5B0%5D=1&card%5Bexp%5D%5B1%5D%5By%5D=2",
        ),
        // Not declared.
        ("{ a: { b: 1e3, c: null } }", "a%5Bb%5D=1e3"),
        ("{ a: [1, 2] }", "a=1&a=2"),
        ("{ a: [{ b: 1 }, 2] }", "a%5B0%5D%5Bb%5D=1&a%5B1%5D=2"),
        ("{ 'a[b]': 1, c: null, d: '' }", "a%5Bb%5D=1&c=&d="),
        ("{ a: 'ä +&' }", "a=%C3%A4+%2B%26"),
    ] {
        let request = sent("/form", &format!("form: {form}")).await;
        assert_eq!(request.body, expected, "{form}");
    }
    let raw = "cases: [ { name: a, send: POST /form, form: { a: { b: 1 } }, expect: { status: 204, undocumented: true } } ]";
    assert_eq!(received(CONTRACT, raw).await[0].body, "a%5Bb%5D=1");
}

#[tokio::test]
async fn styles_are_not_for_parts_in_openapi_3_0() {
    let contract = CONTRACT.replace("openapi: 3.1.1", "openapi: 3.0.4");
    let cases = "cases: [ { name: a, call: POST /upload, multipart: { deep: { a: 1 } }, expect: { status: 204 } } ]";
    let request = received(&contract, cases).await.remove(0);
    assert_eq!(
        shown(&parts(&request)),
        ["deep - application/json {\"a\":1}"]
    );
}

#[tokio::test]
async fn parts_of_swagger_2_have_its_collection_formats() {
    let contract = "swagger: '2.0'
info: { title: T, version: '1' }
paths:
  /upload:
    post:
      consumes: [multipart/form-data]
      parameters:
        - { name: tags, in: formData, type: array, items: { type: string }, collectionFormat: pipes }
        - { name: ids, in: formData, type: array, items: { type: string }, collectionFormat: multi }
        - { name: image, in: formData, required: true, type: file }
      responses: { '204': { description: done } }
";
    let cases = "cases: [ { name: a, call: POST /upload, multipart: { tags: [a, b], ids: [1, 2], image: { $file: photo.png } }, expect: { status: 204 } } ]";
    let request = received(contract, cases).await.remove(0);
    assert_eq!(
        shown(&parts(&request)),
        [
            "tags - - a|b",
            "ids - - 1",
            "ids - - 2",
            "image photo.png image/png (bytes)"
        ]
    );
}

#[tokio::test]
async fn files_and_bytes_are_sent_as_they_are() {
    for (body, content_type) in [
        // The only concrete type of the contract, not the range.
        ("file: photo.png", Some("application/octet-stream")),
        (
            "file: photo.png, content_type: image/png",
            Some("image/png"),
        ),
        ("file: photo.png, content_type: null", None),
        (
            "base64: iVBORw0KGgoA/w==, content_type: image/png",
            Some("image/png"),
        ),
        ("base64: 'iVBORw0KGgoA/w'", Some("application/octet-stream")),
    ] {
        let request = sent("/raw", body).await;
        assert_eq!(request.bytes, PHOTO, "{body}");
        assert_eq!(request.header("content-type"), content_type, "{body}");
    }
    // What the name suggests, where the contract leaves it open.
    let raw = "cases: [ { name: a, send: POST /raw, file: photo.png, expect: { status: 204, undocumented: true } } ]";
    let request = received(CONTRACT, raw).await.remove(0);
    assert_eq!(request.header("content-type"), Some("image/png"));
}

#[tokio::test]
async fn lists_are_sent_line_by_line() {
    for (path, body, content_type, expected) in [
        (
            "/lines",
            "ndjson: [{ a: 1 }, 'x', [2]]",
            "application/jsonl",
            "{\"a\":1}\n\"x\"\n[2]\n",
        ),
        (
            "/lines",
            "ndjson: '{{ rows }}'",
            "application/jsonl",
            "{\"a\":1}\n",
        ),
        ("/upload", "ndjson: []", "application/x-ndjson", ""),
        (
            "/sequence",
            "ndjson: [1, 2]",
            "application/json-seq",
            "\u{1e}1\n\u{1e}2\n",
        ),
    ] {
        let request = sent(path, body).await;
        assert_eq!(request.body, expected, "{body}");
        assert_eq!(request.header("content-type"), Some(content_type));
    }
}

#[tokio::test]
async fn the_media_type_is_the_only_documented_one_of_its_kind() {
    for (path, body, content_type) in [
        ("/patch", "body: {}", "application/merge-patch+json"),
        ("/orders", "text: '<a/>'", "application/xml"),
        ("/orders", "text: ''", "application/xml"),
        ("/orders", "body: {}", "application/json"),
        ("/patch", "text: '{}'", "application/json"),
        ("/orders", "text: a, content_type: text/plain", "text/plain"),
    ] {
        let request = sent(path, body).await;
        assert_eq!(request.header("content-type"), Some(content_type), "{body}");
    }
    assert_eq!(sent("/orders", "text: ''").await.bytes, b"");
    let none = sent("/orders", "headers: {}").await;
    assert_eq!(
        (none.header("content-type"), none.body.as_str()),
        (None, "")
    );
}

/// The one step of a case that is sent with this body, and fails: others are not in the events.
async fn step(body: &str) -> StepRecord {
    let server = Server::start(|_, _| Reply::Keep(empty("204 No Content")));
    let cases = format!(
        "cases: [ {{ name: a, vars: {{ bad: 'no!' }}, send: POST /things, {body}, expect: {{ status: 200, undocumented: true }} }} ]"
    );
    let mut finished = run_case(server.target(), "", &cases).await;
    finished.steps.remove(0)
}

#[tokio::test]
async fn reports_show_parts_and_a_command_that_sends_them() {
    let step =
        step("multipart: { title: it's, password: hunter2hunter2, image: { $file: photo.png } }")
            .await;
    let request = step.request.unwrap();
    let body = request.body.unwrap();
    let hash = "d44c4eee8f72efac76c1f294e7260408825c8dad42adaaf6e9bee7e7ef4c7de3";
    let text = body.text.unescaped();
    assert!(text.contains("name=\"title\"\r\n\r\nit's\r\n"), "{text}");
    assert!(
        text.contains(&format!(
            "name=\"image\"; filename=\"photo.png\"\r\nContent-Type: image/png\r\n\r\n[10 bytes, SHA-256 {hash}]\r\n"
        )),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
    let curl = request.curl.unescaped();
    assert!(
        curl.ends_with(&format!(
            " --form-string 'title=it'\\''s' --form-string 'password=***' -F 'image=@\"photo.png\";type=image/png'  # photo.png: 10 bytes, SHA-256 {hash}"
        )),
        "{curl}"
    );
    assert!(!curl.contains("content-type"), "{curl}");
    let file = self::step("file: photo.png").await.request.unwrap();
    let summary = format!("[10 bytes, SHA-256 {hash}]");
    assert_eq!(file.body.unwrap().text.unescaped(), summary);
    assert!(file.curl.unescaped().ends_with(&format!(
        "--data-binary @body.bin  # body.bin: 10 bytes, SHA-256 {hash}"
    )));
}

#[tokio::test]
async fn a_value_that_cannot_be_sent_is_an_error() {
    for (body, expected) in [
        (
            "base64: '{{ bad }}'",
            "the value of `base64` is not base64: it has the character `!`",
        ),
        (
            "multipart: { a: { $base64: 'YQ{{ bad }}' } }",
            "the value of `base64` is not base64: it has the character `!`",
        ),
        ("ndjson: '{{ bad }}'", "the value of `ndjson` is not a list"),
        (
            "multipart: { a: { $text: x, headers: { X-A: \"{{ '\\n' }}\" } } }",
            "the value of the header `X-A` contains a line break or another control character",
        ),
    ] {
        let error = step(body).await.error.unwrap();
        assert_eq!(error.message.unescaped(), expected, "{body}");
    }
}

#[tokio::test]
async fn a_case_with_a_file_passes_against_a_server_that_reads_it() {
    let server = Server::start(|request, _| {
        let found = request.bytes.windows(PHOTO.len()).any(|part| part == PHOTO);
        Reply::Close(empty(match found {
            true => "204 No Content",
            false => "400 Bad Request",
        }))
    });
    let cases = "cases: [ { name: a, send: POST /things, multipart: { image: { $file: photo.png } }, expect: { status: 204, undocumented: true } } ]";
    let finished = run_case(server.target(), "", cases).await;
    assert_eq!(finished.verdict, Verdict::Passed);
}

#[test]
fn a_missing_file_is_found_before_the_run() {
    let cases = "cases: [ { name: a, send: POST /things, file: nowhere.bin, expect: { status: 204, undocumented: true } } ]";
    let (suite, shown) = suite_for(CONTRACT, cases);
    assert!(suite.is_none());
    assert!(
        shown.contains("cannot read the file `nowhere.bin`: no such file"),
        "{shown}"
    );
}
