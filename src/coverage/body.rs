//! What a body covers: each of its schemas has its points. Main type: [`BodyPoints`].

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::keyword::ValueTest;
use crate::contract::{Applying, Schema, ValuePath, Visitor};

/// The schema of a body, and where the points are of all schemas that it leads to.
#[derive(Debug)]
pub(super) struct BodyPoints {
    pub(super) schema: Schema,
    /// Index of the points of its contract, in its direction.
    pub(super) table: usize,
}

/// The points of the schemas of one contract in one direction, by the numbers of its shape; `None`: not in a body.
pub(super) type PartTable = Vec<Option<Arc<BodyPart>>>;

/// The points of one schema, in one direction.
#[derive(Debug, Default)]
pub(super) struct BodyPart {
    pub(super) properties: HashMap<String, u32>,
    pub(super) limits: Vec<(ValueTest, u32)>,
}

impl BodyPoints {
    /// Calls `cover` with each point that the value covers; some points may be repeated. `tables` are those of the universe.
    pub(super) fn observe(&self, value: &Value, tables: &[PartTable], cover: &mut dyn FnMut(u32)) {
        let parts = tables.get(self.table).map_or(&[][..], Vec::as_slice);
        let mut marker = Marker { parts, cover };
        self.schema.follow(value, &mut marker);
    }
}

struct Marker<'b> {
    parts: &'b [Option<Arc<BodyPart>>],
    cover: &'b mut dyn FnMut(u32),
}

impl Visitor for Marker<'_> {
    fn value(&mut self, value: &Value, _: &ValuePath<'_>, applying: &[Applying<'_>]) {
        for entry in applying {
            let Some(Some(part)) = self.parts.get(entry.id) else {
                continue;
            };
            if let (Value::Object(entries), false) = (value, part.properties.is_empty()) {
                for name in entries.keys() {
                    if let Some(&point) = part.properties.get(name) {
                        (self.cover)(point);
                    }
                }
            }
            for (test, point) in &part.limits {
                let documents = |name: &str| {
                    entry.schema.properties.contains_key(name) || entry.schema.has_pattern_for(name)
                };
                if test.is_met(value, documents) {
                    (self.cover)(*point);
                }
            }
        }
    }

    fn undocumented(&mut self, _: &ValuePath<'_>) {}
}
