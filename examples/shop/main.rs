//! Starts the shop by hand: `cargo run --example shop -- [--fault NAME] [--port PORT] [--token-seconds N]`, or `--list`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people"
)]

mod service;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use service::Settings;
use service::faults::Fault;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<(), String> {
    let mut settings = Settings::default();
    let mut port = 0;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--list" {
            for fault in Fault::ALL {
                println!(
                    "{:10} {:32} {}",
                    fault.family(),
                    fault.name(),
                    fault.description()
                );
            }
            return Ok(());
        }
        let value = arguments
            .next()
            .ok_or(format!("{argument} needs a value"))?;
        match argument.as_str() {
            "--fault" => {
                let fault = Fault::parse(&value);
                settings.fault = Some(fault.ok_or(format!("no fault is named {value}"))?);
            }
            "--port" => port = number(&argument, &value)?,
            "--token-seconds" => settings.token_seconds = number(&argument, &value)?,
            _ => return Err(format!("unknown argument {argument}")),
        }
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = service::serve_on(address, settings).await;
    let server = server.map_err(|error| format!("failed to bind {address}: {error}"))?;
    println!("http://{}", server.address);
    let ended = server.task.await.map_err(|error| error.to_string())?;
    ended.map_err(|error| error.to_string())
}

fn number<T: std::str::FromStr>(argument: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{argument} needs a number, not {value}"))
}
