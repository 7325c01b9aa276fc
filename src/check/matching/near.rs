//! Whether a value is near another. Main function: [`is_near`].

use serde_json::Value;

use crate::case::{Moment, TimeSpan};

/// Whether `actual` differs from `value` by at most `by`: numbers by a number, times by a span of time. Operands that a template yields
/// as text count as the numbers they are; a number that is `actual` must be one.
pub(super) fn is_near(actual: &Value, value: &Value, by: &Value) -> bool {
    if let (Some(actual), Some(value), Some(by)) = (actual.as_f64(), number(value), number(by)) {
        // Decimal fractions are not exact: 1.1 is 0.1 from 1, and more by some of the last digits.
        let rounding = 4.0 * f64::EPSILON * actual.abs().max(value.abs());
        return (actual - value).abs() <= by + rounding;
    }
    let span = by.as_str().and_then(TimeSpan::parse);
    let moments = (Moment::read(actual), Moment::read(value));
    match (moments, span) {
        ((Some(actual), Some(value)), Some(span)) => value.is_near(actual, span),
        _ => false,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_times_have_a_distance() {
        for (actual, value, by, expected) in [
            (json!(9.99), json!(10), json!(0.01), true),
            (json!(9.98), json!(10), json!(0.01), false),
            (json!(1.1), json!(1), json!(0.1), true),
            (json!(0.3), json!(0.1), json!(0.2), true),
            (json!(5), json!(5), json!(0), true),
            (json!(-5), json!("-4.5"), json!("0.5"), true),
            (json!(-5), json!(5), json!(1), false),
            (json!("5"), json!(5), json!(1), false),
            (json!(null), json!(5), json!(1), false),
            (
                json!("2026-11-28T03:06:03Z"),
                json!("2026-11-28T05:06:08+02:00"),
                json!("5s"),
                true,
            ),
            (
                json!("2026-11-28T03:06:03Z"),
                json!("2026-11-28T05:06:09+02:00"),
                json!("5s"),
                false,
            ),
            (
                json!("2026-11-28 03:06:03"),
                json!("2026-11-28T03:06:03Z"),
                json!("1s"),
                true,
            ),
            (
                json!(1_795_835_163),
                json!("2026-11-28T03:06:04Z"),
                json!("1s"),
                true,
            ),
            (
                json!("2026-11-28"),
                json!("2026-12-28"),
                json!("1 month"),
                true,
            ),
            (
                json!("2026-11-28T03:06:03Z"),
                json!("2026-11-28T03:06:03Z"),
                json!(5),
                false,
            ),
            (
                json!("soon"),
                json!("2026-11-28T03:06:03Z"),
                json!("5s"),
                false,
            ),
        ] {
            assert_eq!(
                is_near(&actual, &value, &by),
                expected,
                "{actual} {value} {by}"
            );
        }
    }
}
