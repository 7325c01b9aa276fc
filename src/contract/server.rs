//! The servers that a document names, for all of it, a path or an operation (OpenAPI 3.1.1, "Server Object"). Main type:
//! [`DocumentedServer`].

use std::collections::BTreeMap;

/// A server, its URL not yet filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentedServer {
    /// As written, with `{variables}`; relative URLs are relative to where the API is served.
    pub url: String,
    /// OpenAPI 3.2.
    pub name: Option<String>,
    pub variables: Vec<ServerVariable>,
}

/// A variable in the URL of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerVariable {
    pub name: String,
    /// Required by the specification; without it, only a target can fill in the variable.
    pub default: Option<String>,
    /// `enum`; empty: any value.
    pub allowed: Vec<String>,
}

/// A URL of a server, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// Host and port as written, in lower case; `None` for a relative URL.
    pub authority: Option<String>,
    /// Without a trailing slash: `/v2`, or `""`.
    pub path: String,
}

impl DocumentedServer {
    /// The URL with these values of its variables; their defaults for the others; one that has neither
    /// stays in braces. Fails, with a sentence fragment, where `enum` does not
    /// allow a value.
    pub fn filled(&self, values: &BTreeMap<String, String>) -> Result<String, String> {
        let mut url = self.url.clone();
        for variable in &self.variables {
            let value = match values.get(&variable.name) {
                None => match &variable.default {
                    Some(default) => default,
                    None => continue,
                },
                Some(value) if variable.allows(value) => value,
                Some(value) => {
                    let allowed: Vec<String> = variable
                        .allowed
                        .iter()
                        .map(|value| format!("`{value}`"))
                        .collect();
                    return Err(format!(
                        "the server variable `{}` cannot be `{value}`; the contract allows {}",
                        variable.name,
                        allowed.join(", ")
                    ));
                }
            };
            url = url.replace(&format!("{{{}}}", variable.name), value);
        }
        Ok(url)
    }

    /// The parts of [`DocumentedServer::filled`].
    pub fn address(&self, values: &BTreeMap<String, String>) -> Result<ServerAddress, String> {
        self.filled(values).map(|url| ServerAddress::of(&url))
    }
}

impl ServerVariable {
    fn allows(&self, value: &str) -> bool {
        self.allowed.is_empty() || self.allowed.iter().any(|allowed| allowed == value)
    }
}

impl ServerAddress {
    /// The parts of an absolute or relative URL.
    pub(super) fn of(url: &str) -> Self {
        let after_scheme = match url.split_once("://") {
            Some((_, rest)) => Some(rest),
            None => url.strip_prefix("//"),
        };
        let (authority, path) = match after_scheme {
            Some(rest) => {
                let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                (Some(rest[..end].to_ascii_lowercase()), &rest[end..])
            }
            None => (None, url),
        };
        let path = path
            .split(['?', '#'])
            .next()
            .unwrap_or("")
            .trim_end_matches('/')
            .trim_start_matches("./");
        let path = match path {
            "" | "." => String::new(),
            path if path.starts_with('/') => path.to_owned(),
            path => format!("/{path}"),
        };
        ServerAddress { authority, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_reduced_to_their_path() {
        for (url, path) in [
            ("https://shop.example/rest/default/", "/rest/default"),
            ("https://shop.example", ""),
            ("//shop.example/a", "/a"),
            ("https://shop.example?x=/b", ""),
            ("/rest", "/rest"),
            ("/", ""),
            ("v1/", "/v1"),
            ("./v1", "/v1"),
            ("https://shop.example/a?x=1", "/a"),
        ] {
            assert_eq!(ServerAddress::of(url).path, path, "{url}");
        }
        let authority = |url| ServerAddress::of(url).authority;
        assert_eq!(
            authority("https://Shop.example:8443/a").as_deref(),
            Some("shop.example:8443")
        );
        assert_eq!(authority("/a"), None);
    }

    #[test]
    fn variables_have_defaults_and_allowed_values() {
        let server = DocumentedServer {
            url: "https://{region}.example/{version}".to_owned(),
            name: None,
            variables: ["region", "version"]
                .map(|name| ServerVariable {
                    name: name.to_owned(),
                    default: (name == "region").then(|| "a".to_owned()),
                    allowed: match name {
                        "region" => vec!["a".to_owned(), "b".to_owned()],
                        _ => Vec::new(),
                    },
                })
                .into(),
        };
        let with = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            server.filled(
                &pairs
                    .map(|(name, value)| ((*name).into(), (*value).into()))
                    .collect(),
            )
        };
        assert_eq!(with(&[]).as_deref(), Ok("https://a.example/{version}"));
        assert_eq!(
            with(&[("region", "b"), ("version", "v2"), ("other", "x")]).as_deref(),
            Ok("https://b.example/v2")
        );
        assert_eq!(
            with(&[("region", "c")]).unwrap_err(),
            "the server variable `region` cannot be `c`; the contract allows `a`, `b`"
        );
    }
}
