//! Magento's `ServiceInputProcessor`: raw values to arguments, by the tables in `types`.

use serde_json::{Map, Value, json};

use super::super::error::Failure;
use super::super::php;
use super::types::{Argument, DataType, InputType};
use super::value::{Arguments, InputValue, Object};

/// The arguments that a service declares, from the request's parameters. Undeclared parameters are ignored at this level.
///
/// Fails with 400 for missing arguments (all of them; null counts as missing), for the first value of the wrong type, for the first field
/// that a data object does not have, and with `refuses_scripts` for a text with a script element in a data object. Fails with 500 where PHP
/// itself fails.
pub fn build(
    declared: &[Argument],
    given: &Map<String, Value>,
    refuses_scripts: bool,
) -> Result<Arguments, Failure> {
    let builder = ValueConverter { refuses_scripts };
    let mut built = Object::default();
    let mut missing = Vec::new();
    for argument in declared {
        let value = [argument.name.to_owned(), snake(argument.name)]
            .iter()
            .find_map(|name| given.get(name).filter(|value| !value.is_null()));
        match value {
            Some(value) => {
                built.set(
                    argument.name,
                    builder
                        .convert(value, argument.kind)
                        .map_err(InputRefusal::unwrapped)?,
                );
            }
            None if argument.required => missing.push(Failure::required(argument.name)),
            None => {}
        }
    }
    match Failure::all(missing) {
        Some(failure) => Err(failure),
        None => Ok(Arguments(built)),
    }
}

/// Why a value was rejected.
enum InputRefusal {
    /// Its type is wrong. Every enclosing data object adds the name of its field to the message.
    Type(String),
    Other(Failure),
}

impl InputRefusal {
    fn unwrapped(self) -> Failure {
        match self {
            InputRefusal::Type(message) => Failure::new(400, message),
            InputRefusal::Other(failure) => failure,
        }
    }

    fn within(self, key: &str) -> Self {
        match self {
            InputRefusal::Type(message) => InputRefusal::Type(format!(
                "Error occurred during \"{key}\" processing. {message}"
            )),
            other => other,
        }
    }
}

/// Converts values as the instance's version does.
#[derive(Clone, Copy)]
struct ValueConverter {
    refuses_scripts: bool,
}

impl ValueConverter {
    fn convert(&self, value: &Value, kind: InputType) -> Result<InputValue, InputRefusal> {
        if value.is_null() && !matches!(kind, InputType::Attributes) {
            return Ok(InputValue::Null);
        }
        match kind {
            InputType::Mixed => Ok(InputValue::Unused),
            InputType::Text => match php::text(value) {
                Some(text) => Ok(InputValue::Text(text)),
                None => Err(wrong_type("array", kind)),
            },
            InputType::Flag => match php::text(value) {
                Some(text) => Ok(InputValue::Flag(php::truth(&text))),
                None => Err(wrong_type("array", kind)),
            },
            InputType::Int => convert_int(value).map(InputValue::Int),
            InputType::Texts => match list(value) {
                Some(items) => items
                    .iter()
                    // PHP warns about an array as text, and Magento makes an exception of that.
                    .map(|item| {
                        php::text(item).ok_or_else(|| InputRefusal::Other(Failure::internal()))
                    })
                    .collect::<Result<_, _>>()
                    .map(InputValue::Texts),
                None => Err(wrong_type(type_name(value), kind)),
            },
            InputType::Ints => match list(value) {
                Some(items) => items
                    .iter()
                    .map(convert_int)
                    .collect::<Result<_, _>>()
                    .map(InputValue::Ints),
                None => Err(wrong_type(type_name(value), kind)),
            },
            InputType::Object(data) => self.convert_object(value, data).map(InputValue::Object),
            InputType::Objects(data) => match list(value) {
                Some(items) => items
                    .iter()
                    .map(|item| self.convert_object(item, data))
                    .collect::<Result<_, _>>()
                    .map(InputValue::Objects),
                None => Ok(InputValue::Null),
            },
            InputType::Attributes => check_attributes(value).map(|()| InputValue::Unused),
        }
    }

    /// Any value other than an array becomes an empty object.
    fn convert_object(
        &self,
        value: &Value,
        data: &'static DataType,
    ) -> Result<Object, InputRefusal> {
        let mut object = Object::default();
        for (key, value) in php::array(value).unwrap_or_default() {
            let name = upper_camel(&key);
            let field = data
                .fields
                .iter()
                .find(|(field, _)| upper_camel(field) == name);
            let Some((field, kind)) = field else {
                return Err(InputRefusal::Other(Failure::unsupported(&name)));
            };
            if self.refuses_scripts && value.as_str().is_some_and(has_script) {
                return Err(InputRefusal::Other(
                    Failure::new(400, "\"%field_name\" does not contains valid value.")
                        .with_parameters(json!({ "field_name": name })),
                ));
            }
            object.set(
                field,
                self.convert(&value, *kind)
                    .map_err(|refusal| refusal.within(&key))?,
            );
        }
        Ok(object)
    }
}

/// Whether a text contains the start of a script element.
fn has_script(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices("<script").any(|(start, tag)| {
        lower[start + tag.len()..]
            .chars()
            .next()
            .is_some_and(|next| next == '>' || next == '/' || next.is_ascii_whitespace())
    })
}

/// The items of a list, or of a map whose keys are ignored. A member `item`, as in XML, is the list itself or its only item. `None` for a
/// scalar.
fn list(value: &Value) -> Option<Vec<Value>> {
    let mut map = php::array(value)?;
    match map.get_mut("item").map(Value::take) {
        None | Some(Value::Null) => Some(map.into_iter().map(|(_, item)| item).collect()),
        Some(Value::Array(items)) => Some(items),
        Some(item) => Some(vec![item]),
    }
}

fn convert_int(value: &Value) -> Result<i64, InputRefusal> {
    let number = match value {
        Value::Number(number) => {
            // A float loses its fraction; the cast saturates at 64 bits.
            number
                .as_i64()
                .or_else(|| number.as_f64().map(|float| float as i64))
        }
        Value::String(text) if php::is_numeric(text) => Some(php::int(text)),
        _ => None,
    };
    number.ok_or_else(|| {
        wrong_type(
            &php::text(value).unwrap_or_else(|| "array".to_owned()),
            InputType::Int,
        )
    })
}

fn check_attributes(value: &Value) -> Result<(), InputRefusal> {
    let Some(attributes) = php::array(value) else {
        // PHP fails when iterating over a value that is not an array.
        return Err(InputRefusal::Other(Failure::internal()));
    };
    let refuse = |message: String| Err(InputRefusal::Type(message));
    for (key, attribute) in attributes {
        if !php::is_numeric(&key) {
            continue;
        }
        let fields = php::array(&attribute);
        let is_empty = match &fields {
            Some(fields) => fields.is_empty(),
            None => matches!(php::text(&attribute).as_deref(), None | Some("" | "0")),
        };
        if is_empty {
            return refuse(
                "An empty custom attribute is specified. Enter the attribute and try again."
                    .to_owned(),
            );
        }
        let fields = fields.unwrap_or_default();
        let code = fields
            .get("attribute_code")
            .filter(|code| !code.is_null())
            .and_then(php::text);
        let Some(code) = code else {
            return refuse(
                "A custom attribute is specified with a missing attribute code. Verify the code and try again."
                    .to_owned(),
            );
        };
        if !fields.contains_key("value") {
            return refuse(format!(
                "The \"{code}\" attribute code doesn't have a value set. Enter the value and try again."
            ));
        }
    }
    Ok(())
}

fn wrong_type(value: &str, kind: InputType) -> InputRefusal {
    InputRefusal::Type(format!(
        "The \"{value}\" value's type is invalid. The \"{}\" type was expected. Verify and try again.",
        kind.name()
    ))
}

/// `gettype` of a value that is not an array.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "double",
        Value::Number(_) => "integer",
        _ => "string",
    }
}

/// `customerEmail` as `customer_email`.
fn snake(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// `website_id` and `websiteId` as `WebsiteId`.
fn upper_camel(key: &str) -> String {
    key.split('_')
        .map(|word| {
            let mut characters = word.chars();
            match characters.next() {
                Some(first) => first.to_ascii_uppercase().to_string() + characters.as_str(),
                None => String::new(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::types::CUSTOMER;
    use super::*;

    const DECLARED: &[Argument] = &[
        Argument::required("customer", InputType::Object(&CUSTOMER)),
        Argument::optional("password", InputType::Text),
    ];

    fn built(customer: Value) -> Object {
        let given = php::array(&json!({ "customer": customer })).unwrap();
        build(DECLARED, &given, false)
            .map_err(|failure| failure.body())
            .unwrap()
            .object("customer")
    }

    fn refused(given: Value) -> Value {
        build(DECLARED, &php::array(&given).unwrap(), false)
            .expect_err("a refusal")
            .body()
    }

    #[test]
    fn missing_arguments_are_all_named() {
        const TWO: &[Argument] = &[
            Argument::required("username", InputType::Text),
            Argument::required("password", InputType::Text),
        ];
        let body = build(TWO, &php::array(&json!({"username": null})).unwrap(), false)
            .expect_err("a refusal")
            .body();
        assert_eq!(
            body["errors"][0]["parameters"],
            json!({"fieldName": "username"})
        );
        assert_eq!(
            body["errors"][1]["parameters"],
            json!({"fieldName": "password"})
        );
    }

    #[test]
    fn integers() {
        for value in [json!("1"), json!(1.5), json!(1)] {
            assert_eq!(built(json!({ "store_id": value })).int("store_id"), Some(1));
        }
        for (value, shown) in [
            (json!("abc"), "abc"),
            (json!(""), ""),
            (json!(true), "1"),
            (json!([]), "array"),
            (json!({}), "array"),
        ] {
            assert_eq!(
                refused(json!({"customer": {"store_id": value}}))["message"],
                format!(
                    "Error occurred during \"store_id\" processing. The \"{shown}\" value's type is invalid. The \"int\" type was expected. Verify and try again."
                )
            );
        }
    }

    #[test]
    fn texts_and_flags_are_cast() {
        let customer = built(json!({
            "firstname": 123, "lastname": true, "middlename": false, "prefix": null,
            "extension_attributes": {"is_subscribed": "yes"},
        }));
        assert_eq!(customer.text("firstname"), Some("123"));
        assert_eq!(customer.text("lastname"), Some("1"));
        assert_eq!(customer.text("middlename"), Some(""));
        assert!(customer.has("prefix") && customer.text("prefix").is_none());
        assert_eq!(
            customer
                .object("extension_attributes")
                .unwrap()
                .flag("is_subscribed"),
            Some(true)
        );
    }

    #[test]
    fn names_are_read_in_both_cases_and_unknown_ones_refused() {
        assert_eq!(built(json!({"websiteId": 1})).int("website_id"), Some(1));
        for (customer, name) in [
            (json!({"firstName": "A"}), "FirstName"),
            (json!({"bogus": 1}), "Bogus"),
            (json!([{}]), "0"),
            (json!({"addresses": [{"bogus": 1}]}), "Bogus"),
            (json!({"extension_attributes": {"bogus": 1}}), "Bogus"),
        ] {
            assert_eq!(
                refused(json!({ "customer": customer }))["parameters"],
                json!({ "fieldName": name })
            );
        }
    }

    #[test]
    fn every_level_adds_its_name_to_a_type_error() {
        assert_eq!(
            refused(json!({"customer": {"addresses": [{"region_id": "abc"}]}}))["message"],
            "Error occurred during \"addresses\" processing. Error occurred during \"region_id\" processing. The \"abc\" value's type is invalid. The \"int\" type was expected. Verify and try again."
        );
        assert_eq!(
            refused(json!({"customer": {"addresses": [{"street": "1 Main"}]}}))["message"],
            "Error occurred during \"addresses\" processing. Error occurred during \"street\" processing. The \"string\" value's type is invalid. The \"string[]\" type was expected. Verify and try again."
        );
        assert_eq!(
            refused(json!({"customer": {}, "password": ["x"]}))["message"],
            "The \"array\" value's type is invalid. The \"string\" type was expected. Verify and try again."
        );
    }

    #[test]
    fn lists_of_objects_accept_maps_and_ignore_scalars() {
        assert_eq!(
            built(json!({"addresses": {"a": {"city": "Austin"}}}))
                .objects("addresses")
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            built(json!({"addresses": ["x", null]}))
                .objects("addresses")
                .unwrap()
                .len(),
            2
        );
        let scalar = built(json!({"addresses": "x"}));
        assert!(scalar.has("addresses") && scalar.objects("addresses").is_none());
    }

    #[test]
    fn a_list_may_be_wrapped_as_xml_has_it() {
        for (addresses, count) in [
            (json!({"item": {"city": "Austin"}}), 1),
            (json!({"item": [{"city": "Austin"}, {"city": "Paris"}]}), 2),
        ] {
            let customer = built(json!({ "addresses": addresses }));
            assert_eq!(customer.objects("addresses").unwrap().len(), count);
        }
        let one_line = json!({"addresses": [{"street": {"item": "1 Main St"}}]});
        assert_eq!(
            built(one_line).objects("addresses").unwrap()[0].texts("street"),
            Some(&["1 Main St".to_owned()][..])
        );
    }

    #[test]
    fn custom_attributes() {
        let message = |attributes: Value| {
            refused(json!({"customer": {"custom_attributes": attributes}}))["message"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        for good in [
            json!([]),
            json!({"code": "v"}),
            json!([{"attribute_code": 5, "value": 5}]),
        ] {
            assert!(built(json!({ "custom_attributes": good })).has("custom_attributes"));
        }
        assert!(message(json!([{}])).ends_with(
            "processing. An empty custom attribute is specified. Enter the attribute and try again."
        ));
        assert!(message(json!(["x"])).contains("missing attribute code"));
        assert!(message(json!([{"value": "v"}])).contains("missing attribute code"));
        assert!(
            message(json!([{"attribute_code": "c"}]))
                .contains("The \"c\" attribute code doesn't have a value set.")
        );
        assert!(message(json!("x")).starts_with("Internal Error."));
        assert!(message(json!(null)).starts_with("Internal Error."));
    }
}
