//! `counterpart serve --contract CONTRACT`: a server without a state that responds as the contract documents, until Ctrl-C.

use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::{ExitStatus, Setting};
use crate::cli::contracts;
use crate::diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics};
use crate::exchange::Request;
use crate::stub::{Stub, StubResponse};
use crate::text::counted;

/// Prints the URL of the server and each request with its response. Ends with [`ExitStatus::Passed`] at Ctrl-C. Faults of the contract
/// that touch single operations are printed; the others are served.
pub(super) fn serve(
    named: &str,
    port: u16,
    setting: &Setting<'_>,
) -> Result<ExitStatus, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let project = setting.project(&mut Diagnostics::new());
    let opened = contracts::open(named, &project, &mut diagnostics);
    let Some(opened) = opened.filter(|_| !diagnostics.prevent_run()) else {
        return Err(diagnostics);
    };
    let errors = diagnostics.take(|diagnostic| diagnostic.severity == DiagnosticSeverity::Error);
    setting.console.diagnostics(&errors);
    let contract = opened.contract;
    let operations = counted(contract.operations.len(), "operation");
    let base_path = contract.base_path.clone();
    let title = contract.title.clone();
    let console = setting.console;
    let served = tokio::runtime::Runtime::new().and_then(|runtime| {
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
            let address = listener.local_addr()?;
            console.say(&format!(
                "{title}: {operations} on http://{address}{base_path}\npress Ctrl-C to stop\n"
            ));
            let observe = move |request: &Request, response: &StubResponse| {
                console.say(&line(request, response));
            };
            tokio::select! {
                served = crate::stub::serve(listener, Stub::new(contract), observe) => served,
                stopped = tokio::signal::ctrl_c() => stopped,
            }
        })
    });
    match served {
        Ok(()) => Ok(ExitStatus::Passed),
        Err(error) => {
            let mut diagnostics = Diagnostics::new();
            let message = format!("the server of {named} cannot run: {error}");
            diagnostics.push(Diagnostic::without_place("server-not-started", message));
            Err(diagnostics)
        }
    }
}

/// A request and its response in a line, and a line for each fault. The query is left out: it may hold credentials.
fn line(request: &Request, response: &StubResponse) -> String {
    let mut text = format!(
        "{} {} -> {}",
        request.method,
        request.url.path(),
        response.status
    );
    for fault in &response.faults {
        text.push_str("\n  ");
        text.push_str(&fault.message);
        if let Some(place) = &fault.place {
            text.push_str(&format!(" ({place})"));
        }
    }
    text
}
