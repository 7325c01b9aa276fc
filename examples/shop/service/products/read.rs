//! `GET /products/{id}`, with ETag, dates and languages.

use axum::extract::State as Extract;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::faults::Fault;
use super::super::language::{Language, Quality, negotiate};
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Product, Shop};
use super::super::time::{http_date, iso};
use super::model::product_json;

/// The ETag of a product in this language.
pub fn etag(product: &Product, language: Language) -> String {
    format!("\"v{}-{}\"", product.version, language.tag())
}

/// The language that the request accepts; English when none is known.
pub fn language(call: &Call) -> Language {
    let accepted = call.header("accept-language").unwrap_or("en");
    negotiate(accepted, Quality::Used).unwrap_or(Language::English)
}

/// `GET /products/{id}`
pub async fn read(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let mut language = language(&call);
    let accepted = call.header("accept-language").unwrap_or("en");
    if shop.has(Fault::QualityIgnored) {
        language = negotiate(accepted, Quality::Ignored).unwrap_or(Language::English);
    }
    if shop.has(Fault::UnknownLanguageRejected) && negotiate(accepted, Quality::Used).is_none() {
        let detail = "no known language is accepted";
        return Err(Problem::new(
            StatusCode::NOT_ACCEPTABLE,
            "not-acceptable",
            detail,
        ));
    }
    let found = shop.state().products.get(call.path("id")).cloned();
    let Some(product) = found else {
        if shop.has(Fault::MissingAsNull) {
            return Ok(reply::json(StatusCode::OK, &Value::Null));
        }
        let problem = Problem::not_found("product");
        return Err(if shop.has(Fault::ProblemAsJson) {
            problem.with_media_type("application/json")
        } else {
            problem
        });
    };

    let mut etag = etag(&product, language);
    let known = call.header("if-none-match").unwrap_or_default();
    let is_known = known.split(',').any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    });
    if is_known && !shop.has(Fault::NeverNotModified) {
        let mut response = reply::empty(StatusCode::NOT_MODIFIED);
        if !shop.has(Fault::NotModifiedWithoutEtag) {
            reply::set(&mut response, "etag", &etag);
        }
        reply::set(&mut response, "vary", "Accept-Language");
        return Ok(response);
    }

    let shown_language = if shop.has(Fault::LanguageIgnored) {
        Language::English
    } else {
        language
    };
    let mut body = product_json(&product, shown_language);
    break_body(&shop, &product, language, &mut body);
    let mut response = reply::json(StatusCode::OK, &body);
    if shop.has(Fault::HeadOtherEtag) && call.method == Method::HEAD {
        "\"v0\"".clone_into(&mut etag);
    }
    if shop.has(Fault::EtagUnquoted) {
        etag = etag.replace('"', "");
    }
    set_headers(&shop, &mut response, &product, &etag, language);
    Ok(response)
}

fn set_headers(
    shop: &Shop,
    response: &mut Response,
    product: &Product,
    etag: &str,
    language: Language,
) {
    if !shop.has(Fault::ProductWithoutEtag) {
        reply::set(response, "etag", etag);
    }
    let modified = if shop.has(Fault::LastModifiedIso) {
        iso(product.updated)
    } else {
        http_date(product.updated)
    };
    reply::set(response, "last-modified", &modified);
    if !shop.has(Fault::VaryMissing) {
        reply::set(response, "vary", "Accept-Language");
    }
    // A product without a German title is shown with the English one.
    let shown = match product.input.german_title {
        Some(_) if !shop.has(Fault::ContentLanguageWrong) => language,
        _ => Language::English,
    };
    reply::set(response, "content-language", shown.tag());
}

/// The faults of the body.
fn break_body(shop: &Shop, product: &Product, language: Language, body: &mut Value) {
    if shop.has(Fault::PriceAsText) {
        body["price"]["amount"] = product.input.price.to_string().into();
    }
    if shop.has(Fault::ExtraMember) {
        body["internal_cost"] = json!(product.input.price / 2);
    }
    if shop.has(Fault::TitleNull)
        && language == Language::German
        && product.input.german_title.is_none()
    {
        body["title"] = Value::Null;
    }
    if shop.has(Fault::CreatedWithoutZone) {
        body["created_at"] = iso(product.created).replace('Z', "").into();
    }
    if shop.has(Fault::RatingAboveFive) && product.rating == Some(5.0) {
        body["rating"] = json!(5.5);
    }
    if shop.has(Fault::DiscontinuedWithoutDate)
        && let Some(members) = body.as_object_mut()
    {
        members.shift_remove("discontinued_at");
    }
    if shop.has(Fault::TagsNull) && product.input.tags.is_empty() {
        body["tags"] = Value::Null;
    }
    if shop.has(Fault::DuplicateTags)
        && product.input.tags.len() > 1
        && let Some(tags) = body["tags"].as_array_mut()
    {
        tags.push(json!(product.input.tags[0]));
    }
}
