//! For partners: inventory, shipping quotes and a feed of new products.

use std::time::{Duration, Instant};

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::auth::keys::{Comparison, feed as feed_key, partner};
use super::call::Call;
use super::faults::Fault;
use super::fields::{Fields, checked, integer};
use super::products::model::money;
use super::reply::{self, Outcome, Problem};
use super::state::Shop;
use super::time::{iso, now};

/// So many requests for quotes may a partner send within this time.
const QUOTES: (usize, Duration) = (8, Duration::from_secs(2));

/// `GET /partner/inventory`
pub async fn inventory(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let comparison = if shop.has(Fault::ApiKeyAnyCase) {
        Comparison::Loose
    } else {
        Comparison::Exact
    };
    partner(&call, comparison)?;
    let state = shop.state();
    let items: Vec<Value> = state
        .stock
        .iter()
        .map(|(id, available)| json!({ "product_id": id, "available": available }))
        .collect();
    let body = json!({ "as_of": iso(now()), "items": items });
    Ok(reply::json(StatusCode::OK, &body))
}

/// `PUT /partner/inventory/{id}`
pub async fn set_inventory(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    partner(&call, Comparison::Exact)?;
    let id = call.path("id");
    if !shop.state().stock.contains_key(id) {
        return Err(Problem::not_found("physical product"));
    }
    let body = call.json()?;
    let mut fields = checked(Fields::of(&body))?;
    let available = fields.required("available", integer(0, 100_000));
    let available = checked(fields.finish(available))?;
    let mut state = shop.state();
    let Some(stored) = state.stock.get_mut(id) else {
        return Err(Problem::not_found("physical product"));
    };
    if !shop.has(Fault::InventoryNotStored) {
        *stored = available;
    }
    let body = json!({ "product_id": id, "available": available });
    Ok(reply::json(StatusCode::OK, &body))
}

/// `GET /partner/quote`: what sending a parcel costs; limited for each partner.
pub async fn quote(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let key = partner(&call, Comparison::Exact)?;
    let (most, window) = QUOTES;
    let mut state = shop.state();
    let earlier = state.quotes.entry(key.to_owned()).or_default();
    earlier.retain(|at| at.elapsed() < window);
    if earlier.len() >= most {
        let detail = format!(
            "at most {most} requests are allowed within {} seconds",
            window.as_secs()
        );
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate-limit", detail);
        return Err(if shop.has(Fault::QuoteWithoutRetryAfter) {
            problem
        } else {
            problem.header("retry-after", window.as_secs().to_string())
        });
    }
    earlier.push(Instant::now());
    let remaining = most - earlier.len();
    let country = call.query("country").unwrap_or_default();
    let base = match country {
        "DE" => 490,
        "AT" | "CH" => 1290,
        _ => return Err(Problem::bad_request("`country` must be one of AT, CH, DE")),
    };
    let weight = call.query_integer("weight_grams", 1, 30_000)?;
    let Some(weight) = weight else {
        return Err(Problem::bad_request("`weight_grams` is required"));
    };
    let body = json!({
        "country": country,
        "weight_grams": weight,
        "price": money(base + weight / 10),
    });
    let mut response = reply::json(StatusCode::OK, &body);
    reply::set(&mut response, "ratelimit-remaining", &remaining.to_string());
    Ok(response)
}

/// `GET /feed`: the newest products as a JSON Feed.
pub async fn feed(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    if !shop.has(Fault::FeedKeyIgnored) {
        feed_key(&call)?;
    }
    let state = shop.state();
    let items: Vec<Value> = state
        .products
        .values()
        .rev()
        .take(10)
        .map(|product| {
            json!({
                "id": product.id,
                "url": format!("https://shop.example/products/{}", product.id),
                "title": product.input.title,
                "content_text": product.input.description.as_deref().unwrap_or(""),
                "date_published": iso(product.created),
            })
        })
        .collect();
    let body = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": "New products",
        "items": items,
    });
    Ok(reply::text(
        StatusCode::OK,
        "application/feed+json",
        body.to_string(),
    ))
}
