//! Reads `system.yaml`: the auth profiles, and what all case files of the system share.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::capture;
use super::context::{Context, Profiles};
use super::fixture::{self, Fixtures};
use super::parameters::ParameterReader;
use super::step::{self, Role};
use super::variables::Variables;
use crate::case::model::credentials_in;
use crate::case::{BodyPath, Profile, Template, TokenSource};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{self, Document, Fields, Node};
use crate::source::{Place, Source};

/// The contents of `system.yaml`.
#[derive(Debug)]
pub(super) struct SystemFile {
    pub(super) description: Option<String>,
    pub(super) profiles: Profiles,
    pub(super) fixtures: Fixtures,
    pub(super) headers: Vec<(String, Option<Template>)>,
}

impl SystemFile {
    /// A system without `system.yaml`: only `guest`.
    pub(super) fn bare() -> Self {
        SystemFile {
            description: None,
            profiles: BTreeMap::from([("guest".to_owned(), Some(Arc::new(Profile::guest())))]),
            fixtures: Fixtures::default(),
            headers: Vec::new(),
        }
    }
}

/// Reads the file. The profiles of `context` are ignored: they are read here.
pub(super) fn read(
    document: &Document,
    context: Context<'_>,
    variables: &mut Variables,
    diagnostics: &mut Diagnostics,
) -> SystemFile {
    let source = context.source;
    let mut system = SystemFile::bare();
    let Some(mut fields) = Fields::of("a system file", &document.root, source, diagnostics) else {
        return system;
    };
    system.description = fields
        .string("description", diagnostics)
        .map(|text| text.value);
    // Already read, with the contracts of all files.
    fields.get("contract");
    if let Some(node) = fields.get("auth")
        && let Some(entries) = document::expect_mapping("auth", node, source, diagnostics)
    {
        for (name, entry) in entries {
            let place = source.place(entry.key_span);
            let profile = profile(name, &entry.value, place, context, diagnostics);
            system.profiles.insert(name.clone(), profile.map(Arc::new));
        }
    }
    let context = Context {
        profiles: &system.profiles,
        ..context
    };
    if let Some(node) = fields.get("headers") {
        let parameters = ParameterReader {
            operation: None,
            source,
        };
        system.headers = parameters.headers(node, diagnostics);
        for template in system
            .headers
            .iter()
            .filter_map(|(_, value)| value.as_ref())
        {
            variables.builtin_only(template, diagnostics);
        }
    }
    if let Some(node) = fields.get("fixtures") {
        system.fixtures = fixture::read(node, None, context, variables, diagnostics);
    }
    fields.finish(diagnostics);
    system
}

fn profile(
    name: &str,
    node: &Node,
    place: Place,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Profile> {
    let source = context.source;
    if name.is_empty() || name.contains(char::is_whitespace) {
        diagnostics.push(
            Diagnostic::error(
                "bad-name",
                format!("`{name}` cannot be the name of an auth profile"),
                place,
            )
            .with_advice("use a name without spaces"),
        );
        return None;
    }
    if node.as_str() == Some("none") {
        return Some(Profile {
            name: name.to_owned(),
            place: Some(place),
            ..Profile::guest()
        });
    }
    if name == "guest" {
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                "`guest` has no credentials",
                source.place(node.span),
            )
            .with_advice("write `guest: none`, or remove it; give your profile another name"),
        );
        return None;
    }
    if !matches!(node.value, document::Value::Mapping(_)) {
        diagnostics.push(
            document::wrong_type(
                "an auth profile",
                "`none`, or a mapping with `login` or `bearer`",
                node,
                source,
            )
            .with_advice("for a fixed token write `{ bearer: … }`"),
        );
        return None;
    }
    let mut fields = Fields::of("an auth profile", node, source, diagnostics)?;
    let (login, bearer) = (fields.entry("login"), fields.entry("bearer"));
    let token_path = fields.entry("token");
    let scheme = scheme(&mut fields, source, diagnostics);
    let refused = fields.bool("refused", diagnostics).unwrap_or(false);
    let token = match (login, bearer) {
        (Some(_), Some(other)) => {
            diagnostics.push(
                Diagnostic::error("bad-profile", "`bearer` beside `login`", source.place(other.key_span))
                    .with_advice("keep one: a known token (`bearer`), or a request that returns one (`login`); a target's own `bearer` overrides a login"),
            );
            None
        }
        (None, None) => {
            diagnostics.push(
                Diagnostic::error("bad-profile", format!("the auth profile `{name}` has neither `login` nor `bearer`"), place.clone())
                    .with_advice("add the request that returns a token (`login:`), or the token (`bearer:`); for no credentials write `none`"),
            );
            None
        }
        (None, Some(entry)) => document::expect_string("bearer", &entry.value, source, diagnostics)
            .map(|text| {
                TokenSource::Bearer(Template::parse_text(&text.value, &text.place, diagnostics))
            }),
        (Some(entry), None) => {
            let step = step::read(&entry.value, Role::Login, context, diagnostics);
            let path = match token_path {
                Some(entry) => capture::json_path(&entry.value, source, diagnostics),
                None => BodyPath::parse("$").ok(),
            };
            step.zip(path).map(|(step, token)| TokenSource::Login {
                step: Arc::new(step),
                token,
            })
        }
    };
    if let (Some(entry), None) = (token_path, login) {
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                "`token` belongs to `login`",
                source.place(entry.key_span),
            )
            .with_advice("it says where the token is in the response of the login"),
        );
    }
    fields.finish(diagnostics);
    let token = token?;
    let credentials = credentials_in(token.templates());
    Some(Profile {
        name: name.to_owned(),
        token,
        scheme,
        refused,
        credentials,
        place: Some(place),
    })
}

/// The scheme of the Authorization header (RFC 9110, section 11.1).
fn scheme(fields: &mut Fields<'_>, source: &Source, diagnostics: &mut Diagnostics) -> String {
    let Some(scheme) = fields.string("scheme", diagnostics) else {
        return "Bearer".to_owned();
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if scheme.value.is_empty() || !scheme.value.chars().all(plain) {
        diagnostics.push(
            Diagnostic::error(
                "bad-profile",
                format!("`{}` is not an authentication scheme", scheme.value),
                source.place(scheme.place.span),
            )
            .with_advice("write one word, such as `Bearer`"),
        );
    }
    scheme.value
}
