//! Recorded exchanges. Main types: [`Recording`], [`Entry`].

use std::time::Duration;

use time::OffsetDateTime;

use crate::exchange::{Exchange, Request, Response};
use crate::source::Place;

/// A recording: exchanges in the order in which they were recorded.
#[derive(Debug)]
pub struct Recording {
    pub entries: Vec<Entry>,
}

/// One exchange of a recording.
#[derive(Debug)]
pub struct Entry {
    /// The entry's `comment`, else `METHOD path`.
    pub name: String,
    /// When the request was sent, by the recorder's clock.
    pub started: Option<OffsetDateTime>,
    /// The path and query as recorded, before any normalisation.
    pub path_and_query: String,
    pub request: Request,
    /// `None` if the recording has no response (status 0: the request was aborted).
    pub response: Option<Response>,
    pub took: Duration,
    /// The place of its URL in the file.
    pub place: Place,
}

impl Entry {
    /// Request and response; `None` if there is no response.
    pub fn exchange(&self) -> Option<Exchange> {
        Some(Exchange {
            request: self.request.clone(),
            response: self.response.clone()?,
            elapsed: self.took,
        })
    }

    /// The path as recorded, without the query.
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }
}
