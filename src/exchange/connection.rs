//! Whether a request went over a new connection or over a kept one: [`watched`] returns it, with [`Watch`] in the client.

use std::cell::Cell;
use std::task::{Context, Poll};

use tower::{Layer, Service};

tokio::task_local! {
    /// Whether a connection was made for the current request.
    static MADE: Cell<bool>;
}

/// A layer around the client's connector that records each connection it makes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch;

/// The connector that records.
#[derive(Debug, Clone)]
pub(super) struct WatchedConnector<S>(S);

/// Runs `sending`; returns its result and whether it certainly went over a kept connection. Where a connection was made, but a kept
/// one became free first, this is `false`.
pub(super) async fn watched<F: Future>(sending: F) -> (F::Output, bool) {
    let noted = async {
        let result = sending.await;
        (result, !MADE.with(Cell::get))
    };
    MADE.scope(Cell::new(false), noted).await
}

impl<S> Layer<S> for Watch {
    type Service = WatchedConnector<S>;

    fn layer(&self, connector: S) -> WatchedConnector<S> {
        WatchedConnector(connector)
    }
}

impl<S: Service<R>, R> Service<R> for WatchedConnector<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        // Outside a watched request there is nothing to record.
        let _ = MADE.try_with(|made| made.set(true));
        self.0.call(request)
    }
}
