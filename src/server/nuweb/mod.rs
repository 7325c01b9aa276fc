//! NuWeb's `POST /v1/customers/update`. Main type: [`Nuweb`].
//!
//! Its document does not describe errors, so they are those of a typical Laravel API. The order of checks is: route, method, token,
//! company, body, customer, fields.

mod customer;
mod refusal;
mod rules;

use rusqlite::Connection;
use serde_json::Value;

use super::database::{CreateError, Database};
use super::fault::{Weakness, Weaknesses};
use super::hashing::Hashing;
use super::request::ServerRequest;
use super::response::ServerResponse;
use super::seed::{NUWEB_COMPANY_ID, NUWEB_TOKEN};

use refusal::{Refusal, json_response};
use rules::Errors;

const OPERATION: &str = "POST /v1/customers/update";
const PATH: &str = "/v1/customers/update";
const COMPANY: &str = "X-NU-COMPANY-ID";

/// An instance: its data.
pub struct Nuweb {
    database: Database,
    hashing: Hashing,
}

impl Nuweb {
    /// A new instance with seeded customers.
    pub fn new(hashing: Hashing) -> Result<Self, CreateError> {
        let database = Database::create(include_str!("schema.sql"))?;
        database.write(|tx| {
            tx.execute(
                "INSERT INTO access_token (token) VALUES (?1)",
                [NUWEB_TOKEN],
            )
        })?;
        Ok(Nuweb { database, hashing })
    }

    /// Processes a request; blocks on the database.
    pub fn respond(&self, request: &ServerRequest, weaknesses: Weaknesses<'_>) -> ServerResponse {
        if request.path.trim_end_matches('/') != PATH {
            let path = request.path.trim_matches('/');
            let message = format!("The route {path} could not be found.");
            return Refusal::message(404, &message).response();
        }
        if request.method != "POST" {
            let message = format!(
                "The {} method is not supported for route {}. Supported methods: POST.",
                request.method,
                PATH.trim_matches('/')
            );
            return Refusal::message(405, &message)
                .response()
                .with_header("Allow", "POST");
        }
        let result = self.update(request, weaknesses);
        let response = match result {
            Ok(customer) => json_response(200, &customer),
            Err(refusal) => refusal.response(),
        };
        let response = match request
            .header(COMPANY)
            .and_then(|text| text.trim().parse::<i64>().ok())
        {
            Some(company) => response.with_header(COMPANY, company.to_string()),
            None => response,
        };
        response.with_operation(OPERATION)
    }

    fn update(
        &self,
        request: &ServerRequest,
        weaknesses: Weaknesses<'_>,
    ) -> Result<Value, Refusal> {
        let weak = |weakness| weaknesses.has(weakness, OPERATION);
        if !weak(Weakness::IgnoresAuthorization) {
            self.authenticate(request)?;
        }
        let company = match (company(request), weak(Weakness::AcceptsMissingHeaders)) {
            (Ok(company), _) => company,
            (Err(_), true) => i64::from(NUWEB_COMPANY_ID),
            (Err(errors), false) => return Err(Refusal::CheckedFields(errors)),
        };
        let exists = self.database.read(|c| exists(c, company))?;
        if !exists {
            return Err(Refusal::message(404, "The company could not be found."));
        }
        let body = read_body(request)?;
        let base = format!("http://{}", request.header("host").unwrap_or("localhost"));
        let update = customer::Update {
            company,
            body: &body,
            hashing: self.hashing,
            takes_anything: weak(Weakness::AcceptsInvalidValues),
        };
        let (before, after) = update.apply(&self.database)?;
        if weak(Weakness::LosesUpdates) {
            self.database.write(|tx| customer::store(tx, &before))?;
        }
        let shown = if weak(Weakness::ReturnsOldValues) {
            &before
        } else {
            &after
        };
        Ok(shown.resource(&base))
    }

    fn authenticate(&self, request: &ServerRequest) -> Result<(), Refusal> {
        let known = match request.bearer() {
            Some(token) => self.database.read(|c| {
                c.prepare_cached("SELECT 1 FROM access_token WHERE token = ?1")?
                    .exists([token])
            })?,
            None => false,
        };
        if known {
            Ok(())
        } else {
            Err(Refusal::message(401, "Unauthenticated."))
        }
    }
}

fn company(request: &ServerRequest) -> Result<i64, Errors> {
    let text = request.header(COMPANY).map(str::trim).unwrap_or_default();
    if text.is_empty() {
        return Err(Errors::one(
            COMPANY,
            "The X-NU-COMPANY-ID header is required.",
        ));
    }
    text.parse()
        .map_err(|_| Errors::one(COMPANY, "The X-NU-COMPANY-ID header must be an integer."))
}

fn exists(connection: &Connection, company: i64) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT 1 FROM company WHERE id = ?1")?
        .exists([company])
}

/// The body's members; none for an empty body.
fn read_body(request: &ServerRequest) -> Result<serde_json::Map<String, Value>, Refusal> {
    if request.body.is_empty() {
        return Ok(serde_json::Map::new());
    }
    let kind = request.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::message(
            415,
            "The content type must be application/json.",
        ));
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Ok(serde_json::Map::new()),
        Err(_) => Err(Refusal::message(400, "The request body is not valid JSON.")),
    }
}
