//! Which entries are not compared, and why: each [`SkipRule`] has a name and a reason.
//!
//! Main types: [`SkipRule`], [`Areas`].

use std::collections::{BTreeMap, BTreeSet};

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};

use crate::case::Suite;
use crate::contract::Security;
use crate::recording::{Entry, Recording};

/// Why an entry is not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipRule {
    NoResponse,
    OtherServer,
    Asynchronous,
    OtherArea,
    Xml,
    Compressed,
}

impl SkipRule {
    pub const ALL: [SkipRule; 6] = [
        SkipRule::NoResponse,
        SkipRule::OtherServer,
        SkipRule::Asynchronous,
        SkipRule::OtherArea,
        SkipRule::Xml,
        SkipRule::Compressed,
    ];

    /// The name of the rule: `other-area`.
    pub fn name(self) -> &'static str {
        match self {
            SkipRule::NoResponse => "no-response",
            SkipRule::OtherServer => "other-server",
            SkipRule::Asynchronous => "asynchronous",
            SkipRule::OtherArea => "other-area",
            SkipRule::Xml => "xml",
            SkipRule::Compressed => "compressed",
        }
    }

    /// The reason, as a sentence fragment.
    pub fn reason(self) -> &'static str {
        match self {
            SkipRule::NoResponse => "the recording has no response",
            SkipRule::OtherServer => {
                "the request went to another server than most of the recording"
            }
            SkipRule::Asynchronous => {
                "the response to an asynchronous or bulk call is sent before the work is done"
            }
            SkipRule::OtherArea => {
                "the recorded server knows this path, but it belongs to no area of the contracts"
            }
            SkipRule::Xml => "only JSON is compared, and this request or its response is XML",
            SkipRule::Compressed => "the body of the recorded response is still compressed",
        }
    }

    /// Whether the request is still sent. XML requests call the same operations, and later entries depend on their changes.
    /// Requests to other servers and areas are not covered by the contracts, and the target may not support them.
    pub fn is_sent(self) -> bool {
        match self {
            SkipRule::Xml | SkipRule::Compressed => true,
            SkipRule::NoResponse
            | SkipRule::OtherServer
            | SkipRule::Asynchronous
            | SkipRule::OtherArea => false,
        }
    }
}

/// The areas of a suite's contracts, and the other areas in a recording.
///
/// An area is the first segment after the literal segments with which all operations begin: `customers` in `/V1/customers` if all
/// begin with `/V1`. A path belongs to the contracts if an operation of any method matches it from some segment on (as in
/// `/rest/all/V1/customers` and `/index.php/rest/V1/customers`), or if its area is one of theirs. Any other area is foreign if
/// the recorded server knows it: if a response in it was successful, or if none was an error of the router (400, 404, 405). An
/// area with only router errors does not exist on that server: such entries test the router and are compared.
#[derive(Debug)]
pub struct Areas<'s> {
    suite: &'s Suite,
    base_paths: BTreeSet<&'s str>,
    common: Vec<&'s str>,
    own: BTreeSet<String>,
    foreign: BTreeSet<String>,
    origin: String,
}

impl<'s> Areas<'s> {
    /// The areas of a recording that is replayed for a suite.
    pub fn of(recording: &Recording, suite: &'s Suite) -> Self {
        let contracts = || suite.files.iter().flat_map(|file| &file.contracts);
        let templates: Vec<&str> = contracts()
            .flat_map(|contract| &contract.operations)
            .map(|operation| operation.path.as_str())
            .collect();
        let common = common_segments(&templates);
        let mut areas = Areas {
            suite,
            base_paths: contracts()
                .map(|contract| contract.base_path.as_str())
                .collect(),
            own: templates.iter().map(|path| below(path, &common)).collect(),
            common,
            foreign: BTreeSet::new(),
            origin: main_origin(recording),
        };
        areas.foreign = areas.known_elsewhere(recording);
        areas
    }

    /// Why an entry is not compared; `None` if it is compared.
    pub fn rule(&self, entry: &Entry) -> Option<SkipRule> {
        let Some(response) = &entry.response else {
            return Some(SkipRule::NoResponse);
        };
        if origin(entry) != self.origin {
            return Some(SkipRule::OtherServer);
        }
        if segments(entry.path()).any(|segment| segment == "async") {
            return Some(SkipRule::Asynchronous);
        }
        if !self.is_own(entry) && self.foreign.contains(&self.area(entry.path())) {
            return Some(SkipRule::OtherArea);
        }
        if is_xml(&entry.request.headers, CONTENT_TYPE)
            || is_xml(&response.headers, CONTENT_TYPE)
            || prefers_xml(&entry.request.headers)
        {
            return Some(SkipRule::Xml);
        }
        let compressed = response.headers.contains_key(CONTENT_ENCODING)
            && std::str::from_utf8(&response.body).is_err();
        compressed.then_some(SkipRule::Compressed)
    }

    fn known_elsewhere(&self, recording: &Recording) -> BTreeSet<String> {
        let mut statuses: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for entry in &recording.entries {
            if let Some(response) = entry.response.as_ref().filter(|_| !self.is_own(entry)) {
                let area = statuses.entry(self.area(entry.path())).or_default();
                area.push(response.status.as_u16());
            }
        }
        let is_known = |statuses: &[u16]| {
            statuses.iter().any(|status| (200..300).contains(status))
                || !statuses
                    .iter()
                    .any(|status| matches!(status, 400 | 404 | 405))
        };
        statuses
            .into_iter()
            .filter(|(_, statuses)| is_known(statuses))
            .map(|(area, _)| area)
            .collect()
    }

    fn is_own(&self, entry: &Entry) -> bool {
        let path = entry.path();
        self.own.contains(&self.area(path)) || fits_an_operation(self.suite, path)
    }

    /// The area of an actual path, in the notation of `own`; outside the base paths the whole path.
    fn area(&self, path: &str) -> String {
        let actual: Vec<&str> = segments(path).collect();
        if !self.common.is_empty()
            && let Some(at) = actual
                .windows(self.common.len())
                .rposition(|some| some == self.common)
        {
            let rest = &actual[at + self.common.len()..];
            return rest
                .first()
                .map_or_else(String::new, |segment| format!("/{segment}"));
        }
        let base = self
            .base_paths
            .iter()
            .filter_map(|base| path.strip_prefix(base))
            .min_by_key(|rest| rest.len());
        match base.and_then(|rest| segments(rest).next()) {
            Some(first) if !self.common.is_empty() => format!("//{first}"),
            Some(first) => format!("/{first}"),
            None => path.to_owned(),
        }
    }
}

/// How well a recording fits a suite: the number of entries below a base path of its contracts, and the number of these that are
/// requests to a documented operation which the recorded response does not contradict. A response contradicts it if a protected
/// operation served an unauthenticated request.
pub fn fit(recording: &Recording, suite: &Suite) -> (usize, usize) {
    let contracts = || suite.files.iter().flat_map(|file| &file.contracts);
    let mut fits = (0, 0);
    for entry in &recording.entries {
        let below = contracts().filter_map(|contract| {
            let rest = entry.path().strip_prefix(contract.base_path.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some((contract, rest))
        });
        let below: Vec<_> = below.collect();
        let served = entry
            .response
            .as_ref()
            .is_some_and(|response| response.status.is_success());
        let unauthenticated = !entry.request.headers.contains_key(AUTHORIZATION);
        let fitting = below.iter().any(|(contract, rest)| {
            let operation = contract.matching(&entry.request.method, rest);
            operation.is_some_and(|operation| {
                !(served && unauthenticated && operation.security == Security::Protected)
            })
        });
        fits.0 += usize::from(!below.is_empty());
        fits.1 += usize::from(fitting);
    }
    fits
}

/// Whether an operation of the suite's contracts matches a path from some segment on, with any method.
fn fits_an_operation(suite: &Suite, path: &str) -> bool {
    let operations = suite
        .files
        .iter()
        .flat_map(|file| &file.contracts)
        .flat_map(|contract| {
            contract
                .operations
                .iter()
                .map(move |operation| (contract, operation))
        });
    let starts: Vec<usize> = path.match_indices('/').map(|(at, _)| at).take(64).collect();
    operations.into_iter().any(|(contract, operation)| {
        starts.iter().any(|&at| {
            contract
                .matching(&operation.method, &path[at..])
                .is_some_and(|found| std::sync::Arc::ptr_eq(found, operation))
        })
    })
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// The literal segments with which all templates begin; every template has at least one more.
fn common_segments<'t>(templates: &[&'t str]) -> Vec<&'t str> {
    let Some((first, rest)) = templates.split_first() else {
        return Vec::new();
    };
    let mut common: Vec<&str> = segments(first)
        .take_while(|segment| !segment.contains('{'))
        .collect();
    for template in std::iter::once(first).chain(rest) {
        let same = common
            .iter()
            .zip(segments(template))
            .take_while(|(left, right)| **left == *right)
            .count();
        let longest = segments(template).count().saturating_sub(1);
        common.truncate(same.min(longest));
    }
    common
}

/// The area of a template below the common segments.
fn below(template: &str, common: &[&str]) -> String {
    segments(template)
        .nth(common.len())
        .map_or_else(String::new, |segment| format!("/{segment}"))
}

fn origin(entry: &Entry) -> String {
    entry.request.url.origin().ascii_serialization()
}

/// The origin to which most entries were sent.
fn main_origin(recording: &Recording) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &recording.entries {
        *counts.entry(origin(entry)).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map(|(origin, _)| origin).unwrap_or_default()
}

fn is_xml(headers: &HeaderMap, name: HeaderName) -> bool {
    let value = headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    is_xml_type(value)
}

fn is_xml_type(value: &str) -> bool {
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    matches!(essence.as_str(), "application/xml" | "text/xml")
        || (essence.ends_with("+xml") && essence != "application/xhtml+xml")
}

/// Whether `Accept` prefers XML to JSON.
fn prefers_xml(headers: &HeaderMap) -> bool {
    let value = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let weights = |fits: fn(&str) -> bool| {
        value
            .split(',')
            .filter(|range| fits(range))
            .map(weight)
            .max()
    };
    let json = |range: &str| {
        let essence = range.split(';').next().unwrap_or_default().trim();
        matches!(essence, "application/json" | "application/*" | "*/*")
    };
    match (weights(is_xml_type), weights(json)) {
        (Some(xml), Some(json)) => xml > json,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// The weight of a media range in thousandths (RFC 9110, section 12.4.2); 1000 if it is missing or invalid.
fn weight(range: &str) -> u32 {
    let quality = range
        .split(';')
        .skip(1)
        .find_map(|parameter| parameter.trim().strip_prefix("q="));
    let quality = quality
        .and_then(|quality| quality.trim().parse::<f64>().ok())
        .unwrap_or(1.0);
    (quality.clamp(0.0, 1.0) * 1000.0).round() as u32
}
