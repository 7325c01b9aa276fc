//! The part of the URL before the route: `/rest`, then an optional store code.

/// The scope of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreScope {
    /// The store view `default`, also if there is no code.
    StoreView,
    /// `/rest/all`: no customer belongs to this scope.
    All,
}

/// The scope, and the path of the route with a slash at its start and none at its end.
///
/// `None` if the rest of the path does not begin with `/V` and a digit: for example an unknown store code, `/v1`, or an empty path.
pub fn split(path: &str) -> Option<(StoreScope, String)> {
    let path = path
        .strip_prefix("/index.php")
        .unwrap_or(path)
        .trim_matches('/');
    let mut segments = path.split('/').skip(1).peekable();
    let scope = match segments.peek() {
        Some(&"all") => Some(StoreScope::All),
        Some(&"default") => Some(StoreScope::StoreView),
        _ => None,
    };
    if scope.is_some() {
        segments.next();
    }
    let rest = format!("/{}", segments.collect::<Vec<_>>().join("/"));
    let is_versioned = rest
        .strip_prefix("/V")
        .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    is_versioned.then_some((scope.unwrap_or(StoreScope::StoreView), rest))
}

/// Whether the path belongs to the API.
pub fn is_rest(path: &str) -> bool {
    let path = path.strip_prefix("/index.php").unwrap_or(path);
    path == "/rest" || path.starts_with("/rest/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes() {
        let me = "/V1/customers/me".to_owned();
        for path in [
            "/rest/default/V1/customers/me",
            "/rest/V1/customers/me",
            "/index.php/rest/V1/customers/me",
            "/rest/default/V1/customers/me/",
        ] {
            assert_eq!(
                split(path),
                Some((StoreScope::StoreView, me.clone())),
                "{path}"
            );
        }
        assert_eq!(
            split("/rest/all/V1/customers/me"),
            Some((StoreScope::All, me))
        );
        assert_eq!(
            split("/rest/V1/V1/x"),
            Some((StoreScope::StoreView, "/V1/V1/x".to_owned()))
        );
        for path in [
            "/rest",
            "/rest/default",
            "/rest/nope/V1/customers/me",
            "/rest/admin/V1/customers/me",
            "/rest/DEFAULT/V1/customers/me",
            "/rest/1/V1/customers/me",
            "/rest/default/v1/customers/me",
            "/rest/default//V1/customers/me",
        ] {
            assert_eq!(split(path), None, "{path}");
        }
    }
}
