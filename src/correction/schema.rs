//! Actions on schemas, by the keyword that values violate. Main function: [`actions`].

use serde_json::{Map, Value, json};

use super::action::ProposedAction;
use super::cause::{DocumentFault, Evidence, FaultKind};
use crate::contract::{Contract, PlaceInDocument, SchemaNotation};

/// Keywords that are removed where values violate them: a wider limit that was read off the values would soon be wrong as well.
const REMOVABLE: [&str; 18] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "dependentRequired",
];

/// How hard a fault is to correct: whether a first correction of it was not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    First,
    /// The keyword is removed.
    Last,
}

/// Whether there are actions for a violated keyword, other than `type`, with this value in the document.
pub(super) fn is_correctable(keyword: &str, written: &Value) -> bool {
    match (keyword, written) {
        ("enum", Value::Array(_)) | ("const", _) | ("format", Value::String(_)) => true,
        (name, Value::Object(_)) => {
            ["contains", "propertyNames", "dependentRequired"].contains(&name)
        }
        (name, Value::String(_)) => name == "pattern",
        (name, Value::Number(_) | Value::Bool(_)) => REMOVABLE.contains(&name),
        _ => false,
    }
}

/// The actions for a fault of a schema, in their order; `None` where none would help.
pub(super) fn actions(
    contract: &Contract,
    fault: &DocumentFault,
    evidence: &Evidence,
    attempt: Attempt,
) -> Option<Vec<ProposedAction>> {
    let written = contract.written(&fault.at)?;
    let correction = SchemaCorrection {
        contract,
        at: &fault.at,
        written: written.as_object()?,
        evidence,
    };
    match (&fault.kind, attempt) {
        (FaultKind::Keyword(keyword), Attempt::Last) => {
            correction.without(keyword, &format!("Values do not satisfy `{keyword}`."))
        }
        (FaultKind::Keyword(keyword), Attempt::First) => correction.keyword(keyword),
        (FaultKind::PropertyRequired(name), Attempt::First) => correction.optional(name),
        (FaultKind::PropertyUndescribed(name), Attempt::First) => correction.property(name),
        (FaultKind::KeysUndescribed, Attempt::First) => correction.keys(),
        _ => None,
    }
}

struct SchemaCorrection<'c> {
    contract: &'c Contract,
    at: &'c PlaceInDocument,
    written: &'c Map<String, Value>,
    evidence: &'c Evidence,
}

impl SchemaCorrection<'_> {
    fn keyword(&self, keyword: &str) -> Option<Vec<ProposedAction>> {
        match keyword {
            "type" => self.types(),
            "enum" => self.values(),
            "const" => self.constant(),
            "format" => self.format(),
            "anyOf" | "oneOf" => self.null_alternative(keyword),
            "minimum" | "maximum" => self.bound(keyword),
            "required" => self.without(
                keyword,
                "None of the required properties is always present.",
            ),
            keyword => self.without(keyword, &format!("Values do not satisfy `{keyword}`.")),
        }
    }

    fn types(&self) -> Option<Vec<ProposedAction>> {
        let shape = &self.evidence.shape;
        let old: Vec<&str> = match self.written.get("type")? {
            Value::String(name) => vec![name.as_str()],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        let text = self.described(&format!(
            "Declared {}, but values are of other types ({}).",
            old.join(" or "),
            shape.counts()
        ));
        if self.evidence.in_header {
            // Every header is a text.
            let update = json!({ "type": "string" });
            return Some(vec![self.update(update, &text)?]);
        }
        let new: Vec<&str> = shape.types();
        let notation = self.contract.notation();
        if let SchemaNotation::JsonSchema = notation {
            return self.list_of_types(&old, &new, &text);
        }
        if let (["integer"], ["number"]) = (old.as_slice(), new.as_slice()) {
            let mut update = json!({ "type": "number" });
            if let (Some(keyword), true) = (null_keyword(notation), shape.has_null()) {
                update[keyword] = json!(true);
            }
            return Some(vec![self.update(update, &text)?]);
        }
        if let (Some(keyword), true) = (null_keyword(notation), new.is_empty()) {
            return Some(vec![self.update(json!({ keyword: true }), &text)?]);
        }
        self.alternatives(&text)
    }

    /// A longer list of types (JSON Schema). Objects and lists are described where the schema has no words on them yet.
    fn list_of_types(&self, old: &[&str], new: &[&str], text: &str) -> Option<Vec<ProposedAction>> {
        let mut added: Vec<&str> = new.to_vec();
        if self.evidence.shape.has_null() {
            added.push("null");
        }
        added.retain(|name| !old.contains(name));
        let widens = added.contains(&"number");
        let kept = old.iter().filter(|name| !(widens && **name == "integer"));
        let all: Vec<&str> = kept.copied().chain(added.iter().copied()).collect();
        let types = match (self.written.get("type")?, all.as_slice()) {
            // An overlay joins lists.
            (Value::Array(_), _) => json!(added),
            (_, [only]) => json!(only),
            (_, several) => json!(several),
        };
        let mut update = json!({ "type": types });
        for alternative in self.evidence.shape.by_type(SchemaNotation::JsonSchema) {
            let Value::Object(keywords) = alternative else {
                continue;
            };
            for (name, value) in keywords {
                let describes = ["properties", "required", "items", "additionalProperties"];
                let is_free =
                    !self.written.contains_key(&name) && !self.written.contains_key("properties");
                if describes.contains(&name.as_str()) && is_free {
                    update[name] = value;
                }
            }
        }
        Some(vec![self.update(update, text)?])
    }

    /// Several types where a schema has only one: alternatives in OpenAPI 3.0, no type in Swagger 2.0.
    fn alternatives(&self, text: &str) -> Option<Vec<ProposedAction>> {
        let notation = self.contract.notation();
        let old = self.written.get("type")?;
        let has_alternatives =
            self.written.contains_key("anyOf") || self.written.contains_key("oneOf");
        if notation != SchemaNotation::OpenApi30 || has_alternatives {
            let text = format!("{text} The dialect has no word for several types here.");
            let remove = ProposedAction::remove(self.contract, self.at, "type", &text);
            return Some(vec![remove?]);
        }
        let mut first = json!({ "type": old });
        if old == "array" {
            first["items"] = json!({});
        }
        let is_nullable = self.written.get("nullable") == Some(&json!(true));
        if is_nullable || self.evidence.shape.has_null() {
            first["nullable"] = json!(true);
        }
        let mut alternatives = vec![first];
        alternatives.extend(self.evidence.shape.by_type(notation));
        let removal = format!("{text} The next action names the types as alternatives.");
        let remove = ProposedAction::remove(self.contract, self.at, "type", &removal);
        let update = self.update(json!({ "anyOf": alternatives }), text);
        Some(vec![remove?, update?])
    }

    fn values(&self) -> Option<Vec<ProposedAction>> {
        let seen = &self.evidence.values;
        let shown = seen.values.len();
        if seen.has_others || shown == 0 {
            return self.without(
                "enum",
                "Values are not among those listed. They are not named here: they are too many, too long, or may be secret.",
            );
        }
        let text = self.described("Values are not among those listed; these were observed.");
        let mut actions = vec![self.update(json!({ "enum": seen.values }), &text)?];
        if seen.values.contains(&Value::Null)
            && let Some(keyword) = null_keyword(self.contract.notation())
            && self.written.get(keyword) != Some(&json!(true))
        {
            actions.push(self.update(json!({ keyword: true }), &text)?);
        }
        Some(actions)
    }

    fn constant(&self) -> Option<Vec<ProposedAction>> {
        let seen = &self.evidence.values;
        let text = "Values differ from the only one that is documented.";
        if seen.has_others || seen.values.is_empty() || self.written.contains_key("enum") {
            return self.without("const", text);
        }
        let mut all = vec![self.written.get("const")?.clone()];
        all.extend(seen.values.iter().cloned());
        let text = self.described(text);
        let removal = format!("{text} The next action lists what was observed.");
        let remove = ProposedAction::remove(self.contract, self.at, "const", &removal);
        Some(vec![remove?, self.update(json!({ "enum": all }), &text)?])
    }

    fn format(&self) -> Option<Vec<ProposedAction>> {
        let format = self.written.get("format")?.as_str()?;
        let is_integer = self.evidence.shape.types() == ["integer"];
        if format == "int32" && is_integer && !self.evidence.values.has_others {
            let text = self.described("Values do not fit into 32 bits.");
            return Some(vec![self.update(json!({ "format": "int64" }), &text)?]);
        }
        self.without(
            "format",
            &format!("Values are not of the format `{format}`."),
        )
    }

    /// A limit, and the keyword that only modifies it (OpenAPI 3.0: `exclusiveMinimum: true`).
    fn bound(&self, keyword: &str) -> Option<Vec<ProposedAction>> {
        let mut actions = self.without(keyword, &format!("Values do not satisfy `{keyword}`."))?;
        let modifier = match keyword {
            "minimum" => "exclusiveMinimum",
            _ => "exclusiveMaximum",
        };
        if let Some(Value::Bool(_)) = self.written.get(modifier) {
            let text = format!("It only modifies `{keyword}`, which the action above removes.");
            actions.extend(self.without(modifier, &text)?);
        }
        Some(actions)
    }

    fn null_alternative(&self, keyword: &str) -> Option<Vec<ProposedAction>> {
        let text = self.described("Null occurs, and no alternative accepts it.");
        let update = match null_keyword(self.contract.notation()) {
            Some(null) => json!({ null: true }),
            None => json!({ keyword: [{ "type": "null" }] }),
        };
        Some(vec![self.update(update, &text)?])
    }

    fn optional(&self, name: &str) -> Option<Vec<ProposedAction>> {
        let text = self.described(&format!("`{name}` is required, but not always present."));
        let required = self.written.get("required")?.as_array()?;
        let action = match required.iter().all(|known| known == name) {
            // An empty list is not allowed in Swagger 2.0 and OpenAPI 3.0.
            true => ProposedAction::remove(self.contract, self.at, "required", &text),
            false => ProposedAction::remove_item(self.contract, self.at, "required", name, &text),
        };
        Some(vec![action?])
    }

    fn property(&self, name: &str) -> Option<Vec<ProposedAction>> {
        let text = self.described(&format!("`{name}` is not described."));
        let schema = self.evidence.shape.schema(self.contract.notation());
        let update = json!({ "properties": { name: schema } });
        Some(vec![self.update(update, &text)?])
    }

    /// Properties whose names are data.
    fn keys(&self) -> Option<Vec<ProposedAction>> {
        let text = "Properties are not described, and their names are data.";
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            if let Some(Value::Bool(false)) = self.written.get(keyword) {
                return self.without(keyword, text);
            }
        }
        let schema = self.evidence.shape.schema(self.contract.notation());
        let update = json!({ "additionalProperties": schema });
        Some(vec![self.update(update, &self.described(text))?])
    }

    fn without(&self, keyword: &str, text: &str) -> Option<Vec<ProposedAction>> {
        let text = self.described(text);
        let remove = ProposedAction::remove(self.contract, self.at, keyword, &text);
        Some(vec![remove?])
    }

    fn update(&self, update: Value, text: &str) -> Option<ProposedAction> {
        ProposedAction::update(self.contract, self.at, update, text)
    }

    fn described(&self, text: &str) -> String {
        format!("{text} {}", self.evidence.summary())
    }
}

/// The keyword that means null, where a schema has only one type.
fn null_keyword(notation: SchemaNotation) -> Option<&'static str> {
    match notation {
        SchemaNotation::Swagger2 { null_keyword } => null_keyword,
        SchemaNotation::OpenApi30 => Some("nullable"),
        SchemaNotation::JsonSchema => None,
    }
}
