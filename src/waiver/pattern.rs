//! What a waiver refers to, as written: [`WaivedCode`], [`OperationPattern`], [`PlacePattern`], [`ClassPattern`].

use std::fmt;

use http::{HeaderName, Method};

use crate::document::split_pointer;
use crate::finding::{Code, ErrorKind, Location, ValueClass};

/// What a waiver accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaivedCode {
    Finding(Code),
    /// An error in the contract that blocks an operation ([`ErrorKind::ContractFault`]).
    ContractFault,
}

impl WaivedCode {
    /// Fails, with what can be waived, for any other name.
    pub(super) fn parse(name: &str) -> Result<Self, Vec<&'static str>> {
        let fault = ErrorKind::ContractFault.as_str();
        match Code::parse(name) {
            Some(code) => Ok(WaivedCode::Finding(code)),
            None if name == fault => Ok(WaivedCode::ContractFault),
            None => {
                let codes = Code::ALL.iter().map(|code| code.as_str());
                Err(codes.chain([fault]).collect())
            }
        }
    }
}

impl fmt::Display for WaivedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaivedCode::Finding(code) => code.fmt(f),
            WaivedCode::ContractFault => ErrorKind::ContractFault.fmt(f),
        }
    }
}

/// `GET /V1/customers/{customerId}`, or `*` for any request, documented or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationPattern {
    Any,
    /// An operation as named in reports.
    Named(String),
}

impl OperationPattern {
    /// Fails, with a fragment, where the text is neither `*` nor a method and a path template.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(OperationPattern::Any);
        }
        match text.split_once(' ') {
            Some((method, path)) if is_method(method) && path.starts_with('/') => {
                Ok(OperationPattern::Named(text.to_owned()))
            }
            _ => Err(format!("`{text}` is not an operation")),
        }
    }

    pub(super) fn matches(&self, operation: Option<&str>) -> bool {
        match self {
            OperationPattern::Any => true,
            OperationPattern::Named(name) => operation == Some(name),
        }
    }
}

fn is_method(text: &str) -> bool {
    text.parse::<Method>().is_ok() && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

impl fmt::Display for OperationPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OperationPattern::Any => "*",
            OperationPattern::Named(name) => name,
        })
    }
}

/// A place in a response as printed in findings; in a JSON pointer `*` matches one key or index. Or, for faults of a contract,
/// `contract CODE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlacePattern {
    Response {
        place: Location,
        /// The tokens of the pointer, where the place is in the body.
        tokens: Vec<String>,
    },
    /// The contract, with the code of a diagnostic.
    Contract(String),
}

impl PlacePattern {
    /// Fails, with a fragment, where the text is not a place.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a place in a response");
        if let Some(code) = text.strip_prefix("contract ") {
            return Ok(PlacePattern::Contract(code.trim().to_owned()));
        }
        let place = match text.split_once(' ') {
            None if text == "status" => Location::Status,
            None if text == "time" => Location::Time,
            None if text == "body" => Location::Body(String::new()),
            Some(("header", name)) => match name.parse::<HeaderName>() {
                Ok(name) => Location::Header(name.as_str().to_owned()),
                Err(_) => return Err(wrong()),
            },
            Some(("body", pointer)) if pointer.starts_with('/') => {
                Location::Body(pointer.to_owned())
            }
            _ => return Err(wrong()),
        };
        let tokens = match &place {
            Location::Body(pointer) => split_pointer(pointer).ok_or_else(wrong)?,
            _ => Vec::new(),
        };
        Ok(PlacePattern::Response { place, tokens })
    }

    pub(super) fn matches(&self, place: &Location) -> bool {
        let PlacePattern::Response {
            place: expected_place,
            tokens: expected_tokens,
        } = self
        else {
            return false;
        };
        match (expected_place, place) {
            (Location::Body(_), Location::Body(pointer)) => {
                let tokens = split_pointer(pointer).unwrap_or_default();
                expected_tokens.len() == tokens.len()
                    && expected_tokens
                        .iter()
                        .zip(&tokens)
                        .all(|(expected, token)| expected == "*" || expected == token)
            }
            (expected, place) => expected == place,
        }
    }

    /// Whether it names the contract and this code of a diagnostic.
    pub(super) fn matches_fault(&self, code: &str) -> bool {
        matches!(self, PlacePattern::Contract(expected) if expected == code)
    }
}

impl fmt::Display for PlacePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlacePattern::Response { place, .. } => place.fmt(f),
            PlacePattern::Contract(code) => write!(f, "contract {code}"),
        }
    }
}

/// A class of values, or several statuses of one hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassPattern {
    Class(ValueClass),
    /// `status 4XX`: the first digit.
    StatusRange(u16),
}

impl ClassPattern {
    /// `None` for a text that names no class.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(status) = text.strip_prefix("status ") {
            return match status.as_bytes() {
                [digit @ b'1'..=b'5', b'X', b'X'] => {
                    Some(ClassPattern::StatusRange(u16::from(digit - b'0')))
                }
                [b'1'..=b'5', _, _] => Some(ClassPattern::Class(ValueClass::Status(
                    status.parse().ok()?,
                ))),
                _ => None,
            };
        }
        let named = ValueClass::NAMED.into_iter();
        named
            .map(ClassPattern::Class)
            .find(|class| class.to_string() == text)
    }

    pub(super) fn matches(self, found: ValueClass) -> bool {
        match (self, found) {
            (ClassPattern::StatusRange(digit), ValueClass::Status(status)) => status / 100 == digit,
            (ClassPattern::StatusRange(_), _) => false,
            (ClassPattern::Class(class), found) => class == found,
        }
    }
}

impl fmt::Display for ClassPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClassPattern::Class(class) => class.fmt(f),
            ClassPattern::StatusRange(digit) => write!(f, "status {digit}XX"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_one_token() {
        let body = |pointer: &str| Location::Body(pointer.to_owned());
        let pattern = PlacePattern::parse("body /addresses/*/region").unwrap();
        assert!(pattern.matches(&body("/addresses/0/region")));
        assert!(pattern.matches(&body("/addresses/a~1b/region")));
        assert!(!pattern.matches(&body("/addresses/region")));
        assert!(!pattern.matches(&body("/addresses/0/1/region")));
        assert!(!pattern.matches(&body("/addresses/0/region/id")));
        assert!(!pattern.matches(&Location::Status));
        let whole = PlacePattern::parse("body").unwrap();
        assert!(whole.matches(&body("")) && !whole.matches(&body("/a")));
        let header = PlacePattern::parse("header X-Trace").unwrap();
        assert!(header.matches(&Location::Header("x-trace".to_owned())));
    }

    #[test]
    fn places_are_written_as_findings_print_them() {
        let places = [
            Location::Status,
            Location::Time,
            Location::Header("content-type".to_owned()),
            Location::Body(String::new()),
            Location::Body("/a~1b/0".to_owned()),
        ];
        for place in places {
            let pattern = PlacePattern::parse(&place.to_string()).unwrap();
            assert!(pattern.matches(&place), "{place}");
            assert_eq!(pattern.to_string(), place.to_string());
        }
        for text in ["", "bodyy", "body a", "header", "header a b", "/a", "*"] {
            assert!(PlacePattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn classes_have_the_names_that_findings_use() {
        for class in ValueClass::NAMED
            .into_iter()
            .chain([ValueClass::Status(404)])
        {
            let pattern = ClassPattern::parse(&class.to_string()).unwrap();
            assert!(pattern.matches(class));
            assert_eq!(pattern.to_string(), class.to_string());
        }
        let range = ClassPattern::parse("status 4XX").unwrap();
        assert!(range.matches(ValueClass::Status(499)));
        assert!(!range.matches(ValueClass::Status(500)) && !range.matches(ValueClass::Null));
        for text in [
            "",
            "404",
            "status",
            "status 4xx",
            "status 999",
            "text",
            "Null",
        ] {
            assert_eq!(ClassPattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn operations_are_a_method_and_a_path() {
        for text in ["*", "GET /V1/customers/{customerId}"] {
            assert_eq!(OperationPattern::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "GET", "get /a", "GET a", "/a"] {
            assert!(OperationPattern::parse(text).is_err(), "{text}");
        }
    }
}
