//! Promises broken on purpose, each by name. Main type: [`Fault`]; the table of all: [`FAULTS`].
//!
//! Most faults change an answer after it was made (`rewrite`), the others weaken a service from within ([`Weakness`]).

mod rewrite;
mod table;

use std::fmt;

use super::answer::ServerResponse;
use super::request::ServerRequest;
use super::system::System;

pub use table::FAULTS;

/// A promise that an instance breaks, and nothing else.
#[derive(Clone, Copy)]
pub struct Fault {
    /// In kebab case, unique over all systems.
    pub name: &'static str,
    pub system: System,
    /// The operation that has the fault (`POST /V1/customers`), or `*` for all.
    pub operation: &'static str,
    /// What it does wrong, in a sentence.
    pub breaks: &'static str,
    act: Act,
}

/// How a fault works.
#[derive(Clone, Copy)]
enum Act {
    /// Changes answers with success.
    Success(fn(&mut ServerResponse)),
    /// Changes refusals.
    Refusal(fn(&mut ServerResponse)),
    /// Changes all answers.
    Any(fn(&mut ServerResponse)),
    Within(Weakness),
}

/// What a fault makes a service do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Anybody may.
    IgnoresAuthorization,
    /// Tokens are taken at their word: signature and time are not looked at.
    AcceptsForgedTokens,
    /// The new values are answered and not kept.
    LosesUpdates,
    /// The new values are kept and the old ones answered.
    AnswersOldValues,
    /// Deleting says so and does nothing.
    KeepsDeleted,
    /// An e-mail address can be had twice.
    AcceptsDuplicates,
    /// Passwords are not looked at.
    AcceptsWeakPasswords,
    /// Any password signs in.
    AcceptsAnyPassword,
    /// The e-mail address is kept in capitals.
    ChangesEmailCase,
    /// Values are kept without a look.
    AcceptsInvalidValues,
    /// A key or a token is taken for the right one.
    AcceptsAnyKey,
    /// A key or a token works after it was used or revoked.
    KeepsUsedKeys,
    /// What must stay is said to be deleted.
    DeletesWhatIsUsed,
    /// Addresses of others are taken for the caller's.
    TakesForeignAddresses,
    /// A search finds everything.
    IgnoresFilters,
    /// A search is sorted by id.
    IgnoresOrder,
    /// A search answers the first page.
    IgnoresPages,
    /// Headers that are required may be missing.
    AcceptsMissingHeaders,
}

impl Fault {
    /// Whether the fault gives `operation` the weakness.
    pub(super) fn weakens(&self, weakness: Weakness, operation: &str) -> bool {
        self.concerns(operation) && matches!(self.act, Act::Within(own) if own == weakness)
    }

    fn concerns(&self, operation: &str) -> bool {
        self.operation == "*" || self.operation == operation
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The fault with this name.
pub fn fault(name: &str) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.name == name)
}

/// The fault whose name is most like a misspelt one, if any is alike.
pub fn nearest_fault(name: &str) -> Option<&'static Fault> {
    FAULTS
        .iter()
        .map(|fault| (strsim::jaro_winkler(fault.name, name), fault))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, fault)| fault)
}

/// Lets the faults change the answer. An answer of no operation is left alone, also by faults of all operations.
pub(super) fn rewrite(
    faults: &[&'static Fault],
    request: &ServerRequest,
    mut answer: ServerResponse,
) -> ServerResponse {
    let Some(operation) = answer.operation else {
        return answer;
    };
    // A HEAD has no body that could be wrong.
    if request.method == "HEAD" {
        return answer;
    }
    for fault in faults.iter().filter(|fault| fault.concerns(operation)) {
        match fault.act {
            Act::Success(change) if answer.is_success() => change(&mut answer),
            Act::Refusal(change) if !answer.is_success() => change(&mut answer),
            Act::Any(change) => change(&mut answer),
            Act::Success(_) | Act::Refusal(_) | Act::Within(_) => {}
        }
    }
    answer
}

/// The weaknesses that the instance's faults put into its services.
#[derive(Clone, Copy)]
pub struct Weaknesses<'a>(&'a [&'static Fault]);

impl<'a> Weaknesses<'a> {
    pub(super) fn of(faults: &'a [&'static Fault]) -> Self {
        Weaknesses(faults)
    }

    /// Whether `operation` has the weakness.
    pub(super) fn has(self, weakness: Weakness, operation: &str) -> bool {
        self.0
            .iter()
            .any(|fault| fault.weakens(weakness, operation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_kebab_case_and_found() {
        for (index, fault) in FAULTS.iter().enumerate() {
            assert!(
                fault
                    .name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{}",
                fault.name
            );
            assert!(
                FAULTS[index + 1..]
                    .iter()
                    .all(|other| other.name != fault.name),
                "{}",
                fault.name
            );
            assert_eq!(super::fault(fault.name).unwrap().name, fault.name);
        }
        assert!(super::fault("no-such").is_none());
    }

    #[test]
    fn every_system_has_faults_and_a_misspelling_finds_its_neighbour() {
        for system in System::ALL {
            assert!(
                FAULTS.iter().any(|fault| fault.system == system),
                "{system}"
            );
        }
        assert_eq!(nearest_fault("drop-emial").unwrap().name, "drop-email");
        assert!(nearest_fault("zzzz").is_none());
    }
}
