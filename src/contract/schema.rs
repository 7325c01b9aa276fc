//! A schema in a contract: compiled on first use, shared, and asked what is wrong with a value.
//!
//! Main type: [`Schema`].

use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use serde_json::Value;

use super::depth::with_stack_for;
use super::documents::Spot;
use super::format::{NUMBER_FORMAT, is_number_format};
use super::library::{Contents, Library, Origin};
use super::place::ContractPlace;
use super::shape::{Node, Shape};
use super::template::MessageTemplate;
use super::uri::uri;
use super::violation::{self, Violation};
use super::walk::{self, Visitor, Walked};
use crate::source::Place;

/// A JSON Schema at a place in a contract, or inline in a case file. Cheap to clone; clones share the compiled form.
///
/// Schemas speak about responses: a property that is `writeOnly` is not demanded, though it be `required`.
#[derive(Clone)]
pub struct Schema {
    library: Arc<Library>,
    spot: Spot,
    /// What the library answered, so that it is asked once.
    compiled: Arc<OnceLock<Arc<Result<Validator, String>>>>,
    shape: Arc<OnceLock<Option<Shape>>>,
}

impl Schema {
    /// A schema of a case, at `place` where it is written: JSON Schema 2020-12, with `$ref`s into itself only.
    /// Fails, with a fragment that fits after "this schema cannot be used:", when it does not compile.
    pub fn inline(mut value: Value, place: impl Into<Option<Place>>) -> Result<Schema, String> {
        if let Some(dialect) = value.get("$schema").and_then(Value::as_str)
            && dialect.trim_end_matches('#') != JSON_SCHEMA
        {
            return Err(format!("`$schema` is {dialect}, and {JSON_SCHEMA} is read"));
        }
        if let Some(found) = reference_outside(&value) {
            return Err(format!(
                "`$ref` to {found} leads outside of it; only `#/…` can be followed"
            ));
        }
        // The meta-schema would not see what stands below a private URI.
        if let Err(error) = jsonschema::draft202012::meta::validate(&value) {
            return Err(format!(
                "{error} (at {})",
                shown(error.instance_path().as_str())
            ));
        }
        rewrite_number_formats(&mut value);
        let library = Arc::new(Library::default());
        library.fill(Contents {
            origin: Origin::Inline(place.into()),
            trees: vec![Arc::new(value)],
        });
        let schema = Schema::new(library, Spot::new(0, ""));
        schema.compile()?;
        Ok(schema)
    }

    pub(super) fn new(library: Arc<Library>, spot: Spot) -> Schema {
        Schema {
            library,
            spot,
            compiled: Arc::default(),
            shape: Arc::default(),
        }
    }

    /// Everything that is wrong with `value` (the first 2,000 faults), in the order of its places in the value. Formats are asserted.
    ///
    /// A schema that does not compile ([`Contract::compile`](super::Contract::compile) tells them all) answers with one violation that says so,
    /// for silence would look like approval.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        match self.validator() {
            Ok(validator) => {
                let work = || match validator.is_valid(value) {
                    true => Vec::new(),
                    false => violation::collect(validator, value, &self.library),
                };
                with_stack_for(self.library.depth().validating, work)
                    .unwrap_or_else(|| vec![self.unusable("no stack is large enough for it")])
            }
            Err(reason) => vec![self.unusable(reason)],
        }
    }

    fn validator(&self) -> &Result<Validator, String> {
        self.compiled
            .get_or_init(|| self.library.validator(&self.spot))
    }

    /// The violation that says that nothing could be checked.
    fn unusable(&self, reason: &str) -> Violation {
        Violation {
            instance: String::new(),
            keyword: "$schema".to_owned(),
            place: self.place(),
            message: format!("the contract's schema cannot be used: {reason}"),
            expected: "a schema that can be used".to_owned(),
            actual: reason.to_owned(),
            missing: None,
        }
    }

    /// What in `value` nobody describes, and what in it should never be sent back.
    ///
    /// A property is described when an applying schema names it under `properties`, or has `patternProperties`,
    /// `additionalProperties` or `unevaluatedProperties` that cover it. An object to which no schema with `properties` applies is
    /// free-form: nothing in it is undocumented. Of `oneOf`/`anyOf` the alternatives that accept the value apply, or all when none does.
    pub fn walk(&self, value: &Value) -> Walked {
        let walk = |shape| walk::walk(&self.library, shape, value);
        self.shape().map(walk).unwrap_or_default()
    }

    /// The schema with all it leads to; `None` where its document has none at its place.
    pub(crate) fn shape(&self) -> Option<&Shape> {
        let shape = || Shape::of(&self.library, &self.spot);
        self.shape.get_or_init(shape).as_ref()
    }

    /// Tells `visitor` of `value` and all its parts with the schemas that apply to them; these are numbered by [`Schema::shape`].
    pub(crate) fn follow(&self, value: &Value, visitor: &mut impl Visitor) {
        if let Some(shape) = self.shape() {
            walk::follow(&self.library, shape, value, visitor);
        }
    }

    /// A schema of the shape as the engine reads it.
    pub(crate) fn part(&self, node: &Node) -> Option<&Value> {
        self.library.schema(&node.spot)
    }

    /// A name for a schema of the shape: the same in all contracts that read its document, and another for what stands within it, be it
    /// in the document or put there by us.
    pub(crate) fn name_of(&self, node: &Node) -> String {
        self.library.name_of(&node.spot)
    }

    /// Where a keyword of a schema of the shape is written; `""` is the schema itself.
    pub(crate) fn place_in(&self, node: &Node, keyword: &str) -> ContractPlace {
        match keyword {
            "" => self.library.place(&node.spot),
            keyword => self.library.place(&node.spot.child(keyword)),
        }
    }

    /// Whether a value keeps one keyword of a schema of the shape; unknown keywords and unusable schemas are kept by all.
    pub(crate) fn keyword_validator(&self, node: &Node, keyword: &str) -> Option<Validator> {
        let value = self.part(node)?.get(keyword)?;
        self.library.keyword_validator(keyword, value)
    }

    /// The objects in `value` that hold an error message and its parameters, in the order of the value.
    pub fn message_templates(&self, value: &Value) -> Vec<MessageTemplate> {
        if !self.library.has_templates() {
            return Vec::new();
        }
        self.walk(value).templates
    }

    /// Where the schema is written.
    pub fn place(&self) -> ContractPlace {
        self.library.place(&self.spot)
    }

    /// Compiles the schema now. Fails, with a fragment, when the validation engine refuses it.
    pub(super) fn compile(&self) -> Result<(), String> {
        match self.validator() {
            Ok(_) => Ok(()),
            Err(reason) => Err(reason.clone()),
        }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", uri(self.spot.file, &self.spot.pointer))
    }
}

/// The only dialect inline schemas and OpenAPI 3.1 documents are read in.
pub(super) const JSON_SCHEMA: &str = "https://json-schema.org/draft/2020-12/schema";

fn shown(pointer: &str) -> &str {
    if pointer.is_empty() {
        "its root"
    } else {
        pointer
    }
}

/// A `$ref` in an inline schema that does not start with `#`.
fn reference_outside(value: &Value) -> Option<&str> {
    match value {
        Value::Object(entries) => entries.iter().find_map(|(key, value)| match value {
            Value::String(text) if key == "$ref" => {
                (!text.starts_with('#')).then_some(text.as_str())
            }
            value => reference_outside(value),
        }),
        Value::Array(items) => items.iter().find_map(reference_outside),
        _ => None,
    }
}

/// `format: int32` and its like, wherever they stand in an inline schema.
fn rewrite_number_formats(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            if let Some(Value::String(format)) = entries.get("format")
                && is_number_format(format)
            {
                let format = Value::String(format.clone());
                entries.insert(NUMBER_FORMAT.to_owned(), format);
                entries.shift_remove("format");
            }
            for value in entries.values_mut() {
                rewrite_number_formats(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(rewrite_number_formats),
        _ => {}
    }
}
