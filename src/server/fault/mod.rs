//! Deliberate faults of the reference servers, each with a name. Main type: [`Fault`]; all faults: [`FAULTS`].
//!
//! Most faults change a finished response (`rewrite`), the others change the behaviour of a service ([`Weakness`]).

mod rewrite;
mod table;

use std::fmt;

use super::request::ServerRequest;
use super::response::ServerResponse;
use super::system::System;

pub use table::FAULTS;

/// A deviation from the contract that an instance can have.
#[derive(Clone, Copy)]
pub struct Fault {
    /// In kebab case, unique over all systems.
    pub name: &'static str,
    pub system: System,
    /// The operation that has the fault (`POST /V1/customers`), or `*` for all.
    pub operation: &'static str,
    /// The wrong behaviour, in a sentence.
    pub description: &'static str,
    act: Act,
}

/// How a fault works.
#[derive(Clone, Copy)]
enum Act {
    /// Changes successful responses.
    Success(fn(&mut ServerResponse)),
    /// Changes error responses.
    Refusal(fn(&mut ServerResponse)),
    /// Changes all responses.
    Any(fn(&mut ServerResponse)),
    Within(Weakness),
}

/// Wrong behaviour of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Authorization is not checked.
    IgnoresAuthorization,
    /// Tokens are accepted without checking signature and expiry.
    AcceptsForgedTokens,
    /// The response has the new values, but they are not stored.
    LosesUpdates,
    /// The new values are stored, but the response has the old values.
    ReturnsOldValues,
    /// Deletion reports success but does nothing.
    KeepsDeleted,
    /// An e-mail address can be used twice.
    AcceptsDuplicates,
    /// The strength of passwords is not checked.
    AcceptsWeakPasswords,
    /// Any password is accepted for signing in.
    AcceptsAnyPassword,
    /// The e-mail address is stored in capitals.
    ChangesEmailCase,
    /// Values are stored without validation.
    AcceptsInvalidValues,
    /// Any key or token is accepted.
    AcceptsAnyKey,
    /// A key or a token still works after it was used or revoked.
    KeepsUsedKeys,
    /// Deletion of an object that must not be deleted reports success.
    DeletesWhatIsUsed,
    /// Addresses of other customers are treated as the caller's.
    TakesForeignAddresses,
    /// A search finds everything.
    IgnoresFilters,
    /// A search is sorted by id.
    IgnoresOrder,
    /// A search returns the first page.
    IgnoresPages,
    /// Required headers may be missing.
    AcceptsMissingHeaders,
    /// Addresses that differ in accents are two.
    DistinguishesAccents,
    /// The error for the wrong password that locks an account already says so.
    ReportsLocksEarly,
    /// Arguments are not read from the query.
    IgnoresQuery,
    /// The number at the customer makes any address the default.
    SetsDefaultsByNumber,
    /// A day that the calendar does not have is an error.
    RefusesRolledDays,
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

/// The fault whose name is closest to a misspelt name, if any is similar.
pub fn nearest_fault(name: &str) -> Option<&'static Fault> {
    FAULTS
        .iter()
        .map(|fault| (strsim::jaro_winkler(fault.name, name), fault))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, fault)| fault)
}

/// Applies the faults to the response. A response without an operation is not changed, even by faults of all operations.
pub(super) fn rewrite(
    faults: &[&'static Fault],
    request: &ServerRequest,
    mut response: ServerResponse,
) -> ServerResponse {
    let Some(operation) = response.operation else {
        return response;
    };
    // The response to HEAD has no body that could be wrong.
    if request.method == "HEAD" {
        return response;
    }
    for fault in faults.iter().filter(|fault| fault.concerns(operation)) {
        match fault.act {
            Act::Success(change) if response.is_success() => change(&mut response),
            Act::Refusal(change) if !response.is_success() => change(&mut response),
            Act::Any(change) => change(&mut response),
            Act::Success(_) | Act::Refusal(_) | Act::Within(_) => {}
        }
    }
    response
}

/// The weaknesses of an instance's services.
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
