//! `GET /products`: filters, sorting and pages.

use std::cmp::Ordering;

use axum::extract::State as Extract;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::faults::Fault;
use super::super::pages::{Key, cursor, link_next, read_cursor};
use super::super::reply::{self, Outcome, Problem};
use super::super::state::{Product, Shop};
use super::model::{CATEGORIES, TAG, product_json};
use super::read::language;

const SORTS: [&str; 6] = ["created", "-created", "price", "-price", "name", "-name"];

/// Which products are listed.
#[derive(Debug)]
struct Filter {
    least_price: Option<i64>,
    most_price: Option<i64>,
    categories: Vec<String>,
    tags: Vec<String>,
}

/// `GET /products`
pub async fn list(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let filter = read_filter(&call)?;
    let sort = call.query("sort").unwrap_or("created");
    if !SORTS.contains(&sort) {
        let detail = format!("`sort` must be one of {}", SORTS.join(", "));
        return Err(Problem::bad_request(detail));
    }
    let limit = call.query_integer("limit", 1, 50)?.unwrap_or(5) as usize;
    let after = read_cursor(&call, sort).map_err(|problem| {
        if shop.has(Fault::BadCursorAsError) {
            Problem::internal()
        } else {
            problem
        }
    })?;

    let state = shop.state();
    let mut products: Vec<&Product> = state.products.values().collect();
    products.extend(state.deleted.values());
    products.retain(|product| is_listed(&shop, product, &filter));
    products.sort_by(|left, right| compare(&shop, sort, &key(sort, left), &key(sort, right)));
    let total = products.len();

    let mut start = after.map_or(0, |after| {
        let is_before = |product: &&Product| {
            compare(&shop, sort, &key(sort, product), &after) != Ordering::Greater
        };
        products.partition_point(is_before)
    });
    if start > 0 && shop.has(Fault::CursorSkips) {
        start += 1;
    }
    let rest = products.get(start..).unwrap_or_default();
    let longer = usize::from(shop.has(Fault::PageTooLong));
    let page = &rest[..rest.len().min(limit + longer)];
    let next = page
        .last()
        .filter(|_| rest.len() > page.len())
        .map(|last| cursor(sort, &key(sort, last)));

    let language = language(&call);
    let mut items: Vec<Value> = page
        .iter()
        .map(|product| product_json(product, language))
        .collect();
    if shop.has(Fault::ListWithoutVersion)
        && let Some(item) = items.get_mut(1).and_then(Value::as_object_mut)
    {
        item.shift_remove("version");
    }
    let mut body = json!({ "items": items, "next": next });
    if next.is_none()
        && shop.has(Fault::NextMissing)
        && let Some(members) = body.as_object_mut()
    {
        members.shift_remove("next");
    }
    let mut response = reply::json(StatusCode::OK, &body);
    if let Some(next) = &next {
        let relation = if shop.has(Fault::LinkWithoutRel) {
            ""
        } else {
            "; rel=\"next\""
        };
        link_next(&mut response, &call, "/products", next, relation);
    }
    let shown_total = if shop.has(Fault::TotalOfPage) {
        page.len()
    } else {
        total
    };
    if !(shop.has(Fault::HeadWithoutTotal) && call.method == Method::HEAD) {
        reply::set(&mut response, "x-total-count", &shown_total.to_string());
    }
    reply::set(&mut response, "vary", "Accept-Language");
    Ok(response)
}

/// `OPTIONS /products`
pub async fn options(Extract(shop): Extract<Shop>) -> Outcome {
    let mut response = reply::empty(StatusCode::NO_CONTENT);
    let allowed = if shop.has(Fault::AllowIncomplete) {
        "GET, HEAD, OPTIONS"
    } else {
        "GET, HEAD, OPTIONS, POST"
    };
    reply::set(&mut response, "allow", allowed);
    Ok(response)
}

fn read_filter(call: &Call) -> Result<Filter, Problem> {
    let categories: Vec<String> = call
        .query
        .iter()
        .filter(|(name, _)| name == "category")
        .map(|(_, value)| value.clone())
        .collect();
    if let Some(unknown) = categories
        .iter()
        .find(|name| !CATEGORIES.contains(&name.as_str()))
    {
        let detail = format!("`{unknown}` is not a category");
        return Err(Problem::bad_request(detail));
    }
    if call.query("filter[price]").is_some() {
        let detail = "`filter[price]` needs a bound, as in `filter[price][gte]=100`";
        return Err(Problem::bad_request(detail));
    }
    let tags = call.query("tags").filter(|tags| !tags.is_empty());
    let tags: Vec<String> = tags
        .into_iter()
        .flat_map(|tags| tags.split('|'))
        .map(str::to_owned)
        .collect();
    if let Some(invalid) = tags.iter().find(|tag| !TAG.is_match(tag)) {
        return Err(Problem::bad_request(format!("`{invalid}` is not a tag")));
    }
    Ok(Filter {
        least_price: call.query_integer("filter[price][gte]", 0, 10_000_000)?,
        most_price: call.query_integer("filter[price][lte]", 0, 10_000_000)?,
        categories,
        tags,
    })
}

fn is_listed(shop: &Shop, product: &Product, filter: &Filter) -> bool {
    let input = &product.input;
    let is_dear_enough = filter.least_price.is_none_or(|least| {
        input.price > least || input.price == least && !shop.has(Fault::PriceFilterExclusive)
    });
    let is_cheap_enough = shop.has(Fault::PriceFilterIgnored)
        || filter.most_price.is_none_or(|most| input.price <= most);
    let has = |tag: &String| input.tags.contains(tag);
    let is_tagged = if shop.has(Fault::TagsFilterAll) {
        filter.tags.iter().all(has)
    } else {
        filter.tags.is_empty() || filter.tags.iter().any(has)
    };
    let is_of_category =
        filter.categories.is_empty() || filter.categories.iter().any(|name| name == input.category);
    is_dear_enough && is_cheap_enough && is_tagged && is_of_category
}

fn key(sort: &str, product: &Product) -> Key {
    let (number, text) = match sort.trim_start_matches('-') {
        "price" => (product.input.price, String::new()),
        "name" => (0, product.input.title.to_lowercase()),
        _ => (0, String::new()),
    };
    // Ids sort by the time of creation.
    (number, text, product.id.clone())
}

fn compare(shop: &Shop, sort: &str, left: &Key, right: &Key) -> Ordering {
    if shop.has(Fault::SortAsText) && sort.ends_with("price") {
        let left = (left.0.to_string(), &left.2);
        return left.cmp(&(right.0.to_string(), &right.2));
    }
    if sort.starts_with('-') && !(shop.has(Fault::SortAscending) && sort == "-name") {
        right.cmp(left)
    } else {
        left.cmp(right)
    }
}
