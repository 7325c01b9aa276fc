//! Numbers within bounds.

use serde_json::{Map, Number, Value};

/// Numbers to try for schemas that all apply: 1 and 0 before the bounds and the multiples next to them. Whether one satisfies the schemas
/// is for them to say.
pub(super) fn candidates(schemas: &[&Map<String, Value>], is_integer: bool) -> Vec<Value> {
    let all = |keyword: &'static str| {
        let values = schemas.iter().filter_map(move |schema| schema.get(keyword));
        values.filter_map(Value::as_f64)
    };
    let lowest = all("minimum").chain(all("exclusiveMinimum"));
    let lowest = lowest.fold(None, |low: Option<f64>, next| {
        Some(low.map_or(next, |low| low.max(next)))
    });
    let highest = all("maximum").chain(all("exclusiveMaximum"));
    let highest = highest.fold(None, |high: Option<f64>, next| {
        Some(high.map_or(next, |high| high.min(next)))
    });
    let step = all("multipleOf").fold(1.0, f64::max);
    let mut numbers = vec![1.0, 0.0, step];
    if let Some(low) = lowest {
        let above = (low / step).ceil() * step;
        numbers.extend([low, low + step, above, above + step]);
    }
    if let Some(high) = highest {
        let below = (high / step).floor() * step;
        numbers.extend([high, high - step, below, below - step]);
    }
    if let (Some(low), Some(high)) = (lowest, highest) {
        numbers.push(f64::midpoint(low, high));
    }
    numbers
        .into_iter()
        .filter_map(|number| json_number(number, is_integer))
        .collect()
}

/// The number as JSON, whole numbers without a fraction; `None` where an integer is wanted and it is none.
fn json_number(number: f64, is_integer: bool) -> Option<Value> {
    // Between these bounds every whole number is a double (RFC 8259, section 6).
    let is_whole = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    match (is_whole, is_integer) {
        (true, _) => Some(Value::from(number as i64)),
        (false, true) => None,
        (false, false) => Number::from_f64(number).map(Value::Number),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(schema: &Value, is_integer: bool) -> Vec<Value> {
        candidates(&[schema.as_object().unwrap()], is_integer)
    }

    #[test]
    fn bounds_and_the_multiples_next_to_them_are_tried() {
        assert_eq!(of(&json!({}), true), [json!(1), json!(0), json!(1)]);
        let found = of(&json!({"minimum": 7, "multipleOf": 5}), true);
        assert!(found.contains(&json!(10)), "{found:?}");
        let found = of(
            &json!({"exclusiveMinimum": 0, "exclusiveMaximum": 1}),
            false,
        );
        assert!(found.contains(&json!(0.5)), "{found:?}");
        let found = of(&json!({"maximum": -2.5}), true);
        assert!(found.contains(&json!(-3)), "{found:?}");
        assert!(!found.contains(&json!(-2.5)), "{found:?}");
    }
}
