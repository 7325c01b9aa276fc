//! What the shop starts with, the same every time except for the random parts of ids.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::auth::session::digest;
use super::ids;
use super::state::{
    Customer, Event, Kind, Line, Order, OrderState, Payment, Product, ProductInput, Shipping, State,
};

/// Email, password, name and birthday of the customers.
pub const CUSTOMERS: [(&str, &str, &str, Option<&str>); 2] = [
    (
        "ada@shop.example",
        "ada-password",
        "Ada Abel",
        Some("1990-12-10"),
    ),
    ("bo@shop.example", "bo-password", "Bo Brandt", None),
];

const OPENED: OffsetDateTime = datetime!(2026-01-05 08:00:00.125 UTC);

struct Seed(
    &'static str,
    &'static str,
    Option<&'static str>,
    i64,
    &'static str,
    &'static [&'static str],
    i64,
    Option<f64>,
);

/// SKU, English title, German title, price, category, tags, stock, rating.
const PHYSICAL: &[Seed] = &[
    Seed(
        "GRD-0001",
        "Hand trowel",
        Some("Handschaufel"),
        1290,
        "garden.tools",
        &["steel", "bestseller"],
        40,
        Some(4.5),
    ),
    Seed(
        "GRD-0002",
        "Hoe, Dutch",
        None,
        2450,
        "garden.tools",
        &["steel"],
        12,
        None,
    ),
    Seed(
        "GRD-0003",
        "Watering can",
        Some("Gießkanne"),
        1990,
        "garden.tools",
        &["zinc", "gift"],
        0,
        Some(5.0),
    ),
    Seed(
        "GRD-0004",
        "Basil seeds",
        Some("Basilikumsamen"),
        240,
        "garden.seeds",
        &["organic", "herb"],
        500,
        Some(3.8),
    ),
    Seed(
        "GRD-0005",
        "Tomato seeds",
        Some("Tomatensamen"),
        240,
        "garden.seeds",
        &["organic"],
        500,
        None,
    ),
    Seed(
        "GRD-0006",
        "Sunflower seeds",
        Some("Sonnenblumensamen"),
        180,
        "garden.seeds",
        &[],
        350,
        Some(4.1),
    ),
    Seed(
        "BOK-0001",
        "Pruning & grafting",
        Some("Schneiden & Veredeln"),
        3490,
        "books",
        &["gift"],
        8,
        Some(4.9),
    ),
    Seed(
        "BOK-0002",
        "Compost",
        None,
        990,
        "books",
        &["organic", "bestseller"],
        25,
        Some(2.5),
    ),
    Seed(
        "BOK-0003",
        "The old orchard",
        Some("Der alte Obstgarten"),
        12900,
        "books",
        &["gift", "illustrated"],
        2,
        None,
    ),
];

/// Fills an empty state.
pub fn fill(state: &mut State) {
    let mut created = OPENED;
    for seed in PHYSICAL {
        let kind = Kind::Physical {
            weight_grams: 100 + seed.3 / 4,
        };
        let id = add(state, seed, kind, created);
        state.stock.insert(id, seed.6);
        created += Duration::hours(31);
    }
    for seed in [
        Seed(
            "MUS-0001",
            "Bird songs",
            Some("Vogelstimmen"),
            799,
            "music",
            &["download", "gift"],
            0,
            Some(4.4),
        ),
        Seed(
            "MUS-0002",
            "Rain",
            Some("Regen"),
            599,
            "music",
            &["download"],
            0,
            None,
        ),
    ] {
        let kind = Kind::Digital {
            licence: "single",
            download_bytes: 48_210_377,
        };
        add(state, &seed, kind, created);
        created += Duration::hours(31);
    }
    if let Some(last) = state.products.values_mut().last() {
        last.input.status = "discontinued";
        last.discontinued = Some(datetime!(2026-03-01 09:30:00 UTC));
    }
    for (email, password, name, birthday) in CUSTOMERS {
        let id = ids::uuid();
        let customer = Customer {
            id: id.clone(),
            email: email.to_owned(),
            name: name.to_owned(),
            birthday: birthday.map(str::to_owned),
            password: digest(password),
            created: OPENED,
        };
        state.customers.insert(id.clone(), customer);
        let states: &[&[OrderState]] = match name {
            "Ada Abel" => &[
                &[
                    OrderState::Placed,
                    OrderState::Paid,
                    OrderState::Shipped,
                    OrderState::Delivered,
                ],
                &[OrderState::Placed, OrderState::Paid, OrderState::Shipped],
                &[OrderState::Placed, OrderState::Cancelled],
            ],
            _ => &[&[OrderState::Placed, OrderState::Paid]],
        };
        for history in states {
            place(state, &id, history);
        }
    }
}

fn add(state: &mut State, seed: &Seed, kind: Kind, created: OffsetDateTime) -> String {
    let Seed(sku, title, german, price, category, tags, _, rating) = *seed;
    let milliseconds = created.unix_timestamp_nanos() / 1_000_000;
    let id = ids::product(u64::try_from(milliseconds).unwrap_or_default());
    let product = Product {
        id: id.clone(),
        version: 1,
        first_title: title.to_owned(),
        input: ProductInput {
            sku: sku.to_owned(),
            kind,
            title: title.to_owned(),
            german_title: german.map(str::to_owned),
            description: rating.map(|_| format!("{title}, tried by our customers.")),
            price,
            category,
            tags: tags.iter().copied().map(str::to_owned).collect(),
            available_from: rating.is_none().then(|| "2026-02-01".to_owned()),
            status: "active",
        },
        rating,
        discontinued: None,
        image: None,
        created,
        updated: created,
    };
    state.products.insert(id.clone(), product);
    id
}

fn place(state: &mut State, customer: &str, history: &[OrderState]) {
    let id = state.orders.len() as u64 + 1;
    let products = state.products.values().skip(id as usize * 2).take(2);
    let lines: Vec<Line> = products
        .map(|product| Line {
            product: product.id.clone(),
            sku: product.input.sku.clone(),
            title: product.input.title.clone(),
            quantity: 2,
            unit_price: product.input.price,
        })
        .collect();
    let goods: i64 = lines
        .iter()
        .map(|line| line.quantity * line.unit_price)
        .sum();
    let is_even = id.is_multiple_of(2);
    let shipping = if is_even {
        Shipping::Pickup { store: "harbour" }
    } else {
        Shipping::Parcel {
            name: "Ada Abel".to_owned(),
            street: "Lindenweg 4".to_owned(),
            postcode: "20095".to_owned(),
            city: "Hamburg".to_owned(),
            country: "DE",
        }
    };
    let payment = if is_even {
        Payment::Invoice { vat_id: None }
    } else {
        Payment::Card {
            last_four: "4242".to_owned(),
        }
    };
    let mut at = OPENED + Duration::days(30 + id as i64);
    let mut entered = Vec::new();
    for state_entered in history {
        entered.push((*state_entered, at));
        state.events.push(Event {
            order: id,
            state: *state_entered,
            at,
        });
        at += Duration::hours(20);
    }
    let order = Order {
        id,
        customer: customer.to_owned(),
        total: goods + shipping.cost(),
        lines,
        shipping,
        payment,
        note: None,
        history: entered,
    };
    state.orders.insert(id, order);
}
