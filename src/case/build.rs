//! Cases made by code: constructors with the defaults of the case file, and methods for what is set most often. Everything else is a
//! public field.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;

use super::{
    AppliedRules, Body, BodyPath, Call, Capture, CaptureSource, Case, Expectation, Origin,
    PartValue, Pattern, Profile, SendRules, StatusPattern, Step, Suite, Template,
};
use crate::contract::{Contract, Operation};
use crate::version::Versions;
use crate::xml::XPath;

impl Suite {
    /// A system without files: only the profile `guest`, no cases.
    pub fn new(system: impl Into<String>) -> Self {
        let guest = Profile::guest();
        Suite {
            system: system.into(),
            description: None,
            profiles: BTreeMap::from([(guest.name.clone(), Arc::new(guest))]),
            headers: Vec::new(),
            fixtures: BTreeMap::new(),
            files: Vec::new(),
        }
    }
}

impl Case {
    /// A case without steps, with a fixed name.
    ///
    /// ```
    /// use counterpart::case::{Body, Case, Capture, Origin, Step, Template};
    /// # use counterpart::contract;
    /// # use counterpart::diagnostic::Diagnostics;
    /// # use counterpart::source::Folder;
    /// use http::Method;
    /// use serde_json::json;
    ///
    /// # let files = Folder::new("examples/notes/schemas");
    /// # let contract = contract::load(&files, "notes/notes.yaml", &mut Diagnostics::new()).unwrap();
    /// let operation = |method, path| contract.operation(&method, path).unwrap();
    /// let create = Step::call(&contract, operation(Method::POST, "/notes"))
    ///     .with_body(Body::json(Template::literal(json!({ "title": "milk" }))))
    ///     .with_status(201)
    ///     .with_capture(Capture::body("id", "$.id")?);
    /// let read = Step::call(&contract, operation(Method::GET, "/notes/{id}"))
    ///     .with_path("id", Template::from_text("{{ id }}")?)
    ///     .with_status(200);
    ///
    /// let origin = Origin::Recorded { recording: "notes.har".to_owned(), entry: 1 };
    /// let case = Case::new("a new note can be read", origin)
    ///     .with_step(create)
    ///     .with_step(read);
    /// assert_eq!(case.row_name(0)?, "a new note can be read");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(name: impl Into<String>, origin: Origin) -> Self {
        Case {
            origin,
            name: Template::literal(name.into()),
            tags: Vec::new(),
            given: Vec::new(),
            rows: vec![Vec::new()],
            has_each: false,
            vars: Vec::new(),
            steps: Vec::new(),
            cleanup: Vec::new(),
            skip: None,
            versions: Versions::all(),
        }
    }

    /// Adds a step after the existing ones.
    #[must_use]
    pub fn with_step(mut self, step: Step) -> Self {
        self.steps.push(step.into());
        self
    }
}

impl Step {
    /// Calls an operation of a contract as `guest`, and expects a documented 2xx.
    pub fn call(contract: &Arc<Contract>, operation: &Arc<Operation>) -> Self {
        Step::of(Call::Operation {
            contract: Arc::clone(contract),
            operation: Arc::clone(operation),
        })
    }

    /// Sends a request that need not be documented. The contracts are those of the case file. The path is relative to the base path of the
    /// first contract, or to the server's root where it begins with `//`.
    ///
    /// ```
    /// use counterpart::case::{Step, Template};
    /// use http::Method;
    ///
    /// let step = Step::send(Method::GET, Template::literal("/notes/"), &[])
    ///     .with_query("page", Template::literal(2))
    ///     .with_caller("admin");
    /// assert_eq!(step.caller.value, "admin");
    /// assert!(step.place.is_none());
    /// ```
    pub fn send(method: Method, path: Template, contracts: &[Arc<Contract>]) -> Self {
        Step::of(Call::Raw {
            method,
            path,
            contracts: contracts.to_vec(),
        })
    }

    fn of(call: Call) -> Self {
        Step {
            name: None,
            call,
            caller: "guest".to_owned().into(),
            path: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: None,
            timeout: None,
            expect: Expectation::default(),
            capture: Vec::new(),
            sending: SendRules::default(),
            place: None,
        }
    }

    /// Sends it as this auth profile. (Default: `guest`.)
    #[must_use]
    pub fn with_caller(mut self, profile: impl Into<String>) -> Self {
        self.caller = profile.into().into();
        self
    }

    /// Sets the value of a variable of the path template.
    #[must_use]
    pub fn with_path(mut self, name: impl Into<String>, value: Template) -> Self {
        self.path.push((name.into(), value));
        self
    }

    /// Adds a query parameter. A repeated name adds a value to the first, because a case file has each name once.
    ///
    /// ```
    /// use counterpart::case::{Step, Template};
    /// # use http::Method;
    /// # let step = Step::send(Method::GET, Template::literal("/"), &[]);
    /// let step = step
    ///     .with_query("tag", Template::literal("a"))
    ///     .with_query("tag", Template::literal("b"));
    /// assert_eq!(step.query.len(), 1);
    /// ```
    #[must_use]
    pub fn with_query(mut self, name: impl Into<String>, value: Template) -> Self {
        add_repeatable(&mut self.query, name.into(), value);
        self
    }

    /// Sets a header; `None` removes a header that would be sent by default.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: Option<Template>) -> Self {
        self.headers.push((name.into(), value));
        self
    }

    /// Sends a cookie.
    #[must_use]
    pub fn with_cookie(mut self, name: impl Into<String>, value: Template) -> Self {
        self.cookies.push((name.into(), value));
        self
    }

    /// Sets what is sent.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Adds an expected status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.expect.status.push(StatusPattern::Exact(status).into());
        self
    }

    /// Adds a value to capture from the response.
    #[must_use]
    pub fn with_capture(mut self, capture: Capture) -> Self {
        self.capture.push(capture);
        self
    }
}

/// Adds a field to a list with unique names: repeated values become a sequence.
fn add_repeatable(fields: &mut Vec<(String, Template)>, name: String, value: Template) {
    match fields.iter_mut().find(|(known, _)| *known == name) {
        None => fields.push((name, value)),
        Some((_, Template::Sequence(values))) => values.push(value),
        Some((_, known)) => *known = Template::Sequence(vec![known.clone(), value]),
    }
}

impl Body {
    /// JSON, as `application/json`.
    pub fn json(value: Template) -> Self {
        Body::Json {
            value,
            content_type: Some("application/json".to_owned()),
        }
    }

    /// Text, as the media type given; `None`: without a `Content-Type`.
    pub fn text(text: Template, content_type: Option<String>) -> Self {
        Body::Text { text, content_type }
    }

    /// The fields of a form, as `application/x-www-form-urlencoded`. Values of a repeated name are grouped.
    pub fn form(fields: impl IntoIterator<Item = (String, Template)>) -> Self {
        let mut unique = Vec::new();
        for (name, value) in fields {
            add_repeatable(&mut unique, name, value);
        }
        Body::Form {
            fields: unique,
            content_type: Some("application/x-www-form-urlencoded".to_owned()),
        }
    }
}

impl Body {
    /// The parts of a multipart body, as `multipart/form-data`.
    pub fn multipart(parts: impl IntoIterator<Item = (String, PartValue)>) -> Self {
        Body::Multipart {
            parts: parts.into_iter().collect(),
            content_type: Some("multipart/form-data".to_owned()),
        }
    }
}

impl Capture {
    /// A value of the response's body, by JSONPath (RFC 9535). Fails where the path is not valid.
    pub fn body(name: impl Into<String>, path: &str) -> Result<Self, serde_json_path::ParseError> {
        Ok(Capture {
            name: name.into().into(),
            from: CaptureSource::Body(BodyPath::parse(path)?),
            matches: None,
        })
    }

    /// A header of the response.
    pub fn header(name: impl Into<String>, header: impl Into<String>) -> Self {
        Capture {
            name: name.into().into(),
            from: CaptureSource::Header(header.into()),
            matches: None,
        }
    }

    /// The value of a cookie that the response sets.
    pub fn cookie(name: impl Into<String>, cookie: impl Into<String>) -> Self {
        Capture {
            name: name.into().into(),
            from: CaptureSource::Cookie {
                name: cookie.into(),
                attribute: None,
            },
            matches: None,
        }
    }

    /// A value of an XML body.
    pub fn xpath(name: impl Into<String>, path: XPath) -> Self {
        Capture {
            name: name.into().into(),
            from: CaptureSource::XPath(path),
            matches: None,
        }
    }

    /// A value in the list of a stream's events, by JSONPath. Fails where the path is not valid.
    pub fn events(
        name: impl Into<String>,
        path: &str,
    ) -> Result<Self, serde_json_path::ParseError> {
        Ok(Capture {
            name: name.into().into(),
            from: CaptureSource::Events(BodyPath::parse(path)?),
            matches: None,
        })
    }

    /// A part of the body's text.
    pub fn text(name: impl Into<String>, pattern: Pattern) -> Self {
        Capture {
            name: name.into().into(),
            from: CaptureSource::Text,
            matches: Some(pattern),
        }
    }

    /// Takes only the part of the source's text that matches.
    #[must_use]
    pub fn with_matches(mut self, pattern: Pattern) -> Self {
        self.matches = Some(pattern);
        self
    }
}

/// What a step without `expect:` expects: a documented 2xx status, and the contract.
impl<V> Default for Expectation<V> {
    fn default() -> Self {
        Expectation {
            status: Vec::new(),
            headers: Vec::new(),
            body: None,
            schema: None,
            absent: Vec::new(),
            message: None,
            text: None,
            binary: None,
            xml: Vec::new(),
            stream: None,
            events: None,
            within: None,
            rules: AppliedRules::ContractAndGeneral,
            place: None,
        }
    }
}
