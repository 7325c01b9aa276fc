//! For the back office: sales in CSV, and a report of the stock.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::json;
use time::Date;

use super::auth::keys::{Comparison, office};
use super::call::Call;
use super::faults::Fault;
use super::reply::{self, Outcome, Problem};
use super::state::{OrderState, Shop};
use super::time::{date, iso, now};

/// `GET /reports/sales.csv`
pub async fn sales(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let comparison = if shop.has(Fault::BasicPasswordIgnored) {
        Comparison::Loose
    } else {
        Comparison::Exact
    };
    office(&call, comparison)?;
    let from = if shop.has(Fault::BadDateAccepted) {
        call.query("from").and_then(date)
    } else {
        query_date(&call, "from")?
    };
    let until = query_date(&call, "until")?;
    let state = shop.state();
    let mut rows = vec![["order", "placed_at", "customer", "state", "total"].map(str::to_owned)];
    for order in state.orders.values() {
        let Some(placed) = order.entered(OrderState::Placed) else {
            continue;
        };
        if from.is_some_and(|from| placed.date() < from)
            || until.is_some_and(|until| placed.date() > until)
        {
            continue;
        }
        let name = state
            .customers
            .get(&order.customer)
            .map(|customer| customer.name.as_str());
        rows.push([
            order.number(),
            iso(placed),
            quoted(name.unwrap_or_default()),
            order.state().name().to_owned(),
            format!("{}.{:02}", order.total / 100, order.total % 100),
        ]);
    }
    if shop.has(Fault::CsvColumnsSwapped) {
        rows.iter_mut().for_each(|row| row.swap(3, 4));
    }
    let mut text = String::new();
    for row in &rows {
        text.push_str(&row.join(","));
        text.push_str("\r\n");
    }
    let media_type = if shop.has(Fault::CsvAsPlainText) {
        "text/plain; charset=utf-8"
    } else {
        "text/csv; charset=utf-8"
    };
    let mut response = reply::text(StatusCode::OK, media_type, text);
    let disposition = if shop.has(Fault::AttachmentWithoutName) {
        "attachment"
    } else {
        "attachment; filename=\"sales.csv\""
    };
    reply::set(&mut response, "content-disposition", disposition);
    Ok(response)
}

/// `GET /reports/stock`: not available while it is computed, at the first request after the start.
pub async fn stock(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    office(&call, Comparison::Exact)?;
    let mut state = shop.state();
    state.stock_reports += 1;
    if state.stock_reports == 1 {
        let detail = "the report is being computed";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "maintenance", detail);
        let seconds = if shop.has(Fault::RetryAfterAsText) {
            "soon"
        } else {
            "1"
        };
        return Err(problem.header("retry-after", seconds));
    }
    let sold_out = state.stock.values().filter(|pieces| **pieces == 0).count();
    let body = json!({
        "computed_at": iso(now()),
        "pieces": state.stock.values().sum::<i64>(),
        "products": state.stock.len(),
        "sold_out": sold_out,
    });
    Ok(reply::json(StatusCode::OK, &body))
}

/// A value of CSV (RFC 4180), in quotes where it needs them.
pub fn quoted(value: &str) -> String {
    if value.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

fn query_date(call: &Call, name: &str) -> Result<Option<Date>, Problem> {
    let Some(text) = call.query(name) else {
        return Ok(None);
    };
    match date(text) {
        Some(date) => Ok(Some(date)),
        None => Err(Problem::bad_request(format!("`{name}` must be a date"))),
    }
}
