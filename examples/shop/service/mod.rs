//! A shop with many of the habits that HTTP services have, and faults that can be switched on one at a time.
//!
//! [`serve`] starts it with its own state in memory. Requests are read in `call` and handled by area,
//! and responses are made in `reply`. `../schemas/shop/shop.yaml` documents exactly what the shop without a fault does.

#![allow(
    dead_code,
    reason = "programs that include the service use parts of it"
)]

pub mod auth;
pub mod faults;
pub mod seeds;

mod call;
mod cart;
mod customers;
mod exports;
mod fields;
mod home;
mod ids;
mod language;
mod orders;
mod pages;
mod partners;
mod products;
mod reply;
mod reports;
mod state;
mod time;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{any, get, post, put};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use faults::Fault;
use reply::Problem;
use state::Shop;

/// How a shop runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The deviation that is switched on.
    pub fault: Option<Fault>,
    /// How long access tokens are valid, in seconds.
    pub token_seconds: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            fault: None,
            token_seconds: 3600,
        }
    }
}

/// A shop that runs until its task is aborted.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    pub task: JoinHandle<io::Result<()>>,
}

/// Starts a shop on a free port of the loopback interface.
///
/// # Errors
/// When no port can be bound.
pub async fn serve(settings: Settings) -> io::Result<Server> {
    serve_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), settings).await
}

/// Starts a shop on this address.
///
/// # Errors
/// When the address cannot be bound.
pub async fn serve_on(address: SocketAddr, settings: Settings) -> io::Result<Server> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let router = app(settings);
    let task = tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Server { address, task })
}

/// The whole service, with its own state.
pub fn app(settings: Settings) -> Router {
    Router::new()
        .route("/", get(home::page))
        .route("/health", get(home::health))
        .route("/oauth/token", post(auth::oauth::token))
        .merge(catalogue())
        .merge(customers_and_orders())
        .merge(offices())
        .fallback(async || Problem::not_found("resource"))
        .method_not_allowed_fallback(async || {
            let detail = "the resource does not have this method";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail)
        })
        .with_state(Shop::new(settings))
}

fn catalogue() -> Router<Shop> {
    use products::{bulk, image, list, paths, read, search, write};
    Router::new()
        .route(
            "/products",
            get(list::list).options(list::options).post(write::create),
        )
        .route("/products/search", any(search::search))
        .route("/products/import", post(bulk::import))
        .route("/products/export", get(bulk::export))
        .route(
            "/products/{id}",
            get(read::read)
                .put(write::replace)
                .patch(write::patch)
                .delete(write::delete),
        )
        .route(
            "/products/{id}/image",
            get(image::download).put(image::upload),
        )
        .route("/stock/{skus}", get(paths::stock))
        .route("/categories/{path}", get(paths::category))
}

fn customers_and_orders() -> Router<Shop> {
    use auth::session;
    use orders::{change, document, events, place, read};
    Router::new()
        .route(
            "/session",
            get(session::read)
                .post(session::login)
                .delete(session::logout),
        )
        .route("/customers", post(customers::register))
        .route(
            "/customers/{id}",
            get(customers::read).put(customers::replace),
        )
        .route("/cart", get(cart::read))
        .route("/cart/items", post(cart::add))
        .route("/cart/items/{id}", put(cart::change).delete(cart::remove))
        .route("/orders", get(read::list).post(place::place))
        .route("/orders/events", get(events::stream))
        .route("/orders/{id}", get(read::read))
        .route("/orders/{id}/state", put(change::enter))
        .route("/orders/{id}/cancellation", post(change::cancel))
        .route("/orders/{id}/document", get(document::read))
}

fn offices() -> Router<Shop> {
    Router::new()
        .route("/partner/inventory", get(partners::inventory))
        .route("/partner/inventory/{id}", put(partners::set_inventory))
        .route("/partner/quote", get(partners::quote))
        .route("/feed", get(partners::feed))
        .route("/reports/sales.csv", get(reports::sales))
        .route("/reports/stock", get(reports::stock))
        .route("/exports", post(exports::start))
        .route("/exports/{id}", get(exports::poll))
        .route("/exports/{id}/result", get(exports::result))
}
