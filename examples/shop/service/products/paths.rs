//! Two reads whose path parameters are lists: stock in matrix style, categories in label style.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::faults::Fault;
use super::super::reply::{self, Outcome, Problem};
use super::super::state::Shop;
use super::model::CATEGORIES;

/// `GET /stock/;skus=GRD-0001,BOK-0002`
pub async fn stock(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let Some(skus) = call.path("skus").strip_prefix(";skus=") else {
        return Err(Problem::not_found("stock"));
    };
    let state = shop.state();
    let mut levels: Vec<Value> = Vec::new();
    for sku in skus.split(',') {
        let mut products = state.products.values();
        let Some(product) = products.find(|product| product.input.sku == sku) else {
            return Err(Problem::not_found("SKU"));
        };
        let mut available = state.stock.get(&product.id).copied();
        if shop.has(Fault::NegativeStock) && available == Some(0) {
            available = Some(-1);
        }
        levels.push(json!({ "sku": sku, "product_id": product.id, "available": available }));
    }
    Ok(reply::json(StatusCode::OK, &Value::Array(levels)))
}

/// `GET /categories/.garden.tools`
pub async fn category(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let name = call.path("path").strip_prefix('.').unwrap_or_default();
    if !CATEGORIES.contains(&name) {
        return Err(Problem::not_found("category"));
    }
    let state = shop.state();
    let below = format!("{name}.");
    let count = state
        .products
        .values()
        .map(|product| product.input.category)
        .filter(|category| *category == name || category.starts_with(&below))
        .count();
    let children: Vec<&str> = CATEGORIES
        .iter()
        .filter_map(|category| category.strip_prefix(&below))
        .collect();
    let body = json!({
        "path": name.split('.').collect::<Vec<_>>(),
        "children": children,
        "products": count,
    });
    Ok(reply::json(StatusCode::OK, &body))
}
