//! Where the operations of a contract are on a target. Main functions: [`base_url`], [`of_operation`].
//!
//! The target's URL represents the server of the whole document: its path, if it has one, replaces that server's. An operation or path
//! with servers of its own is at the first of them that the target can represent: one for which the target has a URL, one with a
//! relative URL, or one on the same host as a server of the document. Requests go nowhere else.

use std::sync::Arc;

use url::Url;

use crate::contract::{Contract, DocumentedServer, Operation, ServerAddress};
use crate::exchange::Request;
use crate::target::{Target, contract_path};

/// The URL below which the operations of a contract are, without a trailing slash in its path. Fails, with a sentence fragment, where
/// the contract does not allow the value that the target has for a variable.
pub(super) fn base_url(target: &Target, contract: Option<&Contract>) -> Result<Url, String> {
    let path = match contract {
        Some(contract) => base_path(target, &document_path(target, contract)?),
        None => base_path(target, ""),
    };
    Ok(with_path(&target.url, &path))
}

/// The URL below which one operation is. Fails, with a sentence fragment, also where it is on a server that the target cannot represent.
pub(super) fn of_operation(
    target: &Target,
    contract: &Contract,
    operation: &Operation,
) -> Result<Url, String> {
    let Some(first) = operation.servers.first() else {
        return base_url(target, Some(contract));
    };
    for server in &operation.servers {
        let address = server.address(&target.server_variables)?;
        if let Some(url) = configured(target, server)? {
            let path = base_path_of(url, &address.path);
            return Ok(with_path(url, &path));
        }
        if represents(target, contract, &address)? {
            let document = document_path(target, contract)?;
            let path = moved(target, &document, &address.path);
            return Ok(with_path(&target.url, &path));
        }
    }
    let url = first.filled(&target.server_variables)?;
    Err(format!(
        "{} is on the server {url}, for which the target has no URL; add `\"{}\" = \"https://…\"` to its `servers` in the configuration",
        operation.name(),
        first.url
    ))
}

/// The operation of a contract that a request is for, by its URL.
pub(super) fn operation_at(
    target: &Target,
    contract: &Contract,
    request: &Request,
) -> Option<Arc<Operation>> {
    let below = |base: &Url| {
        let is_there = base.origin() == request.url.origin();
        let path = contract_path(request.url.path(), base.path().trim_end_matches('/'));
        path.filter(|_| is_there)
    };
    let document = base_url(target, Some(contract)).ok();
    let of_document = document.as_ref().and_then(|base| {
        contract.matching_among(&request.method, below(base)?, |operation| {
            operation.servers.is_empty()
        })
    });
    let elsewhere = || {
        let own = contract.operations.iter();
        let mut own = own.filter(|own| own.method == request.method && !own.servers.is_empty());
        own.find_map(|own| {
            let base = of_operation(target, contract, own).ok()?;
            contract.matching_among(&request.method, below(&base)?, |operation| {
                operation.servers == own.servers
            })
        })
    };
    of_document.or_else(elsewhere).map(Arc::clone)
}

/// The path of the document's server, with the target's variables.
fn document_path(target: &Target, contract: &Contract) -> Result<String, String> {
    match contract.servers.first() {
        Some(server) => Ok(server.address(&target.server_variables)?.path),
        None => Ok(contract.base_path.trim_end_matches('/').to_owned()),
    }
}

/// The path of the target's URL if it has one, else the document's.
fn base_path(target: &Target, document: &str) -> String {
    base_path_of(&target.url, document)
}

fn base_path_of(url: &Url, documented: &str) -> String {
    match url.path().trim_end_matches('/') {
        "" => documented.to_owned(),
        given => given.to_owned(),
    }
}

/// The URL that the target has for a server: by its URL as written or filled in, or by its name.
fn configured<'t>(
    target: &'t Target,
    server: &DocumentedServer,
) -> Result<Option<&'t Url>, String> {
    let filled = server.filled(&target.server_variables)?;
    let names = [Some(&server.url), Some(&filled), server.name.as_ref()];
    Ok(names
        .into_iter()
        .flatten()
        .find_map(|name| target.servers.get(name)))
}

/// Whether an address is relative, or on the host of a server of the document.
fn represents(
    target: &Target,
    contract: &Contract,
    address: &ServerAddress,
) -> Result<bool, String> {
    if address.authority.is_none() {
        return Ok(true);
    }
    for server in &contract.servers {
        if server.address(&target.server_variables)?.authority == address.authority {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The path of an operation's server on the target. Where the target's path ends with the document's (`/proxy/v1` and `/v1`), that part
/// is replaced (`/proxy/v2`); where the server is below the document's (`/v1/files`), the rest is added; else the path is from the root.
fn moved(target: &Target, document: &str, server: &str) -> String {
    let given = target.url.path().trim_end_matches('/');
    if let Some(before) = given.strip_suffix(document) {
        return format!("{before}{server}");
    }
    let below = server.strip_prefix(document);
    match below.filter(|rest| !given.is_empty() && (rest.is_empty() || rest.starts_with('/'))) {
        Some(rest) => format!("{given}{rest}"),
        None => server.to_owned(),
    }
}

fn with_path(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_server_is_related_to_that_of_the_document() {
        for (given, document, server, expected) in [
            ("", "/v1", "/v2", "/v2"),
            ("", "", "/v2", "/v2"),
            ("", "/v1", "", ""),
            ("/v1", "/v1", "/v2", "/v2"),
            ("/proxy/v1/", "/v1", "/v2", "/proxy/v2"),
            ("/proxy", "", "/v2", "/proxy/v2"),
            ("/api", "/v1", "/v1/files", "/api/files"),
            ("/api", "/v1", "/v1", "/api"),
            ("/api", "/v1", "/v10", "/v10"),
            ("/api", "/v1", "/v2", "/v2"),
        ] {
            let target = Target::parse(&format!("http://shop.example{given}")).unwrap();
            assert_eq!(
                moved(&target, document, server),
                expected,
                "{given} {document} {server}"
            );
        }
    }
}
