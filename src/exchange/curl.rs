//! A request as a shell command. Main function: [`curl_line`].

use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::shell::quote;
use super::{Request, curl_form};
use crate::hash::sha256;
use crate::multipart;
use crate::text::{MaskedText, Redactor};

/// A `curl` command that sends the same request, quoted for POSIX shells, every secret in it masked.
pub fn curl_line(request: &Request, redactor: &Redactor) -> MaskedText {
    // Before quoting, because quoting could hide a secret from the redactor.
    let mut masked = request.clone();
    for (name, value) in &mut masked.headers {
        let text = redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        if let Ok(text) = HeaderValue::from_bytes(text.unescaped().as_bytes()) {
            *value = text;
        }
    }
    if let Ok(text) = std::str::from_utf8(&request.body) {
        masked.body = redactor.text(text).unescaped().to_owned().into();
    }
    let form = form(request, redactor);
    if form.is_some() {
        // `curl` writes it, with a boundary of its own.
        masked.headers.remove(CONTENT_TYPE);
    }
    redactor.text(&command(&masked, form))
}

/// The arguments for a form with parts; `None` for other bodies.
fn form(request: &Request, redactor: &Redactor) -> Option<(Vec<String>, Option<String>)> {
    let content_type = request.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_form = content_type.is_some_and(|value| value.starts_with(b"multipart/form-data"));
    let parts = multipart::read(content_type, &request.body).filter(|_| is_form)?;
    curl_form::arguments(&parts, redactor)
}

/// `form`: the arguments in place of the body.
fn command(request: &Request, form: Option<(Vec<String>, Option<String>)>) -> String {
    let mut arguments = vec!["curl".to_owned(), "-sS".to_owned(), "-i".to_owned()];
    match request.method.as_str() {
        "GET" if request.body.is_empty() => {}
        "HEAD" => arguments.push("--head".to_owned()),
        method => arguments.extend(["-X".to_owned(), quote(method)]),
    }
    arguments.push(quote(request.url.as_str()));
    for (name, value) in &request.headers {
        let text = String::from_utf8_lossy(value.as_bytes());
        let header = if text.is_empty() {
            format!("{name};")
        } else {
            format!("{name}: {text}")
        };
        arguments.extend(["-H".to_owned(), quote(&header)]);
    }
    if let Some((form, comment)) = form {
        arguments.extend(form);
        return arguments.join(" ") + &comment.unwrap_or_default();
    }
    if !request.body.is_empty() {
        if !request.headers.contains_key(CONTENT_TYPE) {
            // Otherwise curl adds a form type.
            arguments.extend(["-H".to_owned(), quote("Content-Type:")]);
        }
        match std::str::from_utf8(&request.body) {
            Ok(text) => arguments.extend(["--data-raw".to_owned(), quote(text)]),
            Err(_) => arguments.push(format!(
                "--data-binary @body.bin  # body.bin: {} bytes, SHA-256 {}",
                request.body.len(),
                sha256(&request.body)
            )),
        }
    }
    arguments.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue, Method};

    fn request(
        method: Method,
        body: &'static str,
        headers: &[(&'static str, &'static str)],
    ) -> Request {
        let headers: HeaderMap = headers
            .iter()
            .map(|&(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        Request {
            method,
            url: url::Url::parse("http://h/a?b=c&d").unwrap(),
            headers,
            body: body.into(),
        }
    }

    fn plain(request: &Request) -> String {
        command(request, None)
    }

    #[test]
    fn parts_are_arguments_of_their_own() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nit's; @x\r\n\
            --X\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2hunter2\r\n\
            --X\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\nX-Part: 1\r\n\r\n{\"a\":1}\r\n\
            --X\r\nContent-Disposition: form-data; name=\"csv\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n\
            --X\r\nContent-Disposition: form-data; name=\"image\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n\0\r\n--X--\r\n";
        let form = request(
            Method::POST,
            body,
            &[("content-type", "multipart/form-data; boundary=X")],
        );
        let line = curl_line(&form, Redactor::standard());
        // `printf '\0' | sha256sum`
        assert_eq!(
            line.unescaped(),
            r#"curl -sS -i -X POST 'http://h/a?b=c&d' --form-string 'title=it'\''s; @x' --form-string 'password=***' -F 'meta="{\"a\":1}";type=application/json;headers="X-Part: 1"' -F 'csv="a,b";filename="a.csv";type=text/csv' -F 'image=@"p.png";type=image/png'  # p.png: 1 bytes, SHA-256 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"#
        );
        // Another kind of multipart body has no such arguments.
        let mixed = request(
            Method::POST,
            "--X--",
            &[("content-type", "multipart/mixed; boundary=X")],
        );
        let line = curl_line(&mixed, Redactor::standard());
        assert!(line.unescaped().ends_with("--data-raw --X--"), "{line}");
    }

    #[test]
    fn a_body_with_quotes_survives_the_shell() {
        let line = plain(&request(
            Method::PUT,
            r#"{"n":"O'Hara"}"#,
            &[("content-type", "application/json")],
        ));
        assert_eq!(
            line,
            r#"curl -sS -i -X PUT 'http://h/a?b=c&d' -H 'content-type: application/json' --data-raw '{"n":"O'\''Hara"}'"#
        );
    }

    #[test]
    fn line_breaks_do_not_break_the_line() {
        let line = plain(&request(
            Method::PUT,
            "a\n'b\\\u{1b}",
            &[("content-type", "text/plain")],
        ));
        assert!(line.ends_with(r"--data-raw $'a\n\'b\\\u001b'"), "{line}");
    }

    #[test]
    fn headers_that_curl_adds_by_default_are_switched_off() {
        assert!(plain(&request(Method::POST, "x", &[])).contains("-H Content-Type:"));
        assert_eq!(
            plain(&request(Method::GET, "", &[])),
            "curl -sS -i 'http://h/a?b=c&d'"
        );
        assert_eq!(
            plain(&request(Method::HEAD, "", &[])),
            "curl -sS -i --head 'http://h/a?b=c&d'"
        );
    }
}
