//! Security schemes and requirements.

use std::collections::HashMap;
use std::sync::Arc;

use super::{DialectReader, LocatedNode};
use crate::contract::documents::{DocumentPointer, reference_of};
use crate::contract::security::{Security, SecurityAlternatives, SecurityScheme, scheme};
use crate::diagnostic::Diagnostic;
use crate::document::wrong_type;

/// References that are followed one after another before they count as a cycle.
const LONGEST_CHAIN: usize = 20;

/// The security schemes of a document, by name.
pub(super) type DeclaredSchemes<'n> = HashMap<&'n str, SecurityScheme>;

impl<'n, 'd> DialectReader<'n, 'd> {
    /// The schemes that are declared at a pointer of the contract.
    pub(super) fn security_schemes(&mut self, pointer: &str) -> DeclaredSchemes<'n> {
        let declared = self.names_at(pointer);
        let schemes = declared.into_iter().map(|name| {
            let location = DocumentPointer::new(0, pointer).child(name);
            (name, self.scheme_at(location))
        });
        schemes.collect()
    }

    /// The scheme at a location, its references followed.
    fn scheme_at(&self, mut location: DocumentPointer) -> SecurityScheme {
        for _ in 0..LONGEST_CHAIN {
            let Some(node) = self.documents.node(&location) else {
                return SecurityScheme::Unknown;
            };
            let Some(reference) = reference_of(node) else {
                return scheme(node);
            };
            match self.documents.resolve(&location, reference) {
                Ok(target) => location = target,
                Err(_) => return SecurityScheme::Unknown,
            }
        }
        SecurityScheme::Unknown
    }

    /// The `security` entry at `at`; `None` when there is none.
    pub(super) fn security(
        &mut self,
        at: &LocatedNode<'n>,
        declared: &DeclaredSchemes<'n>,
    ) -> Option<(Security, SecurityAlternatives)> {
        let list = self.child(at, "security")?;
        if list.node.is_null() {
            // It may mean "none needed" as well as "as everywhere".
            let source = self.documents.source(list.location.file);
            let diagnostic = wrong_type("security", "a list", list.node, source);
            self.diagnostics
                .push(diagnostic.with_advice(
                    "write `security: []` if no credentials are needed, or remove it",
                ));
            return None;
        }
        let mut open = false;
        let mut alternatives = Vec::new();
        for alternative in self.items("`security`", &list) {
            let entries = self.entries("an alternative of `security`", &alternative);
            open |= entries.is_empty() && alternative.node.as_mapping().is_some();
            let schemes = entries.iter().map(|(name, _)| declared.get(name).cloned());
            alternatives.push(
                schemes
                    .map(|scheme| scheme.unwrap_or(SecurityScheme::Unknown))
                    .collect(),
            );
            for (name, scheme) in entries {
                // 3.1 also allows a reference to a scheme elsewhere; a name with a slash or a dot may be a reference.
                if !declared.contains_key(name) && !name.contains(['/', '#']) {
                    self.report_unknown_scheme(name, &scheme, declared);
                }
            }
        }
        let security = match open || alternatives.is_empty() {
            true => Security::Open,
            false => Security::Protected,
        };
        Some((security, Arc::from(alternatives)))
    }

    fn report_unknown_scheme(
        &mut self,
        name: &str,
        at: &LocatedNode<'n>,
        declared: &DeclaredSchemes<'n>,
    ) {
        // Requests can be sent and checked all the same.
        let diagnostic = Diagnostic::warning(
            "unknown-security-scheme",
            format!("unknown security scheme `{name}`"),
            self.key_place(at),
        );
        let mut known: Vec<&str> = declared.keys().copied().collect();
        known.sort_unstable();
        self.diagnostics.push(match known.is_empty() {
            true => diagnostic.with_advice("declare it: the contract declares none"),
            false => diagnostic.with_nearest(name, known),
        });
    }
}
