//! Schema objects of every dialect rewritten as JSON Schema 2020-12, each at the pointer it was written at.
//!
//! Main function: [`normalise()`]. What differs between the dialects ends here:
//!
//! - `nullable` (3.0): null is accepted. OpenAPI 3.0.3 gives it no effect where `type` is not stated beside it or an `enum` lacks
//!   null; authors who write it there mean null all the same, so it is accepted there too.
//! - boolean `exclusiveMinimum`/`exclusiveMaximum` (2.0, 3.0) become bounds; `type: file` (2.0) constrains nothing.
//! - Siblings of `$ref` are ignored in 2.0 and 3.0 and apply in 3.1.
//! - A property that is `writeOnly` is not required: the schemas are asked about responses (OpenAPI 3.0.3, "Schema Object").
//! - `format: int32`, `int64`, `float` constrain numbers (OpenAPI Format Registry), see [`crate::contract::format`].
//! - `discriminator` selects one schema, see [`discriminator`].

mod discriminator;
mod keyword;
mod reference;
mod wrapping;

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Map, Value as Json, json};

use self::discriminator::{Discriminators, Dispatch};
use self::keyword::{KeywordRule, SPELLINGS, TYPES, rule};
use self::reference::{References, add_reference};
use self::wrapping::{is_nullable, or_null, place_of, wraps_null};
use crate::contract::dialect::Dialect;
use crate::contract::documents::{DocumentPointer, Documents, reference_of};
use crate::contract::format::{NUMBER_FORMAT, is_number_format};
use crate::contract::pattern::compiles;
use crate::contract::template;
use crate::contract::uri::uri;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics, nearest};
use crate::document::{Node, Value, split_pointer, wrong_type};

/// Rewrites the schemas at `roots` and all that they refer to. Returns, by document, a tree that holds nothing but them, at their
/// pointers (list indices are keys there). Every fault is a diagnostic, and the keyword concerned is left out. In schemas
/// `of_parameters` an unknown type is a warning: no answer is checked against them.
pub(in crate::contract) fn normalise(
    documents: &Documents,
    dialect: Dialect,
    roots: Vec<DocumentPointer>,
    of_parameters: HashSet<DocumentPointer>,
    diagnostics: &mut Diagnostics,
) -> Vec<Json> {
    let mut normaliser = Normaliser {
        documents,
        dialect,
        diagnostics,
        seen: HashSet::new(),
        queue: roots.into(),
        of_parameters,
        patterns: HashMap::new(),
        references: References::new(documents),
        discriminators: Discriminators::new(documents, dialect),
        trees: Vec::new(),
    };
    normaliser.run();
    normaliser.trees
}

struct Normaliser<'d> {
    documents: &'d Documents,
    dialect: Dialect,
    diagnostics: &'d mut Diagnostics,
    references: References<'d>,
    discriminators: Discriminators<'d>,
    trees: Vec<Json>,
    /// Schemas already rewritten, so that a fault is told once.
    seen: HashSet<DocumentPointer>,
    queue: VecDeque<DocumentPointer>,
    of_parameters: HashSet<DocumentPointer>,
    /// Whether a pattern compiles.
    patterns: HashMap<String, bool>,
}

impl<'d> Normaliser<'d> {
    fn run(&mut self) {
        while let Some(spot) = self.queue.pop_front() {
            if self.seen.contains(&spot) {
                continue;
            }
            let Some(node) = self.documents.node(&spot) else {
                continue;
            };
            let schema = self.schema(node, &spot);
            self.trees.resize(
                self.trees.len().max(spot.file + 1),
                Json::Object(Map::new()),
            );
            insert(&mut self.trees[spot.file], &spot.pointer, schema);
        }
    }

    /// One schema object, and those below it. Recursion is bounded by the parser's depth limit.
    fn schema(&mut self, node: &'d Node, spot: &DocumentPointer) -> Json {
        let fresh = self.seen.insert(spot.clone());
        let entries = match &node.value {
            Value::Mapping(entries) => entries,
            Value::Bool(all) if self.dialect.is_json_schema() => return Json::Bool(*all),
            _ => {
                let source = self.documents.source(spot.file);
                self.tell(fresh, wrong_type("a schema", "a mapping", node, source));
                return Json::Bool(true);
            }
        };
        let mut schema = Map::new();
        if let Some(text) = reference_of(node) {
            schema.insert("$ref".to_owned(), self.reference(text, node, spot, fresh));
            if !self.dialect.is_json_schema() {
                return unless_broken(schema);
            }
        }
        let dispatch = self.discriminators.dispatch(node, spot, self.diagnostics);
        for (keyword, entry) in entries {
            if dispatch.is_some() && matches!(keyword.as_str(), "oneOf" | "anyOf") {
                continue;
            }
            match rule(keyword) {
                Some(rule) => {
                    if let Some(value) = self.keyword(keyword, &rule, &entry.value, spot, fresh) {
                        schema.insert(keyword.clone(), value);
                    }
                }
                None => self.unknown(keyword, entry.key_span, spot, fresh),
            }
        }
        self.merge_dynamic_reference(node, spot, fresh, &mut schema);
        exclusive_bounds(&mut schema);
        if let Some(Json::String(format)) = schema.get("format")
            && is_number_format(format)
        {
            let format = Json::String(format.clone());
            schema.shift_remove("format");
            schema.insert(NUMBER_FORMAT.to_owned(), format);
        }
        let schema = unless_broken(schema);
        let base = match &dispatch {
            Some(dispatch) => self.dispatching(dispatch, schema, spot),
            None => schema,
        };
        match is_nullable(node, self.dialect) {
            false => base,
            true if wraps_null(node, dispatch.is_some()) => {
                json!({ "if": { "type": "null" }, "else": base })
            }
            true => or_null(base),
        }
    }

    fn keyword(
        &mut self,
        keyword: &str,
        rule: &KeywordRule,
        node: &'d Node,
        spot: &DocumentPointer,
        fresh: bool,
    ) -> Option<Json> {
        let documents = self.documents;
        let source = documents.source(spot.file);
        let at = spot.child(keyword);
        let wrong = |wanted: &str| wrong_type(&format!("`{keyword}`"), wanted, node, source);
        let written = source.place(node.span);
        let written = written.text();
        let wrong_value = |wanted: &str, found: &str| {
            let message = format!("`{keyword}` must be {wanted}, not {found}");
            Diagnostic::error("wrong-value", message, source.place(node.span))
        };
        let fault = match rule {
            KeywordRule::Schema => {
                return Some(match (&node.value, keyword) {
                    // `additionalProperties` is the one place where 2.0 and 3.0 know booleans.
                    (Value::Bool(all), "additionalProperties") => Json::Bool(*all),
                    _ => self.schema(node, &at),
                });
            }
            KeywordRule::SchemaMap => match &node.value {
                Value::Mapping(entries) => {
                    let mut schemas = Map::new();
                    for (name, entry) in entries {
                        if keyword == "patternProperties"
                            && !self.check_pattern(name, entry.key_span, spot, fresh)
                        {
                            continue;
                        }
                        schemas.insert(name.clone(), self.schema(&entry.value, &at.child(name)));
                    }
                    return Some(Json::Object(schemas));
                }
                _ => wrong("a mapping of schemas"),
            },
            KeywordRule::SchemaList => match &node.value {
                Value::Sequence(items) if !items.is_empty() => {
                    let items = items.iter().enumerate();
                    return Some(
                        items
                            .map(|(i, item)| self.item(keyword, item, &at, spot, i))
                            .collect(),
                    );
                }
                Value::Sequence(_) => wrong_value("a list of at least one schema", "an empty one"),
                _ => wrong("a list of schemas"),
            },
            KeywordRule::Type => return self.types(node, spot, fresh),
            KeywordRule::Required => match &node.value {
                Value::Sequence(items) if items.iter().all(|item| item.as_str().is_some()) => {
                    let names = items.iter().filter_map(Node::as_str);
                    let mut required: Vec<&str> = names
                        .filter(|name| !self.is_write_only_property(spot, name))
                        .collect();
                    required.dedup();
                    return Some(json!(required));
                }
                // A Swagger 2.0 parameter is its own schema, and its `required` speaks of the parameter.
                Value::Bool(_) if self.is_parameter(spot) => return None,
                _ => wrong("a list of property names"),
            },
            KeywordRule::List => match &node.value {
                Value::Sequence(_) => return Some(node.to_json()),
                _ => wrong("a list of values"),
            },
            KeywordRule::Any => return Some(node.to_json()),
            KeywordRule::Count => match &node.value {
                Value::Number(number) if number.as_u64().is_some() => return Some(node.to_json()),
                Value::Number(_) => wrong_value("a whole number of at least 0", written),
                _ => wrong("a number"),
            },
            KeywordRule::Number => match &node.value {
                Value::Number(number)
                    if keyword != "multipleOf" || number.as_f64().is_some_and(|n| n > 0.0) =>
                {
                    return Some(node.to_json());
                }
                Value::Number(_) => wrong_value("a number greater than 0", written),
                _ => wrong("a number"),
            },
            KeywordRule::Exclusive => match (&node.value, self.dialect.is_json_schema()) {
                (Value::Number(_), _) | (Value::Bool(_), false) => return Some(node.to_json()),
                (Value::Bool(_), true) => wrong("a number (true and false were OpenAPI 3.0's way)"),
                _ => wrong("true or false"),
            },
            KeywordRule::Bool => match &node.value {
                Value::Bool(value) => {
                    if keyword == "nullable" {
                        if self.dialect.is_json_schema() {
                            let diagnostic = Diagnostic::warning(
                                "nullable-ignored",
                                "`nullable` has no meaning in OpenAPI 3.1",
                                documents.place(&at).place,
                            );
                            let advice =
                                "write `type: [\"string\", \"null\"]` (with the type in question)";
                            self.tell(fresh, diagnostic.with_advice(advice));
                        }
                        return None;
                    }
                    return Some(Json::Bool(*value));
                }
                _ => wrong("true or false"),
            },
            KeywordRule::Pattern => match node.as_str() {
                Some(pattern) => {
                    let fine = self.check_pattern(pattern, node.span, spot, fresh);
                    return fine.then(|| Json::from(pattern));
                }
                None => wrong("a regular expression"),
            },
            KeywordRule::Text => match node.as_str() {
                Some(format) => return Some(Json::from(format)),
                None => wrong("a string"),
            },
            KeywordRule::DependentRequired => {
                let lists = node.as_mapping().filter(|entries| {
                    entries.values().all(|entry| {
                        let items = entry.value.as_sequence();
                        items.is_some_and(|items| items.iter().all(|item| item.as_str().is_some()))
                    })
                });
                match lists {
                    Some(_) => return Some(node.to_json()),
                    None => wrong("a mapping of lists of property names"),
                }
            }
            KeywordRule::MessageTemplate => {
                let mut faults = Diagnostics::new();
                let source = documents.source(spot.file);
                let extension = template::read(node, source, &mut faults);
                self.tell_all(fresh, faults);
                return extension;
            }
            KeywordRule::Silent => return None,
        };
        self.tell(
            fresh,
            fault.with_advice("the keyword is left out until it is corrected"),
        );
        None
    }

    /// An element of `allOf` and its like. A child's reference to the base that dispatches to it means the base alone.
    fn item(
        &mut self,
        keyword: &str,
        node: &'d Node,
        list: &DocumentPointer,
        owner: &DocumentPointer,
        i: usize,
    ) -> Json {
        let spot = list.child(&i.to_string());
        if keyword == "allOf"
            && let Some(base) = reference_of(node)
                .and_then(|text| self.documents.resolve(&spot, text).ok())
                .filter(|base| {
                    self.discriminators
                        .dispatches_to(base, owner, self.diagnostics)
                })
        {
            self.enqueue(base.clone());
            self.seen.insert(spot);
            let at = self.place_of(&base, true);
            return json!({ "$ref": uri(base.file, &format!("{at}/discriminator/base")) });
        }
        self.schema(node, &spot)
    }

    /// The rewritten `$ref`; `true` (accept all) in the place of one that leads nowhere.
    fn reference(&mut self, text: &str, node: &Node, spot: &DocumentPointer, fresh: bool) -> Json {
        let mut faults = Diagnostics::new();
        let target = self.references.target(text, node, spot, &mut faults);
        self.tell_all(fresh, faults);
        match target {
            Some(target) => Json::from(self.refer_to(&target)),
            None => Json::Bool(true),
        }
    }

    fn merge_dynamic_reference(
        &mut self,
        node: &Node,
        spot: &DocumentPointer,
        fresh: bool,
        schema: &mut Map<String, Json>,
    ) {
        if !self.dialect.is_json_schema() {
            return;
        }
        let mut faults = Diagnostics::new();
        let target = self.references.dynamic_target(node, spot, &mut faults);
        self.tell_all(fresh, faults);
        if let Some(target) = target {
            add_reference(schema, &self.refer_to(&target));
        }
    }

    /// The schema `base` of `spot`, with every value also checked against the schema that its discriminator names.
    fn dispatching(&mut self, dispatch: &Dispatch, base: Json, spot: &DocumentPointer) -> Json {
        let at = self.place_of(spot, true);
        let here = uri(spot.file, &format!("{at}/discriminator"));
        let targets: Vec<_> = dispatch
            .targets()
            .map(|target| self.refer_to(target))
            .collect();
        dispatch.dispatching(base, &here, &targets)
    }

    fn types(&mut self, node: &'d Node, spot: &DocumentPointer, fresh: bool) -> Option<Json> {
        let names: Vec<&Node> = match &node.value {
            Value::Sequence(items) if !items.is_empty() => items.iter().collect(),
            _ => vec![node],
        };
        let source = self.documents.source(spot.file);
        let mut known = Vec::new();
        for name in names {
            match name.as_str() {
                Some("file") if self.dialect == Dialect::Swagger2 => return None,
                Some(text) if TYPES.contains(&text) => known.push(text),
                Some(text) => {
                    let diagnostic = Diagnostic::error(
                        "unknown-type",
                        format!("there is no type `{text}`"),
                        source.place(name.span),
                    );
                    let diagnostic = match self.describes_parameter(spot) {
                        true => Diagnostic {
                            severity: DiagnosticSeverity::Warning,
                            ..diagnostic
                        },
                        false => diagnostic,
                    };
                    // Other languages' short names: `int`, `bool`, `str`.
                    let short = TYPES.iter().find(|name| name.starts_with(text));
                    let diagnostic = match short.filter(|_| text.len() > 1) {
                        Some(name) => diagnostic.with_advice(format!("did you mean `{name}`?")),
                        None => diagnostic.with_nearest(text, TYPES),
                    };
                    self.tell(fresh, diagnostic);
                    return None;
                }
                None => {
                    self.tell(
                        fresh,
                        wrong_type("`type`", "the name of a type", name, source),
                    );
                    return None;
                }
            }
        }
        known.dedup();
        match known.as_slice() {
            [one] => Some(Json::from(*one)),
            several => Some(json!(several)),
        }
    }

    fn check_pattern(
        &mut self,
        pattern: &str,
        span: crate::source::Span,
        spot: &DocumentPointer,
        fresh: bool,
    ) -> bool {
        if let Some(known) = self.patterns.get(pattern) {
            return *known;
        }
        let fault = compiles(pattern).err();
        self.patterns.insert(pattern.to_owned(), fault.is_none());
        let Some(fault) = fault else {
            return true;
        };
        let diagnostic = Diagnostic::warning(
            "invalid-pattern",
            format!("this regular expression does not compile: {fault}"),
            self.documents.source(spot.file).place(span),
        );
        self.tell(
            fresh,
            diagnostic.with_advice("correct it; until then it is not checked"),
        );
        false
    }

    fn unknown(
        &mut self,
        keyword: &str,
        span: crate::source::Span,
        spot: &DocumentPointer,
        fresh: bool,
    ) {
        if keyword.starts_with("x-") {
            return;
        }
        // Other words are somebody's own annotations (JSON Schema 2020-12, section 6.5); only a near miss is worth a word.
        if let Some(near) = nearest(keyword, SPELLINGS) {
            let diagnostic = Diagnostic::warning(
                "unknown-keyword",
                format!("no schema keyword is called `{keyword}`: it is not checked"),
                self.documents.source(spot.file).place(span),
            );
            self.tell(
                fresh,
                diagnostic.with_advice(format!("did you mean `{near}`?")),
            );
        }
    }

    fn is_write_only_property(&self, spot: &DocumentPointer, name: &str) -> bool {
        let mut at = spot.child("properties").child(name);
        for _ in 0..16 {
            let Some(node) = self.documents.node(&at) else {
                return false;
            };
            if node.get("writeOnly").and_then(Node::as_bool) == Some(true) {
                return true;
            }
            let next = reference_of(node).and_then(|text| self.documents.resolve(&at, text).ok());
            match next {
                Some(next) => at = next,
                None => return false,
            }
        }
        false
    }

    /// Whether the schema is one of a parameter, or stands in one.
    fn describes_parameter(&self, spot: &DocumentPointer) -> bool {
        let mut at = spot.clone();
        loop {
            if self.of_parameters.contains(&at) {
                return true;
            }
            match at.pointer.rfind('/') {
                Some(end) => at.pointer.truncate(end),
                None => return false,
            }
        }
    }

    fn is_parameter(&self, spot: &DocumentPointer) -> bool {
        self.dialect == Dialect::Swagger2
            && self
                .documents
                .node(spot)
                .is_some_and(|node| node.get("in").is_some() && node.get("name").is_some())
    }

    /// The URI at which the schema of a spot stands when it is rewritten, as it will be.
    fn refer_to(&mut self, spot: &DocumentPointer) -> String {
        self.enqueue(spot.clone());
        uri(spot.file, &self.place_of(spot, false))
    }

    fn place_of(&mut self, spot: &DocumentPointer, open_null: bool) -> String {
        place_of(spot, open_null, &mut self.discriminators, self.diagnostics)
    }

    /// Has the schema at a spot rewritten as well.
    fn enqueue(&mut self, spot: DocumentPointer) {
        self.queue.push_back(spot);
    }

    /// Tells faults unless they were told when the schema was met before.
    fn tell_all(&mut self, fresh: bool, faults: Diagnostics) {
        if fresh {
            self.diagnostics.extend(faults);
        }
    }

    /// Tells a fault unless it was told when the schema was met before.
    fn tell(&mut self, fresh: bool, diagnostic: Diagnostic) {
        if fresh {
            self.diagnostics.push(diagnostic);
        }
    }
}

/// A schema whose `$ref` could not be followed accepts what the rest of it accepts.
fn unless_broken(mut schema: Map<String, Json>) -> Json {
    if schema.get("$ref").is_some_and(Json::is_boolean) {
        schema.shift_remove("$ref");
    }
    Json::Object(schema)
}

/// `minimum: 5, exclusiveMinimum: true` (2.0, 3.0) as `exclusiveMinimum: 5`.
fn exclusive_bounds(schema: &mut Map<String, Json>) {
    for (inclusive, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        match schema.get(exclusive) {
            Some(Json::Bool(true)) if schema.contains_key(inclusive) => {
                if let Some(bound) = schema.shift_remove(inclusive) {
                    schema.insert(exclusive.to_owned(), bound);
                }
            }
            Some(Json::Bool(_)) => {
                schema.shift_remove(exclusive);
            }
            _ => {}
        }
    }
}

/// Puts a schema at a pointer of a tree, making the way to it.
fn insert(tree: &mut Json, pointer: &str, schema: Json) {
    let mut at = tree;
    for token in split_pointer(pointer).unwrap_or_default() {
        at = match at {
            Json::Array(items) => {
                match token.parse::<usize>().ok().and_then(|i| items.get_mut(i)) {
                    Some(item) => item,
                    None => return,
                }
            }
            other => {
                if !other.is_object() {
                    *other = Json::Object(Map::new());
                }
                match other.as_object_mut() {
                    Some(entries) => entries.entry(token).or_insert(Json::Null),
                    None => return,
                }
            }
        };
    }
    *at = schema;
}
