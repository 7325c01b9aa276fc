//! Binding and comparing together, on hand-written exchanges.

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

pub(crate) const RECORDED: &str = "http://recorded.example:8089";
pub(crate) const LIVE: &str = "http://live.example";

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

/// Two servers that receive the same requests.
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

    /// Learns from two responses and compares them.
    pub(crate) fn responses(&mut self, path: &str, recorded: &Json, live: &Json) -> Difference {
        self.texts(path, &recorded.to_string(), &live.to_string())
    }

    fn texts(&mut self, path: &str, recorded: &str, live: &str) -> Difference {
        if let Some((recorded, live)) = trees(recorded.as_bytes(), live.as_bytes()) {
            self.bindings.learn(path, &self.sent, &recorded, &live);
        }
        let (recorded, live) = (
            exchange(RECORDED, path, 200, recorded),
            exchange(LIVE, path, 200, live),
        );
        compare(&recorded, &live, &self.sent, &self.bindings)
    }

    /// Sets the moment of the following requests to both servers.
    pub(crate) fn at(&mut self, recorded: &str, live: &str) {
        let period = |text: &str| {
            let moment = super::moment::read(text).unwrap().moment;
            Some(Period {
                start: moment,
                end: moment,
            })
        };
        self.bindings.add_period(period(recorded), period(live));
    }
}

fn kinds(difference: &Difference) -> Vec<(DifferenceKind, &str)> {
    difference
        .body
        .iter()
        .map(|difference| (difference.kind, difference.pointer.as_str()))
        .collect()
}

pub(crate) const CUSTOMERS: &str = "/rest/default/V1/customers";
