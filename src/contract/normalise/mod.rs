//! Schema objects of every dialect rewritten as JSON Schema 2020-12, each at the pointer it was written at.
//!
//! Main function: [`normalise()`]. The differences between the dialects end here:
//!
//! - `nullable` (3.0) and `x-nullable` (2.0): null is accepted. OpenAPI 3.0.4 gives `nullable` no effect where `type` is not stated
//!   beside it or an `enum` lacks null, and Swagger 2.0 has no such keyword; authors who write them mean null all the same, so null is
//!   accepted, unless the contract is to be read [as written](Nullability::AsWritten).
//! - boolean `exclusiveMinimum`/`exclusiveMaximum` (2.0, 3.0) become bounds; `type: file` (2.0) constrains nothing.
//! - Siblings of `$ref` are ignored in 2.0 and 3.0 and apply in 3.1.
//! - `$id`, anchors and `$dynamicRef` (3.1) become plain references, see [`trees`].
//! - A property that is `writeOnly` is not required: the schemas describe responses (OpenAPI 3.0.3, "Schema Object").
//! - `format: int32`, `int64`, `float` constrain numbers (OpenAPI Format Registry), see [`crate::contract::format`].
//! - `discriminator` becomes an annotation, see [`discriminator`]; the fields of `xml` that can be used stay, see [`xml`].

mod discriminator;
mod keyword;
mod lint;
mod null;
mod reference;
mod trees;
mod vocabulary;
mod xml;

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};

use serde_json::{Map, Number, Value as Json, json};

use self::discriminator::Discriminators;
use self::keyword::{KeywordRule, SPELLINGS, TYPES, rule};
use self::lint::lint;
use self::null::NullRule;
use self::reference::{DynamicTarget, References, add_reference};
use self::trees::{TreeId, Trees};
use self::vocabulary::{Dependency, dependencies};
use crate::contract::annotation::DISPATCH;
use crate::contract::dialect::Dialect;
use crate::contract::documents::{DocumentPointer, Documents, reference_of};
use crate::contract::format::{NUMBER_FORMAT, is_number_format};
use crate::contract::library::SchemaTrees;
use crate::contract::nullability::Nullability;
use crate::contract::pattern::{SchemaPattern, name_pattern};
use crate::contract::template;
use crate::contract::uri::uri;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics, nearest};
use crate::document::{Node, Value, wrong_type};
use crate::source::Place;

/// Rewrites the schemas at `roots` and all schemas that they refer to. Returns trees that hold only these schemas, at their pointers
/// (list indices are keys in them). Every fault is a diagnostic, and the keyword concerned is left out. In schemas `of_parameters` an
/// unknown type is a warning: no response is checked against them.
pub(in crate::contract) fn normalise(
    documents: &Documents,
    (dialect, nullability): (Dialect, Nullability),
    roots: Vec<DocumentPointer>,
    of_parameters: HashSet<DocumentPointer>,
    diagnostics: &mut Diagnostics,
) -> SchemaTrees {
    let mut normaliser = Normaliser {
        documents,
        dialect,
        diagnostics,
        seen: HashSet::new(),
        reported: HashSet::new(),
        queue: VecDeque::new(),
        unusable: HashSet::new(),
        tree: 0,
        of_parameters,
        references: References::new(documents),
        nulls: NullRule {
            dialect,
            nullability,
        },
        unwritten_null: None,
        unwritten_nulls: 0,
        discriminators: Discriminators::new(documents, dialect),
        trees: Trees::new(documents),
    };
    for location in roots {
        let place = normaliser.nulls.place_of(documents, &location);
        let tree = normaliser.trees.entered(&location, &place);
        normaliser.queue.push_back((tree, location));
    }
    normaliser.run();
    normaliser.report_unwritten_nulls();
    normaliser.trees.finish(normaliser.diagnostics)
}

struct Normaliser<'d> {
    documents: &'d Documents,
    dialect: Dialect,
    diagnostics: &'d mut Diagnostics,
    references: References<'d>,
    discriminators: Discriminators<'d>,
    nulls: NullRule,
    /// The first place where null is accepted though the specification does not say so, and how many there are.
    unwritten_null: Option<Place>,
    unwritten_nulls: usize,
    trees: Trees<'d>,
    /// The tree that schemas are being rewritten for.
    tree: TreeId,
    /// Schemas already rewritten, by tree and by the address of the node.
    seen: HashSet<(TreeId, usize)>,
    /// Schemas whose faults were reported: once, however many trees they are in.
    reported: HashSet<usize>,
    queue: VecDeque<(TreeId, DocumentPointer)>,
    /// Patterns whose fault was reported.
    unusable: HashSet<String>,
    of_parameters: HashSet<DocumentPointer>,
}

impl<'d> Normaliser<'d> {
    fn run(&mut self) {
        while let Some((tree, location)) = self.queue.pop_front() {
            let Some(node) = self.documents.node(&location) else {
                continue;
            };
            if self.seen.contains(&(tree, address(node))) {
                continue;
            }
            self.tree = tree;
            let schema = self.schema(node, &location);
            let place = self.nulls.place_of(self.documents, &location);
            self.trees.insert(tree, &place, schema);
        }
    }

    /// Rewrites one schema object and the schemas below it. Recursion is bounded by the parser's depth limit.
    fn schema(&mut self, node: &'d Node, location: &DocumentPointer) -> Json {
        if self.trees.leaves(self.tree, location) {
            return json!({ "$ref": self.refer_to(location) });
        }
        self.seen.insert((self.tree, address(node)));
        let fresh = self.reported.insert(address(node));
        let entries = match &node.value {
            Value::Mapping(entries) => entries,
            Value::Bool(all) if self.dialect.is_json_schema() => return Json::Bool(*all),
            _ => {
                let source = self.documents.source(location.file);
                self.report(fresh, wrong_type("a schema", "a mapping", node, source));
                return Json::Bool(true);
            }
        };
        if fresh {
            self.count_unwritten_null(node, location);
        }
        let mut schema = Map::new();
        if let Some(text) = reference_of(node) {
            schema.insert(
                "$ref".to_owned(),
                self.reference(text, node, location, fresh),
            );
            if !self.dialect.is_json_schema() {
                return self.nulls.with_null(node, unless_broken(schema));
            }
        }
        if fresh {
            let source = self.documents.source(location.file);
            self.diagnostics.extend(lint(entries, self.dialect, source));
        }
        for (keyword, entry) in entries {
            if self.trees.lacks(self.tree, keyword) {
                continue;
            }
            match rule(keyword) {
                Some(rule) => {
                    if let Some(value) = self.keyword(keyword, &rule, &entry.value, location, fresh)
                    {
                        schema.insert(keyword.clone(), value);
                    }
                }
                None => self.unknown(keyword, entry.key_span, location, fresh),
            }
        }
        if self.dialect.is_json_schema() {
            self.merge_dynamic_reference(node, location, fresh, &mut schema);
            self.merge_dependencies(node, location, &mut schema);
        }
        exclusive_bounds(&mut schema);
        if let Some(Json::String(format)) = schema.get("format")
            && is_number_format(format)
        {
            let format = Json::String(format.clone());
            schema.shift_remove("format");
            schema.insert(NUMBER_FORMAT.to_owned(), format);
        }
        self.annotate_discriminator(node, location, fresh, &mut schema);
        self.nulls.with_null(node, unless_broken(schema))
    }

    fn keyword(
        &mut self,
        keyword: &str,
        rule: &KeywordRule,
        node: &'d Node,
        location: &DocumentPointer,
        fresh: bool,
    ) -> Option<Json> {
        let documents = self.documents;
        let source = documents.source(location.file);
        let at = location.child(keyword);
        let wrong = |expected: &str| wrong_type(&format!("`{keyword}`"), expected, node, source);
        let written = source.place(node.span);
        let written = written.text();
        let wrong_value = |expected: &str, found: &str| {
            let message = format!("`{keyword}` must be {expected}, not {found}");
            Diagnostic::error("wrong-value", message, source.place(node.span))
        };
        let fault = match rule {
            KeywordRule::Schema => {
                return Some(match (&node.value, keyword) {
                    // `additionalProperties` is the one keyword where 2.0 and 3.0 allow booleans.
                    (Value::Bool(all), "additionalProperties") => Json::Bool(*all),
                    _ => self.schema(node, &at),
                });
            }
            KeywordRule::SchemaMap => match &node.value {
                Value::Mapping(entries) => {
                    let mut schemas = Map::new();
                    for (name, entry) in entries {
                        let schema = self.schema(&entry.value, &at.child(name));
                        if keyword == "patternProperties" {
                            let pattern = name_pattern(name).map(Cow::into_owned);
                            let span = entry.key_span;
                            if let Some(name) = self.usable(name, pattern, span, location, fresh) {
                                schemas.insert(name, schema);
                            }
                        } else {
                            schemas.insert(name.clone(), schema);
                        }
                    }
                    return Some(Json::Object(schemas));
                }
                _ => wrong("a mapping of schemas"),
            },
            KeywordRule::SchemaList => match &node.value {
                Value::Sequence(items) if !items.is_empty() => {
                    let items = items.iter().enumerate();
                    let schemas =
                        items.map(|(i, item)| self.schema(item, &at.child(&i.to_string())));
                    return Some(schemas.collect());
                }
                Value::Sequence(_) => wrong_value("a list of at least one schema", "an empty one"),
                _ => wrong("a list of schemas"),
            },
            KeywordRule::Type => return self.types(node, location, fresh),
            KeywordRule::Required => match &node.value {
                Value::Sequence(items) if items.iter().all(|item| item.as_str().is_some()) => {
                    let names = items.iter().filter_map(Node::as_str);
                    let mut required: Vec<&str> = names
                        .filter(|name| !self.is_write_only_property(location, name))
                        .collect();
                    required.dedup();
                    return Some(json!(required));
                }
                // A Swagger 2.0 parameter is its own schema, and its `required` refers to the parameter.
                Value::Bool(_) if self.is_parameter(location) => return None,
                _ => wrong("a list of property names"),
            },
            KeywordRule::List => match &node.value {
                Value::Sequence(_) => return Some(node.to_json()),
                _ => wrong("a list of values"),
            },
            KeywordRule::Any => return Some(node.to_json()),
            KeywordRule::Count => match &node.value {
                Value::Number(number) => match count(number) {
                    Some(count) => return Some(Json::from(count)),
                    None => wrong_value("a whole number of at least 0", written),
                },
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
                (Value::Bool(_), true) => wrong("a number (true and false belong to OpenAPI 3.0)"),
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
                                "write `type: [\"string\", \"null\"]` (with the actual type)";
                            self.report(fresh, diagnostic.with_advice(advice));
                        }
                        return None;
                    }
                    return Some(Json::Bool(*value));
                }
                _ => wrong("true or false"),
            },
            KeywordRule::Pattern => match node.as_str() {
                Some(text) => {
                    let pattern = SchemaPattern::compile(text).map(|_| Json::from(text));
                    return self.usable(text, pattern, node.span, location, fresh);
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
                let source = documents.source(location.file);
                let extension = template::read(node, source, &mut faults);
                self.report_all(fresh, faults);
                return extension;
            }
            KeywordRule::Xml => {
                let (hints, faults) = xml::read(node, source);
                self.report_all(fresh, faults);
                return hints;
            }
            KeywordRule::Silent => return None,
        };
        self.report(
            fresh,
            fault.with_advice(
                "correct it: operations whose schemas lead here are not tested until then",
            ),
        );
        None
    }

    /// The rewritten `$ref`; `true` (accept all) replaces a reference that leads nowhere.
    fn reference(
        &mut self,
        text: &str,
        node: &Node,
        location: &DocumentPointer,
        fresh: bool,
    ) -> Json {
        let mut faults = Diagnostics::new();
        let target = self.references.target(text, node, location, &mut faults);
        self.report_all(fresh, faults);
        match target {
            Some(target) => Json::from(self.refer_to(&target)),
            None => Json::Bool(true),
        }
    }

    fn merge_dynamic_reference(
        &mut self,
        node: &Node,
        location: &DocumentPointer,
        fresh: bool,
        schema: &mut Map<String, Json>,
    ) {
        let mut faults = Diagnostics::new();
        let target = self.references.dynamic_target(node, location, &mut faults);
        self.report_all(fresh, faults);
        if let Some(DynamicTarget { location, name }) = target {
            let outermost = name.and_then(|name| self.trees.dynamic_target(self.tree, name));
            add_reference(schema, &self.refer_to(&outermost.unwrap_or(location)));
        }
    }

    fn merge_dependencies(
        &mut self,
        node: &'d Node,
        location: &DocumentPointer,
        schema: &mut Map<String, Json>,
    ) {
        for (name, dependency) in dependencies(node) {
            let (keyword, value) = match dependency {
                Dependency::Names(names) => ("dependentRequired", json!(names)),
                Dependency::Schema => {
                    let target = location.child("dependencies").child(name);
                    (
                        "dependentSchemas",
                        json!({ "$ref": self.refer_to(&target) }),
                    )
                }
            };
            let all = schema.entry(keyword).or_insert_with(|| json!({}));
            if let Some(all) = all.as_object_mut() {
                all.entry(name.as_str()).or_insert(value);
            }
        }
    }

    /// Adds which schema each value of the discriminator's property names.
    fn annotate_discriminator(
        &mut self,
        node: &'d Node,
        location: &DocumentPointer,
        fresh: bool,
        schema: &mut Map<String, Json>,
    ) {
        let mut faults = Diagnostics::new();
        let dispatch = self.discriminators.dispatch(node, location, &mut faults);
        self.report_all(fresh, faults);
        if let Some(dispatch) = dispatch {
            let targets = dispatch.targets();
            let targets: Vec<String> = targets.map(|target| self.refer_to(target)).collect();
            schema.insert(DISPATCH.to_owned(), dispatch.annotation(&targets));
        }
    }

    fn count_unwritten_null(&mut self, node: &'d Node, location: &DocumentPointer) {
        let Some(keyword) = self.nulls.keyword() else {
            return;
        };
        let unwritten = self.dialect == Dialect::Swagger2 || reference_of(node).is_some();
        let Some(entry) = node.entry(keyword).filter(|_| unwritten) else {
            return;
        };
        if entry.value.as_bool() == Some(true) {
            self.unwritten_nulls += 1;
            let source = self.documents.source(location.file);
            let place = || source.place(entry.key_span);
            self.unwritten_null.get_or_insert_with(place);
        }
    }

    /// One warning for all places: generators write it everywhere.
    fn report_unwritten_nulls(&mut self) {
        let Some(place) = self.unwritten_null.take() else {
            return;
        };
        let what = match self.dialect {
            Dialect::Swagger2 => "`x-nullable` is not a keyword of Swagger 2.0",
            _ => "`nullable` has no effect beside `$ref` in OpenAPI 3.0",
        };
        let strict = self.nulls.nullability == Nullability::AsWritten;
        let consequence = match strict {
            true => "null is refused",
            false => "null is accepted all the same",
        };
        let places = match self.unwritten_nulls {
            1 => String::new(),
            places => format!(" (in {places} places, this is the first)"),
        };
        let message = format!("{what}: {consequence}{places}");
        let advice = match self.dialect {
            Dialect::Swagger2 => "Swagger 2.0 cannot say it: --strict-nullable refuses null",
            _ => "write `nullable: true, allOf: [{ $ref: … }]`; --strict-nullable refuses null",
        };
        self.diagnostics
            .push(Diagnostic::warning("nullable-extended", message, place).with_advice(advice));
    }

    fn types(&mut self, node: &'d Node, location: &DocumentPointer, fresh: bool) -> Option<Json> {
        let names: Vec<&Node> = match &node.value {
            Value::Sequence(items) if !items.is_empty() => items.iter().collect(),
            _ => vec![node],
        };
        let source = self.documents.source(location.file);
        let mut known = Vec::new();
        for name in names {
            match name.as_str() {
                Some("file") if self.dialect == Dialect::Swagger2 => return None,
                Some(text) if TYPES.contains(&text) => known.push(text),
                Some(text) => {
                    let diagnostic = Diagnostic::error(
                        "unknown-type",
                        format!("unknown type `{text}`"),
                        source.place(name.span),
                    );
                    let diagnostic = match self.describes_parameter(location) {
                        true => Diagnostic {
                            severity: DiagnosticSeverity::Warning,
                            ..diagnostic
                        },
                        false => diagnostic,
                    };
                    // Short names from other languages: `int`, `bool`, `str`.
                    let short = TYPES.iter().find(|name| name.starts_with(text));
                    let diagnostic = match short.filter(|_| text.len() > 1) {
                        Some(name) => diagnostic.with_advice(format!("did you mean `{name}`?")),
                        None => diagnostic.with_nearest(text, TYPES),
                    };
                    self.report(fresh, diagnostic);
                    return None;
                }
                None => {
                    self.report(
                        fresh,
                        wrong_type("`type`", "the name of a type", name, source),
                    );
                    return None;
                }
            }
        }
        known.dedup();
        match known.as_slice() {
            [name] => Some(Json::from(*name)),
            several => Some(json!(several)),
        }
    }

    /// A pattern; a diagnostic when it cannot be used, at the first place that has it.
    fn usable<T>(
        &mut self,
        written: &str,
        pattern: Result<T, String>,
        span: crate::source::Span,
        location: &DocumentPointer,
        fresh: bool,
    ) -> Option<T> {
        let fault = match pattern {
            Ok(pattern) => return Some(pattern),
            Err(fault) => fault,
        };
        let diagnostic = Diagnostic::warning(
            "invalid-pattern",
            format!("this regular expression does not compile: {fault}"),
            self.documents.source(location.file).place(span),
        );
        let first = self.unusable.insert(written.to_owned());
        self.report(
            fresh && first,
            diagnostic.with_advice("correct it; until then it is not checked"),
        );
        None
    }

    fn unknown(
        &mut self,
        keyword: &str,
        span: crate::source::Span,
        location: &DocumentPointer,
        fresh: bool,
    ) {
        if keyword.starts_with("x-") {
            return;
        }
        // Other words are annotations of the author (JSON Schema 2020-12, section 6.5); only a near miss is reported.
        if let Some(near) = nearest(keyword, SPELLINGS) {
            let diagnostic = Diagnostic::warning(
                "unknown-keyword",
                format!("unknown schema keyword `{keyword}`: it is not checked"),
                self.documents.source(location.file).place(span),
            );
            self.report(
                fresh,
                diagnostic.with_advice(format!("did you mean `{near}`?")),
            );
        }
    }

    fn is_write_only_property(&self, location: &DocumentPointer, name: &str) -> bool {
        let mut at = location.child("properties").child(name);
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

    /// Whether the schema is that of a parameter, or is part of one.
    fn describes_parameter(&self, location: &DocumentPointer) -> bool {
        let mut at = location.clone();
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

    fn is_parameter(&self, location: &DocumentPointer) -> bool {
        self.dialect == Dialect::Swagger2
            && self
                .documents
                .node(location)
                .is_some_and(|node| node.get("in").is_some() && node.get("name").is_some())
    }

    /// The URI of the rewritten schema of a location.
    fn refer_to(&mut self, location: &DocumentPointer) -> String {
        let tree = self.enqueue(location.clone());
        uri(tree, &self.nulls.place_of(self.documents, location))
    }

    /// Schedules the schema at a location to be rewritten as well; returns the tree that it will be in.
    fn enqueue(&mut self, location: DocumentPointer) -> TreeId {
        let tree = self.trees.reached(self.tree, &location);
        self.queue.push_back((tree, location));
        tree
    }

    /// Reports faults unless they were reported when the schema was visited before.
    fn report_all(&mut self, fresh: bool, faults: Diagnostics) {
        if fresh {
            self.diagnostics.extend(faults);
        }
    }

    /// Reports a fault unless it was reported when the schema was visited before.
    fn report(&mut self, fresh: bool, diagnostic: Diagnostic) {
        if fresh {
            self.diagnostics.push(diagnostic);
        }
    }
}

/// A schema whose `$ref` could not be resolved accepts what its other keywords accept.
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

/// A whole number of at least 0, also written as a float (JSON Schema 2020-12, section 4.2.3). Larger ones than a value can reach are
/// all the same.
fn count(number: &Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let float = number.as_f64()?;
        (float >= 0.0 && float.fract() == 0.0).then_some(float as u64)
    })
}

/// The identity of a node while the documents are borrowed.
fn address(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}
