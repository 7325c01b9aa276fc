//! Magento's error responses: status, message with its placeholders, parameters. Main type: [`Failure`].

use serde_json::{Map, Value, json};

/// An error. `parameters` is an object for named placeholders (`%fieldName`), and a list for numbered placeholders (`%1`).
#[derive(Debug, Clone)]
pub struct Failure {
    pub status: u16,
    message: String,
    parameters: Option<Box<Value>>,
    errors: Vec<Failure>,
    /// Whether Magento opened a session before the error, so that the response sets its cookie.
    pub session: bool,
    /// Whether the database rejected a statement: the status depends on the version.
    pub is_of_database: bool,
    /// Whether PHP stopped where Magento's error handler does not reach: the response is a plain text.
    pub is_crash: bool,
}

impl Failure {
    /// An error without parameters.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Failure {
            status,
            message: message.into(),
            parameters: None,
            errors: Vec::new(),
            session: false,
            is_of_database: false,
            is_crash: false,
        }
    }

    /// Sets the values of the message's placeholders.
    pub fn with_parameters(mut self, parameters: Value) -> Self {
        self.parameters = Some(Box::new(parameters));
        self
    }

    /// Marks it as an error after Magento opened a session.
    pub fn with_session(mut self) -> Self {
        self.session = true;
        self
    }

    /// 400: a required argument or value is missing.
    pub fn required(field: &str) -> Self {
        Failure::new(400, "\"%fieldName\" is required. Enter and try again.")
            .with_parameters(json!({ "fieldName": field }))
    }

    /// 400: a required value is missing, with the message of later versions.
    pub fn required_value(label: &str) -> Self {
        Failure::new(400, "\"%1\" is a required value.").with_parameters(json!([label]))
    }

    /// 400: attributes are invalid, one line each. If `listed`, two or more are also listed under `errors`.
    pub fn invalid_attributes(lines: Vec<String>, listed: bool) -> Self {
        let mut failure = Failure::new(400, lines.join("\n"));
        if listed && lines.len() > 1 {
            let entry = |line| Failure::new(400, line).with_parameters(json!([]));
            failure.errors = lines.into_iter().map(entry).collect();
        }
        failure
    }

    /// Combines errors: a single error is returned unchanged, several are listed under a common message. `None` if there are none.
    pub fn all(mut failures: Vec<Failure>) -> Option<Self> {
        match failures.len() {
            0 => None,
            1 => failures.pop(),
            _ => {
                let mut all = Failure::new(400, "One or more input exceptions have occurred.");
                all.errors = failures;
                Some(all)
            }
        }
    }

    /// 400: a data object does not have this field; `name` in upper camel case.
    pub fn unsupported(name: &str) -> Self {
        Failure::new(
            400,
            "\"%fieldName\" is not supported. Correct the field name and try again.",
        )
        .with_parameters(json!({ "fieldName": name }))
    }

    /// 400: a value that does not exist.
    pub fn invalid_value(field: &str, value: impl Into<Value>) -> Self {
        Failure::new(
            400,
            "Invalid value of \"%value\" provided for the %fieldName field.",
        )
        .with_parameters(json!({ "fieldName": field, "value": value.into() }))
    }

    /// 401: the caller may not use `resource`.
    pub fn unauthorized(resource: &str) -> Self {
        Failure::new(401, "The consumer isn't authorized to access %resources.")
            .with_parameters(json!({ "resources": resource }))
    }

    /// 404: no entity has `value` in `field`.
    pub fn no_such(field: &str, value: i64) -> Self {
        Failure::new(404, "No such entity with %fieldName = %fieldValue")
            .with_parameters(json!({ "fieldName": field, "fieldValue": value }))
    }

    /// 404: no customer has this address in this website. The website is a text or a number, as the caller has it.
    pub fn no_such_email(email: &Value, website: Value) -> Self {
        Failure::new(
            404,
            "No such entity with %fieldName = %fieldValue, %field2Name = %field2Value",
        )
        .with_parameters(json!({
            "fieldName": "email",
            "fieldValue": email,
            "field2Name": "websiteId",
            "field2Value": website,
        }))
        .with_session()
    }

    /// 500: the message in production mode for an exception that is not meant for the client.
    pub fn internal() -> Self {
        let now = time::OffsetDateTime::now_utc();
        let (seconds, micros) = (now.unix_timestamp(), now.microsecond());
        Failure::new(
            500,
            format!(
                "Internal Error. Details are available in Magento log file. Report ID: webapi-{seconds:08x}{micros:05x}"
            ),
        )
    }

    /// 500: an error of PHP itself, which ends the application.
    pub fn crash() -> Self {
        let mut failure = Failure::new(
            500,
            "An error has happened during application run. See exception log for details.",
        );
        failure.is_crash = true;
        failure
    }

    /// 500: the database rejected a statement.
    pub fn of_database() -> Self {
        let mut failure = Failure::internal();
        failure.is_of_database = true;
        failure
    }

    /// The message with its placeholders.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The body. Empty `parameters` and `errors` are left out.
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("message".to_owned(), json!(self.message));
        if !self.errors.is_empty() {
            body.insert(
                "errors".to_owned(),
                self.errors.iter().map(Failure::body).collect(),
            );
        }
        if let Some(parameters) = &self.parameters {
            body.insert("parameters".to_owned(), (**parameters).clone());
        }
        Value::Object(body)
    }
}

/// The database rejected a statement that no rule checks (usually a foreign key). Magento responds with an internal error.
impl From<rusqlite::Error> for Failure {
    fn from(_: rusqlite::Error) -> Self {
        Failure::of_database().with_session()
    }
}

#[cfg(test)]
mod tests {
    use super::super::php;
    use super::*;

    #[test]
    fn a_single_error_is_unchanged_and_several_are_listed() {
        assert!(Failure::all(vec![]).is_none());
        let failure = Failure::all(vec![Failure::required("username")]).unwrap();
        assert_eq!(
            php::json(&failure.body()),
            r#"{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"username"}}"#
        );
        let two = Failure::all(vec![
            Failure::required("username"),
            Failure::required("password"),
        ])
        .unwrap();
        assert_eq!(
            php::json(&two.body()),
            concat!(
                r#"{"message":"One or more input exceptions have occurred.","errors":["#,
                r#"{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"username"}},"#,
                r#"{"message":"\"%fieldName\" is required. Enter and try again.","parameters":{"fieldName":"password"}}]}"#
            )
        );
    }

    #[test]
    fn a_report_id_has_thirteen_hex_digits() {
        let message = Failure::internal().message;
        let id = message.rsplit("webapi-").next().unwrap();
        assert_eq!(id.len(), 13);
        assert!(id.chars().all(|c| c.is_ascii_hexdigit()));
    }
}
