//! `POST /orders`: orders the cart, once for each idempotency key.

use std::sync::LazyLock;
use std::time::Duration;

use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::Response;
use regex::Regex;
use serde_json::Value;

use super::super::auth::session::{customer_with_csrf, id};
use super::super::call::{Call, parse};
use super::super::faults::Fault;
use super::super::fields::{Fields, Read, checked, nullable, pattern, text, word};
use super::super::ids;
use super::super::products::model::compiled;
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Line, Order, OrderState, Payment, PlacedOrder, Shipping, Shop, State};
use super::read::order_json;

static KEY: LazyLock<Regex> = LazyLock::new(|| compiled("^[A-Za-z0-9-]{8,64}$"));
static POSTCODE: LazyLock<Regex> = LazyLock::new(|| compiled("^[A-Z0-9 -]{3,10}$"));
static CARD: LazyLock<Regex> = LazyLock::new(|| compiled("^tok_[a-z0-9]{8}[0-9]{4}$"));
static VAT_ID: LazyLock<Regex> = LazyLock::new(|| compiled("^[A-Z]{2}[0-9]{8,12}$"));

/// What the client chose.
#[derive(Debug)]
struct NewOrder {
    shipping: Shipping,
    payment: Payment,
    note: Option<String>,
}

/// Whether the stock is compared with the cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StockCheck {
    Made,
    LeftOut,
}

/// `POST /orders`
pub async fn place(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let customer = customer_with_csrf(&shop.state(), &call)?;
    let sent_key = call
        .header("idempotency-key")
        .filter(|key| KEY.is_match(key));
    let Some(key) = sent_key else {
        let detail = "Idempotency-Key must have 8 to 64 letters, digits and dashes";
        return Err(Problem::bad_request(detail));
    };
    let bytes = call.body("application/json")?;
    let new = checked(read_new(&parse(&bytes)?))?;
    let body = ids::sha256(&bytes);
    let key = (customer.clone(), key.to_owned());

    let mut check = StockCheck::Made;
    if shop.has(Fault::Oversell) && placed(&shop, &shop.state(), &key, &body)?.is_none() {
        // The check is too early: other orders take from the stock before this one does.
        lines(&shop, &shop.state(), &call, check)?;
        check = StockCheck::LeftOut;
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let mut state = shop.state();
    if !shop.has(Fault::KeyIgnored)
        && let Some(response) = placed(&shop, &state, &key, &body)?
    {
        return Ok(response);
    }
    let repeated = state
        .order_keys
        .get(&key)
        .and_then(|placed| state.orders.get(&placed.order));
    let lines = match repeated {
        Some(order) => order.lines.clone(),
        None => lines(&shop, &state, &call, check)?,
    };
    let order = store(&shop, &mut state, customer, new, lines);
    state.order_keys.insert(
        key,
        PlacedOrder {
            body,
            order: order.id,
        },
    );
    let session = id(&state, &call)?;
    if let Some(session) = state.sessions.get_mut(&session)
        && !shop.has(Fault::OrderKeepsCart)
    {
        session.cart.clear();
        session.stale_total = None;
    }
    Ok(created(&shop, &order))
}

/// The response for a key that is known.
fn placed(
    shop: &Shop,
    state: &State,
    key: &(String, String),
    body: &[u8],
) -> Result<Option<Response>, Problem> {
    let Some(placed) = state.order_keys.get(key) else {
        return Ok(None);
    };
    if placed.body != body && !shop.has(Fault::KeyBodyIgnored) {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "key-reused",
            "the idempotency key was used with another body",
        ));
    }
    let order = state.orders.get(&placed.order);
    Ok(order.map(|order| {
        let mut response = created(shop, order);
        reply::set(&mut response, "idempotent-replayed", "true");
        response
    }))
}

fn created(shop: &Shop, order: &Order) -> Response {
    let mut response = reply::json(StatusCode::CREATED, &order_json(order));
    let location = if shop.has(Fault::OrderLocationWrong) {
        format!("/order/{}", order.id)
    } else {
        format!("/orders/{}", order.id)
    };
    reply::set(&mut response, "location", &location);
    response
}

/// The lines of the cart, when all of them are in stock.
fn lines(shop: &Shop, state: &State, call: &Call, check: StockCheck) -> Result<Vec<Line>, Problem> {
    let session = id(state, call)?;
    let cart = state
        .sessions
        .get(&session)
        .map(|session| session.cart.clone());
    let mut lines = Vec::new();
    for (id, quantity) in cart.unwrap_or_default() {
        let Some(product) = state.products.get(&id) else {
            continue;
        };
        let available = state.stock.get(&id).copied().unwrap_or(i64::MAX);
        if available < quantity && check == StockCheck::Made {
            let detail = format!("{} pieces of {} are left", available, product.input.sku);
            return Err(Problem::conflict("out-of-stock", detail));
        }
        lines.push(Line {
            product: id,
            sku: product.input.sku.clone(),
            title: product.input.title.clone(),
            quantity,
            unit_price: product.input.price,
        });
    }
    if lines.is_empty() && !shop.has(Fault::EmptyCartOrdered) {
        return Err(Problem::conflict("cart-empty", "the cart is empty"));
    }
    Ok(lines)
}

fn store(
    shop: &Shop,
    state: &mut State,
    customer: String,
    new: NewOrder,
    lines: Vec<Line>,
) -> Order {
    for line in &lines {
        if let Some(available) = state.stock.get_mut(&line.product)
            && !shop.has(Fault::StockKept)
        {
            *available = (*available - line.quantity).max(0);
        }
    }
    let goods: i64 = lines
        .iter()
        .map(|line| line.quantity * line.unit_price)
        .sum();
    let shipping = if shop.has(Fault::ShippingNotAdded) {
        0
    } else {
        new.shipping.cost()
    };
    let id = state.orders.keys().last().map_or(1, |last| last + 1);
    let order = Order {
        id,
        customer,
        lines,
        total: goods + shipping,
        shipping: new.shipping,
        payment: new.payment,
        note: new.note,
        history: Vec::new(),
    };
    state.orders.insert(id, order.clone());
    shop.enter(state, id, OrderState::Placed);
    state.orders.get(&id).cloned().unwrap_or(order)
}

fn read_new(body: &Value) -> Read<NewOrder> {
    let mut fields = Fields::of(body)?;
    let shipping = fields.required("shipping", read_shipping);
    let payment = fields.required("payment", read_payment);
    let note = fields.optional("note", nullable(text(0, 200)));
    let new = shipping.zip(payment).map(|(shipping, payment)| NewOrder {
        shipping,
        payment,
        note: note.flatten(),
    });
    fields.finish(new)
}

fn read_shipping(value: &Value) -> Read<Shipping> {
    let mut fields = Fields::of(value)?;
    let method = fields.required("method", word(&["parcel", "pickup"]));
    let shipping = match method {
        Some("parcel") => fields.required("address", read_address),
        Some(_) => {
            let store = fields.required("store", word(&["harbour", "station"]));
            store.map(|store| Shipping::Pickup { store })
        }
        None => None,
    };
    fields.finish(shipping)
}

fn read_address(value: &Value) -> Read<Shipping> {
    let mut fields = Fields::of(value)?;
    let name = fields.required("name", text(1, 100));
    let street = fields.required("street", text(1, 100));
    let postcode = fields.required("postcode", pattern(&POSTCODE));
    let city = fields.required("city", text(1, 60));
    let country = fields.required("country", word(&["AT", "CH", "DE"]));
    let address = (|| {
        Some(Shipping::Parcel {
            name: name?,
            street: street?,
            postcode: postcode?,
            city: city?,
            country: country?,
        })
    })();
    fields.finish(address)
}

fn read_payment(value: &Value) -> Read<Payment> {
    let mut fields = Fields::of(value)?;
    let kind = fields.required("type", word(&["card", "invoice"]));
    let payment = match kind {
        Some("card") => {
            let token = fields.required("card_token", pattern(&CARD));
            token.map(|token| Payment::Card {
                last_four: token[token.len() - 4..].to_owned(),
            })
        }
        Some(_) => {
            let vat_id = fields.optional("vat_id", nullable(pattern(&VAT_ID)));
            Some(Payment::Invoice {
                vat_id: vat_id.flatten(),
            })
        }
        None => None,
    };
    fields.finish(payment)
}
