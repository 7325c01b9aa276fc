//! Finds the files that cases send. Main type: [`Attachments`].

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::case::SentFile;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Files, Spanned};

/// Where the files are that a case file may send.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attachments<'a> {
    /// In the folder of cases; paths are relative to the folder of the case file in it.
    In {
        cases: &'a dyn Files,
        folder: &'a str,
    },
    /// They were read before: those of cases that are written as a file, by their path.
    Known(&'a BTreeMap<String, Bytes>),
}

impl<'a> Attachments<'a> {
    /// Those of the case file at `path`.
    pub(super) fn beside(path: &'a str, cases: &'a dyn Files) -> Self {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Attachments::In { cases, folder }
    }

    /// The file at a path as written. `None`, with a diagnostic, where there is none, or the path leads out of the folder of cases.
    pub(super) fn find(
        self,
        path: Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<SentFile> {
        let report = |message: String, advice: &str| {
            Diagnostic::error("unreadable-file", message, path.place.clone())
                .with_advice(advice.to_owned())
        };
        if path.value.contains("{{") {
            diagnostics.push(report(
                "the path of a file cannot be a template".to_owned(),
                "write the path out: files are read before the run",
            ));
            return None;
        }
        let found = match self {
            Attachments::Known(files) => files.get(&path.value).cloned(),
            Attachments::In { cases, folder } => {
                let Some(inside) = below(folder, &path.value) else {
                    diagnostics.push(report(
                        format!("`{}` leads out of the folder of cases", path.value),
                        "write a path relative to this file, and keep the file below the folder of cases",
                    ));
                    return None;
                };
                match cases.read_bytes(&inside) {
                    Ok(bytes) => Some(Bytes::from(bytes)),
                    Err(reason) => {
                        diagnostics.push(report(
                            format!("cannot read the file `{}`: {reason}", path.value),
                            "paths are relative to the file in which they are written",
                        ));
                        return None;
                    }
                }
            }
        };
        match found {
            Some(bytes) => Some(SentFile {
                path: path.value,
                bytes,
            }),
            None => {
                diagnostics.push(report(
                    format!("no case has the file `{}`", path.value),
                    "add it to the case that sends it",
                ));
                None
            }
        }
    }
}

/// The path below the root of cases; `None` where it is absolute or leads out of the root.
fn below(folder: &str, path: &str) -> Option<String> {
    let is_absolute = path.starts_with('/') || path.contains('\\') || path.contains(':');
    if is_absolute || path.is_empty() {
        return None;
    }
    let mut segments: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_root() {
        for (folder, path, expected) in [
            ("shop/a", "x.png", Some("shop/a/x.png")),
            ("shop/a", "./b//x.png", Some("shop/a/b/x.png")),
            ("shop/a", "../x.png", Some("shop/x.png")),
            ("shop/a", "../../x.png", Some("x.png")),
            ("shop/a", "../../../x.png", None),
            ("shop", "b/../../../shop/x.png", None),
            ("", "x.png", Some("x.png")),
            ("", "../x.png", None),
            ("shop", "/etc/passwd", None),
            ("shop", "C:/x.png", None),
            ("shop", "..\\..\\x.png", None),
            ("shop", "", None),
        ] {
            assert_eq!(below(folder, path).as_deref(), expected, "{path}");
        }
    }
}
