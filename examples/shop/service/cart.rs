//! The cart of a session.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::auth::session::{id, id_with_csrf};
use super::call::Call;
use super::faults::Fault;
use super::fields::{Fields, checked, integer, text};
use super::products::model::money;
use super::reply::{self, Outcome, Problem};
use super::state::{Session, Shop, State};

const LARGEST_QUANTITY: i64 = 20;

/// `GET /cart`
pub async fn read(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let state = shop.state();
    let id = id(&state, &call)?;
    let Some(mut session) = state.sessions.get(&id) else {
        return Err(Problem::not_found("cart"));
    };
    if shop.has(Fault::CartShared) && session.cart.is_empty() {
        let mut sessions = state.sessions.values();
        session = sessions
            .find(|other| !other.cart.is_empty())
            .unwrap_or(session);
    }
    let mut body = cart_json(&state, session);
    if shop.has(Fault::CurrencyLowercase) && body["total"]["amount"] != 0 {
        body["total"]["currency"] = "eur".into();
    }
    Ok(reply::json(StatusCode::OK, &body))
}

/// `POST /cart/items`: adds to the quantity that is in the cart.
pub async fn add(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let id = if shop.has(Fault::CsrfNotChecked) {
        id(&shop.state(), &call)?
    } else {
        id_with_csrf(&shop.state(), &call)?
    };
    let least = i64::from(!shop.has(Fault::ZeroQuantityAccepted));
    let body = call.json()?;
    let mut fields = checked(Fields::of(&body))?;
    let product = fields.required("product_id", text(1, 40));
    let quantity = fields.required("quantity", integer(least, LARGEST_QUANTITY));
    let (product, quantity) = checked(fields.finish(product.zip(quantity)))?;

    let mut state = shop.state();
    match state.products.get(&product) {
        Some(found) if found.input.status == "active" => {}
        Some(_) => {
            return Err(Problem::conflict(
                "discontinued",
                "the product is discontinued",
            ));
        }
        None => return Err(Problem::not_found("product")),
    }
    let Some(session) = state.sessions.get_mut(&id) else {
        return Err(Problem::not_found("cart"));
    };
    let total = match session.cart.iter_mut().find(|item| item.0 == product) {
        Some(item) if item.1 + quantity > LARGEST_QUANTITY => {
            let detail = format!("at most {LARGEST_QUANTITY} pieces of a product can be ordered");
            return Err(Problem::conflict("too-many", detail));
        }
        Some(item) => {
            item.1 += quantity;
            item.1
        }
        None => {
            session.cart.push((product.clone(), quantity));
            quantity
        }
    };
    session.stale_total = None;
    let mut response = reply::json(StatusCode::CREATED, &item_json(&state, &product, total));
    reply::set(&mut response, "location", &format!("/cart/items/{product}"));
    Ok(response)
}

/// `PUT /cart/items/{id}`
pub async fn change(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let id = if shop.has(Fault::CsrfOfAnotherSession) {
        id_with_any_csrf(&shop.state(), &call)?
    } else {
        id_with_csrf(&shop.state(), &call)?
    };
    let product = call.path("id");
    let is_present = |state: &State| {
        let session = state.sessions.get(&id);
        session.is_some_and(|session| session.cart.iter().any(|item| item.0 == product))
    };
    if !is_present(&shop.state()) {
        return Err(Problem::not_found("item"));
    }
    let body = call.json()?;
    let mut fields = checked(Fields::of(&body))?;
    let quantity = fields.required("quantity", integer(1, LARGEST_QUANTITY));
    let quantity = checked(fields.finish(quantity))?;

    let mut state = shop.state();
    let earlier_total = state
        .sessions
        .get(&id)
        .map(|session| total(&state, session));
    let Some(session) = state.sessions.get_mut(&id) else {
        return Err(Problem::not_found("cart"));
    };
    let Some(item) = session.cart.iter_mut().find(|item| item.0 == product) else {
        return Err(Problem::not_found("item"));
    };
    item.1 = quantity;
    if shop.has(Fault::CartTotalStale) {
        session.stale_total = earlier_total;
    }
    Ok(reply::json(
        StatusCode::OK,
        &item_json(&state, product, quantity),
    ))
}

/// `DELETE /cart/items/{id}`
pub async fn remove(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let mut state = shop.state();
    let id = id_with_csrf(&state, &call)?;
    let product = call.path("id");
    let Some(session) = state.sessions.get_mut(&id) else {
        return Err(Problem::not_found("cart"));
    };
    let before = session.cart.len();
    let mut cart = session.cart.clone();
    cart.retain(|item| item.0 != product);
    if cart.len() == before {
        return Err(Problem::not_found("item"));
    }
    if !shop.has(Fault::CartItemKept) {
        session.cart = cart;
    }
    session.stale_total = None;
    Ok(reply::empty(StatusCode::NO_CONTENT))
}

/// The session, with the CSRF token of any session.
fn id_with_any_csrf(state: &State, call: &Call) -> Result<String, Problem> {
    let id = id(state, call)?;
    let sent = call.header("x-csrf-token").unwrap_or_default();
    if state.sessions.values().any(|session| session.csrf == sent) {
        return Ok(id);
    }
    Err(Problem::forbidden("the CSRF token is missing or wrong"))
}

/// The cart without products that were deleted.
fn cart_json(state: &State, session: &Session) -> Value {
    let items: Vec<Value> = session
        .cart
        .iter()
        .filter(|item| state.products.contains_key(&item.0))
        .map(|item| item_json(state, &item.0, item.1))
        .collect();
    json!({ "items": items, "total": money(total(state, session)) })
}

fn total(state: &State, session: &Session) -> i64 {
    let line = |item: &(String, i64)| Some(state.products.get(&item.0)?.input.price * item.1);
    let total = session.cart.iter().filter_map(line).sum();
    session.stale_total.unwrap_or(total)
}

fn item_json(state: &State, product: &str, quantity: i64) -> Value {
    let found = state.products.get(product).map(|product| &product.input);
    let price = found.map_or(0, |input| input.price);
    json!({
        "product_id": product,
        "title": found.map_or("", |input| &input.title),
        "quantity": quantity,
        "unit_price": money(price),
        "line_total": money(price * quantity),
    })
}
