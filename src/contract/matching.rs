//! Which operation an actual request belongs to.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use percent_encoding::percent_decode_str;

use super::model::{Contract, Operation};

impl Contract {
    /// The operation that a request belongs to. `path` is the actual path below the base path, still percent-encoded. A query and a
    /// trailing slash are ignored. Where several templates match, the one whose literal text reaches further from the left wins (OpenAPI
    /// 3.1, "Path Templating Matching"); of equals, the first in the document.
    pub fn matching(&self, method: &Method, path: &str) -> Option<&Arc<Operation>> {
        self.matching_among(method, path, |_| true)
    }

    /// The operation that a request to one of the documented servers belongs to. `path` includes the base path: the document's, or that
    /// of the operation's own server; variables have their defaults.
    pub fn operation_of_request(&self, method: &Method, path: &str) -> Option<&Arc<Operation>> {
        let below = |base: &str| {
            let rest = path.strip_prefix(base.trim_end_matches('/'))?;
            (rest.is_empty() || rest.starts_with('/')).then_some(rest)
        };
        let of_document = below(&self.base_path).and_then(|path| {
            self.matching_among(method, path, |operation| operation.servers.is_empty())
        });
        of_document.or_else(|| {
            let own = self.operations.iter();
            let mut own = own.filter(|own| own.method == *method);
            own.find_map(|own| {
                let server = own.servers.first()?.address(&BTreeMap::new()).ok()?;
                self.matching_among(method, below(&server.path)?, |operation| {
                    operation.servers == own.servers
                })
            })
        })
    }

    /// As [`Contract::matching`], among the operations that `accepts` chooses.
    pub fn matching_among(
        &self,
        method: &Method,
        path: &str,
        accepts: impl Fn(&Operation) -> bool,
    ) -> Option<&Arc<Operation>> {
        let path = path.split(['?', '#']).next().unwrap_or("");
        let segments: Vec<&str> = segments(path);
        self.operations
            .iter()
            .filter(|operation| operation.method == *method && accepts(operation))
            .filter_map(|operation| Some((fit(&operation.path, &segments)?, operation)))
            // `max_by` keeps the last of equals; reversed, the first.
            .rev()
            .max_by(|(left, _), (right, _)| left.cmp(right))
            .map(|(_, operation)| operation)
    }
}

/// How well a segment fits; greater is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// `{id}`
    Variable,
    /// `{id}.json`
    Partly,
    Literal,
}

fn segments(path: &str) -> Vec<&str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/').collect()
}

/// How the segments fit a template, from the left; `None` when they do not.
fn fit(template: &str, actual: &[&str]) -> Option<Vec<Fit>> {
    let template = segments(template);
    if template.len() != actual.len() {
        return None;
    }
    template
        .iter()
        .zip(actual)
        .map(|(template, actual)| fit_segment(template, actual))
        .collect()
}

fn fit_segment(template: &str, actual: &str) -> Option<Fit> {
    if !template.contains('{') {
        let decode = |text| percent_decode_str(text).collect::<Vec<u8>>();
        return (template == actual || decode(template) == decode(actual)).then_some(Fit::Literal);
    }
    if template.starts_with('{') && template.find('}') == Some(template.len() - 1) {
        return (!actual.is_empty()).then_some(Fit::Variable);
    }
    let actual = percent_decode_str(actual).decode_utf8_lossy();
    matches_parts(template, &actual).then_some(Fit::Partly)
}

/// Whether `actual` is `template` with some text for each `{variable}`.
fn matches_parts(template: &str, actual: &str) -> bool {
    // The literal texts between the variables must follow each other, with at least one character for each variable.
    let mut literals = Vec::new();
    let mut rest = template;
    while let Some((literal, variable)) = rest.split_once('{') {
        let Some((_, after)) = variable.split_once('}') else {
            return template == actual;
        };
        literals.push(literal);
        rest = after;
    }
    let last = rest;
    let Some((first, middle)) = literals.split_first() else {
        return template == actual;
    };
    let Some(mut open) = actual.strip_prefix(first) else {
        return false;
    };
    for literal in middle {
        let Some(skip) = open.chars().next().map(char::len_utf8) else {
            return false;
        };
        match open[skip..].find(literal) {
            Some(found) => open = &open[skip + found + literal.len()..],
            None => return false,
        }
    }
    open.strip_suffix(last)
        .is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(template: &str, path: &str) -> Option<Vec<Fit>> {
        fit(template, &segments(path))
    }

    #[test]
    fn literals_beat_variables_and_trailing_slashes_do_not_count() {
        let literal = fits("/V1/customers/me", "/V1/customers/me/");
        let variable = fits("/V1/customers/{customerId}", "/V1/customers/me");
        assert!(literal > variable, "{literal:?} {variable:?}");
        assert_eq!(fits("/V1/customers/{id}", "/V1/customers"), None);
        assert_eq!(fits("/V1/customers/{id}", "/V1/customers//"), None);
        assert_eq!(fits("/V1/customers", "/V1/other"), None);
    }

    #[test]
    fn encoded_text_is_compared_decoded() {
        assert!(fits("/a b/{x}", "/a%20b/1%2F2").is_some());
    }

    #[test]
    fn variables_may_share_a_segment_with_text() {
        assert_eq!(fits("/{id}.json", "/7.json"), Some(vec![Fit::Partly]));
        assert_eq!(fits("/{id}.json", "/.json"), None);
        assert!(matches_parts("{from}-{to}", "a-b"));
        assert!(!matches_parts("{from}-{to}", "a-"));
        assert!(!matches_parts("v{major", "v1"));
    }
}
