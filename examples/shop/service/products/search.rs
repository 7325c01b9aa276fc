//! `QUERY /products/search`: a search index that follows the catalogue after a moment.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::{Value, json};
use time::Duration;

use super::super::call::Call;
use super::super::faults::Fault;
use super::super::fields::{Fields, boolean, checked, integer, text};
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Product, Shop};
use super::super::time::now;

/// After this time a new product is found.
const DELAY: Duration = Duration::milliseconds(200);

/// Serves the path: axum has no route for the method QUERY.
pub async fn search(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    if call.method.as_str() != "QUERY" {
        let detail = "the search needs the method QUERY";
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail);
        return Err(problem.header("allow", "QUERY"));
    }
    let body = call.json()?;
    let mut fields = checked(Fields::of(&body))?;
    let words = fields.required("text", text(2, 100));
    let most = fields.optional("max_price", integer(0, 10_000_000));
    let in_stock = fields.optional("in_stock", boolean);
    let words = checked(fields.finish(words))?.to_lowercase();
    let most = most.filter(|_| !shop.has(Fault::SearchIgnoresMaximum));

    let state = shop.state();
    let indexed_until = now() - DELAY;
    let is_found = |product: &&Product| {
        let title = if shop.has(Fault::SearchStale) {
            &product.first_title
        } else {
            &product.input.title
        };
        let is_available = state
            .stock
            .get(&product.id)
            .is_none_or(|pieces| *pieces > 0);
        product.created <= indexed_until
            && title.to_lowercase().contains(&words)
            && most.is_none_or(|most| product.input.price <= most)
            && (in_stock != Some(true) || is_available)
    };
    let hits: Vec<Value> = state
        .products
        .values()
        .filter(is_found)
        .map(|product| {
            let sku = if shop.has(Fault::SkuLowercase) {
                product.input.sku.to_lowercase()
            } else {
                product.input.sku.clone()
            };
            json!({
                "id": product.id,
                "sku": sku,
                "title": product.input.title,
                "price": super::model::money(product.input.price),
            })
        })
        .collect();
    Ok(reply::json(StatusCode::OK, &json!({ "hits": hits })))
}
