//! Pages of lists: opaque cursors and the Link header.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::call::Call;
use super::reply::{self, Problem};

/// What an item is sorted by: a number, then a text, then the id.
pub type Key = (i64, String, String);

/// A cursor after the item with this key, in a list that is sorted this way.
pub fn cursor(sort: &str, key: &Key) -> String {
    URL_SAFE_NO_PAD.encode(json!([sort, key.0, key.1, key.2]).to_string())
}

/// The key in the cursor of the request, if it has one.
pub fn read_cursor(call: &Call, sort: &str) -> Result<Option<Key>, Problem> {
    let Some(text) = call.query("cursor") else {
        return Ok(None);
    };
    let read = || -> Option<Key> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        let parts = value.as_array().filter(|parts| parts.len() == 4)?;
        let text = |index: usize| parts[index].as_str().map(str::to_owned);
        (parts[0] == sort).then_some(())?;
        Some((parts[1].as_i64()?, text(2)?, text(3)?))
    };
    match read() {
        Some(key) => Ok(Some(key)),
        None => Err(Problem::bad_request("the cursor is invalid")),
    }
}

/// Sets a Link header to the next page: the request's query with another cursor.
pub fn link_next(response: &mut Response, call: &Call, path: &str, cursor: &str, relation: &str) {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in call.query.iter().filter(|(name, _)| name != "cursor") {
        query.append_pair(name, value);
    }
    query.append_pair("cursor", cursor);
    let link = format!("<{path}?{}>{relation}", query.finish());
    reply::set(response, "link", &link);
}
