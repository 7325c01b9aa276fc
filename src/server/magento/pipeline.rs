//! The processing of a request in Magento's order: accepted media type -> method -> kind of path -> route -> permission ->
//! body -> arguments -> service -> fields filter -> rendering. Main function: [`Magento::respond`].

use std::hash::{BuildHasher as _, RandomState};

use serde_json::{Map, Value, json};

use super::call::{Requester, ServiceCall};
use super::change::VersionChange;
use super::error::Failure;
use super::input;
use super::negotiate::{AcceptedFormat, accepted_format};
use super::route::{Access, Forced, Route};
use super::store::StoreScope;
use super::token::{Tokens, UserType};
use super::{Magento, fields, php, routes, storage, store, xml};
use crate::server::fault::{Weakness, Weaknesses};
use crate::server::request::ServerRequest;
use crate::server::response::ServerResponse;

impl Magento {
    /// Processes a request; blocks on the database.
    pub fn respond(&self, request: &ServerRequest, weaknesses: Weaknesses<'_>) -> ServerResponse {
        respond(self, request, weaknesses)
    }
}

fn respond(
    magento: &Magento,
    request: &ServerRequest,
    weaknesses: Weaknesses<'_>,
) -> ServerResponse {
    if let Some(page) = refused_by_the_web_server(request) {
        return page;
    }
    let format = accepted_format(request.header("accept"));
    if format == AcceptedFormat::Neither || !store::is_rest(&request.path) {
        return error_page(format == AcceptedFormat::Neither);
    }
    if !["GET", "POST", "PUT", "DELETE"].contains(&request.method.as_str()) {
        let method = &request.method;
        let failure = Failure::new(405, format!("The {method} HTTP method is not supported."));
        return refusal(&failure, format);
    }
    let Some((scope, path)) = store::split(&request.path) else {
        return refusal(
            &Failure::new(400, "Specified request cannot be processed."),
            format,
        );
    };
    let Some((route, values)) =
        routes::find(magento.system, magento.version, &request.method, &path)
    else {
        return refusal(
            &Failure::new(404, "Request does not match any route."),
            format,
        );
    };
    let query = input::parse_query(&request.query);
    let result = call(magento, request, weaknesses, route, scope, values, &query);
    let response = match result {
        Ok(value) => {
            let filter = query.get("fields").and_then(Value::as_str);
            success(&fields::filter(value, filter), format, route.opens_session)
        }
        Err(failure) => refusal(&in_version(magento, failure), format),
    };
    response.with_operation(route.operation)
}

fn call(
    magento: &Magento,
    request: &ServerRequest,
    weaknesses: Weaknesses<'_>,
    route: &Route,
    scope: StoreScope,
    path: Vec<(&'static str, String)>,
    query: &Map<String, Value>,
) -> Result<Value, Failure> {
    let caller = caller(magento, request, weaknesses, route, scope)?;
    let body = input::read_body(request)?;
    // Path and query override the body. Only PUT and POST use the body, but it is always read.
    let mut given = if ["POST", "PUT"].contains(&route.method) {
        body
    } else {
        Map::new()
    };
    if !weaknesses.has(Weakness::IgnoresQuery, route.operation) {
        given.extend(query.clone());
    }
    given.extend(
        path.iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value))),
    );
    force(route.forced, &caller, &path, &mut given)?;
    let refuses_scripts = magento.has(VersionChange::ScriptsAreRefused);
    let arguments = input::build(route.arguments, &given, refuses_scripts).map_err(|failure| {
        // The lookup of the customer whose fields are forced has opened the session.
        if route.forced == Forced::CustomerFields {
            failure.with_session()
        } else {
            failure
        }
    })?;
    let call = ServiceCall {
        magento,
        caller,
        arguments,
        path,
        operation: route.operation,
        weaknesses,
    };
    (route.serve)(&call)
}

/// The caller, if it has permission.
fn caller(
    magento: &Magento,
    request: &ServerRequest,
    weaknesses: Weaknesses<'_>,
    route: &Route,
    scope: StoreScope,
) -> Result<Requester, Failure> {
    let weak = |weakness| weaknesses.has(weakness, route.operation);
    if route.access != Access::Anonymous {
        check_oauth(request)?;
    }
    let claims = request.bearer().and_then(|token| {
        if weak(Weakness::AcceptsForgedTokens) {
            Tokens::read_blindly(token)
        } else {
            magento.tokens.read(token)
        }
    });
    let caller = match claims.map(|claims| (claims.user_type(), claims)) {
        Some((Some(UserType::Administrator), _)) => Requester::Administrator,
        Some((Some(UserType::Customer), claims)) => {
            let known = magento
                .database
                .read(|c| storage::customer::find(c, claims.user))?;
            let is_void = |customer: &storage::Customer| {
                customer
                    .tokens_void_until
                    .is_some_and(|until| claims.issued <= until)
            };
            known
                .filter(|customer| !is_void(customer))
                .map_or(Requester::Guest, |customer| {
                    Requester::Customer(Box::new(customer))
                })
        }
        Some((None, _)) | None => Requester::Guest,
    };
    let ignores = weak(Weakness::IgnoresAuthorization);
    match (route.access, &caller) {
        (Access::Anonymous, _) | (_, Requester::Administrator) => Ok(caller),
        // Under `all` there is no store view that the customer could belong to.
        (Access::OwnAccount, Requester::Customer(_)) if scope == StoreScope::StoreView => {
            Ok(caller)
        }
        (Access::OwnAccount, _) if ignores => {
            Ok(Requester::Customer(Box::new(any_customer(magento)?)))
        }
        (Access::Resource(_), _) if ignores => Ok(Requester::Administrator),
        (access, _) => {
            let resource = match access {
                Access::Resource(resource) => resource,
                Access::OwnAccount | Access::Anonymous => "self",
            };
            let failure = Failure::unauthorized(resource);
            // Magento checks the session only for unauthenticated callers.
            Err(match caller {
                Requester::Guest => failure.with_session(),
                Requester::Customer(_) | Requester::Administrator => failure,
            })
        }
    }
}

/// For a fault: an unauthenticated request for "me" is treated as a request of some customer, who is created if there is none.
fn any_customer(magento: &Magento) -> Result<storage::Customer, Failure> {
    magento.database.write(|tx| {
        if storage::customer::first(tx)?.is_none() {
            storage::customer::insert(tx, &super::seeded_customer())?;
        }
        storage::customer::first(tx)?.ok_or_else(Failure::internal)
    })
}

/// An `Authorization: OAuth` header must have all protocol parameters (RFC 5849 section 3.1). The signature is checked after that.
fn check_oauth(request: &ServerRequest) -> Result<(), Failure> {
    let Some((scheme, parameters)) = request
        .header("authorization")
        .and_then(|h| h.split_once(' '))
    else {
        return Ok(());
    };
    if !scheme.eq_ignore_ascii_case("oauth") {
        return Ok(());
    }
    let is_given = |name: &str| {
        parameters.split(',').any(|parameter| {
            parameter
                .split_once('=')
                .is_some_and(|(key, _)| key.trim() == name)
        })
    };
    let missing = [
        "oauth_consumer_key",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_nonce",
        "oauth_timestamp",
        "oauth_token",
    ]
    .into_iter()
    .filter(|name| !is_given(name))
    .map(Failure::required)
    .collect();
    Failure::all(missing).map_or(Ok(()), |failure| Err(failure.with_session()))
}

/// The error as in the instance's version.
fn in_version(magento: &Magento, mut failure: Failure) -> Failure {
    if failure.is_of_database && magento.has(VersionChange::DatabaseRefusalsAreBadRequests) {
        failure.status = 400;
    }
    failure
}

/// Overrides parameters with the caller's identity, before types are checked. For an administrator a forced `customerId` is null, so that
/// it counts as missing. Fails where a scalar is sent instead of the object that has forced fields.
fn force(
    forced: Forced,
    caller: &Requester,
    path: &[(&'static str, String)],
    given: &mut Map<String, Value>,
) -> Result<(), Failure> {
    match (forced, caller) {
        (Forced::Nothing, _) => {}
        (Forced::GroupId, _) => {
            let id = path.iter().find(|(name, _)| *name == "id");
            if let (Some(Value::Object(group)), Some((_, id))) = (given.get_mut("group"), id) {
                group.insert("id".to_owned(), json!(id));
            }
        }
        (Forced::CustomerId, Requester::Customer(customer)) => {
            given.insert("customerId".to_owned(), json!(customer.id));
        }
        (Forced::CustomerId, _) => {
            given.insert("customerId".to_owned(), Value::Null);
        }
        (Forced::CustomerFields, caller) => {
            let mut fields = match given.get("customer") {
                None | Some(Value::Null) => Map::new(),
                // PHP only warns, and Magento makes an exception of that.
                Some(Value::Bool(false)) => return Err(Failure::internal().with_session()),
                Some(sent) => php::array(sent).ok_or_else(Failure::crash)?,
            };
            match caller {
                Requester::Customer(customer) => {
                    fields.insert("id".to_owned(), json!(customer.id));
                    fields.insert("group_id".to_owned(), json!(customer.group_id));
                    fields.insert("website_id".to_owned(), json!(customer.website_id));
                    fields.insert("store_id".to_owned(), json!(customer.store_id));
                }
                Requester::Administrator | Requester::Guest => {
                    fields.insert("id".to_owned(), Value::Null);
                }
            }
            given.insert("customer".to_owned(), Value::Object(fields));
        }
    }
    Ok(())
}

fn success(value: &Value, format: AcceptedFormat, opens_session: bool) -> ServerResponse {
    let response = render(200, value, format);
    let response = if opens_session {
        with_session(response)
    } else {
        response
    };
    response
        .with_header("Vary", "Accept-Encoding")
        .with_header("X-Frame-Options", "SAMEORIGIN")
        .with_header("Cache-Control", "no-store")
}

fn refusal(failure: &Failure, format: AcceptedFormat) -> ServerResponse {
    if failure.is_crash {
        let text = failure.message();
        return ServerResponse::new(failure.status, "text/plain;charset=UTF-8", text);
    }
    let response = render(failure.status, &failure.body(), format);
    let response = if failure.session {
        with_session(response)
    } else {
        response
    };
    let response = if failure.status == 404 {
        response.with_header("Vary", "Accept-Encoding")
    } else {
        response
    };
    response.with_header("Cache-Control", "no-store")
}

fn render(status: u16, value: &Value, format: AcceptedFormat) -> ServerResponse {
    match format {
        AcceptedFormat::Xml => {
            ServerResponse::new(status, "application/xml; charset=utf-8", xml::render(value))
        }
        AcceptedFormat::Json | AcceptedFormat::Neither => {
            ServerResponse::new(status, "application/json; charset=utf-8", php::json(value))
        }
    }
}

/// Adds the headers of a PHP session, which most responses have although the API does not use them.
fn with_session(response: ServerResponse) -> ServerResponse {
    // Randomly keyed for each call, so that no two responses have the same id.
    let (high, low) = (
        RandomState::new().hash_one(0),
        RandomState::new().hash_one(1),
    );
    response
        .with_header(
            "Set-Cookie",
            format!(
                "PHPSESSID={high:016x}{low:016x}; Max-Age=3600; path=/; HttpOnly; SameSite=Lax"
            ),
        )
        .with_header("Expires", "Thu, 19 Nov 1981 08:52:00 GMT")
        .with_header("Pragma", "no-cache")
}

/// The error page of the web server in front of Magento, for requests that it rejects.
fn refused_by_the_web_server(request: &ServerRequest) -> Option<ServerResponse> {
    let page = |status: u16, title: &str| {
        let text = format!(
            "<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<center><h1>{status} {title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Some(ServerResponse::new(
            status,
            "text/html; charset=UTF-8",
            text,
        ))
    };
    match request.method.as_str() {
        "TRACE" | "CONNECT" => page(405, "Not Allowed"),
        method if method.contains(|c: char| c.is_ascii_lowercase()) => page(400, "Bad Request"),
        _ => None,
    }
}

/// The HTML page for an unhandled exception, and for a path outside the API.
fn error_page(is_exception: bool) -> ServerResponse {
    let (status, title) = if is_exception {
        (500, "There has been an error processing your request")
    } else {
        (404, "404 Not Found")
    };
    let record = RandomState::new().hash_one(title);
    let text = format!(
        "<!doctype html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" >\n<head>\n    <title>{title}</title>\n</head>\n<body>\n    <main class=\"page-main\">\n<h1>{title}</h1>\n    <p>Error log record number: {record:016x}</p>\n    </main>\n</body>\n</html>\n"
    );
    ServerResponse::new(status, "text/html; charset=UTF-8", text)
        .with_header("X-Content-Type-Options", "nosniff")
        .with_header("X-XSS-Protection", "1; mode=block")
        .with_header("X-Frame-Options", "SAMEORIGIN")
}
