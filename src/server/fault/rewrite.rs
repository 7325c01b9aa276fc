//! The changes that faults make to a response, one function each; `table` describes each fault.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::server::response::{Delivery, ServerResponse};

/// Applies `change` to the JSON object at `path` of the body; a body without such an object is not changed.
fn at(response: &mut ServerResponse, path: &[&str], change: impl FnOnce(&mut Map<String, Value>)) {
    let Some(mut body) = response.json() else {
        return;
    };
    let place = path.iter().try_fold(&mut body, |value, key| match value {
        Value::Array(items) => key
            .parse::<usize>()
            .ok()
            .and_then(|index| items.get_mut(index)),
        other => other.get_mut(key),
    });
    if let Some(Value::Object(map)) = place {
        change(map);
        response.body = body.to_string().into_bytes();
    }
}

/// The path of a customer's fields in a response of nuweb.
const ATTRIBUTES: &[&str] = &["data", "attributes"];

pub fn drop_email(response: &mut ServerResponse) {
    at(response, &[], |map| drop(map.shift_remove("email")));
}

pub fn drop_address_region(response: &mut ServerResponse) {
    at(response, &["addresses", "0"], |map| {
        drop(map.shift_remove("region"));
    });
}

pub fn drop_search_criteria(response: &mut ServerResponse) {
    at(response, &[], |map| {
        drop(map.shift_remove("search_criteria"));
    });
}

pub fn total_count_off_by_one(response: &mut ServerResponse) {
    at(response, &[], |map| {
        if let Some(count) = map.get("total_count").and_then(Value::as_i64) {
            map.insert("total_count".to_owned(), json!(count + 1));
        }
    });
}

pub fn region_name_as_code(response: &mut ServerResponse) {
    at(response, &["addresses", "0", "region"], |map| {
        if let Some(name) = map.get("region").cloned() {
            map.insert("region_code".to_owned(), name);
        }
    });
}

pub fn add_subscription(response: &mut ServerResponse) {
    at(response, &[], |map| {
        let attributes = json!({ "is_subscribed": false });
        map.insert("extension_attributes".to_owned(), attributes);
    });
}

pub fn no_cookie(response: &mut ServerResponse) {
    response.remove_header("Set-Cookie");
}

pub fn drop_code(response: &mut ServerResponse) {
    at(response, &[], |map| drop(map.shift_remove("code")));
}

pub fn confirmation_required(response: &mut ServerResponse) {
    response.body = br#""account_confirmation_required""#.to_vec();
}

pub fn null_for_nothing(response: &mut ServerResponse) {
    if response.body == b"[]" {
        response.body = b"null".to_vec();
    }
}

pub fn true_for_false(response: &mut ServerResponse) {
    if response.body == b"false" {
        response.body = b"true".to_vec();
    }
}

pub fn drop_subscription(response: &mut ServerResponse) {
    at(response, &["extension_attributes"], |map| {
        drop(map.shift_remove("is_subscribed"));
    });
}

pub fn id_as_text(response: &mut ServerResponse) {
    at(response, &[], |map| {
        if let Some(id) = map.get("id").map(Value::to_string) {
            map.insert("id".to_owned(), json!(format!("customer-{id}")));
        }
    });
}

pub fn group_id_quoted(response: &mut ServerResponse) {
    at(response, &[], |map| {
        if let Some(id) = map.get("group_id").map(Value::to_string) {
            map.insert("group_id".to_owned(), json!(id));
        }
    });
}

pub fn null_email(response: &mut ServerResponse) {
    at(response, &[], |map| {
        drop(map.insert("email".to_owned(), Value::Null));
    });
}

pub fn null_addresses(response: &mut ServerResponse) {
    at(response, &[], |map| {
        drop(map.insert("addresses".to_owned(), Value::Null));
    });
}

pub fn addresses_as_object(response: &mut ServerResponse) {
    at(response, &[], |map| {
        let Some(Value::Array(items)) = map.get("addresses").cloned() else {
            return;
        };
        let keyed = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect();
        map.insert("addresses".to_owned(), Value::Object(keyed));
    });
}

pub fn extension_as_list(response: &mut ServerResponse) {
    at(response, &[], |map| {
        drop(map.insert("extension_attributes".to_owned(), json!([])));
    });
}

pub fn null_region(response: &mut ServerResponse) {
    at(response, &["addresses", "0"], |map| {
        drop(map.insert("region".to_owned(), Value::Null));
    });
}

pub fn default_flag_as_text(response: &mut ServerResponse) {
    at(response, &["addresses", "0"], |map| {
        drop(map.insert("default_billing".to_owned(), json!("yes")));
    });
}

pub fn date_with_slashes(response: &mut ServerResponse) {
    at(response, &[], |map| {
        for field in ["created_at", "updated_at"] {
            if let Some(date) = map.get(field).and_then(Value::as_str) {
                let date = date.replace('-', "/");
                map.insert(field.to_owned(), json!(date));
            }
        }
    });
}

pub fn swap_names(response: &mut ServerResponse) {
    at(response, &[], |map| {
        let (first, last) = (map.get("firstname").cloned(), map.get("lastname").cloned());
        if let (Some(first), Some(last)) = (first, last) {
            map.insert("firstname".to_owned(), last);
            map.insert("lastname".to_owned(), first);
        }
    });
}

pub fn extra_property(response: &mut ServerResponse) {
    at(response, &[], |map| {
        drop(map.insert("loyalty_points".to_owned(), json!(0)));
    });
}

pub fn leak_password(response: &mut ServerResponse) {
    at(response, &[], |map| {
        drop(map.insert("password".to_owned(), json!("Str0ng-Pass!1")));
    });
}

pub fn leak_password_hash(response: &mut ServerResponse) {
    at(response, &[], |map| {
        let hash = "$argon2id$v=19$m=8,t=1,p=1$bGVha2VkbGVha2Vk$bGVha2Vk";
        map.insert("password_hash".to_owned(), json!(hash));
    });
}

pub fn created(response: &mut ServerResponse) {
    response.status = 201;
}

pub fn teapot(response: &mut ServerResponse) {
    response.status = 418;
}

pub fn not_found_as_success(response: &mut ServerResponse) {
    if response.status == 404 {
        response.status = 200;
    }
}

pub fn unauthorized_as_forbidden(response: &mut ServerResponse) {
    if response.status == 401 {
        response.status = 403;
    }
}

pub fn internal_error(response: &mut ServerResponse) {
    response.status = 500;
    let message = "Internal Error. Details are available in Magento log file. Report ID: webapi-0000000000000";
    response.body = json!({ "message": message }).to_string().into_bytes();
}

pub fn bad_gateway(response: &mut ServerResponse) {
    response.status = 502;
    response.body = json!({ "message": "Bad Gateway" }).to_string().into_bytes();
}

pub fn html_type(response: &mut ServerResponse) {
    response.set_header("Content-Type", "text/html; charset=utf-8");
}

pub fn garbled_type(response: &mut ServerResponse) {
    response.set_header("Content-Type", "json");
}

pub fn no_type(response: &mut ServerResponse) {
    response.remove_header("Content-Type");
}

pub fn html_page(response: &mut ServerResponse) {
    html_type(response);
    response.body =
        b"<!doctype html>\n<html><body><h1>Something went wrong</h1></body></html>\n".to_vec();
}

pub fn empty_body(response: &mut ServerResponse) {
    response.body.clear();
}

pub fn half_the_text(response: &mut ServerResponse) {
    let half = response.body.len() / 2;
    response.body.truncate(half);
}

pub fn half_the_bytes(response: &mut ServerResponse) {
    let missing = response.body.len() - response.body.len() / 2;
    response.body.truncate(response.body.len() - missing);
    response.delivery = Delivery::Short(missing);
}

pub fn trailing_comma(response: &mut ServerResponse) {
    if response.body.ends_with(b"}") {
        response.body.pop();
        response.body.extend_from_slice(b",}");
    }
}

pub fn single_quotes(response: &mut ServerResponse) {
    for byte in &mut response.body {
        if *byte == b'"' {
            *byte = b'\'';
        }
    }
}

pub fn not_utf8(response: &mut ServerResponse) {
    // An é in Latin-1, in the first text.
    if let Some(quote) = response.body.iter().position(|byte| *byte == b'"') {
        response.body.insert(quote + 1, 0xe9);
    }
}

pub fn twice_the_same_key(response: &mut ServerResponse) {
    if response.body.starts_with(b"{\"id\"") {
        response.body.splice(1..1, b"\"id\":0,".iter().copied());
    }
}

pub fn two_documents(response: &mut ServerResponse) {
    let again = response.body.clone();
    response.body.extend_from_slice(&again);
}

pub fn no_cache_control(response: &mut ServerResponse) {
    response.remove_header("Cache-Control");
}

pub fn public_cache_control(response: &mut ServerResponse) {
    response.set_header("Cache-Control", "public, max-age=86400");
}

pub fn no_frame_options(response: &mut ServerResponse) {
    response.remove_header("X-Frame-Options");
}

pub fn garbled_frame_options(response: &mut ServerResponse) {
    response.set_header("X-Frame-Options", "ALLOWALL");
}

pub fn another_message(response: &mut ServerResponse) {
    at(response, &[], |map| {
        drop(map.insert("message".to_owned(), json!("Something went wrong.")));
    });
}

pub fn no_parameters(response: &mut ServerResponse) {
    at(response, &[], |map| drop(map.shift_remove("parameters")));
}

pub fn placeholder_without_parameter(response: &mut ServerResponse) {
    at(response, &[], |map| {
        let left = match map.get_mut("parameters") {
            Some(Value::Object(named)) => {
                let last = named.keys().next_back().cloned();
                last.and_then(|name| named.shift_remove(&name));
                named.len()
            }
            Some(Value::Array(items)) => {
                items.pop();
                items.len()
            }
            _ => return,
        };
        if left == 0 {
            map.shift_remove("parameters");
        }
    });
}

pub fn parameter_left_over(response: &mut ServerResponse) {
    at(response, &[], |map| match map.get_mut("parameters") {
        Some(Value::Object(named)) => drop(named.insert("fieldCode".to_owned(), json!("17"))),
        Some(Value::Array(items)) => items.push(json!("17")),
        _ => {}
    });
}

pub fn error_in_a_list(response: &mut ServerResponse) {
    if let Some(body) = response.json() {
        response.body = json!([body]).to_string().into_bytes();
    }
}

pub fn no_message(response: &mut ServerResponse) {
    at(response, &[], |map| drop(map.shift_remove("message")));
}

pub fn false_for_true(response: &mut ServerResponse) {
    if response.body == b"true" {
        response.body = b"false".to_vec();
    }
}

pub fn token_in_an_object(response: &mut ServerResponse) {
    if let Some(token) = response.json() {
        response.body = json!({ "token": token }).to_string().into_bytes();
    }
}

pub fn late(response: &mut ServerResponse) {
    response.delivery = Delivery::Late(Duration::from_millis(2500));
}

pub fn moved(response: &mut ServerResponse) {
    response.status = 302;
    response.set_header("Location", "/customer/account/login/");
    response.set_header("Content-Type", "text/html; charset=UTF-8");
    response.body.clear();
}

/// Levels of nesting of [`deep`]: far beyond any limit, and small in bytes.
const DEPTH: usize = 20_000;

pub fn deep(response: &mut ServerResponse) {
    let mut body = "[".repeat(DEPTH);
    body.push_str(&"]".repeat(DEPTH));
    response.body = body.into_bytes();
}

/// Bytes of [`huge`].
const HUGE: usize = 32 << 20;

pub fn huge(response: &mut ServerResponse) {
    let text = "x".repeat(HUGE);
    at(response, &[], |map| {
        drop(map.insert("firstname".to_owned(), json!(text)));
    });
}

pub fn hang_up(response: &mut ServerResponse) {
    response.delivery = Delivery::Never;
}

pub fn drop_type(response: &mut ServerResponse) {
    at(response, &["data"], |map| drop(map.shift_remove("type")));
}

pub fn drop_name(response: &mut ServerResponse) {
    at(response, ATTRIBUTES, |map| drop(map.shift_remove("name")));
}

pub fn null_name(response: &mut ServerResponse) {
    at(response, ATTRIBUTES, |map| {
        drop(map.insert("name".to_owned(), Value::Null));
    });
}

pub fn phone_code_as_text(response: &mut ServerResponse) {
    at(response, ATTRIBUTES, |map| {
        drop(map.insert("phoneCode".to_owned(), json!("+33")));
    });
}

pub fn data_as_list(response: &mut ServerResponse) {
    at(response, &[], |map| {
        if let Some(data) = map.get("data").cloned() {
            map.insert("data".to_owned(), json!([data]));
        }
    });
}

pub fn leak_nuweb_password(response: &mut ServerResponse) {
    at(response, ATTRIBUTES, |map| {
        drop(map.insert("password".to_owned(), json!("SecurePassword123")));
    });
}

pub fn extra_attribute(response: &mut ServerResponse) {
    at(response, ATTRIBUTES, |map| {
        drop(map.insert("loyaltyPoints".to_owned(), json!(0)));
    });
}

pub fn date_of_another_form(response: &mut ServerResponse) {
    at(response, ATTRIBUTES, |map| {
        drop(map.insert("updatedAt".to_owned(), json!("22/11/2021 11:59")));
    });
}

pub fn link_without_scheme(response: &mut ServerResponse) {
    at(response, &["data", "links"], |map| {
        drop(map.insert("self".to_owned(), json!("not a link")));
    });
}

pub fn no_company(response: &mut ServerResponse) {
    response.remove_header("X-NU-COMPANY-ID");
}

pub fn garbled_company(response: &mut ServerResponse) {
    response.set_header("X-NU-COMPANY-ID", "acme");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(body: &str, change: fn(&mut ServerResponse)) -> String {
        let mut response = ServerResponse::new(200, "application/json", body);
        change(&mut response);
        String::from_utf8_lossy(&response.body).into_owned()
    }

    #[test]
    fn values_are_changed_and_the_rest_is_kept() {
        let customer = r#"{"id":1,"email":"a@example.com","addresses":[{"id":2,"region":{}}]}"#;
        assert_eq!(
            changed(customer, drop_email),
            r#"{"id":1,"addresses":[{"id":2,"region":{}}]}"#
        );
        assert_eq!(
            changed(customer, drop_address_region),
            r#"{"id":1,"email":"a@example.com","addresses":[{"id":2}]}"#
        );
        assert_eq!(changed(r#"{"id":1}"#, id_as_text), r#"{"id":"customer-1"}"#);
        assert_eq!(
            changed(r#"{"addresses":[{}]}"#, addresses_as_object),
            r#"{"addresses":{"0":{}}}"#
        );
        assert_eq!(changed("true", drop_email), "true");
    }

    #[test]
    fn texts_are_broken() {
        assert_eq!(changed(r#"{"id":1}"#, trailing_comma), r#"{"id":1,}"#);
        assert_eq!(
            changed(r#"{"id":1}"#, twice_the_same_key),
            r#"{"id":0,"id":1}"#
        );
        assert_eq!(changed(r#"{"id":1}"#, single_quotes), "{'id':1}");
        assert_eq!(changed(r#"{"id":1}"#, half_the_text), r#"{"id"#);
        assert!(changed(r#"{"id":"x"}"#, not_utf8).contains('\u{fffd}'));
        assert!(serde_json::from_str::<Value>(&changed("{}", deep)).is_err());
    }

    #[test]
    fn missing_bytes_are_announced() {
        let mut response = ServerResponse::new(200, "application/json", r#"{"id":1}"#);
        half_the_bytes(&mut response);
        assert_eq!(
            (response.body.as_slice(), response.delivery),
            (b"{\"id".as_slice(), Delivery::Short(4))
        );
    }
}
