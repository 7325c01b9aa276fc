//! What Magento answers when it refuses: status, message with its placeholders left in, parameters. Main type: [`Failure`].

use serde_json::{Map, Value, json};

/// A refusal. `parameters` is an object for named placeholders (`%fieldName`), a list for numbered ones (`%1`).
#[derive(Debug, Clone)]
pub struct Failure {
    pub status: u16,
    message: String,
    parameters: Option<Box<Value>>,
    errors: Vec<Failure>,
    /// Whether Magento had opened a session by then, so that the answer sets its cookie.
    pub session: bool,
    /// Whether the database refused: versions differ in the status of that.
    pub is_of_database: bool,
}

impl Failure {
    /// A message without parameters.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Failure {
            status,
            message: message.into(),
            parameters: None,
            errors: Vec::new(),
            session: false,
            is_of_database: false,
        }
    }

    /// The values of the message's placeholders.
    pub fn with_parameters(mut self, parameters: Value) -> Self {
        self.parameters = Some(Box::new(parameters));
        self
    }

    /// As refused after Magento had opened a session.
    pub fn with_session(mut self) -> Self {
        self.session = true;
        self
    }

    /// 400: an argument or a value that must be there is not.
    pub fn required(field: &str) -> Self {
        Failure::new(400, "\"%fieldName\" is required. Enter and try again.")
            .with_parameters(json!({ "fieldName": field }))
    }

    /// 400: a value that must be there is not, as later versions tell it.
    pub fn required_value(label: &str) -> Self {
        Failure::new(400, "\"%1\" is a required value.").with_parameters(json!([label]))
    }

    /// 400: attributes are invalid, a line each. If `listed`, two and more are listed as well.
    pub fn invalid_attributes(lines: Vec<String>, listed: bool) -> Self {
        let mut failure = Failure::new(400, lines.join("\n"));
        if listed && lines.len() > 1 {
            let entry = |line| Failure::new(400, line).with_parameters(json!([]));
            failure.errors = lines.into_iter().map(entry).collect();
        }
        failure
    }

    /// All of them: a single one stands alone, several are listed under a common message. `None` if there is none.
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

    /// 400: a data object has no such field; `name` in upper camel case.
    pub fn unsupported(name: &str) -> Self {
        Failure::new(
            400,
            "\"%fieldName\" is not supported. Correct the field name and try again.",
        )
        .with_parameters(json!({ "fieldName": name }))
    }

    /// 400: a value outside the ones that exist.
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

    /// 404: no customer has this address in this website. The website is a text or a number, as the caller had it.
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

    /// 500: what production shows of any exception that is not meant for the client.
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

    /// 500: the database refused.
    pub fn of_database() -> Self {
        let mut failure = Failure::internal();
        failure.is_of_database = true;
        failure
    }

    /// The body: `parameters` and `errors` are left out when there are none.
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

/// The database refused a statement that no rule foresaw (a foreign key above all): Magento shows such as an internal error.
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
    fn one_error_stands_alone_and_several_are_listed() {
        assert!(Failure::all(vec![]).is_none());
        let one = Failure::all(vec![Failure::required("username")]).unwrap();
        assert_eq!(
            php::json(&one.body()),
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
