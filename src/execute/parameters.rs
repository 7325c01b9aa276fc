//! The parameters of a step, written as its operation declares them. Main type: [`StepParameters`].

use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::case::{RenderError, Scope, Step, Template};
use crate::contract::{
    FieldFormat, Operation, ParameterFormat, ParameterLocation, ParameterStyle, bracketed_pairs,
};
use crate::source::Place;

/// The operation that declares them, the values of their templates, and where the step is written.
pub(super) struct StepParameters<'s> {
    pub(super) operation: Option<&'s Operation>,
    pub(super) scope: &'s Scope,
    pub(super) place: Option<&'s Place>,
}

impl<'s> StepParameters<'s> {
    pub(super) fn of(step: &'s Step, scope: &'s Scope) -> Self {
        StepParameters {
            operation: step.call.operation(),
            scope,
            place: step.place.as_ref(),
        }
    }

    /// The path of an operation, its names in braces replaced. Fails where a value would make a segment `.` or `..`, which no client
    /// sends (RFC 3986, section 5.2.4).
    pub(super) fn path(
        &self,
        template: &str,
        values: &[(String, Template)],
    ) -> Result<String, RenderError> {
        let mut path = template.to_owned();
        for (name, value) in values {
            let value = value.render(self.scope)?;
            let format = self.format(ParameterLocation::Path, name);
            path = path.replace(&format!("{{{name}}}"), &format.path_text(name, &value));
        }
        match path.split('/').find(|segment| is_dot_segment(segment)) {
            Some(segment) => Err(self.unfit(format!(
                "the path `{path}` has the segment `{segment}`, which is removed before a request is sent"
            ))),
            None => Ok(path),
        }
    }

    /// The query, without `?`.
    pub(super) fn query(&self, values: &[(String, Template)]) -> Result<String, RenderError> {
        let mut pairs = Vec::new();
        for (name, template) in values {
            let value = template.render(self.scope)?;
            let declared = self
                .operation
                .and_then(|operation| operation.query_parameter(name));
            pairs.extend(match declared {
                Some(parameter) if parameter.location == ParameterLocation::QueryString => {
                    vec![parameter.format.query_text(&value)]
                }
                Some(parameter) => {
                    let allow_empty = parameter.allow_empty;
                    parameter.format.query_pairs(name, &value, allow_empty)
                }
                None if self.is_declared_flat(name) && !value.is_null() => {
                    bracketed_pairs(name, &value)
                }
                None => {
                    let format = ParameterFormat::of(ParameterLocation::Query);
                    format.query_pairs(name, &value, false)
                }
            });
        }
        pairs.retain(|pair| !pair.is_empty());
        Ok(pairs.join("&"))
    }

    /// Sets headers in order; `None` removes one.
    pub(super) fn set_headers(
        &self,
        headers: &mut HeaderMap,
        values: &[(String, Option<Template>)],
    ) -> Result<(), RenderError> {
        for (name, template) in values {
            let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
                return Err(self.unfit(format!("`{name}` is not a header name")));
            };
            let Some(template) = template else {
                headers.remove(&header);
                continue;
            };
            let value = template.render(self.scope)?;
            let text = self
                .format(ParameterLocation::Header, name)
                .header_text(&value);
            headers.insert(header, header_value(name, &text, self.place)?);
        }
        Ok(())
    }

    /// Adds cookies to those that the headers set.
    pub(super) fn add_cookies(
        &self,
        headers: &mut HeaderMap,
        values: &[(String, Template)],
    ) -> Result<(), RenderError> {
        let mut pairs = Vec::new();
        for (name, template) in values {
            let value = template.render(self.scope)?;
            let format = self.format(ParameterLocation::Cookie, name);
            pairs.extend(format.cookie_pairs(name, &value));
        }
        if pairs.is_empty() {
            return Ok(());
        }
        if let Some(before) = headers.get(COOKIE) {
            let before = String::from_utf8_lossy(before.as_bytes()).into_owned();
            pairs.insert(0, before);
        }
        let value = header_value(COOKIE.as_str(), &pairs.join("; "), self.place)?;
        headers.insert(COOKIE, value);
        Ok(())
    }

    /// How a field of a form with this `Content-Type` is written.
    pub(super) fn field_format(&self, content_type: &str, name: &str) -> FieldFormat {
        match self.operation {
            Some(operation) => operation.field_format(content_type, name),
            None => FieldFormat::Unknown,
        }
    }

    fn format(&self, location: ParameterLocation, name: &str) -> ParameterFormat {
        let declared = self
            .operation
            .and_then(|operation| operation.parameter(location, name));
        declared.map_or_else(
            || undeclared(location),
            |parameter| parameter.format.clone(),
        )
    }

    /// Whether the contract declares the members of a mapping one by one: `filter[status]`, but not `filter`.
    fn is_declared_flat(&self, name: &str) -> bool {
        self.operation
            .is_some_and(|operation| operation.has_flat_names(name))
    }

    /// The error of a value that cannot be sent where it is given.
    pub(super) fn unfit(&self, message: String) -> RenderError {
        RenderError {
            message,
            place: self.place.cloned(),
        }
    }
}

/// The value of a header. Fails where it contains a line break or another control character.
pub(super) fn header_value(
    name: &str,
    value: &str,
    place: Option<&Place>,
) -> Result<HeaderValue, RenderError> {
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unfit_header(name, place))
}

/// The error of a value that no header can have.
pub(super) fn unfit_header(name: &str, place: Option<&Place>) -> RenderError {
    RenderError {
        message: format!(
            "the value of the header `{name}` contains a line break or another control character"
        ),
        place: place.cloned(),
    }
}

/// The notation of values that no contract declares. A cookie is sent as it is.
fn undeclared(location: ParameterLocation) -> ParameterFormat {
    match location {
        ParameterLocation::Cookie => ParameterFormat::styled(ParameterStyle::Cookie),
        other => ParameterFormat::of(other),
    }
}

/// WHATWG URL: also percent-encoded dots count.
fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    matches!(plain.as_str(), "." | "..")
}
