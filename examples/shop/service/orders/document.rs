//! `GET /orders/{id}/document`: the order in XML.

use std::fmt::Write as _;

use axum::extract::State as Extract;
use axum::http::StatusCode;

use super::super::auth::staff::reader;
use super::super::call::Call;
use super::super::faults::Fault;
use super::super::reply::{self, Outcome};
use super::super::state::{Order, OrderState, Shop};
use super::super::time::iso;
use super::read::find;

const NAMESPACE: &str = "urn:example:shop:order";

/// `GET /orders/{id}/document`
pub async fn read(Extract(shop): Extract<Shop>, call: Call) -> Outcome {
    let reader = reader(&shop, &call)?;
    let order = find(&shop.state(), &call, &reader)?;
    Ok(reply::text(
        StatusCode::OK,
        "application/xml",
        xml(&shop, &order),
    ))
}

fn xml(shop: &Shop, order: &Order) -> String {
    let namespace = if shop.has(Fault::XmlNamespaceWrong) {
        "urn:example:shop:invoice"
    } else {
        NAMESPACE
    };
    let mut lines = String::new();
    for line in &order.lines {
        let title = if shop.has(Fault::XmlUnescaped) {
            escape(&line.title).replace("&amp;", "&")
        } else {
            escape(&line.title)
        };
        let (attribute, element) = if shop.has(Fault::XmlAttributeMissing) {
            (String::new(), format!("<sku>{}</sku>", line.sku))
        } else {
            (format!(" sku=\"{}\"", line.sku), String::new())
        };
        let _ = write!(
            lines,
            "<line{attribute} quantity=\"{}\">{element}<title>{title}</title><unitPrice>{}</unitPrice></line>",
            line.quantity, line.unit_price
        );
    }
    if !shop.has(Fault::XmlLinesUnwrapped) {
        lines = format!("<lines>{lines}</lines>");
    }
    let placed = order.entered(OrderState::Placed).map(iso);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <so:order xmlns:so=\"{namespace}\" id=\"{}\" number=\"{}\" currency=\"EUR\">\
         <placedAt>{}</placedAt><state>{}</state>{lines}<total>{}</total></so:order>\n",
        order.id,
        order.number(),
        placed.unwrap_or_default(),
        order.state().name(),
        order.total
    )
}

/// Text as XML writes it; characters that XML cannot have are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{0}'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{fffe}'
            | '\u{ffff}' => {}
            // Parsers would turn it into a line feed.
            '\r' => escaped.push_str("&#13;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
