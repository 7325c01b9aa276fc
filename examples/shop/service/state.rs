//! What the shop stores, in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::Settings;
use super::faults::Fault;
use super::seeds;
use super::time::now;

/// The running shop: its settings and its state.
#[derive(Clone, Debug)]
pub struct Shop(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    state: Mutex<State>,
    stored_events: watch::Sender<usize>,
}

impl Shop {
    /// A shop with the products, customers and orders that it always starts with.
    pub fn new(settings: Settings) -> Shop {
        let mut state = State::new();
        seeds::fill(&mut state);
        let stored_events = watch::Sender::new(state.events.len());
        Shop(Arc::new(Inner {
            settings,
            state: Mutex::new(state),
            stored_events,
        }))
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        let state = self.0.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this fault is switched on.
    pub fn has(&self, fault: Fault) -> bool {
        self.0.settings.fault == Some(fault)
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Receives the number of stored events whenever it changes.
    pub fn watch_events(&self) -> watch::Receiver<usize> {
        self.0.stored_events.subscribe()
    }

    /// Puts the order into this state, and stores the event.
    pub fn enter(&self, state: &mut State, order: u64, entered: OrderState) {
        let at = now();
        if let Some(order) = state.orders.get_mut(&order) {
            order.history.push((entered, at));
        }
        if !(self.has(Fault::EventMissing) && entered == OrderState::Shipped) {
            state.events.push(Event {
                order,
                state: entered,
                at,
            });
            self.0.stored_events.send_replace(state.events.len());
        }
    }
}

/// Everything that changes.
#[derive(Debug)]
pub struct State {
    pub started: OffsetDateTime,
    /// By id; ids sort by the time of creation.
    pub products: BTreeMap<String, Product>,
    /// Only [`Fault::DeletedStillListed`] reads them.
    pub deleted: BTreeMap<String, Product>,
    /// Pieces of physical products.
    pub stock: BTreeMap<String, i64>,
    pub customers: BTreeMap<String, Customer>,
    pub sessions: HashMap<String, Session>,
    pub tokens: HashMap<String, Token>,
    pub refresh_tokens: HashMap<String, Grant>,
    pub orders: BTreeMap<u64, Order>,
    pub order_keys: HashMap<(String, String), PlacedOrder>,
    pub events: Vec<Event>,
    pub jobs: BTreeMap<String, Job>,
    pub quotes: HashMap<String, Vec<Instant>>,
    pub stock_reports: u32,
}

impl State {
    fn new() -> State {
        State {
            started: now(),
            products: BTreeMap::new(),
            deleted: BTreeMap::new(),
            stock: BTreeMap::new(),
            customers: BTreeMap::new(),
            sessions: HashMap::new(),
            tokens: HashMap::new(),
            refresh_tokens: HashMap::new(),
            orders: BTreeMap::new(),
            order_keys: HashMap::new(),
            events: Vec::new(),
            jobs: BTreeMap::new(),
            quotes: HashMap::new(),
            stock_reports: 0,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Product {
    pub id: String,
    pub version: u64,
    pub input: ProductInput,
    pub first_title: String,
    pub rating: Option<f64>,
    pub discontinued: Option<OffsetDateTime>,
    pub image: Option<Image>,
    pub created: OffsetDateTime,
    pub updated: OffsetDateTime,
}

/// The part of a product that clients write.
#[derive(Clone, Debug)]
pub struct ProductInput {
    pub sku: String,
    pub kind: Kind,
    pub title: String,
    pub german_title: Option<String>,
    pub description: Option<String>,
    /// In cents.
    pub price: i64,
    pub category: &'static str,
    pub tags: Vec<String>,
    pub available_from: Option<String>,
    pub status: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Physical {
        weight_grams: i64,
    },
    Digital {
        licence: &'static str,
        download_bytes: i64,
    },
}

#[derive(Clone, Debug)]
pub struct Image {
    pub bytes: Bytes,
    pub media_type: &'static str,
    pub alternative_text: String,
}

#[derive(Clone, Debug)]
pub struct Customer {
    pub id: String,
    pub email: String,
    pub name: String,
    pub birthday: Option<String>,
    pub password: Vec<u8>,
    pub created: OffsetDateTime,
}

#[derive(Clone, Debug)]
pub struct Session {
    pub csrf: String,
    pub customer: Option<String>,
    /// Product ids and quantities, in the order in which they were added.
    pub cart: Vec<(String, i64)>,
    /// Only [`Fault::CartTotalStale`] sets it.
    pub stale_total: Option<i64>,
    pub created: OffsetDateTime,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub may_write: bool,
    pub expires: Instant,
}

/// What a refresh token was issued for.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client: &'static str,
    pub may_write: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    Placed,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
}

impl OrderState {
    pub const ALL: [OrderState; 5] = [
        OrderState::Placed,
        OrderState::Paid,
        OrderState::Shipped,
        OrderState::Delivered,
        OrderState::Cancelled,
    ];

    pub fn name(self) -> &'static str {
        match self {
            OrderState::Placed => "placed",
            OrderState::Paid => "paid",
            OrderState::Shipped => "shipped",
            OrderState::Delivered => "delivered",
            OrderState::Cancelled => "cancelled",
        }
    }

    pub fn parse(name: &str) -> Option<OrderState> {
        OrderState::ALL
            .into_iter()
            .find(|state| state.name() == name)
    }
}

#[derive(Clone, Debug)]
pub struct Order {
    pub id: u64,
    pub customer: String,
    pub lines: Vec<Line>,
    pub shipping: Shipping,
    pub payment: Payment,
    pub note: Option<String>,
    /// In cents, with shipping.
    pub total: i64,
    pub history: Vec<(OrderState, OffsetDateTime)>,
}

impl Order {
    pub fn state(&self) -> OrderState {
        let last = self.history.last();
        last.map_or(OrderState::Placed, |(state, _)| *state)
    }

    /// The number that people read, such as `SO-2026-000017`.
    pub fn number(&self) -> String {
        let year = self.history.first().map_or(2026, |(_, at)| at.year());
        format!("SO-{year}-{:06}", self.id)
    }

    /// When it entered this state, if it did.
    pub fn entered(&self, state: OrderState) -> Option<OffsetDateTime> {
        let found = self.history.iter().find(|(entered, _)| *entered == state);
        found.map(|(_, at)| *at)
    }
}

#[derive(Clone, Debug)]
pub struct Line {
    pub product: String,
    pub sku: String,
    pub title: String,
    pub quantity: i64,
    pub unit_price: i64,
}

#[derive(Clone, Debug)]
pub enum Shipping {
    Parcel {
        name: String,
        street: String,
        postcode: String,
        city: String,
        country: &'static str,
    },
    Pickup {
        store: &'static str,
    },
}

impl Shipping {
    /// In cents.
    pub fn cost(&self) -> i64 {
        match self {
            Shipping::Parcel { .. } => 490,
            Shipping::Pickup { .. } => 0,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Payment {
    Card { last_four: String },
    Invoice { vat_id: Option<String> },
}

/// The order that an idempotency key placed, and the digest of its body.
#[derive(Clone, Debug)]
pub struct PlacedOrder {
    pub body: Vec<u8>,
    pub order: u64,
}

#[derive(Clone, Debug)]
pub struct Event {
    pub order: u64,
    pub state: OrderState,
    pub at: OffsetDateTime,
}

/// An export that clients poll.
#[derive(Clone, Debug)]
pub struct Job {
    pub format: &'static str,
    pub in_stock_only: bool,
    pub polls: u32,
    pub created: OffsetDateTime,
}
