//! The kind of the value at the place of a finding. Main type: [`ValueClass`].

use std::fmt;

use serde_json::Value;

/// The kind of the actual value of a finding: coarse enough to be the same in every run, fine enough to notice that something
/// else is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueClass {
    Null,
    Boolean,
    /// A number without fraction, including 1.0 (JSON Schema 2020-12, validation, section 6.1.1).
    Integer,
    /// Any other number.
    Number,
    String,
    Array,
    Object,
    /// No value.
    Missing,
    /// A response status.
    Status(u16),
}

impl ValueClass {
    /// The classes with a fixed name. A status is written as `status 404`.
    pub const NAMED: [ValueClass; 8] = [
        ValueClass::Null,
        ValueClass::Boolean,
        ValueClass::Integer,
        ValueClass::Number,
        ValueClass::String,
        ValueClass::Array,
        ValueClass::Object,
        ValueClass::Missing,
    ];

    /// The class written as `Display` writes it.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(status) = text.strip_prefix("status ") {
            return status.parse().ok().map(ValueClass::Status);
        }
        let mut named = ValueClass::NAMED.into_iter();
        named.find(|class| class.to_string() == text)
    }

    /// The class of a JSON value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => ValueClass::Null,
            Value::Bool(_) => ValueClass::Boolean,
            Value::Number(number) => {
                let whole = |number: f64| number.fract() == 0.0;
                let is_integer = !number.is_f64() || number.as_f64().is_some_and(whole);
                if is_integer {
                    ValueClass::Integer
                } else {
                    ValueClass::Number
                }
            }
            Value::String(_) => ValueClass::String,
            Value::Array(_) => ValueClass::Array,
            Value::Object(_) => ValueClass::Object,
        }
    }
}

/// `null`, `integer`, `missing`, `status 404`, …
impl fmt::Display for ValueClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ValueClass::Null => "null",
            ValueClass::Boolean => "boolean",
            ValueClass::Integer => "integer",
            ValueClass::Number => "number",
            ValueClass::String => "string",
            ValueClass::Array => "array",
            ValueClass::Object => "object",
            ValueClass::Missing => "missing",
            ValueClass::Status(status) => return write!(f, "status {status}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_of_value_has_its_class() {
        let table = [
            (json!(null), "null"),
            (json!(true), "boolean"),
            (json!(1), "integer"),
            (json!(1.0), "integer"),
            (json!(1.5), "number"),
            (json!("1"), "string"),
            (json!([]), "array"),
            (json!({}), "object"),
        ];
        for (value, class) in table {
            assert_eq!(ValueClass::of(&value).to_string(), class, "{value}");
            assert_eq!(ValueClass::parse(class), Some(ValueClass::of(&value)));
        }
        assert_eq!(
            ValueClass::parse("status 404"),
            Some(ValueClass::Status(404))
        );
        assert_eq!(ValueClass::parse("status x"), None);
        assert_eq!(ValueClass::parse("Null"), None);
        assert_eq!(ValueClass::Status(404).to_string(), "status 404");
    }
}
