//! Asking: the only stage that waits for the network. A [`Session`] runs one case against one target; [`run`] runs a plan over
//! workers and sends [`crate::event::Event`]s, from which every secret has been taken out.

mod case_run;
mod client;
mod compose;
mod connection;
mod curl;
mod dispatch;
mod judged;
mod record;
mod redact;
mod session;
mod token;
mod variables;

pub use case_run::Outcome;
pub(crate) use client::{Client, SendError};
pub use dispatch::{Assignment, Options, run};
pub use redact::{MASK, Redactor};
pub use session::Session;
