//! The examples of bodies and parameters. A broken reference to one touches no request and no check: it is not reported.

use super::{DialectReader, LocatedNode};
use crate::contract::documents::reference_of;
use crate::contract::example::DocumentedExample;

/// References that are followed one after another before they count as a cycle.
const LONGEST_CHAIN: usize = 20;

impl<'n> DialectReader<'n, '_> {
    /// `example`, else those of the entries of `examples` that have a value in the document.
    pub(super) fn examples(&self, at: &LocatedNode<'n>) -> Vec<DocumentedExample> {
        if let Some(example) = self.child(at, "example") {
            return vec![DocumentedExample {
                name: None,
                location: example.location,
            }];
        }
        let Some(examples) = self.child(at, "examples") else {
            return Vec::new();
        };
        let names = examples.node.as_mapping().into_iter().flatten();
        names
            .filter_map(|(name, _)| {
                let example = self.without_references(self.child(&examples, name)?)?;
                // `dataValue` is that of OpenAPI 3.2.
                let value = ["value", "dataValue"]
                    .into_iter()
                    .find_map(|key| self.child(&example, key))?;
                Some(DocumentedExample {
                    name: Some(name.clone()),
                    location: value.location,
                })
            })
            .collect()
    }

    /// The example of a media type in a response of Swagger 2.0 ("Example Object").
    pub(super) fn example_of_media_type(
        &self,
        response: &LocatedNode<'n>,
        media_type: &str,
    ) -> Option<DocumentedExample> {
        let examples = self.child(response, "examples")?;
        let example = self.child(&examples, media_type)?;
        Some(DocumentedExample {
            name: None,
            location: example.location,
        })
    }

    fn without_references(&self, at: LocatedNode<'n>) -> Option<LocatedNode<'n>> {
        let mut at = at;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = reference_of(at.node) else {
                return Some(at);
            };
            let location = self.documents.resolve(&at.location, reference).ok()?;
            at = LocatedNode {
                node: self.documents.node(&location)?,
                location,
                key: None,
            };
        }
        None
    }
}
