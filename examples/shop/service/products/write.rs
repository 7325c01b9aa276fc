//! Creating, replacing, patching and deleting products, with optimistic locking by ETag.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::auth::staff::{Scope, require, require_without};
use super::super::call::{Call, parse};
use super::super::faults::Fault;
use super::super::fields::{Read, Unknown, checked, wrong};
use super::super::ids;
use super::super::language::Language;
use super::super::reply::{self, FieldError, Outcome, Problem};
use super::super::state::{Kind, Product, ProductInput, Shop, State};
use super::super::time::{http_date, now};
use super::model::{StockMember, input_json, product_json, read_product};
use super::read::{etag, language};

/// `POST /products`
pub async fn create(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require(&shop, &call, Scope::Write)?;
    let body = if shop.has(Fault::MediaTypeIgnored) {
        parse(&call.any_body()?)?
    } else {
        call.json()?
    };
    let unknown = if shop.has(Fault::UnknownMemberAccepted) {
        Unknown::Accepted
    } else {
        Unknown::Rejected
    };
    let read = checked(read_product(&body, StockMember::Accepted, unknown));
    let (input, stock) = read.map_err(|problem| {
        if shop.has(Fault::ProblemStatusAsText) {
            problem.with_status_as_text()
        } else {
            problem
        }
    })?;

    let mut state = shop.state();
    if is_known_sku(&state, &input.sku, "") {
        return Err(if shop.has(Fault::ConflictAsInvalid) {
            Problem::invalid(vec![FieldError {
                pointer: "/sku".to_owned(),
                detail: "is known".to_owned(),
            }])
        } else {
            sku_conflict()
        });
    }
    let first = state.products.keys().next().cloned().unwrap_or_default();
    let product = store(&mut state, input, stock);
    let status = if shop.has(Fault::CreatedAsOk) {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let mut response = shown(status, &product, language(&call));
    let named = if shop.has(Fault::ProductLocationOfAnother) {
        &first
    } else {
        &product.id
    };
    if !shop.has(Fault::CreateWithoutLocation) {
        reply::set(&mut response, "location", &format!("/products/{named}"));
    }
    Ok(response)
}

/// Stores a new product with a SKU that is not known yet.
pub fn store(state: &mut State, input: ProductInput, stock: i64) -> Product {
    let created = now();
    let milliseconds = created.unix_timestamp_nanos() / 1_000_000;
    let product = Product {
        id: ids::product(u64::try_from(milliseconds).unwrap_or_default()),
        version: 1,
        first_title: input.title.clone(),
        rating: None,
        discontinued: (input.status == "discontinued").then_some(created),
        image: None,
        created,
        updated: created,
        input,
    };
    if matches!(product.input.kind, Kind::Physical { .. }) {
        state.stock.insert(product.id.clone(), stock);
    }
    state.products.insert(product.id.clone(), product.clone());
    product
}

/// Whether a product other than this one has the SKU.
pub fn is_known_sku(state: &State, sku: &str, other_than: &str) -> bool {
    let mut products = state.products.values();
    products.any(|product| product.input.sku == sku && product.id != other_than)
}

/// `PUT /products/{id}`
pub async fn replace(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    if !shop.has(Fault::ReplaceWithoutToken) {
        require(&shop, &call, Scope::Write)?;
    }
    find(&shop.state(), &call)?;
    let body = call.json()?;
    let read = read_product(&body, StockMember::Unknown, Unknown::Rejected);
    let (input, _) = checked(read)?;
    let sent_tag = call.header("if-match").ok_or_else(|| {
        let status = if shop.has(Fault::PreconditionMissingAsFailed) {
            StatusCode::PRECONDITION_FAILED
        } else {
            StatusCode::PRECONDITION_REQUIRED
        };
        Problem::new(status, "precondition-required", "If-Match is required")
    })?;

    let mut state = shop.state();
    let product = find(&state, &call)?;
    if !matches(sent_tag, &product) && !shop.has(Fault::LostUpdate) {
        return Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "precondition-failed",
            "the product was changed in the meantime",
        ));
    }
    let mut changed = change(&state, product.clone(), input)?;
    let shown_product = changed.clone();
    if shop.has(Fault::ReplaceForgetsDescription) {
        changed.input.description = product.input.description;
    }
    state.products.insert(changed.id.clone(), changed);
    Ok(shown(StatusCode::OK, &shown_product, language(&call)))
}

/// `PATCH /products/{id}`: a merge patch (RFC 7396).
pub async fn patch(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require(&shop, &call, Scope::Write)?;
    find(&shop.state(), &call)?;
    let patch = parse(&call.body("application/merge-patch+json")?)?;
    checked(check_names(&patch))?;

    let mut state = shop.state();
    let product = find(&state, &call)?;
    let mut target = input_json(&product.input);
    if shop.has(Fault::PatchClearsTags) {
        target["tags"] = json!([]);
    }
    merge(&mut target, &patch, shop.has(Fault::PatchNullIgnored));
    let read = read_product(&target, StockMember::Unknown, Unknown::Rejected);
    let (input, _) = checked(read)?;
    let version = product.version;
    let mut changed = change(&state, product, input)?;
    if shop.has(Fault::VersionKept) {
        changed.version = version;
    }
    state.products.insert(changed.id.clone(), changed.clone());
    Ok(shown(StatusCode::OK, &changed, language(&call)))
}

/// `DELETE /products/{id}`
pub async fn delete(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    require_without(&shop, &call, Scope::Write, Some(Fault::RoleIgnored))?;
    let mut state = shop.state();
    let product = find(&state, &call)?;
    if !shop.has(Fault::DeleteKeepsProduct) {
        state.products.remove(&product.id);
        state.stock.remove(&product.id);
        if shop.has(Fault::DeletedStillListed) {
            state.deleted.insert(product.id.clone(), product);
        }
    }
    Ok(if shop.has(Fault::DeleteAsOk) {
        reply::json(StatusCode::OK, &json!({}))
    } else {
        reply::empty(StatusCode::NO_CONTENT)
    })
}

/// The product that the path names.
pub fn find(state: &State, call: &Call) -> Result<Product, Problem> {
    let found = state.products.get(call.path("id")).cloned();
    found.ok_or_else(|| Problem::not_found("product"))
}

/// The product with what a client wrote.
fn change(state: &State, product: Product, input: ProductInput) -> Result<Product, Problem> {
    if std::mem::discriminant(&product.input.kind) != std::mem::discriminant(&input.kind) {
        let detail = "the kind of a product cannot be changed";
        return Err(Problem::conflict("kind-changed", detail));
    }
    if is_known_sku(state, &input.sku, &product.id) {
        return Err(sku_conflict());
    }
    let updated = now();
    Ok(Product {
        version: product.version + 1,
        discontinued: match input.status {
            "discontinued" => product.discontinued.or(Some(updated)),
            _ => None,
        },
        input,
        updated,
        ..product
    })
}

fn sku_conflict() -> Problem {
    Problem::conflict("sku-known", "another product has this SKU")
}

fn matches(sent: &str, product: &Product) -> bool {
    let current = [Language::English, Language::German].map(|language| etag(product, language));
    sent.split(',').any(|tag| {
        let tag = tag.trim();
        tag == "*" || current.iter().any(|current| current == tag)
    })
}

/// Rejects members that a patch cannot have; the null of an unknown one would not be seen after merging.
fn check_names(patch: &Value) -> Read<()> {
    let known: [&[&str]; 3] = [
        &[
            "sku",
            "titles",
            "description",
            "price",
            "category",
            "tags",
            "available_from",
            "status",
        ],
        &["en", "de"],
        &["amount", "currency"],
    ];
    for (object, known) in [patch, &patch["titles"], &patch["price"]]
        .into_iter()
        .zip(known)
    {
        let names = object
            .as_object()
            .into_iter()
            .flat_map(|members| members.keys());
        for name in names {
            if !known.contains(&name.as_str()) {
                return Err(wrong(format!("`{name}` is not a known member")));
            }
        }
    }
    Ok(())
}

fn merge(target: &mut Value, patch: &Value, ignores_null: bool) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Value::Object(members) = target else {
        return;
    };
    for (name, change) in changes {
        match change {
            Value::Null if ignores_null => {}
            Value::Null => {
                members.shift_remove(name);
            }
            _ => merge(
                members.entry(name.clone()).or_insert(Value::Null),
                change,
                ignores_null,
            ),
        }
    }
}

/// The product that was stored, with its ETag.
fn shown(status: StatusCode, product: &Product, language: Language) -> Response {
    let mut response = reply::json(status, &product_json(product, language));
    reply::set(&mut response, "etag", &etag(product, language));
    reply::set(&mut response, "last-modified", &http_date(product.updated));
    response
}
