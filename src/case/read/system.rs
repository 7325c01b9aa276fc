//! Reads `system.yaml`: the auth profiles, and what all case files of the system share.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::{Context, Profiles};
use super::fixture::{self, Fixtures};
use super::parameters::ParameterReader;
use super::profile;
use super::variables::Variables;
use crate::case::{Profile, Template};
use crate::diagnostic::Diagnostics;
use crate::document::{self, Document, Fields};

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
            let profile = profile::read(name, entry, context, diagnostics);
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
