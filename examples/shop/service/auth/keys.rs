//! Partners, by an API key, and the back office, by HTTP Basic.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::call::Call;
use super::super::reply::Problem;

/// The keys of the partners.
pub const API_KEYS: [&str; 2] = ["PK-Nordwind-4f81", "PK-Suedwind-9c02"];
/// User and password of the back office.
pub const OFFICE: (&str, &str) = ("office", "office-password");

/// How strictly credentials are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Exact,
    /// Leaves out what a fault leaves out: the case of a key, the password of a user.
    Loose,
}

/// The partner's key in the header.
pub fn partner(call: &Call, comparison: Comparison) -> Result<&'static str, Problem> {
    let sent = call.header("x-api-key").unwrap_or_default();
    let found = API_KEYS.into_iter().find(|key| {
        *key == sent || comparison == Comparison::Loose && key.eq_ignore_ascii_case(sent)
    });
    found.ok_or_else(|| Problem::unauthorized("ApiKey realm=\"partner\""))
}

/// The partner's key in the query.
pub fn feed(call: &Call) -> Result<(), Problem> {
    match call.query("api_key") {
        Some(sent) if API_KEYS.contains(&sent) => Ok(()),
        _ => Err(Problem::unauthorized("ApiKey realm=\"feed\"")),
    }
}

/// User and password of the back office.
pub fn office(call: &Call, comparison: Comparison) -> Result<(), Problem> {
    if let Some((user, password)) = basic(call)
        && user == OFFICE.0
        && (password == OFFICE.1 || comparison == Comparison::Loose)
    {
        return Ok(());
    }
    Err(Problem::unauthorized("Basic realm=\"office\""))
}

/// User and password of HTTP Basic.
pub fn basic(call: &Call) -> Option<(String, String)> {
    let (scheme, encoded) = call.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
