//! Customers register, and read and replace what is stored of them.

use std::sync::LazyLock;

use axum::extract::State as Extract;
use axum::http::StatusCode;
use regex::Regex;
use serde_json::{Value, json};

use super::auth::session::{customer_with_csrf, digest};
use super::auth::staff::{Reader, reader};
use super::call::Call;
use super::faults::Fault;
use super::fields::{Fields, Read, checked, nullable, pattern, text};
use super::ids;
use super::products::model::{compiled, read_date};
use super::reply::{self, Outcome, Problem};
use super::state::{Customer, Shop};
use super::time::{iso, now};

/// Addresses that the shop accepts.
pub static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    compiled("^[a-z0-9]+([._+-][a-z0-9]+)*@[a-z0-9]+(-[a-z0-9]+)*([.][a-z0-9]+(-[a-z0-9]+)*)+$")
});

/// `POST /customers`
pub async fn register(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let body = call.json().map_err(|problem| {
        let is_broken = problem.status() == StatusCode::BAD_REQUEST;
        if is_broken && shop.has(Fault::BadJsonAsError) {
            Problem::internal()
        } else {
            problem
        }
    })?;
    let customer = checked(read_new(&body)).map_err(|problem| {
        if shop.has(Fault::ProblemWithoutErrors) {
            problem.without_errors()
        } else {
            problem
        }
    })?;
    let mut state = shop.state();
    if state
        .customers
        .values()
        .any(|known| known.email == customer.email)
    {
        let detail = "a customer with this email is registered";
        return Err(Problem::conflict("email-known", detail));
    }
    let mut response = reply::empty(StatusCode::CREATED);
    if !shop.has(Fault::RegisterWithoutLocation) {
        let location = format!("/customers/{}", customer.id);
        reply::set(&mut response, "location", &location);
    }
    state.customers.insert(customer.id.clone(), customer);
    Ok(response)
}

/// `GET /customers/{id}`
pub async fn read(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let reader = reader(&shop, &call)?;
    let id = call.path("id");
    let state = shop.state();
    let is_readable = match reader {
        Reader::Staff => true,
        Reader::Customer(own) => own == id || shop.has(Fault::ForeignCustomerReadable),
    };
    let Some(customer) = state.customers.get(id).filter(|_| is_readable) else {
        return Err(match shop.has(Fault::UnknownCustomerAsError) {
            true if !state.customers.contains_key(id) => Problem::internal(),
            _ => Problem::not_found("customer"),
        });
    };
    let mut body = customer_json(customer);
    if shop.has(Fault::PasswordReturned) {
        body["password"] = ids::hex(&customer.password).into();
    }
    Ok(reply::json(StatusCode::OK, &body))
}

/// `PUT /customers/{id}`: name and birthday; the email stays.
pub async fn replace(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let own = customer_with_csrf(&shop.state(), &call)?;
    if own != call.path("id") {
        return Err(Problem::not_found("customer"));
    }
    let body = call.json()?;
    let mut fields = checked(Fields::of(&body))?;
    let name = fields.required("name", text(1, 100));
    let birthday = fields.optional("birthday", nullable(read_date));
    let name = checked(fields.finish(name))?;
    let mut state = shop.state();
    let Some(customer) = state.customers.get_mut(&own) else {
        return Err(Problem::not_found("customer"));
    };
    customer.name = name;
    if !shop.has(Fault::BirthdayForgotten) {
        customer.birthday = birthday.flatten();
    }
    Ok(reply::json(StatusCode::OK, &customer_json(customer)))
}

fn read_new(body: &Value) -> Read<Customer> {
    let mut fields = Fields::of(body)?;
    let email = fields.required("email", |value| {
        text(3, 60)(value)?;
        pattern(&EMAIL)(value)
    });
    let name = fields.required("name", text(1, 100));
    let birthday = fields.optional("birthday", nullable(read_date));
    let password = fields.required("password", text(8, 100));
    let customer = email
        .zip(name)
        .zip(password)
        .map(|((email, name), password)| Customer {
            id: ids::uuid(),
            email,
            name,
            birthday: birthday.flatten(),
            password: digest(&password),
            created: now(),
        });
    fields.finish(customer)
}

fn customer_json(customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "email": customer.email,
        "name": customer.name,
        "birthday": customer.birthday,
        "created_at": iso(customer.created),
    })
}
