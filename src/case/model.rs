//! The values a case file is read into. All are plain data and can also be made by code.

use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::{
    Body, BodyPath, Expectation, ExpectedOutcome, Located, Origin, Pattern, RenderError, Scope,
    SendRules, SentFile, Template, UNEXPECTED, Wait,
};
use crate::contract::{Contract, Operation};
use crate::source::Place;
use crate::version::Versions;
use crate::xml::XPath;

/// One case file.
#[derive(Debug)]
pub struct CaseFile {
    /// Path below the system's folder without extension: `customers/create`.
    pub name: String,
    /// The file, as shown to the user.
    pub path: String,
    /// As its `contract:` names them: paths below `schemas/`.
    pub contract_names: Vec<String>,
    /// The contracts that it names, then those that `system.yaml` names for all files.
    pub contracts: Vec<Arc<Contract>>,
    /// What its cases share: made once before the first of them that runs, and removed after the last.
    pub setup: Option<Arc<Fixture>>,
    pub cases: Vec<Arc<Case>>,
}

/// One case as written: with `each` it produces several.
#[derive(Debug)]
pub struct Case {
    pub origin: Origin,
    pub name: Template,
    /// The file's tags and its own.
    pub tags: Vec<String>,
    pub given: Vec<Given>,
    /// The rows of `each`, as variables; one empty row where there is no `each`.
    pub rows: Vec<Vec<(String, serde_json::Value)>>,
    /// Whether the rows come from `each` (then a name without template gets ` [1]`, ` [2]`, …).
    pub has_each: bool,
    pub vars: Vec<(String, Template)>,
    pub steps: Vec<StepEntry>,
    /// Runs after the steps, also after a failure; not checked. A capture of a step that did not run has no value in it.
    pub cleanup: Vec<Step>,
    /// Why the case is skipped.
    pub skip: Option<String>,
    /// The versions of the API it applies to: the file's `versions` and its own.
    pub versions: Versions,
}

/// A fixture that a case (or another fixture) needs; fixtures are created in the order written.
///
/// Without an alias a case has only one instance of a fixture, however many paths lead to it, and everything that it exports becomes
/// variables: its vars, its captures, and what its own `given` export. Under an alias it is another instance, including the fixtures it
/// needs, and the same values are available as `alias.name`.
#[derive(Debug, Clone)]
pub struct Given {
    pub alias: Option<String>,
    pub fixture: Arc<Fixture>,
}

/// Something a case needs, which is removed after it. It can read the builtin variables, what its own `given` export, and its vars and
/// captures, but nothing of the case that uses it.
#[derive(Debug)]
pub struct Fixture {
    pub name: String,
    pub given: Vec<Given>,
    pub vars: Vec<(String, Template)>,
    pub steps: Vec<StepEntry>,
    pub cleanup: Vec<Step>,
    /// Its name, where it is written.
    pub place: Option<Place>,
}

/// An entry of a list of steps.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum StepEntry {
    /// A request.
    Request(Box<Step>),
    /// A pause.
    Wait(Wait),
    /// Requests at the same time.
    Parallel(Box<Parallel>),
}

/// Requests that are sent at the same time, each over a connection of its own.
#[derive(Debug)]
pub struct Parallel {
    /// Its name in reports.
    pub name: Option<String>,
    pub when: Option<Template>,
    /// Their captures are lists, with a value for each response that is a success.
    pub steps: Vec<Step>,
    /// How often the only step is sent; `None`: each step is sent once.
    pub times: Option<usize>,
    /// How many responses have which status; empty: each step has its own expectation.
    pub outcomes: Vec<ExpectedOutcome>,
    /// The `parallel` mapping, where it is in a file.
    pub place: Option<Place>,
}

impl Parallel {
    /// The highest number of requests.
    pub const MAX: u64 = 100;

    /// Its name in reports.
    pub fn label(&self) -> String {
        let count = self.times.unwrap_or(self.steps.len());
        match &self.name {
            Some(name) => name.clone(),
            None => format!("{count} parallel requests"),
        }
    }
}

impl PartialEq for Parallel {
    fn eq(&self, other: &Self) -> bool {
        let Parallel {
            name,
            when,
            steps,
            times,
            outcomes,
            place: _,
        } = self;
        *name == other.name
            && *when == other.when
            && *steps == other.steps
            && *times == other.times
            && *outcomes == other.outcomes
    }
}

/// One request and what is expected of its response.
#[derive(Debug)]
pub struct Step {
    pub name: Option<String>,
    pub call: Call,
    /// Auth profile; `guest` by default.
    pub caller: Located<String>,
    /// Values of the path template's variables. In this field and the next three a value may be a list or mapping, and is written as the
    /// contract says (`style`, `explode`, `content`).
    pub path: Vec<(String, Template)>,
    /// In order. A list or mapping that the contract does not declare is written as `form` with `explode`.
    pub query: Vec<(String, Template)>,
    /// `None` removes a header that would be sent by default.
    pub headers: Vec<(String, Option<Template>)>,
    /// Sent in the `Cookie` header, after the cookies that `headers` sets.
    pub cookies: Vec<(String, Template)>,
    pub body: Option<Body>,
    /// Overrides the target's total limit.
    pub timeout: Option<Duration>,
    pub expect: Expectation<Template>,
    pub capture: Vec<Capture>,
    /// When it is sent, and how often.
    pub sending: SendRules,
    /// The `call:` or `send:` line, where the step is in a file.
    pub place: Option<Place>,
}

/// What a step calls.
#[derive(Debug, Clone)]
pub enum Call {
    /// An operation of the contract.
    Operation {
        contract: Arc<Contract>,
        operation: Arc<Operation>,
    },
    /// Any request, documented or not: the path below the base path as written; `//…` is relative to the server's root.
    Raw {
        method: Method,
        path: Template,
        contracts: Vec<Arc<Contract>>,
    },
}

impl Call {
    /// The operation of the contract, unless the request is raw.
    pub fn operation(&self) -> Option<&Operation> {
        match self {
            Call::Operation { operation, .. } => Some(operation),
            Call::Raw { .. } => None,
        }
    }
}

/// A value taken from a response for later steps.
#[derive(Debug, PartialEq)]
pub struct Capture {
    pub name: Located<String>,
    pub from: CaptureSource,
    /// The part of the source's text that is taken: the first group that took part in the first match, the whole match of a pattern
    /// without groups. Of a header with several lines the first that matches counts.
    pub matches: Option<Pattern>,
}

#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum CaptureSource {
    /// Exactly one node of the body must match (RFC 9535).
    Body(BodyPath),
    /// Exactly one node of an XML body must match; its text. A number, text or boolean as it is.
    XPath(XPath),
    /// Exactly one node of the list of a stream's events or items must match.
    Events(BodyPath),
    /// The text of the body.
    Text,
    /// A header's (first) value, by name.
    Header(String),
    /// The value of a cookie that the response sets, by its name, which is case-sensitive; of several the last, which clients keep. With
    /// an attribute (`Path`, in any case) the value of that; `true` where it has none.
    Cookie {
        name: String,
        attribute: Option<String>,
    },
}

impl Case {
    /// The name of the case for one row: the template rendered with the row, or, where the name is fixed and there are rows, the name
    /// followed by ` [1]`, ` [2]`, …. Control characters are escaped: a name is one line. Fails where the template cannot be rendered with
    /// the row. A missing row counts as an empty one.
    pub fn row_name(&self, row: usize) -> Result<String, RenderError> {
        let mut scope = Scope::default();
        if !self.name.is_literal() {
            for (column, value) in self.rows.get(row).into_iter().flatten() {
                scope.set(column.as_str(), value.clone());
            }
        }
        let mut name = self.name.render_text(&scope)?;
        if name.contains(char::is_control) {
            name = name
                .chars()
                .map(|c| {
                    if c.is_control() {
                        c.escape_default().to_string()
                    } else {
                        c.to_string()
                    }
                })
                .collect();
        }
        if self.has_each && self.name.is_literal() {
            name = format!("{name} [{}]", row + 1);
        }
        Ok(name)
    }

    /// Whether it changes nothing on the server: every step and cleanup of the case and of its fixtures uses GET, HEAD or OPTIONS
    /// (RFC 9110, section 9.2.1). Logins do not count.
    pub fn is_safe(&self) -> bool {
        let own = self.requests().chain(&self.cleanup);
        own.chain(
            self.given
                .iter()
                .flat_map(|given| given.fixture.all_steps()),
        )
        .all(Step::is_safe)
    }

    /// The requests of its own steps, in the order written.
    pub fn requests(&self) -> impl Iterator<Item = &Step> {
        requests_in(&self.steps)
    }

    /// The requests of its own steps and cleanup, and those of its fixtures, in no order.
    pub fn all_steps(&self) -> Vec<&Step> {
        let mut steps: Vec<&Step> = self
            .given
            .iter()
            .flat_map(|given| given.fixture.all_steps())
            .collect();
        steps.extend(requests_in(&self.steps).chain(&self.cleanup));
        steps
    }
}

impl Fixture {
    /// Whether creating and removing it changes nothing on the server.
    pub fn is_safe(&self) -> bool {
        self.all_steps().into_iter().all(Step::is_safe)
    }

    /// The requests of its steps and cleanup, and those of the fixtures it needs, in no order.
    pub fn all_steps(&self) -> Vec<&Step> {
        let mut steps: Vec<&Step> = self
            .given
            .iter()
            .flat_map(|given| given.fixture.all_steps())
            .collect();
        steps.extend(requests_in(&self.steps).chain(&self.cleanup));
        steps
    }
}

impl From<Step> for StepEntry {
    fn from(step: Step) -> Self {
        StepEntry::Request(Box::new(step))
    }
}

impl StepEntry {
    /// The requests in it, in the order written.
    pub fn requests(&self) -> impl Iterator<Item = &Step> {
        let steps = match self {
            StepEntry::Request(step) => std::slice::from_ref(&**step),
            StepEntry::Wait(_) => &[],
            StepEntry::Parallel(parallel) => &parallel.steps,
        };
        steps.iter()
    }

    /// The request, where it is one.
    pub fn request(&self) -> Option<&Step> {
        match self {
            StepEntry::Request(step) => Some(step),
            StepEntry::Wait(_) | StepEntry::Parallel(_) => None,
        }
    }

    /// The request, where it is one.
    pub fn request_mut(&mut self) -> Option<&mut Step> {
        match self {
            StepEntry::Request(step) => Some(step),
            StepEntry::Wait(_) | StepEntry::Parallel(_) => None,
        }
    }

    /// The templates that it has beside those of its requests.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            StepEntry::Request(_) => Vec::new(),
            StepEntry::Wait(wait) => wait.when.iter().collect(),
            StepEntry::Parallel(parallel) => {
                let mut found: Vec<&Template> = parallel.when.iter().collect();
                for outcome in &parallel.outcomes {
                    outcome.count.collect_values(&mut found);
                }
                found
            }
        }
    }
}

impl Step {
    /// The request's method.
    pub fn method(&self) -> &Method {
        match &self.call {
            Call::Operation { operation, .. } => &operation.method,
            Call::Raw { method, .. } => method,
        }
    }

    /// Its name in reports: its own name, else what it calls; for a raw request only the method, because its path is unknown before sending.
    pub fn label(&self) -> String {
        match (&self.name, &self.call) {
            (Some(name), _) => name.clone(),
            (None, Call::Operation { operation, .. }) => operation.name().to_string(),
            (None, Call::Raw { method, .. }) => method.to_string(),
        }
    }

    /// Whether it is sent as written, whether documented or not (`send:`).
    pub fn is_raw(&self) -> bool {
        matches!(self.call, Call::Raw { .. })
    }

    /// Whether the method is GET, HEAD or OPTIONS (RFC 9110, section 9.2.1; TRACE is never sent).
    pub fn is_safe(&self) -> bool {
        matches!(*self.method(), Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// All templates of the step.
    pub fn templates(&self) -> Vec<&Template> {
        let mut found = self.sending.templates();
        found.extend(self.request_templates());
        found
    }

    /// The templates that are rendered when the request is sent, those of the expectation and of `until` included.
    pub fn request_templates(&self) -> Vec<&Template> {
        let mut found = Vec::new();
        if let Call::Raw { path, .. } = &self.call {
            found.push(path);
        }
        let values = self.path.iter().chain(&self.query).chain(&self.cookies);
        found.extend(values.map(|(_, value)| value));
        found.extend(self.headers.iter().filter_map(|(_, value)| value.as_ref()));
        found.extend(self.body.iter().flat_map(Body::templates));
        self.expect.collect_values(&mut found);
        if let Some(until) = &self.sending.until {
            until.expect.collect_values(&mut found);
        }
        found
    }

    /// The files that it sends, and with which it compares the response.
    pub fn files(&self) -> Vec<&SentFile> {
        let sent = self.body.iter().flat_map(Body::files);
        let until = self.sending.until.iter();
        let expected = until.map(|until| &until.expect).chain([&self.expect]);
        let expected = expected.filter_map(|expect| expect.binary.as_ref());
        sent.chain(expected.filter_map(|binary| binary.file.as_ref()))
            .collect()
    }

    /// Whether it reads [`UNEXPECTED`]: a cleanup that is sent only if a request succeeded that should not have.
    pub fn is_for_unexpected(&self) -> bool {
        let templates = self.templates().into_iter();
        templates
            .flat_map(Template::references)
            .any(|reference| reference.path.split('.').next() == Some(UNEXPECTED))
    }

    /// Keys of `credentials.KEY` in the step itself (not those in its profile), sorted.
    pub fn credentials(&self) -> Vec<String> {
        credentials_in(self.templates())
    }
}

/// The requests of a list of steps, in the order written.
pub fn requests_in(entries: &[StepEntry]) -> impl Iterator<Item = &Step> {
    entries.iter().flat_map(StepEntry::requests)
}

/// The keys of `credentials.KEY` in templates, sorted, each once.
pub(super) fn credentials_in<'t>(templates: impl IntoIterator<Item = &'t Template>) -> Vec<String> {
    let mut keys: Vec<String> = templates
        .into_iter()
        .flat_map(Template::references)
        .filter_map(|reference| {
            let rest = reference.path.strip_prefix("credentials.")?;
            rest.split('.').next().map(str::to_owned)
        })
        .collect();
    keys.sort();
    keys.dedup();
    keys
}
