//! A schema in a contract: compiled on first use and shared; finds what is wrong with a value.
//!
//! Main type: [`Schema`].

use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use serde_json::Value;

use super::decimal::may_be_inexact;
use super::documents::DocumentPointer;
use super::exact;
use super::library::{Compiled, SchemaLibrary};
use super::place::ContractPlace;
use super::shape::{NodeId, Shape, ShapeNode};
use super::template::MessageTemplate;
use super::uri::uri;
use super::violation::{self, Violation};
use super::walk::{self, Visitor, Walked};

/// A JSON Schema at a place in a contract, or inline in a case file. Cheap to clone; clones share the compiled form.
///
/// Schemas describe responses: a property that is `writeOnly` is not required, even if `required` lists it.
#[derive(Clone)]
pub struct Schema {
    library: Arc<SchemaLibrary>,
    location: DocumentPointer,
    /// The library's result, looked up once.
    compiled: Arc<OnceLock<Compiled>>,
    /// Its number in the library's shape, looked up once.
    number: Arc<OnceLock<Option<NodeId>>>,
}

impl Schema {
    pub(super) fn new(library: Arc<SchemaLibrary>, location: DocumentPointer) -> Schema {
        Schema {
            library,
            location,
            compiled: Arc::default(),
            number: Arc::default(),
        }
    }

    /// The whole of document 0, with its compiled form.
    pub(super) fn compiled(library: Arc<SchemaLibrary>, validator: Validator) -> Schema {
        let location = DocumentPointer::new(0, "");
        let compiled = library.with_depth(validator, &location);
        Schema {
            compiled: Arc::new(OnceLock::from(Ok(Arc::new(compiled)))),
            ..Schema::new(library, location)
        }
    }

    /// Everything that is wrong with `value` (the first 2,000 faults), in the order of its places in the value. Formats are asserted.
    ///
    /// A schema that does not compile ([`Contract::compile`](super::Contract::compile) reports them all) produces one violation that says
    /// so: no violation would look like a valid value.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        match self.compiled_form() {
            Ok(schema) => {
                let library = Arc::clone(&self.library);
                let violations = schema.apply(value, move |validator, value| {
                    match validator.is_valid(value) {
                        true => Vec::new(),
                        false => violation::collect(validator, value, &library),
                    }
                });
                violations
                    .unwrap_or_else(|| vec![self.unusable("it needs more stack than is available")])
            }
            Err(reason) => vec![self.unusable(reason)],
        }
    }

    /// As [`Schema::violations`], of a value that was read from a JSON text: numbers that 64 bits do not hold are compared as they are
    /// written.
    pub fn violations_of_text(&self, value: &Value, text: &[u8]) -> Vec<Violation> {
        let violations = self.violations(value);
        if self.compiled_form().is_err() || !may_be_inexact(text) && !self.library.may_be_inexact()
        {
            return violations;
        }
        let correct = |shape: &Shape, root| {
            let violations = violations.clone();
            exact::corrected(&self.library, (shape, root), (value, text), violations)
        };
        self.with_shape(correct).unwrap_or(violations)
    }

    fn compiled_form(&self) -> &Compiled {
        self.compiled
            .get_or_init(|| self.library.compiled(&self.library.entry(&self.location)))
    }

    /// The violation for a schema that cannot be used for checking.
    fn unusable(&self, reason: &str) -> Violation {
        Violation {
            instance: String::new(),
            keyword: "$schema".to_owned(),
            place: self.place(),
            message: format!("the contract's schema cannot be used: {reason}"),
            expected: "a usable schema".to_owned(),
            actual: reason.to_owned(),
            missing: None,
        }
    }

    /// What in `value` is undocumented, and what in it should never be sent back.
    ///
    /// A property is described when an applying schema names it under `properties`, or has `patternProperties`,
    /// `additionalProperties` or `unevaluatedProperties` that cover it. An object to which no schema with `properties` applies is
    /// free-form: nothing in it is undocumented. Of `oneOf`/`anyOf` the alternatives that accept the value apply, or all when none does.
    pub fn walk(&self, value: &Value) -> Walked {
        self.with_shape(|shape, root| walk::walk(&self.library, shape, root, value))
            .unwrap_or_default()
    }

    /// The result of `work` on the schemas of the contract that were used so far, among them this one and all that it leads to, and on
    /// this one's number. `None` where its document has no schema at its location. `work` must not use the shape of another schema.
    pub(crate) fn with_shape<T>(&self, work: impl FnOnce(&Shape, NodeId) -> T) -> Option<T> {
        let number = || self.library.numbered(&self.library.entry(&self.location));
        let root = (*self.number.get_or_init(number))?;
        Some(work(&self.library.shape(), root))
    }

    /// The identity of the contract that the schema belongs to: numbers are unique within it.
    pub(crate) fn contract_key(&self) -> usize {
        Arc::as_ptr(&self.library) as usize
    }

    /// Passes `value` and all its parts to `visitor`, with the schemas that apply to them; these are numbered by [`Schema::shape`].
    pub(crate) fn follow(&self, value: &Value, visitor: &mut impl Visitor) {
        self.with_shape(|shape, root| walk::follow(&self.library, shape, root, value, visitor));
    }

    /// A schema of the shape as the engine reads it.
    pub(crate) fn part(&self, node: &ShapeNode) -> Option<&Value> {
        self.library.schema(&node.location)
    }

    /// The required properties of a schema of the shape, those that only requests have included.
    pub(crate) fn required_of(&self, node: &ShapeNode) -> Vec<&str> {
        self.library.required_at(&node.location)
    }

    /// The values that a schema of the shape gives as examples, its `default` last.
    pub(crate) fn examples_of(&self, node: &ShapeNode) -> Vec<Value> {
        self.library.examples_at(&node.location)
    }

    /// Whether it has a property of this name at the top, or in an alternative.
    pub(crate) fn has_property(&self, name: &str) -> bool {
        let found = self.with_shape(|shape, root| {
            let schemas = shape.of_same_value(root).into_iter();
            let mut keywords = schemas.filter_map(|id| shape.node(id).object.as_ref());
            keywords.any(|keywords| keywords.properties.contains_key(name))
        });
        found.unwrap_or(false)
    }

    /// Whether a schema of the shape accepts a value; every value passes an unusable schema.
    pub(crate) fn part_accepts(&self, node: &ShapeNode, value: &Value) -> bool {
        let compiled = self.library.compiled(&node.location);
        compiled
            .ok()
            .and_then(|schema| schema.is_valid(value))
            .unwrap_or(true)
    }

    /// Whether it says anything about objects: their type, or their properties.
    pub(crate) fn describes_objects(&self) -> bool {
        let found = self.with_shape(|shape, root| {
            shape.of_same_value(root).into_iter().any(|id| {
                let schema = self.part(shape.node(id));
                let states = |keyword| schema.is_some_and(|schema| schema.get(keyword).is_some());
                let is_object = match schema.and_then(|schema| schema.get("type")) {
                    Some(Value::String(name)) => name == "object",
                    Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
                    _ => false,
                };
                is_object || states("properties") || states("additionalProperties")
            })
        });
        found.unwrap_or(false)
    }

    /// A name for a schema of the shape: the same in all contracts that read its document, and a different one for each schema within it,
    /// whether it is in the document or generated.
    pub(crate) fn name_of(&self, node: &ShapeNode) -> String {
        self.library.name_of(&node.location)
    }

    /// Where a keyword of a schema of the shape is written; `""` is the schema itself.
    pub(crate) fn place_in(&self, node: &ShapeNode, keyword: &str) -> ContractPlace {
        match keyword {
            "" => self.library.place(&node.location),
            keyword => self.library.place(&node.location.child(keyword)),
        }
    }

    /// Tests one keyword of a schema of the shape; every value passes an unknown keyword or an unusable schema.
    pub(crate) fn keyword_validator(&self, node: &ShapeNode, keyword: &str) -> Option<Validator> {
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
        self.library.place(&self.location)
    }

    /// Why no value can be checked against it, a fragment: the validation engine refuses the schema. `None`: it can be used.
    pub fn refusal(&self) -> Option<&str> {
        self.compiled_form().as_ref().err().map(String::as_str)
    }

    /// The schemas of one contract that the validation engine refuses, each with the reason as a fragment.
    pub(super) fn refused<'s>(schemas: &[&'s Schema]) -> Vec<(&'s Schema, String)> {
        let together = |schemas: &[&Schema]| {
            let locations = schemas
                .iter()
                .map(|schema| schema.library.entry(&schema.location));
            let locations: Vec<DocumentPointer> = locations.collect();
            let library = schemas.first().map(|schema| &schema.library);
            library.map_or(Ok(()), |library| library.compile_together(&locations))
        };
        match (together(schemas), schemas) {
            (Ok(()), _) => Vec::new(),
            (Err(reason), [schema]) => vec![(*schema, reason)],
            (Err(_), many) => {
                let (left, right) = many.split_at(many.len() / 2);
                let mut refused = Schema::refused(left);
                refused.extend(Schema::refused(right));
                refused
            }
        }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Schema({})",
            uri(self.location.file, &self.location.pointer)
        )
    }
}

#[cfg(test)]
mod tests {
    use std::thread::{ThreadId, current};

    use serde_json::json;

    use super::*;
    use crate::contract::{Contract, load_source};
    use crate::diagnostic::Diagnostics;
    use crate::source::Source;

    /// A chain of 500 schemas, `D0` to `D500`, beside schemas that do not lead into it, and one that does.
    fn contract() -> Arc<Contract> {
        let mut text = String::from(
            "openapi: 3.1.0
info: { title: T, version: '1' }
paths: {}
components:
  schemas:
    Shallow: { type: object, properties: { name: { type: string } } }
    Tree: { type: object, properties: { children: { type: array, items: { $ref: '#/components/schemas/Tree' } } } }
    Choice:
      oneOf:
        - { properties: { count: { type: integer } }, $ref: '#/components/schemas/D0' }
        - { type: string }
    D500: { type: object }
",
        );
        for i in 0..500 {
            let next = i + 1;
            text.push_str(&format!(
                "    D{i}: {{ allOf: [ {{ $ref: '#/components/schemas/D{next}' }} ] }}\n"
            ));
        }
        let mut diagnostics = Diagnostics::new();
        let contract = load_source(Source::new("api.yaml", text), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        contract.unwrap()
    }

    fn named<'c>(contract: &'c Contract, name: &str) -> &'c Schema {
        let found = contract.definitions.iter().find(|(known, _)| known == name);
        &found.unwrap().1
    }

    /// The thread on which a value is validated.
    fn thread(schema: &Schema, value: &Value) -> ThreadId {
        let compiled = schema.compiled_form().as_ref().unwrap();
        compiled.apply(value, |_, _| current().id()).unwrap()
    }

    #[test]
    fn only_a_schema_that_needs_a_deep_stack_runs_on_another_thread() {
        let contract = contract();
        let caller = current().id();
        assert_eq!(
            thread(named(&contract, "Shallow"), &json!({"name": 1})),
            caller
        );
        let mut tree = json!({"children": []});
        for _ in 0..10 {
            tree = json!({"children": [tree]});
        }
        assert_eq!(thread(named(&contract, "Tree"), &tree), caller);
        // Near its end the chain is short.
        assert_eq!(thread(named(&contract, "D490"), &json!({})), caller);
        let deep = thread(named(&contract, "D0"), &json!({}));
        assert_ne!(deep, caller);
        assert_eq!(thread(named(&contract, "Choice"), &json!({})), deep);
    }

    #[test]
    fn a_deep_schema_validates_correctly() {
        let contract = contract();
        let deep = named(&contract, "D0");
        assert!(deep.violations(&json!({})).is_empty());
        let violations = deep.violations(&json!(7));
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].place.pointer, "/components/schemas/D500/type");
        let choice = named(&contract, "Choice");
        assert!(choice.violations(&json!({"count": 1})).is_empty());
        assert_eq!(choice.violations(&json!({"count": "1"})).len(), 1);
        assert!(choice.walk(&json!({"count": 1})).undocumented.is_empty());
        assert_eq!(choice.walk(&json!({"other": 1})).undocumented, ["/other"]);
        let shallow = named(&contract, "Shallow");
        assert_eq!(shallow.violations(&json!({"name": 1})).len(), 1);
    }
}
