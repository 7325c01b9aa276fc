//! A product in JSON: what clients send and what they receive.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::super::fields::{Fields, Read, Unknown, integer, nullable, pattern, text, word, wrong};
use super::super::ids;
use super::super::language::Language;
use super::super::state::{Kind, Product, ProductInput};
use super::super::time::{date, iso};

pub const CATEGORIES: &[&str] = &["garden", "garden.tools", "garden.seeds", "books", "music"];
const LICENCES: &[&str] = &["single", "family"];
const LARGEST_PRICE: i64 = 10_000_000;

static SKU: LazyLock<Regex> = LazyLock::new(|| compiled("^[A-Z]{3}-[0-9]{4}$"));
/// A tag of products.
pub static TAG: LazyLock<Regex> = LazyLock::new(|| compiled("^[a-z0-9-]{1,20}$"));

/// A pattern that is part of the source.
#[allow(clippy::expect_used, reason = "the patterns are constants")]
pub fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

/// An amount of money.
pub fn money(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// The product as clients receive it.
pub fn product_json(product: &Product, language: Language) -> Value {
    let input = &product.input;
    let title = match (language, &input.german_title) {
        (Language::German, Some(title)) => title,
        _ => &input.title,
    };
    let mut body = json!({
        "id": product.id,
        "version": product.version,
        "kind": kind_name(input.kind),
        "sku": input.sku,
        "title": title,
        "description": input.description,
        "price": money(input.price),
        "category": input.category,
        "tags": input.tags,
        "available_from": input.available_from,
        "status": input.status,
        "rating": product.rating,
        "image": product.image.as_ref().map(|image| json!({
            "url": format!("/products/{}/image", product.id),
            "media_type": image.media_type,
            "size": image.bytes.len(),
            "sha256": ids::hex(&ids::sha256(&image.bytes)),
            "alternative_text": image.alternative_text,
        })),
        "created_at": iso(product.created),
        "updated_at": iso(product.updated),
    });
    match input.kind {
        Kind::Physical { weight_grams } => body["weight_grams"] = weight_grams.into(),
        Kind::Digital {
            licence,
            download_bytes,
        } => {
            body["licence"] = licence.into();
            body["download_bytes"] = download_bytes.into();
        }
    }
    if let Some(at) = product.discontinued {
        body["discontinued_at"] = iso(at).into();
    }
    body
}

/// The part that clients write, as they write it; a merge patch changes it.
pub fn input_json(input: &ProductInput) -> Value {
    let mut titles = Map::new();
    titles.insert("en".to_owned(), json!(input.title));
    if let Some(title) = &input.german_title {
        titles.insert("de".to_owned(), json!(title));
    }
    let mut body = json!({
        "kind": kind_name(input.kind),
        "sku": input.sku,
        "titles": titles,
        "description": input.description,
        "price": money(input.price),
        "category": input.category,
        "tags": input.tags,
        "available_from": input.available_from,
        "status": input.status,
    });
    match input.kind {
        Kind::Physical { weight_grams } => body["weight_grams"] = weight_grams.into(),
        Kind::Digital {
            licence,
            download_bytes,
        } => {
            body["licence"] = licence.into();
            body["download_bytes"] = download_bytes.into();
        }
    }
    body
}

/// Whether a body may set the stock: only when it creates a physical product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockMember {
    Accepted,
    Unknown,
}

/// Reads what clients write, and the stock of a new product.
pub fn read_product(
    value: &Value,
    stock: StockMember,
    unknown: Unknown,
) -> Read<(ProductInput, i64)> {
    let mut fields = Fields::of(value)?;
    fields.unknown(unknown);
    let kind = fields.required("kind", word(&["physical", "digital"]));
    let sku = fields.required("sku", pattern(&SKU));
    let titles = fields.required("titles", read_titles);
    let description = fields.optional("description", nullable(text(0, 2000)));
    let price = fields.required("price", read_money);
    let category = fields.required("category", word(CATEGORIES));
    let tags = fields.optional("tags", read_tags);
    let available_from = fields.optional("available_from", nullable(read_date));
    let status = fields.optional("status", word(&["active", "discontinued"]));
    let mut pieces = 0;
    let kind = match kind {
        Some("physical") => {
            if stock == StockMember::Accepted {
                pieces = fields.optional("stock", integer(0, 100_000)).unwrap_or(0);
            }
            let weight = fields.required("weight_grams", integer(1, 1_000_000));
            weight.map(|weight_grams| Kind::Physical { weight_grams })
        }
        Some(_) => {
            let licence = fields.required("licence", word(LICENCES));
            let size = fields.required("download_bytes", integer(1, 10_000_000_000));
            licence
                .zip(size)
                .map(|(licence, download_bytes)| Kind::Digital {
                    licence,
                    download_bytes,
                })
        }
        None => None,
    };
    let input = (|| {
        let (title, german_title) = titles?;
        Some(ProductInput {
            sku: sku?,
            kind: kind?,
            title,
            german_title,
            description: description.flatten(),
            price: price?,
            category: category?,
            tags: tags.unwrap_or_default(),
            available_from: available_from.flatten(),
            status: status.unwrap_or("active"),
        })
    })();
    fields.finish(input.map(|input| (input, pieces)))
}

fn read_titles(value: &Value) -> Read<(String, Option<String>)> {
    let mut fields = Fields::of(value)?;
    let english = fields.required("en", text(1, 120));
    let german = fields.optional("de", text(1, 120));
    fields.finish(english.map(|english| (english, german)))
}

fn read_money(value: &Value) -> Read<i64> {
    let mut fields = Fields::of(value)?;
    let amount = fields.required("amount", integer(0, LARGEST_PRICE));
    let currency = fields.required("currency", word(&["EUR"]));
    fields.finish(amount.zip(currency).map(|(amount, _)| amount))
}

fn read_tags(value: &Value) -> Read<Vec<String>> {
    let Value::Array(items) = value else {
        return Err(wrong("must be a list"));
    };
    let mut tags = Vec::new();
    for item in items {
        let tag = pattern(&TAG)(item)?;
        if tags.contains(&tag) {
            return Err(wrong("must not repeat a tag"));
        }
        tags.push(tag);
    }
    match tags.len() {
        0..=10 => Ok(tags),
        _ => Err(wrong("must have at most 10 tags")),
    }
}

/// A date between 1900 and 2099.
pub fn read_date(value: &Value) -> Read<String> {
    let found = value
        .as_str()
        .filter(|text| date(text).is_some_and(|date| (1900..=2099).contains(&date.year())));
    let found = found.map(str::to_owned);
    found.ok_or_else(|| wrong("must be a date between 1900 and 2099"))
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Physical { .. } => "physical",
        Kind::Digital { .. } => "digital",
    }
}
