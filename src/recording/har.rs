//! Reads a recording from a HAR file ([HTTP Archive 1.2](http://www.softwareishard.com/blog/har-12-spec/)): JSON as browsers,
//! proxies and counterpart itself write it. Fields that are not needed are ignored.
//!
//! Main function: [`read`].

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::entry::{Entry, Recording};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Decoder, Document, Fields, Node, Value, wrong_type};
use crate::exchange::{Request, Response, Transfer};
use crate::source::Source;

/// Reads a recording. Errors are reported in `diagnostics`, with their places; `None` if there is an error.
///
/// Required are `log.entries`, for each entry `request.method`, `request.url` and `response.status`, and for each header `name`
/// and `value`. The request's body is `postData.text`, else the form of `postData.params`; the response's body is `content.text`.
/// Either is in base64 if `encoding` (some recorders write `_encoding`) says so.
pub fn read(source: Source, diagnostics: &mut Diagnostics) -> Option<Recording> {
    let mut found = Diagnostics::new();
    let recording = document(source, &mut found).map(|document| {
        let mut decoder = HarDecoder {
            decoder: Decoder::new(&document.source, &mut found),
        };
        decoder.recording(&document.root)
    });
    let wrong = found.has_errors();
    diagnostics.extend(found);
    recording.flatten().filter(|_| !wrong)
}

/// A recording is parsed as JSON, whatever its file name is.
fn document(source: Source, diagnostics: &mut Diagnostics) -> Option<Document> {
    if !source.text().trim_start().starts_with('{') {
        diagnostics.push(
            Diagnostic::without_place(
                "no-recording",
                format!(
                    "{} is not a HAR file: it does not begin with `{{`",
                    source.name()
                ),
            )
            .with_advice("use a HAR 1.2 file, as browsers save it from their network tab"),
        );
        return None;
    }
    Document::parse(source, diagnostics)
}

struct HarDecoder<'a> {
    decoder: Decoder<'a>,
}

impl<'a> HarDecoder<'a> {
    fn recording(&mut self, root: &'a Node) -> Option<Recording> {
        let log = self
            .fields("the recording", root)?
            .required("log", self.decoder.diagnostics)?;
        let entries = self
            .fields("`log`", log)?
            .required("entries", self.decoder.diagnostics)?;
        let entries = self.decoder.sequence("`entries`", entries)?;
        let entries = entries.iter().filter_map(|node| self.entry(node)).collect();
        Some(Recording { entries })
    }

    fn entry(&mut self, node: &'a Node) -> Option<Entry> {
        let mut fields = self.fields("an entry", node)?;
        let request = fields.required("request", self.decoder.diagnostics);
        let response = fields.required("response", self.decoder.diagnostics);
        let started = fields
            .get("startedDateTime")
            .and_then(|node| self.started(node));
        let took = fields.get("time").and_then(number).unwrap_or(0.0);
        let comment = self
            .text(&mut fields, "comment")
            .filter(|text| !text.is_empty());
        let url = request
            .and_then(Node::as_mapping)
            .and_then(|members| members.get("url"));
        let place = self
            .decoder
            .source
            .place(url.map_or(node.span, |url| url.value.span));
        let request = request.and_then(|node| self.request(node));
        let response = response.and_then(|node| self.response(node));
        let ((request, path_and_query), response) = (request?, response?);
        let path = path_and_query.split('?').next().unwrap_or_default();
        Some(Entry {
            name: comment.unwrap_or_else(|| format!("{} {path}", request.method)),
            started,
            request,
            response,
            path_and_query,
            took: Duration::try_from_secs_f64(took / 1000.0).unwrap_or_default(),
            place,
        })
    }

    fn started(&mut self, node: &Node) -> Option<OffsetDateTime> {
        let text = self.decoder.string("`startedDateTime`", node)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339).ok();
        if moment.is_none() {
            self.decoder.error(
                node,
                "bad-date",
                format!("`{}` is not a date and time", text.value),
                "write it as 2026-11-20T21:57:13Z (ISO 8601)",
            );
        }
        moment
    }

    fn request(&mut self, node: &'a Node) -> Option<(Request, String)> {
        let mut fields = self.fields("a request", node)?;
        let method = fields.required("method", self.decoder.diagnostics);
        let url = fields.required("url", self.decoder.diagnostics);
        let headers = self.headers(fields.get("headers"));
        let body = fields
            .get("postData")
            .and_then(|node| self.posted(node))
            .unwrap_or_default();
        let (method, url) = (method?, url?);
        let method_text = self.decoder.string("`method`", method)?;
        let Ok(parsed) = Method::from_bytes(method_text.as_bytes()) else {
            self.decoder.error(
                method,
                "bad-method",
                format!("`{}` is not an HTTP method", method_text.value),
                "write a method such as GET",
            );
            return None;
        };
        let text = self.decoder.string("`url`", url)?;
        let address = url::Url::parse(&text)
            .ok()
            .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
        let Some(address) = address else {
            self.decoder.error(
                url,
                "bad-url",
                format!("`{}` is not an http:// or https:// URL", text.value),
                "write the full URL: http://shop.example/path",
            );
            return None;
        };
        let path_and_query =
            address[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
        let request = Request {
            method: parsed,
            url: address,
            headers,
            body,
        };
        Some((request, path_and_query))
    }

    fn response(&mut self, node: &'a Node) -> Option<Option<Response>> {
        let mut fields = self.fields("a response", node)?;
        let status = fields.required("status", self.decoder.diagnostics)?;
        let headers = self.headers(fields.get("headers"));
        let body = fields.get("content").and_then(|node| self.content(node));
        let code = number(status).filter(|code| code.fract() == 0.0);
        if code == Some(0.0) {
            return Some(None);
        }
        let Some(status_code) = code.and_then(|code| StatusCode::from_u16(code as u16).ok()) else {
            self.decoder.error(
                status,
                "bad-status",
                "not an HTTP status code",
                "a status is a number from 100 to 599, or 0 if there was no response",
            );
            return None;
        };
        Some(Some(Response {
            status: status_code,
            version: Version::HTTP_11,
            headers,
            body: body.unwrap_or_default(),
            transfer: Transfer::Complete,
        }))
    }

    /// Pseudo-headers of HTTP/2 (`:path`) are ignored; they repeat method and URL.
    fn headers(&mut self, node: Option<&'a Node>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let items = node.and_then(|node| self.decoder.sequence("`headers`", node));
        for item in items.unwrap_or_default() {
            let Some(mut fields) = self.fields("a header", item) else {
                continue;
            };
            let name = fields.required("name", self.decoder.diagnostics);
            let value = fields.required("value", self.decoder.diagnostics);
            let (Some(name), Some(value)) = (name, value) else {
                continue;
            };
            let name_text = self.decoder.string("a header's name", name);
            let value_text = self.decoder.string("a header's value", value);
            let (Some(name_text), Some(value_text)) = (name_text, value_text) else {
                continue;
            };
            if name_text.starts_with(':') {
                continue;
            }
            match (
                HeaderName::from_bytes(name_text.as_bytes()),
                HeaderValue::from_bytes(value_text.as_bytes()),
            ) {
                (Ok(name), Ok(value)) => {
                    headers.append(name, value);
                }
                (Err(_), _) => self.decoder.error(
                    name,
                    "bad-header",
                    format!("`{}` is not a header name", name_text.value),
                    "remove the header",
                ),
                (_, Err(_)) => self.decoder.error(
                    value,
                    "bad-header",
                    "a header's value contains a line break or another control character",
                    "remove the header",
                ),
            }
        }
        headers
    }

    fn posted(&mut self, node: &'a Node) -> Option<Bytes> {
        let mut fields = self.fields("`postData`", node)?;
        if let Some(text) = self.encoded(&mut fields).filter(|text| !text.is_empty()) {
            return Some(text);
        }
        let params = fields.get("params")?;
        let params = self.decoder.sequence("`params`", params)?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for param in params {
            let mut fields = self.fields("a parameter", param)?;
            let name = self.text(&mut fields, "name").unwrap_or_default();
            let value = self.text(&mut fields, "value").unwrap_or_default();
            form.append_pair(&name, &value);
        }
        Some(form.finish().into())
    }

    fn content(&mut self, node: &'a Node) -> Option<Bytes> {
        let mut fields = self.fields("`content`", node)?;
        self.encoded(&mut fields)
    }

    /// `text`, decoded if `encoding` is base64.
    fn encoded(&mut self, fields: &mut Fields<'a>) -> Option<Bytes> {
        let node = fields.get("text").filter(|node| !node.is_null())?;
        let text = self.decoder.string("`text`", node)?.value;
        let encoding = ["encoding", "_encoding"]
            .into_iter()
            .find_map(|name| fields.get(name));
        if encoding.and_then(Node::as_str) != Some("base64") {
            return Some(text.into());
        }
        match STANDARD.decode(text.as_bytes()) {
            Ok(bytes) => Some(bytes.into()),
            Err(_) => {
                self.decoder.error(
                    node,
                    "bad-base64",
                    "`encoding` is base64, but the text is not base64",
                    "correct the text or remove `encoding`",
                );
                None
            }
        }
    }

    /// A field's text; `None` if it is missing or null.
    fn text(&mut self, fields: &mut Fields<'a>, name: &'static str) -> Option<String> {
        let node = fields.get(name).filter(|node| !node.is_null())?;
        self.decoder.string(name, node).map(|text| text.value)
    }

    fn fields(&mut self, what: &'static str, node: &'a Node) -> Option<Fields<'a>> {
        if node.as_mapping().is_none() {
            self.decoder
                .diagnostics
                .push(wrong_type(what, "an object", node, self.decoder.source));
            return None;
        }
        self.decoder.fields(what, node)
    }
}

fn number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::diagnostic::Style;

    fn har(entries: &Json) -> String {
        json!({ "log": { "version": "1.2", "entries": entries } }).to_string()
    }

    fn read_text(text: &str) -> Result<Recording, String> {
        let mut diagnostics = Diagnostics::new();
        let recording = read(Source::new("x.har", text), &mut diagnostics);
        recording.ok_or_else(|| diagnostics.render(Style::Plain))
    }

    #[test]
    fn an_entry_is_read_with_bodies_in_every_notation() {
        let recording = read_text(&har(&json!([
            {
                "comment": "first", "startedDateTime": "2026-11-20T21:57:13.000Z", "time": 163, "cache": {},
                "request": {
                    "method": "post", "url": "http://shop.example:8089/rest/V1/x%20y?fields=a[b]#f",
                    "headers": [{ "name": "Accept", "value": "" }, { "name": ":authority", "value": "x" }],
                    "postData": { "mimeType": "application/json", "text": "eyI=", "_encoding": "base64" }
                },
                "response": {
                    "status": 200, "headers": [{ "name": "Set-Cookie", "value": "a=1" }, { "name": "Set-Cookie", "value": "b=2" }],
                    "content": { "size": 2, "text": "aGk=", "encoding": "base64" }
                }
            },
            {
                "request": {
                    "method": "POST", "url": "http://shop.example/form", "postData": { "params": [{ "name": "a b", "value": "1&2" }] }
                },
                "response": { "status": 0 }
            }
        ])))
        .unwrap();
        let [first, second] = &recording.entries[..] else {
            panic!("not two")
        };
        assert_eq!(first.name, "first");
        assert_eq!(first.started.unwrap().unix_timestamp(), 1_795_211_833);
        assert_eq!(first.took, Duration::from_millis(163));
        assert_eq!(first.request.method.as_str(), "post");
        assert_eq!(first.path_and_query, "/rest/V1/x%20y?fields=a[b]");
        assert_eq!(first.request.body, &b"{\""[..]);
        assert_eq!(first.request.headers.len(), 1);
        let response = first.response.as_ref().unwrap();
        assert_eq!(response.body, &b"hi"[..]);
        assert_eq!(response.headers.get_all("set-cookie").iter().count(), 2);
        assert_eq!(second.name, "POST /form");
        assert_eq!(second.request.body, &b"a+b=1%262"[..]);
        assert!(second.response.is_none());
    }

    #[test]
    fn all_errors_are_reported_at_their_places() {
        let text = har(&json!([
            { "request": { "method": "G T", "url": "http://x/" }, "response": { "status": 200 } },
            { "request": { "method": "GET", "url": "/relative" }, "response": { "status": 2000 } },
            { "request": { "method": "GET" }, "response": { "status": 200, "content": { "text": "%", "encoding": "base64" } } },
            5
        ]));
        let error = read_text(&text).unwrap_err();
        for message in [
            "`G T` is not an HTTP method",
            "`/relative` is not an http:// or https:// URL",
            "not an HTTP status code",
            "needs the field `url`",
            "the text is not base64",
            "must be an object, not a number",
            "x.har:1:",
        ] {
            assert!(error.contains(message), "{message}: {error}");
        }
    }

    #[test]
    fn other_files_are_rejected_with_advice() {
        for (text, message) in [
            ("entries: []", "is not a HAR file"),
            ("", "is not a HAR file"),
            ("{\"log\": ", "not valid JSON"),
            ("{}", "needs the field `log`"),
            ("{\"log\": {\"entries\": {}}}", "`entries` must be a list"),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
