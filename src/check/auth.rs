//! Protection: an operation that the contract protects must not serve a client without valid credentials.
//! Code: `auth-ignored`.

use http::header::{AUTHORIZATION, COOKIE};

use super::credentials::{CarriedCredential, carried, place_of};
use super::response::{CheckedResponse, status_line};
use super::{Caller, Check};
use crate::contract::{ContractPlace, Operation, Security, SecurityScheme};
use crate::exchange::{CredentialPlace, Request};
use crate::finding::{Code, Finding, Location};

pub(super) const CHECK: Check = Check {
    codes: &[Code::AuthIgnored],
    judge,
};

/// Whether a protected operation responded with success although it must refuse the request.
pub(super) fn is_ignored(response: &CheckedResponse<'_>) -> bool {
    fault(response).is_some()
}

fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let Some((operation, fault)) = response.operation().zip(fault(response)) else {
        return Vec::new();
    };
    let status = status_line(response.raw().status);
    let message = format!(
        "{} is protected, but {fault} got {status}",
        operation.name()
    );
    let place = ContractPlace {
        place: operation.place.clone(),
        pointer: operation.pointer.clone(),
    };
    let finding = Finding::new(Code::AuthIgnored, Location::Status, message)
        .with_contract(Some(place))
        .with_expected("401 or 403")
        .with_actual(status);
    vec![finding]
}

/// What is wrong with the credentials of a request that was served: ``a request without credentials``. `None` where the request may be
/// served: it has all credentials of one alternative, or it cannot be known whether it has.
fn fault(response: &CheckedResponse<'_>) -> Option<String> {
    let operation = response.operation()?;
    if operation.security != Security::Protected || !response.raw().status.is_success() {
        return None;
    }
    let context = response.context;
    let request = &response.exchange.request;
    let refused = match context.caller {
        Caller::Refused => context.signed,
        Caller::Unauthenticated | Caller::Authenticated => &[],
    };
    let has_certificate = context
        .has_certificates
        .then(|| context.signed.contains(&CredentialPlace::Connection) && refused.is_empty());
    let alternatives = alternatives(operation, request, refused, has_certificate);
    if alternatives
        .iter()
        .any(|schemes| missing(schemes).is_empty())
    {
        return None;
    }
    match context.caller {
        Caller::Refused => Some("credentials that must be refused".to_owned()),
        _ if has_undocumented_credentials(operation, request) => None,
        Caller::Unauthenticated => Some(described(&alternatives)),
        // Its credentials may be where only the sender sees them, and a recording may be published without some of them. What a case
        // sends in part is incomplete.
        Caller::Authenticated => (context.expectation.is_some() && is_carried(&alternatives))
            .then(|| described(&alternatives)),
    }
}

/// What is wrong with the credentials of a request that a server has to refuse; `None` where it may serve it.
#[cfg(feature = "server")]
pub(crate) fn missing_credentials(operation: &Operation, request: &Request) -> Option<String> {
    if operation.security != Security::Protected {
        return None;
    }
    let alternatives = alternatives(operation, request, &[], None);
    let mut schemes = alternatives.iter();
    let is_satisfied = schemes.any(|schemes| missing(schemes).is_empty());
    (!is_satisfied).then(|| described(&alternatives))
}

/// A scheme and what the request carries for it.
type CarriedScheme<'o> = (&'o SecurityScheme, CarriedCredential);

/// The alternatives of an operation, as the request satisfies them. `refused`: the places of credentials that the server must
/// refuse. `has_certificate`: whether the client showed a certificate, where that is known.
fn alternatives<'o>(
    operation: &'o Operation,
    request: &Request,
    refused: &[CredentialPlace],
    has_certificate: Option<bool>,
) -> Vec<Vec<CarriedScheme<'o>>> {
    let carried = |scheme: &'o SecurityScheme| match scheme {
        SecurityScheme::Unknown if !refused.is_empty() => (scheme, CarriedCredential::Malformed),
        scheme if refused.iter().any(|place| is_at(scheme, place)) => {
            (scheme, CarriedCredential::Malformed)
        }
        SecurityScheme::ClientCertificate => (
            scheme,
            match has_certificate {
                None => CarriedCredential::Unknowable,
                Some(true) => CarriedCredential::Present,
                Some(false) => CarriedCredential::Absent,
            },
        ),
        scheme => (scheme, carried(scheme, request)),
    };
    let alternatives = operation.security_alternatives.iter();
    alternatives
        .map(|schemes| schemes.iter().map(carried).collect())
        .collect()
}

/// Whether a scheme's credential is carried in this place of a request.
fn is_at(scheme: &SecurityScheme, place: &CredentialPlace) -> bool {
    match (scheme, place) {
        (SecurityScheme::Query(name), CredentialPlace::Query(known))
        | (SecurityScheme::Cookie(name), CredentialPlace::Cookie(known)) => name == known,
        (
            SecurityScheme::AccessToken,
            CredentialPlace::Query(name) | CredentialPlace::Form(name),
        ) => name == "access_token",
        (SecurityScheme::ClientCertificate, CredentialPlace::Connection) => true,
        (scheme, CredentialPlace::Header(name)) => is_in(scheme, name.as_str()),
        _ => false,
    }
}

/// The schemes of an alternative that the request does not satisfy.
fn missing<'o>(schemes: &[CarriedScheme<'o>]) -> Vec<CarriedScheme<'o>> {
    let missing = schemes.iter().filter(|(_, carried)| {
        matches!(
            carried,
            CarriedCredential::Absent | CarriedCredential::Malformed
        )
    });
    missing.copied().collect()
}

/// Whether the request carries anything for one of the schemes.
fn is_carried(alternatives: &[Vec<CarriedScheme<'_>>]) -> bool {
    alternatives.iter().flatten().any(|(_, carried)| {
        matches!(
            carried,
            CarriedCredential::Present | CarriedCredential::Malformed
        )
    })
}

/// The fault of a request that satisfies no alternative: the one that misses least is described.
fn described(alternatives: &[Vec<CarriedScheme<'_>>]) -> String {
    if !is_carried(alternatives) {
        return "a request without credentials".to_owned();
    }
    let all = alternatives.iter().map(|schemes| missing(schemes));
    let missing = all.min_by_key(Vec::len).unwrap_or_default();
    let faults: Vec<String> = missing
        .iter()
        .map(|(scheme, carried)| match carried {
            CarriedCredential::Malformed => {
                format!("with a malformed value in {}", place_of(scheme))
            }
            _ => format!("without {}", place_of(scheme)),
        })
        .collect();
    format!("a request {}", faults.join(" and "))
}

/// Whether the request has credentials that the contract does not define: what they are worth is not known.
fn has_undocumented_credentials(operation: &Operation, request: &Request) -> bool {
    let schemes = || operation.security_alternatives.iter().flatten();
    [AUTHORIZATION, COOKIE].iter().any(|name| {
        request.headers.contains_key(name) && !schemes().any(|scheme| is_in(scheme, name.as_str()))
    })
}

/// Whether a scheme's credential is carried in this header.
fn is_in(scheme: &SecurityScheme, header: &str) -> bool {
    match scheme {
        SecurityScheme::Header(name) => name.eq_ignore_ascii_case(header),
        SecurityScheme::Cookie(_) => header == COOKIE.as_str(),
        SecurityScheme::Authorization | SecurityScheme::AccessToken => {
            header == AUTHORIZATION.as_str()
        }
        SecurityScheme::Query(_) | SecurityScheme::ClientCertificate | SecurityScheme::Unknown => {
            false
        }
    }
}
