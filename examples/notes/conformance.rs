//! The conformance test of the service, run by `cargo test --test notes`: every case of `cases/notes/` is a test.

mod service;

use std::process::ExitCode;

use counterpart::harness::Conformance;
use counterpart::target::Target;

fn main() -> ExitCode {
    let project = Conformance::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/notes"));
    project
        .system("notes", || {
            Ok(Target::parse(&serve()?)?.with_credential("owner", "bearer", service::TOKEN))
        })
        .main()
}

/// Starts the service on a free port, in a thread that ends with the process, and returns its URL.
fn serve() -> Result<String, String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    listener
        .set_nonblocking(true)
        .map_err(|error| error.to_string())?;
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            axum::serve(tokio::net::TcpListener::from_std(listener)?, service::app()).await
        })
    });
    Ok(format!("http://{address}"))
}
