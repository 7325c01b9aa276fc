//! From kept exchanges to the faults of documents. Main type: [`FaultCollection`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::cause::{DocumentFault, Evidence, FaultKind};
use super::infer::{ValueShape, is_data};
use super::schema::is_correctable;
use crate::case::{Expectation, StatusPattern};
use crate::check::{CheckContext, check, documented_for, may_be_json};
use crate::contract::{
    Applying, Contract, ContractPlace, NodeId, Operation, SchemaNotation, ValuePath, Visitor,
    essence,
};
use crate::document::split_pointer;
use crate::event::LocationRecord;
use crate::finding::{Code, Finding, Location};
use crate::judge::{BodyCounts, ObservedExchange, ResponseKey};

/// What some exchanges show.
#[derive(Debug, Default)]
pub(super) struct FaultCollection {
    /// What an overlay can put right, with the contract in which it was seen first.
    pub(super) faults: BTreeMap<DocumentFault, (Arc<Contract>, Evidence)>,
    /// The numbers of the findings that it cannot.
    pub(super) others: BTreeMap<Uncorrected, usize>,
}

/// Findings for which no action is proposed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Uncorrected {
    pub(super) code: Code,
    pub(super) operation: String,
    /// Where in the response, as shown.
    pub(super) at: String,
    pub(super) why: &'static str,
}

/// Why nothing is proposed.
pub(super) const NOT_OF_DOCUMENT: &str = "no change of the document makes this right";
const SOMETIMES: &str =
    "the same status comes with and without a body, which OpenAPI cannot describe";
const ALTERNATIVES: &str = "which of the alternatives is wrong is not certain";
const NO_SIMPLE: &str = "no single keyword is the cause";
const NOT_MEDIA_TYPE: &str = "it is not a media type";

impl FaultCollection {
    /// Checks an exchange against the contract and adds what it shows.
    pub(super) fn add(
        &mut self,
        observed: &ObservedExchange,
        contract: &Arc<Contract>,
        bodies: &BTreeMap<ResponseKey, BodyCounts>,
    ) {
        let operation = &observed.operation;
        let Some(operation) = contract.operation(&operation.method, &operation.path) else {
            return;
        };
        let operation = contract.operation_at(operation, observed.version.as_ref());
        let status = observed.exchange.response.status;
        // What the case expected is not the document's matter.
        let expectation = Expectation {
            status: vec![StatusPattern::Exact(status.as_u16()).into()],
            ..observed.expectation.clone()
        };
        let context = CheckContext {
            operation: Some(&operation),
            expectation: Some(&expectation),
            caller: observed.caller,
            signed: &observed.signed,
            // Whether credentials were demanded is not the document's matter either.
            has_certificates: false,
            depth: observed.depth,
        };
        let checked = check(&observed.exchange, &context, &observed.severities);
        let key = ResponseKey {
            contract: Arc::clone(operation.contract()),
            operation: Arc::clone(operation.name()),
            status: status.as_u16(),
        };
        let mut reading = ExchangeReading {
            observed,
            contract,
            operation: &operation,
            status,
            body: checked.body.as_ref(),
            counts: bodies.get(&key).copied().unwrap_or_default(),
            describing: None,
        };
        let findings = checked.findings.iter().chain(&checked.unlisted);
        let undescribed: Vec<&str> = findings.clone().filter_map(undescribed_pointer).collect();
        for finding in findings {
            let Some(place) = &finding.contract else {
                continue;
            };
            let at = LocationRecord::of(&finding.subject(), &observed.redactor).without_indices();
            if observed.waived.contains(&(finding.code, at.clone())) {
                continue;
            }
            match reading.fault(finding, place, &undescribed) {
                Ok(fault) => self.add_fault(fault, finding, at, &reading),
                Err(why) => {
                    let others = self.others.entry(Uncorrected {
                        code: finding.code,
                        operation: operation.name().to_string(),
                        at: at.to_string(),
                        why,
                    });
                    *others.or_default() += 1;
                }
            }
        }
    }

    fn add_fault(
        &mut self,
        fault: DocumentFault,
        finding: &Finding,
        at: LocationRecord,
        reading: &ExchangeReading<'_>,
    ) {
        let observed = reading.observed;
        let name = reading.operation.name();
        let (_, evidence) = self.faults.entry(fault.clone()).or_insert_with(|| {
            let evidence = Evidence::new(&observed.subject, at.into(), name);
            (Arc::clone(reading.contract), evidence)
        });
        evidence.count(&observed.subject, observed.step, name, observed.is_expected);
        evidence.in_header |= matches!(finding.at, Location::Header(_));
        match &fault.kind {
            FaultKind::Status(_) | FaultKind::BodyUndocumented(_) | FaultKind::MediaType(_) => {
                reading.add_body(evidence);
            }
            FaultKind::Keyword(_)
            | FaultKind::PropertyUndescribed(_)
            | FaultKind::KeysUndescribed => {
                if let Some(value) = reading.value(finding) {
                    let redactor = &observed.redactor;
                    evidence.shape.add(&value, redactor);
                    let is_secret = reading.is_secret(&finding.at);
                    evidence.values.add(&value, is_secret, redactor);
                }
            }
            FaultKind::BodyMissing(_)
            | FaultKind::HeaderRequired
            | FaultKind::PropertyRequired(_) => {}
        }
    }
}

/// An exchange while its findings are read.
struct ExchangeReading<'e> {
    observed: &'e ObservedExchange,
    contract: &'e Arc<Contract>,
    operation: &'e Arc<Operation>,
    status: StatusCode,
    body: Option<&'e Value>,
    counts: BodyCounts,
    /// The schema that describes each object with undescribed properties, found on first use.
    describing: Option<HashMap<String, ContractPlace>>,
}

impl ExchangeReading<'_> {
    /// What is wrong in the document; fails with the reason if no action can be proposed.
    fn fault(
        &mut self,
        finding: &Finding,
        place: &ContractPlace,
        undescribed: &[&str],
    ) -> Result<DocumentFault, &'static str> {
        let status = self.status.as_u16();
        let of_operation = |kind| DocumentFault {
            at: self.contract.place_of_operation(self.operation),
            kind,
        };
        match finding.code {
            Code::StatusUndocumented => Ok(of_operation(FaultKind::Status(status))),
            Code::BodyUndocumented if self.counts.without_body > 0 => Err(SOMETIMES),
            Code::BodyUndocumented => Ok(of_operation(FaultKind::BodyUndocumented(status))),
            Code::BodyMissing if self.counts.with_body > 0 => Err(SOMETIMES),
            Code::BodyMissing => Ok(of_operation(FaultKind::BodyMissing(status))),
            Code::ContentTypeUndocumented => {
                let media_type = self.media_type().ok_or(NOT_MEDIA_TYPE)?;
                let kind = FaultKind::MediaType(media_type);
                if let SchemaNotation::Swagger2 { .. } = self.contract.notation() {
                    // `produces` belongs to the operation.
                    return Ok(of_operation(kind));
                }
                let response = self.contract.place_of_response(self.operation, self.status);
                let (at, _) = response.ok_or(NOT_OF_DOCUMENT)?;
                Ok(DocumentFault { at, kind })
            }
            Code::HeaderMissing => {
                let Location::Header(name) = &finding.at else {
                    return Err(NOT_OF_DOCUMENT);
                };
                let at = self
                    .contract
                    .place_of_header(self.operation, self.status, name);
                Ok(DocumentFault {
                    at: at.ok_or(NOT_OF_DOCUMENT)?,
                    kind: FaultKind::HeaderRequired,
                })
            }
            Code::BodySchema | Code::BodyFormat | Code::HeaderInvalid => {
                self.violated(finding, place)
            }
            Code::BodyUndocumentedProperty => self.undescribed(finding, undescribed),
            _ => Err(NOT_OF_DOCUMENT),
        }
    }

    /// The fault of a violated keyword.
    fn violated(
        &self,
        finding: &Finding,
        place: &ContractPlace,
    ) -> Result<DocumentFault, &'static str> {
        let place = self.contract.in_document(place).ok_or(NO_SIMPLE)?;
        let written = self.contract.written(&place).ok_or(NO_SIMPLE)?;
        let (at, keyword) = place.split().ok_or(NO_SIMPLE)?;
        let value = self.value(finding);
        let is_null = value.as_ref().is_some_and(Value::is_null);
        let kind = match (keyword.as_str(), &written, &finding.missing) {
            ("required", Value::Array(_), Some(name)) => FaultKind::PropertyRequired(name.clone()),
            ("additionalProperties" | "unevaluatedProperties", Value::Bool(false), _) => {
                self.property(&finding.at).ok_or(NO_SIMPLE)?
            }
            ("oneOf" | "anyOf", Value::Array(_), _) if is_null => FaultKind::Keyword(keyword),
            ("oneOf" | "anyOf", Value::Array(_), _) => return Err(ALTERNATIVES),
            ("type", Value::String(_) | Value::Array(_), _) if value.is_some() => {
                FaultKind::Keyword(keyword)
            }
            (name, written, _) if name != "type" && is_correctable(name, written) => {
                FaultKind::Keyword(keyword)
            }
            _ => return Err(NO_SIMPLE),
        };
        Ok(DocumentFault { at, kind })
    }

    /// The fault of a property that a schema must describe.
    fn property(&self, at: &Location) -> Option<FaultKind> {
        let Location::Body(pointer) = at else {
            return None;
        };
        let name = split_pointer(pointer)?.pop()?;
        Some(match is_data(&name, &self.observed.redactor) {
            true => FaultKind::KeysUndescribed,
            false => FaultKind::PropertyUndescribed(name),
        })
    }

    fn undescribed(
        &mut self,
        finding: &Finding,
        undescribed: &[&str],
    ) -> Result<DocumentFault, &'static str> {
        let kind = self.property(&finding.at).ok_or(NO_SIMPLE)?;
        let Location::Body(pointer) = &finding.at else {
            return Err(NO_SIMPLE);
        };
        let parent = parent(pointer).ok_or(NO_SIMPLE)?;
        if self.describing.is_none() {
            self.describing = Some(self.describing_schemas(undescribed));
        }
        let known = self.describing.as_ref().and_then(|all| all.get(parent));
        let at = known.and_then(|place| self.contract.in_document(place));
        Ok(DocumentFault {
            at: at.ok_or(NO_SIMPLE)?,
            kind,
        })
    }

    /// For each object with undescribed properties, by its pointer: the schema that describes the others.
    fn describing_schemas(&self, undescribed: &[&str]) -> HashMap<String, ContractPlace> {
        let response = self.operation.response(self.status);
        let headers = &self.observed.exchange.response.headers;
        let media = response.and_then(|response| documented_for(headers, &response.content));
        let schema = media.and_then(|media| media.schema.as_ref());
        let (Some(schema), Some(body)) = (schema, self.body) else {
            return HashMap::new();
        };
        let mut visitor = DescribingVisitor {
            wanted: undescribed
                .iter()
                .filter_map(|pointer| parent(pointer))
                .collect(),
            found: HashMap::new(),
        };
        schema.follow(body, &mut visitor);
        let found = visitor.found;
        let places = schema.with_shape(|shape, _| {
            let found = found.into_iter();
            found
                .map(|(pointer, id)| (pointer, schema.place_in(shape.node(id), "")))
                .collect()
        });
        places.unwrap_or_default()
    }

    /// The value that a finding is about.
    fn value(&self, finding: &Finding) -> Option<Value> {
        let response = &self.observed.exchange.response;
        match &finding.at {
            Location::Header(name) => {
                let lines = response.headers.get_all(name).iter();
                let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()));
                Some(Value::from(lines.collect::<Vec<_>>().join(", ")))
            }
            Location::Body(pointer) => match self.body {
                Some(body) => body.pointer(pointer).cloned(),
                None if pointer.is_empty() => {
                    Some(Value::from(String::from_utf8_lossy(&response.body)))
                }
                // An item of a stream.
                None => serde_json::from_str(finding.actual.as_deref()?).ok(),
            },
            _ => None,
        }
    }

    /// Whether the place of a value says that it is secret.
    fn is_secret(&self, at: &Location) -> bool {
        let redactor = &self.observed.redactor;
        match at {
            Location::Header(name) => redactor.is_secret_header(name),
            Location::Body(pointer) => {
                let names = split_pointer(pointer).unwrap_or_default();
                names.iter().any(|name| redactor.is_secret_property(name))
            }
            _ => false,
        }
    }

    /// The media type of the body, without parameters; `None`: what is declared is not one.
    fn media_type(&self) -> Option<String> {
        let headers = &self.observed.exchange.response.headers;
        let Some(declared) = headers.get(CONTENT_TYPE) else {
            let assumed = match self.body {
                Some(_) => "application/json",
                None => "application/octet-stream",
            };
            return Some(assumed.to_owned());
        };
        let essence = essence(declared.to_str().ok()?);
        let (kind, subtype) = essence.split_once('/')?;
        let is_token = |text: &str| {
            let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
            !text.is_empty() && text.bytes().all(of_token)
        };
        (is_token(kind) && is_token(subtype)).then(|| essence.to_string())
    }

    fn add_body(&self, evidence: &mut Evidence) {
        if self.observed.exchange.response.body.is_empty() {
            return;
        }
        let Some(media_type) = self.media_type() else {
            return;
        };
        let body = self.body.filter(|_| may_be_json(&media_type));
        let shape = evidence.bodies.entry(media_type).or_default();
        if let Some(body) = body {
            let shape = shape.get_or_insert_with(ValueShape::default);
            shape.add(body, &self.observed.redactor);
        }
    }
}

/// Finds the schemas that describe some objects of a value.
struct DescribingVisitor<'p> {
    /// By pointer.
    wanted: HashSet<&'p str>,
    found: HashMap<String, NodeId>,
}

impl Visitor for DescribingVisitor<'_> {
    fn value(&mut self, value: &Value, at: &ValuePath<'_>, applying: &[Applying<'_>]) {
        if !value.is_object() {
            return;
        }
        let pointer = at.pointer();
        if self.wanted.contains(pointer.as_str()) {
            let mut applying = applying.iter().rev();
            let describing = applying.find(|entry| !entry.schema.properties.is_empty());
            if let Some(describing) = describing {
                self.found.insert(pointer, describing.id);
            }
        }
    }

    fn undocumented(&mut self, _: &ValuePath<'_>) {}
}

fn undescribed_pointer(finding: &Finding) -> Option<&str> {
    match (&finding.at, finding.code) {
        (Location::Body(pointer), Code::BodyUndocumentedProperty) => Some(pointer),
        _ => None,
    }
}

fn parent(pointer: &str) -> Option<&str> {
    pointer.rsplit_once('/').map(|(parent, _)| parent)
}
