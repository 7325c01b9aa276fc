//! Exports of the catalogue: a job that clients poll until its result is ready.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::auth::staff::{Scope, require, require_without};
use super::call::Call;
use super::faults::Fault;
use super::fields::{Fields, boolean, checked, word};
use super::ids;
use super::language::Language;
use super::products::model::product_json;
use super::reply::{self, Outcome, Problem};
use super::reports::quoted;
use super::state::{Job, Product, Shop};
use super::time::{iso, now};

/// After this many polls a job is done.
const POLLS: u32 = 3;

/// `POST /exports`
pub async fn start(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require_without(&shop, &call, Scope::Read, Some(Fault::AnyTokenAccepted))?;
    let body = call.json()?;
    let mut fields = checked(Fields::of(&body))?;
    let format = fields.required("format", word(&["csv", "ndjson"]));
    let in_stock_only = fields.optional("in_stock_only", boolean);
    let format = checked(fields.finish(format))?;
    let id = format!(
        "exp-{}",
        ids::hex(&ids::sha256(ids::secret().as_bytes())[..6])
    );
    let job = Job {
        format,
        in_stock_only: in_stock_only.unwrap_or(false),
        polls: 0,
        created: now(),
    };
    let status = if shop.has(Fault::ExportAsOk) {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let mut response = reply::json(status, &job_json(&id, &job));
    if !shop.has(Fault::ExportWithoutLocation) {
        reply::set(&mut response, "location", &format!("/exports/{id}"));
    }
    reply::set(&mut response, "retry-after", "1");
    shop.state().jobs.insert(id, job);
    Ok(response)
}

/// `GET /exports/{id}`: every poll brings the job forward.
pub async fn poll(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require(&shop, &call, Scope::Read).map_err(|problem| {
        if shop.has(Fault::NoChallenge) {
            problem.without_header("www-authenticate")
        } else {
            problem
        }
    })?;
    let id = call.path("id");
    let mut state = shop.state();
    let Some(job) = state.jobs.get_mut(id) else {
        return Err(Problem::not_found("export"));
    };
    let last = if shop.has(Fault::JobNeverDone) {
        POLLS - 1
    } else {
        POLLS
    };
    job.polls = (job.polls + 1).min(last);
    let mut body = job_json(id, job);
    if shop.has(Fault::ProgressAboveHundred) && job.polls == 2 {
        body["progress"] = json!(133);
    }
    let mut response = reply::json(StatusCode::OK, &body);
    if job.polls < POLLS {
        reply::set(&mut response, "retry-after", "1");
    }
    Ok(response)
}

/// `GET /exports/{id}/result`
pub async fn result(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require(&shop, &call, Scope::Read)?;
    let state = shop.state();
    let Some(job) = state.jobs.get(call.path("id")) else {
        return Err(Problem::not_found("export"));
    };
    if job.polls < POLLS {
        if shop.has(Fault::EarlyResultEmpty) {
            return Ok(reply::text(StatusCode::OK, media_type(job), ""));
        }
        return Err(Problem::conflict("not-done", "the export is not done"));
    }
    let products: Vec<&Product> = state
        .products
        .values()
        .filter(|product| {
            let pieces = state.stock.get(&product.id);
            !job.in_stock_only || pieces.is_none_or(|pieces| *pieces > 0)
        })
        .filter(|product| !shop.has(Fault::ResultOutdated) || product.created < state.started)
        .collect();
    let mut text = String::new();
    if job.format == "csv" {
        text.push_str("id,sku,title,price\r\n");
    }
    for product in products {
        let line = match job.format {
            "csv" => csv_line(&shop, product),
            _ => format!("{}\n", product_json(product, Language::English)),
        };
        text.push_str(&line);
    }
    Ok(reply::text(StatusCode::OK, media_type(job), text))
}

fn csv_line(shop: &Shop, product: &Product) -> String {
    let title = if shop.has(Fault::CsvUnquoted) {
        product.input.title.clone()
    } else {
        quoted(&product.input.title)
    };
    let price = product.input.price;
    format!(
        "{},{},{title},{}.{:02}\r\n",
        product.id,
        product.input.sku,
        price / 100,
        price % 100
    )
}

fn media_type(job: &Job) -> &'static str {
    match job.format {
        "csv" => "text/csv; charset=utf-8",
        _ => "application/x-ndjson",
    }
}

fn job_json(id: &str, job: &Job) -> Value {
    let mut body = json!({
        "id": id,
        "format": job.format,
        "created_at": iso(job.created),
    });
    match job.polls {
        0 => body["status"] = "queued".into(),
        POLLS => {
            body["status"] = "done".into();
            body["result"] = format!("/exports/{id}/result").into();
        }
        polls => {
            body["status"] = "running".into();
            body["progress"] = (polls * 100 / POLLS).into();
        }
    }
    body
}
