//! Binding, substituting and comparing together, on exchanges made by hand.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version};
use serde_json::Value as Json;

mod comparing;

use super::Difference;
use super::bindings::{Bindings, Sent};
use super::moment::Period;
use super::{DifferenceKind, compare, trees};
use crate::exchange::{Exchange, Request, Response, Transfer};

pub(crate) const THERE: &str = "http://recorded.example:8089";
pub(crate) const HERE: &str = "http://live.example";

pub(crate) fn exchange(origin: &str, path: &str, status: u16, body: &str) -> Exchange {
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        "application/json; charset=utf-8".parse().unwrap(),
    );
    Exchange {
        request: Request {
            method: Method::GET,
            url: format!("{origin}{path}").parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        },
        response: Response {
            status: StatusCode::from_u16(status).unwrap(),
            version: Version::HTTP_11,
            headers,
            body: body.to_owned().into(),
            transfer: Transfer::Complete,
        },
        elapsed: Duration::ZERO,
    }
}

/// Two servers, asked the same again and again.
pub(crate) struct Pair {
    pub(crate) bindings: Bindings,
    pub(crate) sent: Sent,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Pair {
            bindings: Bindings::new(),
            sent: Sent::default(),
        }
    }

    /// Learns from two answers and compares them.
    pub(crate) fn answer(&mut self, path: &str, recorded: &Json, live: &Json) -> Difference {
        self.texts(path, &recorded.to_string(), &live.to_string())
    }

    fn texts(&mut self, path: &str, recorded: &str, live: &str) -> Difference {
        if let Some((there, here)) = trees(recorded.as_bytes(), live.as_bytes()) {
            self.bindings.learn(path, &self.sent, &there, &here);
        }
        let (there, here) = (
            exchange(THERE, path, 200, recorded),
            exchange(HERE, path, 200, live),
        );
        compare(&there, &here, &self.sent, &self.bindings)
    }

    /// The moment at which both are asked from now on.
    pub(crate) fn at(&mut self, recorded: &str, live: &str) {
        let period = |text: &str| {
            let moment = super::moment::read(text).unwrap().moment;
            Some(Period {
                start: moment,
                end: moment,
            })
        };
        self.bindings.asked(period(recorded), period(live));
    }
}

fn kinds(difference: &Difference) -> Vec<(DifferenceKind, &str)> {
    difference
        .body
        .iter()
        .map(|one| (one.kind, one.pointer.as_str()))
        .collect()
}

pub(crate) const CUSTOMERS: &str = "/rest/default/V1/customers";
