//! All points of a system's contracts. Main type: [`Universe`].

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::body::{BodyPart, BodyPoints, PartTable};
use super::keyword::{Probe, ValueTest, probes};
use crate::case::Suite;
use crate::check::{documented_for, is_ours, is_sent, may_be_json};
use crate::contract::{
    Contract, ContractPlace, DocumentedMediaType, DocumentedResponse, NodeId, Operation, Parameter,
    ParameterLocation, Schema, Shape, ShapeDispatch, StatusKey, UNREACHABLE,
};
use crate::document::parse_plain_json;
use crate::event::{
    Direction, OperationRecord, PointKind, PointRecord, PositionRecord, PropertyPath,
};
use crate::exchange::Exchange;
use crate::source::Position;
use crate::version::Version;

/// How deep a request body is read.
const MAX_DEPTH: usize = 200;

/// All points of a system, and how exchanges cover them.
#[derive(Debug)]
pub struct Universe {
    points: Vec<PointRecord>,
    operations: HashMap<OperationKey, OperationPoints>,
    /// The points of schemas.
    tables: Vec<PartTable>,
}

/// An operation by name: reloaded contracts and other versions of the same contract use the same name.
#[derive(Debug, PartialEq, Eq, Hash)]
struct OperationKey {
    contract: Arc<str>,
    operation: Arc<str>,
}

impl OperationKey {
    fn of(operation: &Operation) -> Self {
        OperationKey {
            contract: Arc::clone(operation.contract()),
            operation: Arc::clone(operation.name()),
        }
    }
}

/// The points of one operation.
#[derive(Debug)]
struct OperationPoints {
    /// The operation that the points were made from; all lists below are in its order.
    operation: Arc<Operation>,
    itself: u32,
    statuses: Vec<(StatusKey, u32)>,
    /// By the role's name.
    roles: Vec<(String, u32)>,
    /// Of the operation's parameters without those that the harness sets itself.
    parameters: Vec<u32>,
    /// By position in the operation's list of media types.
    request: Vec<Option<BodyPoints>>,
    responses: Vec<Vec<Option<BodyPoints>>>,
}

impl Universe {
    /// The points of the suite's contracts for `version` of the API; all points where no version is known.
    pub fn of(suite: &Suite, version: Option<&Version>) -> Universe {
        let mut contracts: Vec<&Arc<Contract>> = Vec::new();
        for contract in suite.files.iter().flat_map(|file| &file.contracts) {
            if !contracts.iter().any(|known| known.name == contract.name) {
                contracts.push(contract);
            }
        }
        let mut builder = UniverseBuilder {
            roles: roles(suite),
            points: Vec::new(),
            tables: Vec::new(),
            table_numbers: HashMap::new(),
            parts: HashMap::new(),
            properties: HashMap::new(),
            operation: Arc::new(OperationRecord {
                name: "".into(),
                path: Vec::new(),
            }),
            correct: None,
            refused: None,
            response_status: None,
            files: HashSet::new(),
        };
        let mut operations = HashMap::new();
        for contract in contracts {
            let contract = match version {
                Some(version) => contract.at_version(version),
                None => Arc::clone(contract),
            };
            for operation in &contract.operations {
                if version.is_none_or(|version| operation.versions.contain(version)) {
                    let points = builder.operation(operation);
                    operations.insert(OperationKey::of(operation), points);
                }
            }
        }
        Universe {
            points: builder.points,
            operations,
            tables: builder.tables,
        }
    }

    /// In the order of the contracts.
    pub fn points(&self) -> &[PointRecord] {
        &self.points
    }

    /// Calls `cover` with the number of each point that an exchange with a response covers; some may be repeated. An operation that no
    /// contract of the suite has covers nothing.
    pub(super) fn observe(
        &self,
        operation: &Operation,
        exchange: &Exchange,
        body: Option<&Value>,
        caller: &str,
        cover: &mut dyn FnMut(u32),
    ) {
        let Some(points) = self.operations.get(&OperationKey::of(operation)) else {
            return;
        };
        let operation = &points.operation;
        cover(points.itself);
        if let Some((_, point)) = points.roles.iter().find(|(role, _)| role == caller) {
            cover(*point);
        }
        let counted = operation.parameters.iter();
        let counted = counted.filter(|parameter| !is_ours(parameter));
        for (parameter, point) in counted.zip(&points.parameters) {
            if is_sent(parameter, &exchange.request) {
                cover(*point);
            }
        }
        let request = &exchange.request;
        let sent = operation
            .request_body
            .as_ref()
            .filter(|_| !request.body.is_empty());
        if let Some(documented) = sent
            && let Some(schema) = chosen(&request.headers, &documented.content, &points.request)
            && let Some(value) = parse_plain_json(&request.body, MAX_DEPTH)
        {
            schema.observe(&value, &self.tables, cover);
        }
        let Some(documented) = operation.response(exchange.response.status) else {
            return;
        };
        let mut statuses = points.statuses.iter();
        let Some(number) = statuses.position(|(status, _)| *status == documented.status) else {
            return;
        };
        cover(points.statuses[number].1);
        if let Some(value) = body
            && let Some(schemas) = points.responses.get(number)
            && let Some(schema) = chosen(&exchange.response.headers, &documented.content, schemas)
        {
            schema.observe(value, &self.tables, cover);
        }
    }
}

/// The schema of the media type that the headers declare.
fn chosen<'b>(
    headers: &http::HeaderMap,
    documented: &[DocumentedMediaType],
    bodies: &'b [Option<BodyPoints>],
) -> Option<&'b BodyPoints> {
    let media = documented_for(headers, documented)?;
    let number = documented
        .iter()
        .position(|candidate| candidate.media_type == media.media_type)?;
    bodies.get(number)?.as_ref()
}

/// The roles that may call, in order: `guest`, then the profiles that the system's own cases use and whose tokens must be accepted.
fn roles(suite: &Suite) -> Vec<String> {
    let cases = suite.files.iter().flat_map(|file| &file.cases);
    let callers: BTreeSet<&str> = cases
        .flat_map(|case| case.requests())
        .map(|step| step.caller.value.as_str())
        .filter(|name| {
            suite
                .profiles
                .get(*name)
                .is_some_and(|profile| !profile.refused)
        })
        .collect();
    let others = callers.into_iter().filter(|name| *name != "guest");
    std::iter::once("guest")
        .chain(others)
        .map(str::to_owned)
        .collect()
}

/// Collects points while it visits the contracts.
struct UniverseBuilder {
    roles: Vec<String>,
    points: Vec<PointRecord>,
    tables: Vec<PartTable>,
    /// By direction and contract.
    table_numbers: HashMap<(Direction, usize), usize>,
    /// The points of the schemas visited so far, by direction and name: contracts may share documents.
    parts: HashMap<(Direction, String), Arc<BodyPart>>,
    properties: HashMap<(Direction, String), u32>,
    /// The operation that is being visited; the first status it documents for a correct request and for a refused one; the status of the
    /// response that is being visited.
    operation: Arc<OperationRecord>,
    correct: Option<u16>,
    refused: Option<u16>,
    response_status: Option<u16>,
    /// Names of files, each kept once.
    files: HashSet<Arc<str>>,
}

/// A schema still to be visited, and the path to it from the body.
type Waiting = (usize, PropertyPath);

impl UniverseBuilder {
    fn operation(&mut self, operation: &Arc<Operation>) -> OperationPoints {
        let path = operation.parameters.iter();
        let path = path.filter(|parameter| parameter.location == ParameterLocation::Path);
        self.operation = Arc::new(OperationRecord {
            name: Arc::clone(operation.name()),
            path: path
                .map(|parameter| parameter.name.as_str().into())
                .collect(),
        });
        self.correct = first_status(operation, 2);
        self.refused = first_status(operation, 4);
        let place = ContractPlace {
            place: operation.place.clone(),
            pointer: operation.pointer.clone(),
        };
        let itself = self.point(PointKind::Operation, &place, None);
        let statuses = operation
            .responses
            .iter()
            .map(|documented| {
                let place = ContractPlace {
                    place: documented.place.clone(),
                    pointer: documented.pointer.clone(),
                };
                let (text, excluded) = status(documented.status);
                let excluded = documented.unreachable.clone().or(excluded);
                let point = self.point(PointKind::Status(text.into()), &place, excluded);
                (documented.status, point)
            })
            .collect();
        let parameters = operation
            .parameters
            .iter()
            .filter(|parameter| !is_ours(parameter))
            .map(|parameter| self.parameter(parameter, &place))
            .collect();
        let roles = std::mem::take(&mut self.roles);
        let points = roles.iter().map(|role| {
            let point = self.point(PointKind::Role(role.as_str().into()), &place, None);
            (role.clone(), point)
        });
        let points = points.collect();
        self.roles = roles;
        let content = operation.request_body.as_ref().map(|body| &body.content);
        let request = content
            .into_iter()
            .flatten()
            .map(|media| self.body(media, Direction::Request))
            .collect();
        let responses = operation
            .responses
            .iter()
            .map(|documented| {
                self.response_status = match documented.status {
                    StatusKey::Exact(status) => Some(status),
                    StatusKey::Range(_) | StatusKey::Default => None,
                };
                let content = documented.content.iter();
                content
                    .filter(|_| has_body(operation, documented))
                    .map(|media| self.body(media, Direction::Response))
                    .collect()
            })
            .collect();
        OperationPoints {
            operation: Arc::clone(operation),
            itself,
            statuses,
            roles: points,
            parameters,
            request,
            responses,
        }
    }

    fn parameter(&mut self, parameter: &Parameter, of: &ContractPlace) -> u32 {
        let location = match parameter.location {
            ParameterLocation::Path => "path",
            ParameterLocation::Query => "query",
            ParameterLocation::Header => "header",
            ParameterLocation::Cookie => "cookie",
            ParameterLocation::QueryString => "querystring",
            ParameterLocation::Form => "form",
        };
        let name = &parameter.name;
        let place = ContractPlace {
            place: parameter.place.clone(),
            pointer: format!("{}/parameters", of.pointer),
        };
        let kind = PointKind::Parameter {
            location: location.into(),
            name: name.as_str().into(),
        };
        self.point(kind, &place, parameter.unreachable.clone())
    }

    /// The points of all schemas that a body's schema leads to. Schemas that were visited before keep their points.
    fn body(&mut self, media: &DocumentedMediaType, direction: Direction) -> Option<BodyPoints> {
        // Only JSON is parsed into values.
        let schema = media
            .schema
            .as_ref()
            .filter(|_| may_be_json(&media.media_type))?;
        let tables = self.tables.len();
        let key = (direction, schema.contract_key());
        let table = *self.table_numbers.entry(key).or_insert(tables);
        if table == tables {
            self.tables.push(PartTable::new());
        }
        // Taken out while the points are collected.
        let mut parts = std::mem::take(&mut self.tables[table]);
        schema.with_shape(|shape, root| self.collect(schema, shape, root, direction, &mut parts));
        self.tables[table] = parts;
        Some(BodyPoints {
            schema: schema.clone(),
            table,
        })
    }

    /// Adds the points of a schema and of all that it leads to; those that have theirs are left alone.
    fn collect(
        &mut self,
        schema: &Schema,
        shape: &Shape,
        root: NodeId,
        direction: Direction,
        parts: &mut PartTable,
    ) {
        parts.resize(shape.len(), None);
        let mut seen = HashSet::from([root]);
        let mut waiting: Vec<Waiting> = vec![(root, PropertyPath::default())];
        while let Some((id, way)) = waiting.pop() {
            let node = shape.node(id);
            let Some(keywords) = &node.object else {
                continue;
            };
            if parts[id].is_some() || is_misplaced(shape, id, direction) {
                continue;
            }
            let key = (direction, schema.name_of(node));
            let part = match self.parts.get(&key) {
                Some(known) => Arc::clone(known),
                None => {
                    let part = Arc::new(self.part(schema, shape, id, direction, &way));
                    self.parts.insert(key, Arc::clone(&part));
                    part
                }
            };
            parts[id] = Some(part);
            let mut next: Vec<Waiting> = Vec::new();
            let beside = keywords
                .always
                .iter()
                .chain(keywords.alternatives.iter().flatten());
            let named = keywords.dispatch.iter();
            let named = named.flat_map(|dispatch| dispatch.schemas.iter().map(|(_, id)| *id));
            let condition = keywords.condition.iter();
            // `if` itself sets no limit: its schema need neither be satisfied nor violated.
            let branches = condition.flat_map(|condition| [condition.then, condition.otherwise]);
            let dependent = keywords.dependent.iter().map(|(_, id)| *id);
            next.extend(
                beside
                    .copied()
                    .chain(named)
                    .chain(branches.flatten())
                    .chain(dependent)
                    .map(|id| (id, way.clone())),
            );
            for (name, &id) in &keywords.properties {
                // Schemas within an unreachable one are reached by another path, or not at all.
                if unreachable(schema.part(shape.node(id))).is_none() {
                    next.push((id, within(&way, name)));
                }
            }
            let items = keywords
                .prefix
                .iter()
                .chain(&keywords.items)
                .chain(&keywords.further);
            let patterns = keywords.patterns.iter().map(|(_, id)| id);
            for &id in items.chain(patterns) {
                next.push((id, within(&way, "*")));
            }
            // The last pushed is visited first.
            waiting.extend(next.into_iter().rev().filter(|(id, _)| seen.insert(*id)));
        }
    }

    /// The points of one schema that was not visited before.
    fn part(
        &mut self,
        whole: &Schema,
        shape: &Shape,
        id: NodeId,
        direction: Direction,
        way: &PropertyPath,
    ) -> BodyPart {
        let mut part = BodyPart::default();
        let node = shape.node(id);
        let (Some(keywords), Some(Value::Object(raw))) = (&node.object, whole.part(node)) else {
            return part;
        };
        for (name, &property) in &keywords.properties {
            let child = shape.node(property);
            if is_misplaced(shape, property, direction) {
                continue;
            }
            let key = (direction, whole.name_of(child));
            if let Some(&known) = self.properties.get(&key) {
                part.properties.insert(name.clone(), known);
                continue;
            }
            let place = whole.place_in(child, "");
            let excluded = unreachable(whole.part(child));
            let kind = PointKind::Property {
                direction,
                property: within(way, name),
                status: self
                    .response_status
                    .filter(|_| direction == Direction::Response),
            };
            let point = self.point(kind, &place, excluded);
            self.properties.insert(key, point);
            part.properties.insert(name.clone(), point);
        }
        let excluded = unreachable(whole.part(node));
        let misplaced = |name: &str| {
            let property = keywords.properties.get(name);
            property.is_some_and(|&property| is_misplaced(shape, property, direction))
        };
        for probe in probes(whole, node, raw, direction, misplaced) {
            let Probe {
                keyword,
                label,
                test,
                sample,
                broken,
            } = probe;
            let place = whole.place_in(node, keyword);
            let kind = PointKind::Limit {
                direction,
                property: Arc::clone(way),
                label: label.into(),
                sample,
                status: match direction {
                    Direction::Request if broken => self.refused,
                    Direction::Request => self.correct,
                    Direction::Response => self.response_status,
                },
            };
            let point = self.point(kind, &place, excluded.clone());
            part.limits.push((test, point));
        }
        if let Some(dispatch) = &keywords.dispatch {
            self.names(
                dispatch,
                &whole.place_in(node, "discriminator"),
                direction,
                way,
                &mut part,
            );
        }
        part
    }

    /// A point for each name that the discriminator of a schema knows.
    fn names(
        &mut self,
        dispatch: &ShapeDispatch,
        place: &ContractPlace,
        direction: Direction,
        way: &PropertyPath,
        part: &mut BodyPart,
    ) {
        let names = dispatch.schemas.iter().map(|(name, _)| name);
        for name in names.chain(&dispatch.own) {
            let kind = PointKind::Limit {
                direction,
                property: within(way, &dispatch.property),
                label: format!("discriminator {name}").into(),
                sample: Some(Value::from(name.as_str())),
                status: match direction {
                    Direction::Request => self.correct,
                    Direction::Response => self.response_status,
                },
            };
            let point = self.point(kind, place, None);
            let test = ValueTest::Named {
                property: dispatch.property.clone(),
                name: name.clone(),
            };
            part.limits.push((test, point));
        }
    }

    fn point(&mut self, kind: PointKind, place: &ContractPlace, excluded: Option<String>) -> u32 {
        let Position { line, column } = place.place.position();
        let file = self.file(place.place.source.name());
        self.points.push(PointRecord {
            operation: Arc::clone(&self.operation),
            kind,
            place: PositionRecord { file, line, column },
            pointer: place.pointer.clone(),
            excluded: excluded.map(Arc::from),
        });
        (self.points.len() - 1) as u32
    }

    fn file(&mut self, name: &str) -> Arc<str> {
        match self.files.get(name) {
            Some(file) => Arc::clone(file),
            None => {
                let file: Arc<str> = name.into();
                self.files.insert(Arc::clone(&file));
                file
            }
        }
    }
}

/// The path to what is called `token` in the value at the end of `way`.
fn within(way: &PropertyPath, token: &str) -> PropertyPath {
    way.iter().cloned().chain([token.into()]).collect()
}

/// The first exact status with this first digit that an operation documents.
fn first_status(operation: &Operation, digit: u16) -> Option<u16> {
    let mut exact = operation
        .responses
        .iter()
        .filter_map(|documented| match documented.status {
            StatusKey::Exact(status) if status / 100 == digit => Some(status),
            _ => None,
        });
    exact.next()
}

/// Whether a value of this schema does not belong in a body of this direction; a schema that it refers to may say so too.
fn is_misplaced(shape: &Shape, id: NodeId, direction: Direction) -> bool {
    let mut all = vec![id];
    let mut next = 0;
    while let Some(&id) = all.get(next) {
        next += 1;
        let Some(keywords) = &shape.node(id).object else {
            continue;
        };
        let says = match direction {
            Direction::Request => keywords.read_only,
            Direction::Response => keywords.write_only,
        };
        if says {
            return true;
        }
        let further = keywords.always.iter().filter(|id| !all.contains(id));
        let further: Vec<NodeId> = further.copied().collect();
        all.extend(further);
    }
    false
}

/// Whether a response may have a body worth examining: no case can receive an excluded response.
fn has_body(operation: &Operation, documented: &DocumentedResponse) -> bool {
    let never = match documented.status {
        // RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5
        StatusKey::Exact(status) => matches!(status, 100..200 | 204 | 205 | 304 | 500..),
        StatusKey::Range(digit) => digit == 1 || digit >= 5,
        StatusKey::Default => false,
    };
    operation.method != Method::HEAD && !never && documented.unreachable.is_none()
}

fn status(key: StatusKey) -> (String, Option<String>) {
    let reason = "a correct server has no reason to respond so".to_owned();
    let interim = || Some("the client never sees an interim response".to_owned());
    match key {
        StatusKey::Exact(status) if status < 200 => (status.to_string(), interim()),
        StatusKey::Range(1) => ("1XX".to_owned(), interim()),
        StatusKey::Exact(status) => (status.to_string(), (status >= 500).then_some(reason)),
        StatusKey::Range(digit) => (format!("{digit}XX"), (digit >= 5).then_some(reason)),
        StatusKey::Default => (
            "default".to_owned(),
            Some("it covers every status that is not documented".to_owned()),
        ),
    }
}

fn unreachable(schema: Option<&Value>) -> Option<String> {
    Some(schema?.get(UNREACHABLE)?.as_str()?.to_owned())
}
