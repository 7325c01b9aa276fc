//! Steps: what is sent, with which profile, and what is captured from the response.

use super::value::{Entries, Inexpressible, entry, names, one_line_mapping, template, text};
use super::{body, expectation, sending};
use crate::case::matcher::notation;
use crate::case::{
    Call, Capture, CaptureSource, ExpectedOutcome, Parallel, Step, StepEntry, Template,
};
use crate::document::{YamlLayout, YamlValue};
use crate::duration::duration_text;
use crate::exchange::StreamLimit;

pub(super) fn list(entries: &[StepEntry]) -> Result<YamlValue, Inexpressible> {
    let entries = entries.iter().map(|entry| match entry {
        StepEntry::Request(step) => request(step),
        StepEntry::Wait(wait) => sending::wait(wait),
        StepEntry::Parallel(parallel) => self::parallel(parallel),
    });
    let entries = entries.collect::<Result<_, Inexpressible>>()?;
    Ok(YamlValue::Sequence(YamlLayout::Block, entries))
}

pub(super) fn cleanup(steps: &[Step]) -> Result<YamlValue, Inexpressible> {
    let steps = steps.iter().map(request);
    let steps = steps.collect::<Result<_, Inexpressible>>()?;
    Ok(YamlValue::Sequence(YamlLayout::Block, steps))
}

fn parallel(parallel: &Parallel) -> Result<YamlValue, Inexpressible> {
    let Parallel {
        name,
        when,
        steps,
        times,
        outcomes,
        place: _,
    } = parallel;
    let mut entries = Entries::new();
    if let Some(name) = name {
        entries.push(entry("name", text(name)));
    }
    if let Some(when) = when {
        entries.push(entry("when", template(when)?));
    }
    let mut inner = Entries::new();
    match (times, &steps[..]) {
        (Some(times), [only]) => {
            inner.push(entry("times", YamlValue::Number((*times).into())));
            inner.push(entry("step", parallel_step(only)?));
        }
        (Some(_), _) => {
            return Err(Inexpressible::new("several steps are sent several times"));
        }
        (None, steps) => {
            let steps = steps.iter().map(parallel_step);
            let steps = steps.collect::<Result<_, Inexpressible>>()?;
            inner.push(entry(
                "steps",
                YamlValue::Sequence(YamlLayout::Block, steps),
            ));
        }
    }
    if !outcomes.is_empty() {
        let outcomes = outcomes.iter().map(|ExpectedOutcome { status, count }| {
            Ok((status.value.to_string(), notation::write(count)?))
        });
        let outcomes = outcomes.collect::<Result<_, Inexpressible>>()?;
        inner.push(entry("outcomes", one_line_mapping(outcomes)));
    }
    entries.push(entry(
        "parallel",
        YamlValue::Mapping(YamlLayout::Block, inner),
    ));
    Ok(YamlValue::Mapping(YamlLayout::Block, entries))
}

/// A parallel step is sent once without saying so.
fn parallel_step(step: &Step) -> Result<YamlValue, Inexpressible> {
    let YamlValue::Mapping(layout, mut entries) = request(step)? else {
        return Err(Inexpressible::new("a step is not a mapping"));
    };
    entries.retain(|(key, _)| key != "once");
    Ok(YamlValue::Mapping(layout, entries))
}

fn request(step: &Step) -> Result<YamlValue, Inexpressible> {
    let mut entries = Entries::new();
    if let Some(name) = &step.name {
        entries.push(entry("name", text(name)));
    }
    entries.extend(fields(step)?);
    Ok(YamlValue::Mapping(YamlLayout::Block, entries))
}

/// The step's fields, without its name.
pub(super) fn fields(step: &Step) -> Result<Entries, Inexpressible> {
    let Step {
        name: _,
        call,
        caller,
        path,
        query,
        headers,
        cookies,
        body: sent,
        timeout,
        expect,
        capture,
        sending,
        place: _,
    } = step;
    let mut entries = sending::conditions(sending)?;
    entries.push(self::call(call)?);
    if !path.is_empty() {
        entries.push(entry("path", one_line_mapping(names(path, template)?)));
    }
    if caller.value != "guest" {
        entries.push(entry("as", text(&caller.value)));
    }
    if !query.is_empty() {
        entries.push(entry("query", one_line_mapping(names(query, template)?)));
    }
    if !headers.is_empty() {
        let header = |value: &Option<Template>| match value {
            Some(value) => template(value),
            None => Ok(YamlValue::Null),
        };
        entries.push(entry("headers", one_line_mapping(names(headers, header)?)));
    }
    if !cookies.is_empty() {
        entries.push(entry(
            "cookies",
            one_line_mapping(names(cookies, template)?),
        ));
    }
    if let Some(sent) = sent {
        entries.extend(body::fields(sent, step.call.operation())?);
    }
    if let Some(timeout) = timeout {
        let written = duration_text(*timeout).ok_or_else(|| {
            Inexpressible::new(format!("{timeout:?} cannot be written as a timeout"))
        })?;
        entries.push(entry("timeout", text(written)));
    }
    entries.extend(sending::repetition(sending)?);
    if let Some(stream) = &expect.stream {
        entries.push(entry("stream", stream_limit(stream.value)?));
    }
    let expect = expectation::fields(expect)?;
    if !expect.is_empty() {
        let layout = match expect.len() {
            1 | 2 => YamlLayout::OneLine,
            _ => YamlLayout::Block,
        };
        entries.push(entry("expect", YamlValue::Mapping(layout, expect)));
    }
    if !capture.is_empty() {
        let captures = capture
            .iter()
            .map(|capture| (capture.name.value.clone(), captured(capture)));
        entries.push(entry("capture", one_line_mapping(captures.collect())));
    }
    Ok(entries)
}

fn call(call: &Call) -> Result<(String, YamlValue), Inexpressible> {
    Ok(match call {
        Call::Operation { operation, .. } => {
            let line = format!("{} {}", operation.method, operation.path);
            entry("call", text(line))
        }
        Call::Raw { method, path, .. } => {
            let path = path
                .written()
                .ok_or_else(|| Inexpressible::new("a path is not text"))?;
            entry("send", text(format!("{method} {path}")))
        }
    })
}

fn stream_limit(limit: StreamLimit) -> Result<YamlValue, Inexpressible> {
    let mut entries = Entries::new();
    if let Some(events) = limit.events {
        entries.push(entry("events", YamlValue::Number(events.into())));
    }
    if let Some(within) = limit.within {
        let written = duration_text(within).ok_or_else(|| {
            Inexpressible::new(format!("{within:?} cannot be written as a time limit"))
        })?;
        entries.push(entry("within", text(written)));
    }
    Ok(one_line_mapping(entries))
}

fn captured(capture: &Capture) -> YamlValue {
    let Capture {
        name: _,
        from,
        matches,
    } = capture;
    let mut entries = match from {
        CaptureSource::Body(path) if matches.is_none() => return text(path.to_string()),
        CaptureSource::Body(path) => vec![entry("body", text(path.to_string()))],
        CaptureSource::XPath(path) => std::iter::once(entry("xpath", text(path.to_string())))
            .chain(expectation::namespaces(path))
            .collect(),
        CaptureSource::Events(path) => vec![entry("events", text(path.to_string()))],
        CaptureSource::Text => Vec::new(),
        CaptureSource::Header(name) => vec![entry("header", text(name))],
        CaptureSource::Cookie { name, attribute } => {
            let attribute = attribute.iter();
            std::iter::once(entry("cookie", text(name)))
                .chain(attribute.map(|attribute| entry("attribute", text(attribute))))
                .collect()
        }
    };
    entries.extend(
        matches
            .iter()
            .map(|pattern| entry("matches", text(pattern.as_str()))),
    );
    one_line_mapping(entries)
}
