//! Images of products: a multipart upload, and the same bytes back.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request, State as Extract};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::auth::staff::{Scope, require};
use super::super::call::{Call, parse};
use super::super::faults::Fault;
use super::super::fields::{Fields, checked, text, wrong};
use super::super::ids;
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Image, Shop};
use super::super::time::now;
use super::model::product_json;
use super::read::{etag, language};
use super::write::find;

const MEDIA_TYPES: [&str; 2] = ["image/png", "image/jpeg"];

/// `PUT /products/{id}/image`
pub async fn upload(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require(&shop, &call, Scope::Write)?;
    find(&shop.state(), &call)?;
    let mut image = read_parts(&call).await?;
    if shop.has(Fault::MetadataIgnored) {
        "Product".clone_into(&mut image.alternative_text);
    }
    let mut state = shop.state();
    find(&state, &call)?;
    let Some(product) = state.products.get_mut(call.path("id")) else {
        return Err(Problem::not_found("product"));
    };
    let status = match product.image.replace(image) {
        Some(_) => StatusCode::OK,
        None => StatusCode::CREATED,
    };
    product.version += 1;
    product.updated = now();
    let language = language(&call);
    let mut response = reply::json(status, &product_json(product, language)["image"]);
    reply::set(&mut response, "etag", &etag(product, language));
    if status == StatusCode::CREATED {
        let location = format!("/products/{}/image", product.id);
        reply::set(&mut response, "location", &location);
    }
    Ok(response)
}

/// `GET /products/{id}/image`
pub async fn download(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let product = find(&shop.state(), &call)?;
    let image = product.image.ok_or_else(|| Problem::not_found("image"))?;
    let digested = if shop.has(Fault::DigestWrong) {
        ids::sha256(b"other bytes")
    } else {
        ids::sha256(&image.bytes)
    };
    let mut bytes = image.bytes.to_vec();
    if shop.has(Fault::ImageByteChanged)
        && let Some(last) = bytes.last_mut()
    {
        *last ^= 1;
    }
    let media_type = if shop.has(Fault::ImageAsBytes) {
        "application/octet-stream"
    } else {
        image.media_type
    };
    let mut response = reply::text(StatusCode::OK, media_type, bytes);
    let digest = format!("sha-256=:{}:", STANDARD.encode(digested));
    reply::set(&mut response, "content-digest", &digest);
    Ok(response)
}

async fn read_parts(call: &Call) -> Result<Image, Problem> {
    let bytes = call.body("multipart/form-data")?;
    let broken = || Problem::bad_request("the body is not multipart/form-data");
    let content_type = call.header("content-type").unwrap_or_default();
    let request = Request::builder()
        .header("content-type", content_type)
        .body(Body::from(bytes))
        .map_err(|_| broken())?;
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|_| broken())?;
    let mut image: Option<(Bytes, String)> = None;
    let mut alternative_text = None;
    while let Some(part) = parts.next_field().await.map_err(|_| broken())? {
        let name = part.name().unwrap_or_default().to_owned();
        let media_type = part.content_type().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| broken())?;
        match name.as_str() {
            "image" => image = Some((bytes, media_type)),
            "metadata" => alternative_text = Some(read_metadata(&bytes)?),
            _ => return Err(invalid_part(&name, "is not a known part")),
        }
    }
    let Some((bytes, media_type)) = image else {
        return Err(invalid_part("image", "is required"));
    };
    let Some(alternative_text) = alternative_text else {
        return Err(invalid_part("metadata", "is required"));
    };
    let known = MEDIA_TYPES.into_iter().find(|known| *known == media_type);
    let Some(media_type) = known else {
        return Err(invalid_part("image", "must be image/png or image/jpeg"));
    };
    if bytes.is_empty() {
        return Err(invalid_part("image", "must not be empty"));
    }
    Ok(Image {
        bytes,
        media_type,
        alternative_text,
    })
}

fn read_metadata(bytes: &[u8]) -> Result<String, Problem> {
    let value = parse(bytes)?;
    let mut fields = checked(Fields::of(&value))?;
    let alternative_text = fields.required("alternative_text", text(1, 200));
    checked(fields.finish(alternative_text))
}

fn invalid_part(name: &str, detail: &str) -> Problem {
    let mut errors = wrong(detail);
    for error in &mut errors {
        error.pointer = format!("/{name}");
    }
    Problem::invalid(errors)
}
