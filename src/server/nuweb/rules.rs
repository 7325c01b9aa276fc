//! Validation of the fields of an update, with Laravel's messages. Main types: [`Errors`], [`CheckedFields`].

use serde_json::{Map, Value, json};

/// Error messages by field, in the order of checking.
#[derive(Debug, Default)]
pub struct Errors(Map<String, Value>);

impl Errors {
    /// A single message.
    pub fn one(field: &str, text: &str) -> Self {
        let mut errors = Errors::default();
        errors.add(field, text.to_owned());
        errors
    }

    /// Adds a message for a field.
    pub fn add(&mut self, field: &str, text: String) {
        let texts = self.0.entry(field).or_insert_with(|| json!([]));
        if let Value::Array(texts) = texts {
            texts.push(Value::String(text));
        }
    }

    /// Whether there are no errors.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `{"message": the first text (and N more errors), "errors": {field: [texts]}}`
    pub fn body(&self) -> Value {
        let texts: Vec<&str> = self
            .0
            .values()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let first = texts.first().copied().unwrap_or_default();
        let message = match texts.len().saturating_sub(1) {
            0 => first.to_owned(),
            1 => format!("{first} (and 1 more error)"),
            more => format!("{first} (and {more} more errors)"),
        };
        json!({ "message": message, "errors": self.0 })
    }
}

/// The fields of a body, checked while they are read.
pub struct CheckedFields<'a> {
    body: &'a Map<String, Value>,
    pub errors: Errors,
}

/// Longer texts are rejected, like by a column of Laravel's default length.
const MAX_CHARACTERS: usize = 255;
const MIN_PASSWORD: usize = 8;

impl<'a> CheckedFields<'a> {
    /// The fields of this body, none checked yet.
    pub fn new(body: &'a Map<String, Value>) -> Self {
        CheckedFields {
            body,
            errors: Errors::default(),
        }
    }

    /// A text that was sent; a value that is not a text, or too long, is an error.
    pub fn text(&mut self, field: &str) -> Option<&'a str> {
        let label = label(field);
        match self.body.get(field)? {
            Value::String(text) if text.chars().count() <= MAX_CHARACTERS => Some(text),
            Value::String(_) => {
                let text = format!(
                    "The {label} field must not be greater than {MAX_CHARACTERS} characters."
                );
                self.errors.add(field, text);
                None
            }
            _ => {
                self.errors
                    .add(field, format!("The {label} field must be a string."));
                None
            }
        }
    }

    /// A required text that must not be empty.
    pub fn required(&mut self, field: &str) -> Option<&'a str> {
        let is_missing = matches!(self.body.get(field), None | Some(Value::Null))
            || self.body.get(field).and_then(Value::as_str) == Some("");
        if is_missing {
            self.errors
                .add(field, format!("The {} field is required.", label(field)));
            return None;
        }
        self.text(field)
    }

    /// An optional text that must not be empty.
    pub fn filled(&mut self, field: &str) -> Option<&'a str> {
        if self.body.contains_key(field) {
            self.required(field)
        } else {
            None
        }
    }

    /// An optional e-mail address that must not be empty.
    pub fn email(&mut self, field: &str) -> Option<&'a str> {
        let email = self.filled(field)?;
        if is_email(email) {
            return Some(email);
        }
        self.errors.add(
            field,
            format!("The {} field must be a valid email address.", label(field)),
        );
        None
    }

    /// An optional password of at least 8 characters.
    pub fn password(&mut self, field: &str) -> Option<&'a str> {
        let password = self.filled(field)?;
        if password.chars().count() >= MIN_PASSWORD {
            return Some(password);
        }
        let text = format!(
            "The {} field must be at least {MIN_PASSWORD} characters.",
            label(field)
        );
        self.errors.add(field, text);
        None
    }

    /// `YYYY-MM-DD`; a time after it is ignored.
    pub fn date(&mut self, field: &str) -> Option<&'a str> {
        let text = self.filled(field)?;
        let day = text
            .get(..10)
            .filter(|_| text.len() == 10 || matches!(text.as_bytes().get(10), Some(b' ' | b'T')));
        if let Some(day) = day.filter(|day| is_day(day)) {
            return Some(day);
        }
        self.errors.add(
            field,
            format!("The {} field must be a valid date.", label(field)),
        );
        None
    }

    /// The outer `None`: not sent, or an error; the inner one: null.
    pub fn integer_or_null(&mut self, field: &str) -> Option<Option<i64>> {
        match self.body.get(field)? {
            Value::Null => Some(None),
            Value::Number(number) if number.is_i64() => Some(number.as_i64()),
            _ => {
                self.errors.add(
                    field,
                    format!("The {} field must be an integer.", label(field)),
                );
                None
            }
        }
    }
}

/// `addressLine1` as `address line1`.
fn label(field: &str) -> String {
    let mut label = String::new();
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            label.push(' ');
        }
        label.push(c.to_ascii_lowercase());
    }
    label
}

fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let is_plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    is_plain(local) && is_plain(host) && !host.starts_with('.') && !host.ends_with('.')
}

fn is_day(text: &str) -> bool {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(text, format).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_and_listed() {
        let body = json!({"name": 5, "email": "nope", "dob": "yesterday", "phoneCode": "33", "password": "short"});
        let mut fields = CheckedFields::new(body.as_object().unwrap());
        assert_eq!(fields.required("id"), None);
        assert_eq!(fields.filled("name"), None);
        assert_eq!(fields.email("email"), None);
        assert_eq!(fields.date("dob"), None);
        assert_eq!(fields.integer_or_null("phoneCode"), None);
        assert_eq!(fields.password("password"), None);
        assert_eq!(
            fields.errors.body(),
            json!({
                "message": "The id field is required. (and 5 more errors)",
                "errors": {
                    "id": ["The id field is required."],
                    "name": ["The name field must be a string."],
                    "email": ["The email field must be a valid email address."],
                    "dob": ["The dob field must be a valid date."],
                    "phoneCode": ["The phone code field must be an integer."],
                    "password": ["The password field must be at least 8 characters."],
                },
            })
        );
    }

    #[test]
    fn good_fields_pass() {
        let body =
            json!({"id": "1", "email": "a@example.com", "dob": "1990-01-01", "phoneCode": null});
        let mut fields = CheckedFields::new(body.as_object().unwrap());
        assert_eq!(fields.required("id"), Some("1"));
        assert_eq!(fields.email("email"), Some("a@example.com"));
        assert_eq!(fields.date("dob"), Some("1990-01-01"));
        assert_eq!(fields.integer_or_null("phoneCode"), Some(None));
        assert_eq!(fields.text("city"), None);
        assert!(fields.errors.is_empty());
    }
}
