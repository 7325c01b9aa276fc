//! Actions on operations, responses and headers. Main function: [`actions`].

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::action::ProposedAction;
use super::cause::{DocumentFault, Evidence, FaultKind};
use super::infer::ValueShape;
use crate::contract::{Contract, Operation, PlaceInDocument, SchemaNotation};
use crate::document::escape_pointer;

/// The actions for a fault of an operation, a response or a header, in their order; `None` where none would help.
pub(super) fn actions(
    contract: &Contract,
    fault: &DocumentFault,
    evidence: &Evidence,
) -> Option<Vec<ProposedAction>> {
    let correction = ResponseCorrection {
        contract,
        at: &fault.at,
        evidence,
    };
    match &fault.kind {
        FaultKind::Status(status) => correction.status(*status),
        FaultKind::BodyUndocumented(status) => correction.body(*status),
        FaultKind::BodyMissing(status) => correction.no_body(*status),
        FaultKind::MediaType(media_type) => correction.media_type(media_type),
        FaultKind::HeaderRequired => correction.header(),
        FaultKind::Keyword(_)
        | FaultKind::PropertyRequired(_)
        | FaultKind::PropertyUndescribed(_)
        | FaultKind::KeysUndescribed => None,
    }
}

struct ResponseCorrection<'c> {
    contract: &'c Contract,
    at: &'c PlaceInDocument,
    evidence: &'c Evidence,
}

/// Where the response of an operation for one status is written.
enum WrittenResponse {
    /// At the operation, under the status itself.
    Own(PlaceInDocument),
    /// Under this key, elsewhere: other operations have it too.
    Shared(String),
    /// Under a range or `default`: other statuses have it too.
    Wider,
}

impl ResponseCorrection<'_> {
    fn status(&self, status: u16) -> Option<Vec<ProposedAction>> {
        let text = self.described(&format!(
            "The server sends status {status}, which is not documented{}.",
            self.inferred()
        ));
        let response = json!({ status.to_string(): self.response(status) });
        let update = json!({ "responses": response });
        let action = ProposedAction::update(self.contract, self.at, update, &text)?;
        Some(vec![action])
    }

    fn body(&self, status: u16) -> Option<Vec<ProposedAction>> {
        let text = self.described(&format!(
            "Responses with status {status} have a body, and none is documented{}.",
            self.inferred()
        ));
        match self.written(status)? {
            WrittenResponse::Own(at) => {
                let update = self.content();
                let action = ProposedAction::update(self.contract, &at, update, &text)?;
                Some(vec![action])
            }
            other => self.own_response(status, &other, &text),
        }
    }

    fn no_body(&self, status: u16) -> Option<Vec<ProposedAction>> {
        let text = self.described(&format!(
            "Responses with status {status} have no body, although one is documented."
        ));
        match self.written(status)? {
            WrittenResponse::Own(at) => {
                let key = match self.contract.notation() {
                    SchemaNotation::Swagger2 { .. } => "schema",
                    SchemaNotation::OpenApi30 | SchemaNotation::JsonSchema => "content",
                };
                let action = ProposedAction::remove(self.contract, &at, key, &text)?;
                Some(vec![action])
            }
            other => self.own_response(status, &other, &text),
        }
    }

    fn media_type(&self, media_type: &str) -> Option<Vec<ProposedAction>> {
        let text = |more: &str| {
            self.described(&format!(
                "The server sends {media_type}, which is not documented{more}."
            ))
        };
        let (update, text) = match self.contract.notation() {
            SchemaNotation::Swagger2 { .. } => {
                let stated = |place: &PlaceInDocument| {
                    self.contract.written(place)?.get("produces").cloned()
                };
                let root = PlaceInDocument {
                    document: self.at.document.clone(),
                    pointer: String::new(),
                };
                // That of the operation replaces that of the document; an overlay joins lists.
                let mut all = match stated(self.at) {
                    Some(_) => Vec::new(),
                    None => match stated(&root) {
                        Some(Value::Array(all)) => all,
                        _ => Vec::new(),
                    },
                };
                all.push(json!(media_type));
                (json!({ "produces": all }), text(""))
            }
            SchemaNotation::OpenApi30 | SchemaNotation::JsonSchema => {
                (self.content(), text(&self.inferred()))
            }
        };
        let action = ProposedAction::update(self.contract, self.at, update, &text)?;
        Some(vec![action])
    }

    fn header(&self) -> Option<Vec<ProposedAction>> {
        let text = self.described("The header is required, but it is not in every response.");
        let update = json!({ "required": false });
        let action = ProposedAction::update(self.contract, self.at, update, &text)?;
        Some(vec![action])
    }

    /// A response for this status alone: the written one stays as it is for others.
    fn own_response(
        &self,
        status: u16,
        written: &WrittenResponse,
        text: &str,
    ) -> Option<Vec<ProposedAction>> {
        let responses = PlaceInDocument {
            document: self.at.document.clone(),
            pointer: format!("{}/responses", self.at.pointer),
        };
        let mut actions = Vec::new();
        if let WrittenResponse::Shared(key) = written {
            let text = format!("{text} The next action replaces the shared response.");
            let remove = ProposedAction::remove(self.contract, &responses, key, &text);
            actions.push(remove?);
        }
        let update = json!({ status.to_string(): self.response(status) });
        let update = ProposedAction::update(self.contract, &responses, update, text);
        actions.push(update?);
        Some(actions)
    }

    fn written(&self, status: u16) -> Option<WrittenResponse> {
        let code = StatusCode::from_u16(status).ok()?;
        let operation = self.operation()?;
        let (at, key) = self.contract.place_of_response(operation, code)?;
        let own = format!("{}/responses/{}", self.at.pointer, escape_pointer(&key));
        let is_own = at.document == self.at.document && at.pointer == own;
        Some(match (key == status.to_string(), is_own) {
            (true, true) => WrittenResponse::Own(at),
            (true, false) => WrittenResponse::Shared(key),
            (false, _) => WrittenResponse::Wider,
        })
    }

    fn operation(&self) -> Option<&Operation> {
        let operations = self.contract.operations.iter();
        let mut named =
            operations.filter(|operation| **operation.name() == *self.evidence.operation);
        named.next().map(|operation| &**operation)
    }

    /// The response object.
    fn response(&self, status: u16) -> Value {
        let reason = StatusCode::from_u16(status).ok();
        let reason = reason.and_then(|code| code.canonical_reason());
        let description = reason.map_or_else(|| format!("Status {status}"), str::to_owned);
        let mut response = Map::new();
        response.insert("description".to_owned(), json!(description));
        if !self.evidence.bodies.is_empty()
            && let Value::Object(content) = self.content()
        {
            response.extend(content);
        }
        Value::Object(response)
    }

    /// `content` of the bodies (`schema` in Swagger 2.0), as an object with that key.
    fn content(&self) -> Value {
        let notation = self.contract.notation();
        let bodies = &self.evidence.bodies;
        if let SchemaNotation::Swagger2 { .. } = notation {
            return json!({ "schema": only_schema(bodies, notation) });
        }
        let content = bodies.iter().map(|(media_type, shape)| {
            let schema = schema_of(media_type, shape.as_ref(), notation);
            (media_type.clone(), json!({ "schema": schema }))
        });
        json!({ "content": Map::from_iter(content) })
    }

    /// From how many bodies a schema was inferred: `; the schema is inferred from 3 bodies`.
    fn inferred(&self) -> String {
        let shapes = self.evidence.bodies.values().flatten();
        match shapes.map(ValueShape::total).sum() {
            0 => String::new(),
            1 => "; the schema is inferred from a single body".to_owned(),
            more => format!("; the schema is inferred from {more} bodies"),
        }
    }

    fn described(&self, text: &str) -> String {
        format!("{text} {}", self.evidence.summary())
    }
}

/// The one schema that Swagger 2.0 has for all media types of a response.
fn only_schema(bodies: &BTreeMap<String, Option<ValueShape>>, notation: SchemaNotation) -> Value {
    let mut of_json = bodies.values().flatten();
    match (of_json.next(), of_json.next(), bodies.iter().next()) {
        (Some(only), None, _) => only.schema(notation),
        (None, _, Some((media_type, _))) if media_type.starts_with("text/") => {
            json!({ "type": "string" })
        }
        (None, _, Some(_)) => json!({ "type": "file" }),
        _ => json!({}),
    }
}

fn schema_of(media_type: &str, shape: Option<&ValueShape>, notation: SchemaNotation) -> Value {
    match (shape, notation) {
        (Some(shape), _) => shape.schema(notation),
        (None, _) if media_type.starts_with("text/") => json!({ "type": "string" }),
        (None, SchemaNotation::OpenApi30) => json!({ "type": "string", "format": "binary" }),
        (None, _) => json!({}),
    }
}
