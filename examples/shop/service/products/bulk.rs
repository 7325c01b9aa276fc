//! Many products at once, one JSON text a line.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::auth::staff::{Scope, require, require_without};
use super::super::call::{Call, parse};
use super::super::faults::Fault;
use super::super::fields::{Unknown, checked};
use super::super::language::Language;
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Shop, State};
use super::model::{StockMember, product_json, read_product};
use super::write::{is_known_sku, store};

const MEDIA_TYPE: &str = "application/x-ndjson";

/// `POST /products/import`: stores the valid lines and reports the others.
pub async fn import(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require(&shop, &call, Scope::Write)?;
    let body = call.body(MEDIA_TYPE)?;
    let mut state = shop.state();
    let mut ids = Vec::new();
    let mut errors: Vec<Value> = Vec::new();
    let first_line = usize::from(!shop.has(Fault::ImportLineWrong));
    for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match import_line(&mut state, line) {
            Ok(id) => ids.push(id),
            Err(detail) => {
                errors.push(json!({ "line": index + first_line, "detail": detail }));
                if shop.has(Fault::ImportStops) {
                    break;
                }
            }
        }
    }
    let body = json!({ "created": ids.len(), "ids": ids, "errors": errors });
    Ok(reply::json(StatusCode::OK, &body))
}

fn import_line(state: &mut State, line: &[u8]) -> Result<String, &'static str> {
    let value = parse(line).map_err(|_| "the line is not JSON")?;
    let read = checked(read_product(
        &value,
        StockMember::Accepted,
        Unknown::Rejected,
    ));
    let (input, stock) = read.map_err(|_: Problem| "members of the line are invalid")?;
    if is_known_sku(state, &input.sku, "") {
        return Err("another product has this SKU");
    }
    Ok(store(state, input, stock).id)
}

/// `GET /products/export`
pub async fn export(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require_without(&shop, &call, Scope::Read, Some(Fault::ExpiredTokenAccepted))?;
    let state = shop.state();
    let mut lines: Vec<String> = Vec::new();
    for product in state.products.values() {
        let mut value = product_json(product, Language::English);
        if shop.has(Fault::NdjsonItemInvalid) && lines.len() == 2 {
            value["version"] = product.version.to_string().into();
        }
        lines.push(value.to_string());
    }
    if shop.has(Fault::NdjsonBroken)
        && let Some(line) = lines.get_mut(1)
    {
        *line = line.replacen(',', ",\n", 1);
    }
    if shop.has(Fault::NdjsonLastMissing) {
        lines.pop();
    }
    let mut text = lines.join("\n");
    text.push('\n');
    Ok(reply::text(StatusCode::OK, MEDIA_TYPE, text))
}
