//! Staff move orders, and customers cancel them.

use axum::extract::State as Extract;
use axum::http::StatusCode;

use super::super::auth::session::customer_with_csrf;
use super::super::auth::staff::{Reader, Scope, require};
use super::super::call::Call;
use super::super::faults::Fault;
use super::super::fields::{Fields, checked, word};
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{OrderState, Shop};
use super::read::{find, order_json};

/// `PUT /orders/{id}/state`: placed, paid, shipped, delivered, one after the other.
pub async fn enter(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require(&shop, &call, Scope::Write)?;
    find(&shop.state(), &call, &Reader::Staff)?;
    let body = call.json()?;
    let mut fields = checked(Fields::of(&body))?;
    let name = fields.required("state", word(&["paid", "shipped", "delivered"]));
    let name = checked(fields.finish(name))?;
    let wanted = OrderState::parse(name).unwrap_or(OrderState::Paid);

    let mut state = shop.state();
    let order = find(&state, &call, &Reader::Staff)?;
    let next = match order.state() {
        OrderState::Placed => Some(OrderState::Paid),
        OrderState::Paid => Some(OrderState::Shipped),
        OrderState::Shipped => Some(OrderState::Delivered),
        OrderState::Delivered | OrderState::Cancelled => None,
    };
    if next != Some(wanted) && !shop.has(Fault::StateSkipped) {
        let detail = format!("{} does not follow {}", wanted.name(), order.state().name());
        return Err(Problem::conflict("wrong-state", detail));
    }
    shop.enter(&mut state, order.id, wanted);
    let order = find(&state, &call, &Reader::Staff)?;
    Ok(reply::json(StatusCode::OK, &order_json(&order)))
}

/// `POST /orders/{id}/cancellation`: until the order is shipped.
pub async fn cancel(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let mut state = shop.state();
    let customer = customer_with_csrf(&state, &call)?;
    let reader = if shop.has(Fault::ForeignOrderCancelled) {
        Reader::Staff
    } else {
        Reader::Customer(customer)
    };
    let order = find(&state, &call, &reader)?;
    let is_open = match order.state() {
        OrderState::Placed | OrderState::Paid => true,
        OrderState::Shipped => shop.has(Fault::CancelShipped),
        OrderState::Delivered | OrderState::Cancelled => false,
    };
    if !is_open {
        let detail = format!(
            "an order that is {} cannot be cancelled",
            order.state().name()
        );
        return Err(Problem::conflict("wrong-state", detail));
    }
    if !shop.has(Fault::CancelWithoutRestock) {
        for line in &order.lines {
            if let Some(available) = state.stock.get_mut(&line.product) {
                *available += line.quantity;
            }
        }
    }
    shop.enter(&mut state, order.id, OrderState::Cancelled);
    let order = find(&state, &call, &reader)?;
    let mut body = order_json(&order);
    if shop.has(Fault::CancelledWithoutDate)
        && let Some(members) = body.as_object_mut()
    {
        members.shift_remove("cancelled_at");
    }
    Ok(reply::json(StatusCode::OK, &body))
}
