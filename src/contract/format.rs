//! Formats that OpenAPI defines beyond JSON Schema's (OpenAPI Format Registry): ranges of numbers, base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError};
use serde_json::{Map, Value};

/// The private keyword that replaces a `format` of numbers: the engine checks formats of strings only.
pub(crate) const NUMBER_FORMAT: &str = "x-number-format";

/// Whether the format constrains numbers. `double` does not: every number we read is a double.
pub(super) fn is_number_format(format: &str) -> bool {
    matches!(format, "int32" | "int64" | "float")
}

/// Makes the check behind [`NUMBER_FORMAT`].
pub(super) fn number_format<'a>(
    _: &'a Map<String, Value>,
    format: &'a Value,
    _: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
    match format.as_str() {
        Some("int32") => Ok(Box::new(NumberFormat::Int32)),
        Some("int64") => Ok(Box::new(NumberFormat::Int64)),
        Some("float") => Ok(Box::new(NumberFormat::Float)),
        _ => Err(ValidationError::custom("not a format of numbers")),
    }
}

/// `format: byte`: base64 with padding (RFC 4648, section 4).
pub(super) fn is_base64(text: &str) -> bool {
    STANDARD.decode(text).is_ok()
}

#[derive(Debug, Clone, Copy)]
enum NumberFormat {
    Int32,
    Int64,
    Float,
}

impl NumberFormat {
    fn name(self) -> &'static str {
        match self {
            NumberFormat::Int32 => "int32",
            NumberFormat::Int64 => "int64",
            NumberFormat::Float => "float",
        }
    }

    fn holds(self, value: &Value) -> bool {
        let Value::Number(number) = value else {
            return true;
        };
        // A float with no fraction is an integer (JSON Schema 2020-12, section 4.2.3). 2^63 itself is the first float past i64.
        let whole =
            |float: f64, limit: f64| float.fract() == 0.0 && (-limit..limit).contains(&float);
        match (self, number.as_i64(), number.as_f64()) {
            (NumberFormat::Int32, Some(integer), _) => i32::try_from(integer).is_ok(),
            (NumberFormat::Int64, Some(_), _) => true,
            (NumberFormat::Int32, None, Some(float)) if number.is_f64() => {
                whole(float, 2_147_483_648.0)
            }
            (NumberFormat::Int64, None, Some(float)) if number.is_f64() => {
                whole(float, 9_223_372_036_854_775_808.0)
            }
            // What rounds to a number of 32 bits: the largest one is written 3.4028235e38, though it is a little less.
            (NumberFormat::Float, _, Some(float)) => (float as f32).is_finite(),
            _ => false,
        }
    }
}

impl<'i> Keyword<'i> for NumberFormat {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.holds(instance) {
            Ok(())
        } else {
            Err(ValidationError::custom(self.name()))
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.holds(instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_keep_their_range() {
        for (format, good, bad) in [
            (
                NumberFormat::Int32,
                json!(-2147483648_i64),
                json!(2147483648_i64),
            ),
            (NumberFormat::Int32, json!(3.0), json!(3.5)),
            (NumberFormat::Int64, json!(i64::MAX), json!(u64::MAX)),
            (NumberFormat::Int64, json!(1e10), json!(1e19)),
            (NumberFormat::Float, json!(1.5), json!(1e39)),
            (
                NumberFormat::Float,
                json!(3.402_823_5e38),
                json!(3.402_824e38),
            ),
            (NumberFormat::Float, json!(-3.402_823_5e38), json!(-3.5e38)),
            (NumberFormat::Float, json!(i64::MIN), json!(-1e300)),
        ] {
            assert!(format.holds(&good), "{format:?} {good}");
            assert!(!format.holds(&bad), "{format:?} {bad}");
            assert!(format.holds(&json!("text")), "does not apply: not a number");
        }
    }

    #[test]
    fn base64_has_its_alphabet_and_padding() {
        assert!(is_base64("aGk="));
        assert!(!is_base64("aGk"));
        assert!(!is_base64("a*k="));
    }
}
