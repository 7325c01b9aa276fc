//! JSON values compared by value: the one equality of the crate. Main functions: [`json_equal`], [`compare_numbers`].

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Equality of JSON values: numbers by value, objects regardless of the order of their keys.
pub fn json_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            compare_numbers(left, right) == Ordering::Equal
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| json_equal(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| {
                    right.get(key).is_some_and(|other| json_equal(value, other))
                })
        }
        _ => left == right,
    }
}

/// The order of two JSON numbers by value: 1 equals 1.0, and 64-bit integers are not rounded to floats.
pub fn compare_numbers(left: &Number, right: &Number) -> Ordering {
    match (exact(left), exact(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => {
            let (left, right) = (float(left), float(right));
            // JSON has no NaN, so two numbers always have an order.
            left.partial_cmp(&right).unwrap_or(Ordering::Equal)
        }
    }
}

/// Whether the number is whole, as in JSON Schema's `integer`: 1.0 is.
pub fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || float(number).fract() == 0.0
}

/// The number as an integer, where it is one of at most 100 bits.
fn exact(number: &Number) -> Option<i128> {
    if let Some(value) = number.as_i64() {
        return Some(value.into());
    }
    if let Some(value) = number.as_u64() {
        return Some(value.into());
    }
    let value = float(number);
    // Below 2^100 the cast is exact for whole numbers.
    (value.fract() == 0.0 && value.abs() < 2f64.powi(100)).then_some(value as i128)
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(left: &str, right: &str) -> Ordering {
        let read = |text| serde_json::from_str::<Number>(text).unwrap();
        compare_numbers(&read(left), &read(right))
    }

    #[test]
    fn numbers_compare_by_value() {
        assert_eq!(order("1", "1.0"), Ordering::Equal);
        assert_eq!(order("-1", "18446744073709551615"), Ordering::Less);
        assert_eq!(
            order("9007199254740993", "9007199254740992.0"),
            Ordering::Greater
        );
        assert_eq!(order("1e300", "18446744073709551615"), Ordering::Greater);
        assert_eq!(order("0.1", "0.2"), Ordering::Less);
        assert_eq!(order("0", "-0.0"), Ordering::Equal);
    }

    #[test]
    fn whole_floats_are_integers() {
        for (text, whole) in [
            ("1", true),
            ("1.0", true),
            ("-2e3", true),
            ("1.5", false),
            ("18446744073709551615", true),
        ] {
            assert_eq!(
                is_integer(&serde_json::from_str(text).unwrap()),
                whole,
                "{text}"
            );
        }
    }
}
