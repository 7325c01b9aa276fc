//! A served instance: [`start`] and [`Running`]. The caller binds the listener and decides when to stop.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::gate::{Cut, app};
use super::state::{Instance, InstanceOptions, StartError};
use super::system::System;
use super::version::ReleaseLine;

/// How long [`Running::stop`] waits for open connections.
const PATIENCE: Duration = Duration::from_secs(1);

/// Serves a new instance of `system` on `listener` in a task of the current runtime, until the [`Running`] is stopped or dropped.
///
/// Fails if the instance cannot be created (see [`StartError`]).
pub async fn start(
    system: System,
    listener: TcpListener,
    options: InstanceOptions,
) -> Result<Running, StartError> {
    let address = listener
        .local_addr()
        .map_err(|source| StartError::Listener { system, source })?;
    let state = Arc::new(Instance::new(system, options)?);
    let version = state.version();
    let service = app(state).into_make_service_with_connect_info::<Cut>();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(Severable(listener), service).with_graceful_shutdown(async {
        // An error means that the `Running` was dropped, which also stops the server.
        let _ = stopped.await;
    });
    let task = tokio::spawn(async move {
        // axum's accept loop retries and never returns an error.
        let _ = serving.await;
    });
    Ok(Running {
        system,
        version,
        address,
        stop,
        task,
    })
}

/// A running server. Dropping it stops the server without waiting.
pub struct Running {
    system: System,
    version: Option<ReleaseLine>,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({} at {})", self.system, self.address)
    }
}

impl Running {
    /// `http://127.0.0.1:PORT`, without the system's base path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The system that is served.
    pub fn system(&self) -> System {
        self.system
    }

    /// The version that is served; `None` for a system without versions.
    pub fn version(&self) -> Option<ReleaseLine> {
        self.version
    }

    /// Stops accepting connections, and waits up to a second for open connections to finish. Then its temporary data is removed.
    pub async fn stop(self) {
        let Running { stop, task, .. } = self;
        drop(stop);
        let abort = task.abort_handle();
        if tokio::time::timeout(PATIENCE, task).await.is_err() {
            abort.abort();
        }
    }
}

/// A listener whose connections can be closed from within a request.
struct Severable(TcpListener);

impl Listener for Severable {
    type Io = Severed;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = <TcpListener as Listener>::accept(&mut self.0).await;
        // Small responses must not wait for the peer's delayed acknowledgement. If this fails, they are only slower.
        let _ = stream.set_nodelay(true);
        (
            Severed {
                stream,
                cut: Cut::default(),
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Severable>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Severable>) -> Self {
        stream.io().cut.clone()
    }
}

/// A connection that writes nothing more after its [`Cut`] was signalled.
struct Severed {
    stream: TcpStream,
    cut: Cut,
}

impl AsyncRead for Severed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Severed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.cut.is_made() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
