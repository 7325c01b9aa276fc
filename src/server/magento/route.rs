//! What a route is, and which one a request takes. Main type: [`Route`]; the table of all is in `routes`.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::error::Failure;
use super::input::Argument;
use super::pipeline::Call;
use super::routes::ROUTES;
use crate::server::system::System;
use crate::server::version::Version;

/// An operation of the API.
pub struct Route {
    pub method: &'static str,
    /// A segment that starts with a colon is a variable.
    pub path: &'static str,
    /// As the contracts write it: method and path with braces around variables.
    pub operation: &'static str,
    pub access: Access,
    pub arguments: &'static [Argument],
    /// What the caller's identity puts in the place of whatever the client sent.
    pub forced: Forced,
    pub serve: fn(&Call<'_>) -> Result<Value, Failure>,
    /// The systems that have the operation.
    systems: &'static [System],
    /// The first version that has it.
    since: Version,
    /// Whether serving it opens a session, whose cookie comes with every success.
    pub opens_session: bool,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Anonymous,
    /// The customer whose token it is; administrators pass as well, without being one.
    Themselves,
    /// Administrators with this resource. The seeded one has all.
    Resource(&'static str),
}

/// Arguments taken from the caller's identity, or from the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forced {
    Nothing,
    /// The argument `customerId`.
    CustomerId,
    /// Id, group, website and store inside the argument `customer`.
    CustomerFields,
    /// The id inside the argument `group` is that of the path.
    GroupId,
}

impl Route {
    /// A route of [`System::Magento`] alone, of every version, with nothing forced.
    pub const fn new(
        method: &'static str,
        path: &'static str,
        operation: &'static str,
        access: Access,
        arguments: &'static [Argument],
        serve: fn(&Call<'_>) -> Result<Value, Failure>,
    ) -> Self {
        let systems = &[System::Magento];
        Route {
            method,
            path,
            operation,
            access,
            arguments,
            forced: Forced::Nothing,
            serve,
            systems,
            since: Version::V2_4_7,
            opens_session: true,
        }
    }

    /// With arguments taken from the caller's identity.
    pub const fn with_forced(mut self, forced: Forced) -> Self {
        self.forced = forced;
        self
    }

    /// In this version and later ones only.
    pub const fn since(mut self, version: Version) -> Self {
        self.since = version;
        self
    }

    /// Served without a session.
    pub const fn without_session(mut self) -> Self {
        self.opens_session = false;
        self
    }

    /// Of these systems instead.
    pub const fn with_systems(mut self, systems: &'static [System]) -> Self {
        self.systems = systems;
        self
    }
}

/// The route of a request and the values of its variables, percent-decoded.
///
/// A path without variables wins; of those with variables the last in the order of their text, so that literal segments
/// go before variables. `path` starts with a slash and has none at its end.
pub fn find(
    system: System,
    version: Version,
    method: &str,
    path: &str,
) -> Option<(&'static Route, Vec<(&'static str, String)>)> {
    let candidates = || {
        ROUTES
            .iter()
            .filter(|route| route.method == method && route.systems.contains(&system))
            .filter(|route| version >= route.since)
    };
    if let Some(route) = candidates().find(|route| route.path == path) {
        return Some((route, Vec::new()));
    }
    candidates()
        .filter_map(|route| variables(route.path, path).map(|values| (route, values)))
        .max_by_key(|(route, _)| route.path)
}

fn variables(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let (wanted, given): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut values = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        let given = percent_decode_str(given).decode_utf8_lossy();
        match wanted.strip_prefix(':') {
            Some(_) if given.is_empty() => return None,
            Some(name) => values.push((name, given.into_owned())),
            None if wanted != given => return None,
            None => {}
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(system: System, method: &str, path: &str) -> Option<&'static str> {
        find(system, Version::V2_4_7, method, path).map(|(route, _)| route.operation)
    }

    #[test]
    fn literal_segments_go_before_variables() {
        let magento = System::Magento;
        assert_eq!(
            operation(magento, "GET", "/V1/customers/me"),
            Some("GET /V1/customers/me")
        );
        assert_eq!(
            operation(magento, "GET", "/V1/customers/7"),
            Some("GET /V1/customers/{customerId}")
        );
        assert_eq!(
            operation(magento, "DELETE", "/V1/customers/me"),
            Some("DELETE /V1/customers/{customerId}")
        );
        let (_, values) = find(magento, Version::V2_4_7, "GET", "/V1/customers/%2F").unwrap();
        assert_eq!(values, [("customerId", "/".to_owned())]);
    }

    #[test]
    fn what_no_route_has() {
        for (method, path) in [
            ("DELETE", "/V1/customers"),
            ("GET", "/V1/Customers/me"),
            ("POST", "/V1/customers/me"),
            ("GET", "/V1/customers/me/session"),
            ("GET", "/V1//customers/me"),
            ("GET", "/V2/customers/me"),
            ("GET", "/V1"),
        ] {
            assert_eq!(
                operation(System::Magento, method, path),
                None,
                "{method} {path}"
            );
        }
        assert!(operation(System::MagentoAdminSave, "GET", "/V1/customers/me/session").is_some());
    }

    #[test]
    fn an_operation_is_written_as_its_route() {
        for route in ROUTES {
            let braced: Vec<String> = route
                .path
                .split('/')
                .map(|segment| match segment.strip_prefix(':') {
                    Some(name) => format!("{{{name}}}"),
                    None => segment.to_owned(),
                })
                .collect();
            assert_eq!(
                route.operation,
                format!("{} {}", route.method, braced.join("/"))
            );
        }
    }
}
