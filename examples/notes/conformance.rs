//! The conformance test of the service, run by `cargo test --test notes`: every case of `cases/notes/` is a test.

mod service;

use std::error::Error;
use std::process::ExitCode;

use counterpart::harness::Conformance;
use counterpart::target::Target;

fn main() -> ExitCode {
    let project = Conformance::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/notes"));
    project.system("notes", target).main()
}

fn target() -> Result<Target, Box<dyn Error>> {
    let target = Target::parse(&serve()?)?;
    Ok(target.with_credential("owner", "bearer", service::TOKEN))
}

/// Starts the service on a free port, in a thread that ends with the process, and returns its URL.
fn serve() -> std::io::Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            axum::serve(tokio::net::TcpListener::from_std(listener)?, service::app()).await
        })
    });
    Ok(format!("http://{address}"))
}
