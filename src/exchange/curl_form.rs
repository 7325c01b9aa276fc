//! The parts of a form as arguments of `curl`. Main function: [`arguments`].

use super::shell::quote;
use crate::hash::sha256;
use crate::multipart::FormPart;
use crate::text::{MASK, Redactor};

/// `-F` and `--form-string` for these parts, their secrets masked, and a comment about files that the shell must have; `None` where a
/// name is one that `curl` cannot be given.
pub(super) fn arguments(
    parts: &[FormPart],
    redactor: &Redactor,
) -> Option<(Vec<String>, Option<String>)> {
    let mut arguments = Vec::new();
    let mut files = Vec::new();
    for part in parts {
        let FormPart {
            name,
            filename,
            content_type,
            headers,
            content,
        } = part;
        if name.is_empty() || name.contains('=') {
            return None;
        }
        let masked = |text: &str| match redactor.is_secret_property(name) {
            true => MASK.to_owned(),
            false => redactor.text(text).unescaped().to_owned(),
        };
        let text = part.as_text().map(masked);
        let is_plain = filename.is_none() && content_type.is_none() && headers.is_empty();
        if let (Some(text), true) = (&text, is_plain) {
            arguments.extend(["--form-string".to_owned(), quote(&format!("{name}={text}"))]);
            continue;
        }
        let mut argument = match text {
            Some(text) => format!("{name}={}", quoted(&text)),
            None => {
                let file = filename.as_deref().unwrap_or(name);
                files.push(format!(
                    "{file}: {} bytes, SHA-256 {}",
                    content.len(),
                    sha256(content)
                ));
                format!("{name}=@{}", quoted(file))
            }
        };
        if let Some(filename) = filename.as_ref().filter(|_| part.as_text().is_some()) {
            argument.push_str(&format!(";filename={}", quoted(filename)));
        }
        if let Some(content_type) = content_type {
            argument.push_str(&format!(";type={content_type}"));
        }
        for (name, value) in headers {
            argument.push_str(&format!(";headers={}", quoted(&format!("{name}: {value}"))));
        }
        arguments.extend(["-F".to_owned(), quote(&argument)]);
    }
    let comment = (!files.is_empty()).then(|| format!("  # {}", files.join("; ")));
    Some((arguments, comment))
}

/// A value in the quotes of `curl`, in which `;` and `,` have no meaning.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
