//! A request as a shell command. Main function: [`curl_line`].

use http::HeaderValue;

use super::Request;
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
    redactor.text(&command(&masked))
}

fn command(request: &Request) -> String {
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
    if !request.body.is_empty() {
        if !request.headers.contains_key(http::header::CONTENT_TYPE) {
            // Otherwise curl adds a form type.
            arguments.extend(["-H".to_owned(), quote("Content-Type:")]);
        }
        match std::str::from_utf8(&request.body) {
            Ok(text) => arguments.extend(["--data-raw".to_owned(), quote(text)]),
            Err(_) => arguments.push("--data-binary @body.bin  # the body is not text".to_owned()),
        }
    }
    arguments.join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.chars().any(char::is_control) {
        // One line for one command: bash's and zsh's quoting with escapes.
        let escaped: String = word.chars().map(escape).collect();
        return format!("$'{escaped}'");
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn escape(c: char) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\'' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    }
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

    #[test]
    fn a_body_with_quotes_survives_the_shell() {
        let line = command(&request(
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
        let line = command(&request(
            Method::PUT,
            "a\n'b\\\u{1b}",
            &[("content-type", "text/plain")],
        ));
        assert!(line.ends_with(r"--data-raw $'a\n\'b\\\u001b'"), "{line}");
    }

    #[test]
    fn headers_that_curl_adds_by_default_are_switched_off() {
        assert!(command(&request(Method::POST, "x", &[])).contains("-H Content-Type:"));
        assert_eq!(
            command(&request(Method::GET, "", &[])),
            "curl -sS -i 'http://h/a?b=c&d'"
        );
        assert_eq!(
            command(&request(Method::HEAD, "", &[])),
            "curl -sS -i --head 'http://h/a?b=c&d'"
        );
    }
}
