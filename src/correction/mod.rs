//! Corrections of contracts, proposed from what a run received: OpenAPI Overlays (1.0) for a person to review. Main function:
//! [`propose`]; main type: [`ProposedOverlay`].
//!
//! Each deviation of the kept exchanges has a cause at a place in a document (`cause`), and for most causes there are actions that make
//! the document say what the server sent (`response`, `schema`; `infer` describes undocumented values). The contract is read again
//! with the actions, and the exchanges are checked again, until nothing changes (`rounds`): a proposal is tried out before a person reads
//! it, and what remains is counted in its head (`text`).

mod action;
mod cause;
mod collect;
mod infer;
mod overlay;
mod response;
mod rounds;
mod schema;
mod text;

pub use text::{Proposal, ProposedOverlay};

use crate::judge::Observations;

/// The overlays that correct the contracts of a run: one for each document that needs one, the contracts' own documents first. Empty
/// where nothing deviates that an overlay can put right.
pub fn propose(observations: &Observations) -> Proposal {
    let exchanges = observations.exchanges();
    let rounds = rounds::Rounds::run(&exchanges, &observations.bodies());
    text::proposal(&exchanges, rounds, observations)
}
