//! Reading orders, one or page by page.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::auth::staff::{Reader, reader};
use super::super::call::Call;
use super::super::faults::Fault;
use super::super::pages::{Key, cursor, link_next, read_cursor};
use super::super::products::model::money;
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Order, OrderState, Payment, Shipping, Shop, State};
use super::super::time::iso;

/// The order in JSON.
pub fn order_json(order: &Order) -> Value {
    let state = order.state();
    let line = |line: &super::super::state::Line| {
        json!({
            "product_id": line.product,
            "sku": line.sku,
            "title": line.title,
            "quantity": line.quantity,
            "unit_price": money(line.unit_price),
            "line_total": money(line.quantity * line.unit_price),
        })
    };
    let mut body = json!({
        "id": order.id,
        "number": order.number(),
        "customer_id": order.customer,
        "state": state.name(),
        "items": order.lines.iter().map(line).collect::<Vec<_>>(),
        "shipping": shipping_json(&order.shipping),
        "shipping_cost": money(order.shipping.cost()),
        "payment": payment_json(&order.payment),
        "note": order.note,
        "total": money(order.total),
        "history": order.history.iter().map(|(state, at)| json!({
            "state": state.name(),
            "at": iso(*at),
        })).collect::<Vec<_>>(),
        "placed_at": order.entered(OrderState::Placed).map(iso),
    });
    if let Some(at) = order.entered(OrderState::Cancelled) {
        body["cancelled_at"] = iso(at).into();
    }
    if matches!(state, OrderState::Shipped | OrderState::Delivered) {
        body["tracking"] = format!("TR{:08}", order.id).into();
    }
    body
}

fn shipping_json(shipping: &Shipping) -> Value {
    match shipping {
        Shipping::Pickup { store } => json!({ "method": "pickup", "store": store }),
        Shipping::Parcel {
            name,
            street,
            postcode,
            city,
            country,
        } => json!({
            "method": "parcel",
            "address": {
                "name": name,
                "street": street,
                "postcode": postcode,
                "city": city,
                "country": country,
            },
        }),
    }
}

fn payment_json(payment: &Payment) -> Value {
    match payment {
        Payment::Card { last_four } => json!({ "type": "card", "last_four": last_four }),
        Payment::Invoice { vat_id } => json!({ "type": "invoice", "vat_id": vat_id }),
    }
}

/// The order that the path names, when it is visible to this reader.
pub fn find(state: &State, call: &Call, reader: &Reader) -> Result<Order, Problem> {
    let text = call.path("id");
    let id: Option<u64> = text.parse().ok();
    let found = id
        .filter(|_| !text.starts_with('+'))
        .and_then(|id| state.orders.get(&id));
    let visible = found.filter(|order| match reader {
        Reader::Staff => true,
        Reader::Customer(own) => order.customer == *own,
    });
    visible.cloned().ok_or_else(|| Problem::not_found("order"))
}

/// `GET /orders/{id}`
pub async fn read(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let mut reader = reader(&shop, &call)?;
    let state = shop.state();
    if shop.has(Fault::ForeignOrderReadable) {
        reader = Reader::Staff;
    }
    if shop.has(Fault::ForeignOrderForbidden)
        && find(&state, &call, &reader).is_err()
        && find(&state, &call, &Reader::Staff).is_ok()
    {
        return Err(Problem::forbidden("the order is of another customer"));
    }
    let mut order = find(&state, &call, &reader)?;
    if shop.has(Fault::OrderPriceFollows) {
        for line in &mut order.lines {
            let product = state.products.get(&line.product);
            line.unit_price = product.map_or(line.unit_price, |product| product.input.price);
        }
    }
    let mut body = order_json(&order);
    break_body(&shop, &order, &mut body);
    Ok(reply::json(StatusCode::OK, &body))
}

/// The faults of the body.
fn break_body(shop: &Shop, order: &Order, body: &mut Value) {
    if shop.has(Fault::TotalAsDecimal) {
        body["total"]["amount"] = json!(order.total as f64 / 100.0);
    }
    if shop.has(Fault::WrongDiscriminator) && body["payment"]["type"] == "card" {
        body["payment"]["type"] = "credit-card".into();
    }
    if shop.has(Fault::TrackingEmpty) && body.get("tracking").is_some() {
        body["tracking"] = "".into();
    }
    if shop.has(Fault::HistoryWithoutTime)
        && let Some(entries) = body["history"].as_array_mut()
        && entries.len() > 1
        && let Some(last) = entries.last_mut().and_then(Value::as_object_mut)
    {
        last.shift_remove("at");
    }
}

/// `GET /orders`: newest first.
pub async fn list(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let reader = reader(&shop, &call)?;
    let limit = call.query_integer("limit", 1, 50)?.unwrap_or(10) as usize;
    let wanted = call.query("state").map(read_states).transpose()?;
    let after = read_cursor(&call, "-id")?;
    let state = shop.state();
    let mut orders: Vec<&Order> = state.orders.values().rev().collect();
    orders.retain(|order| {
        let is_visible = match &reader {
            Reader::Staff => true,
            Reader::Customer(own) => order.customer == *own || shop.has(Fault::ForeignOrdersListed),
        };
        let is_wanted = wanted
            .as_ref()
            .is_none_or(|states| states.contains(&order.state()));
        is_visible && is_wanted
    });
    let start = after.map_or(0, |after: Key| {
        let repeated = i64::from(shop.has(Fault::CursorRepeats));
        orders.partition_point(|order| order.id as i64 >= after.0 + repeated)
    });
    let rest = &orders[start..];
    let page = &rest[..rest.len().min(limit)];
    let next = page
        .last()
        .filter(|_| rest.len() > page.len())
        .map(|last| cursor("-id", &(last.id as i64, String::new(), String::new())));
    let items: Vec<Value> = page.iter().map(|order| order_json(order)).collect();
    let body = json!({ "items": items, "next": next });
    let mut response = reply::json(StatusCode::OK, &body);
    if let Some(next) = &next
        && !shop.has(Fault::LinkMissing)
    {
        link_next(&mut response, &call, "/orders", next, "; rel=\"next\"");
    }
    Ok(response)
}

fn read_states(text: &str) -> Result<Vec<OrderState>, Problem> {
    let states = text.split(',').map(OrderState::parse);
    let states: Option<Vec<OrderState>> = states.collect();
    states.ok_or_else(|| Problem::bad_request("`state` has an unknown state"))
}
