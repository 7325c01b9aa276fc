//! `GET /orders/events`: server-sent events of order states, without an end.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State as Extract;
use axum::http::StatusCode;
use futures_util::stream;
use serde_json::json;
use tokio::sync::watch;

use super::super::auth::staff::{Scope, require};
use super::super::call::Call;
use super::super::faults::Fault;
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Event, OrderState, Shop};
use super::super::time::iso;

/// A comment follows after this time without an event.
const HEARTBEAT: Duration = Duration::from_millis(500);

/// How far one client has read.
struct Progress {
    shop: Shop,
    stored: watch::Receiver<usize>,
    sent: usize,
    order: Option<u64>,
    is_first: bool,
}

/// `GET /orders/events`
pub async fn stream(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    if !shop.has(Fault::EventsOpen) {
        require(&shop, &call, Scope::Read)?;
    }
    let order = call.query_integer("order", 1, i64::MAX)?;
    let mut after = call.query_integer("after", 0, i64::MAX)?;
    if let Some(last) = call.header("last-event-id") {
        let last: Option<i64> = last.parse().ok();
        let Some(last) = last.filter(|last| *last >= 0) else {
            return Err(Problem::bad_request(
                "Last-Event-ID must be the id of an event",
            ));
        };
        after = Some(last);
    }
    let stored = shop.watch_events();
    let count = shop.state().events.len();
    let progress = Progress {
        sent: after.map_or(count, |after| count.min(after as usize)),
        order: order.map(|order| order as u64),
        stored,
        is_first: true,
        shop: shop.clone(),
    };
    let chunks = stream::unfold(progress, |mut progress| async {
        let chunk = next_chunk(&mut progress).await;
        Some((Ok::<Bytes, Infallible>(chunk.into()), progress))
    });
    let media_type = if shop.has(Fault::EventsAsPlainText) {
        "text/plain"
    } else {
        "text/event-stream"
    };
    let mut response = reply::text(StatusCode::OK, media_type, Body::from_stream(chunks));
    reply::set(&mut response, "cache-control", "no-store");
    Ok(response)
}

/// The events that were stored since the last chunk, or a heartbeat.
async fn next_chunk(progress: &mut Progress) -> String {
    if progress.is_first {
        progress.is_first = false;
        return "retry: 1000\n\n".to_owned();
    }
    loop {
        progress.stored.mark_unchanged();
        let text = stored_events(progress);
        if !text.is_empty() {
            return text;
        }
        let changed = progress.stored.changed();
        if tokio::time::timeout(HEARTBEAT, changed).await.is_err() {
            return if progress.shop.has(Fault::HeartbeatAsEvent) {
                "event: heartbeat\ndata: {}\n\n".to_owned()
            } else {
                ": heartbeat\n\n".to_owned()
            };
        }
    }
}

fn stored_events(progress: &mut Progress) -> String {
    let shop = progress.shop.clone();
    let state = shop.state();
    let new = state.events.iter().enumerate().skip(progress.sent);
    let mut texts: Vec<String> = new
        .filter(|(_, event)| progress.order.is_none_or(|order| event.order == order))
        .map(|(index, event)| event_text(&shop, index + 1, event))
        .collect();
    progress.sent = state.events.len();
    if shop.has(Fault::EventsReversed) {
        texts.reverse();
    }
    texts.concat()
}

fn event_text(shop: &Shop, id: usize, event: &Event) -> String {
    let id = if shop.has(Fault::EventIdRepeated) {
        1
    } else {
        id
    };
    let data = json!({
        "order_id": event.order,
        "state": event.state.name(),
        "at": iso(event.at),
    });
    let mut data = data.to_string();
    if shop.has(Fault::EventBroken) && event.state == OrderState::Paid {
        data.truncate(data.len() / 2);
    }
    format!("id: {id}\nevent: order-state\ndata: {data}\n\n")
}
