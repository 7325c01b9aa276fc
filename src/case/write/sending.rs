//! When and how often a step is sent: `when`, `repeat`, `until`, `once`; and the step `wait`.

use std::time::Duration;

use super::expectation;
use super::value::{Entries, Inexpressible, entry, one_line_mapping, template, text};
use crate::case::{Repeat, SendRules, Until, Wait};
use crate::document::{YamlLayout, YamlValue};
use crate::duration::duration_text;

/// The fields that are written before the request: `when` and `repeat`.
pub(super) fn conditions(rules: &SendRules) -> Result<Entries, Inexpressible> {
    let SendRules {
        when,
        repeat,
        until: _,
        once: _,
    } = rules;
    let mut entries = Entries::new();
    if let Some(when) = when {
        entries.push(entry("when", template(when)?));
    }
    if let Some(Repeat { item, over }) = repeat {
        let over = template(over)?;
        let over = match item {
            Some(item) => one_line_mapping(vec![(item.clone(), over)]),
            None => over,
        };
        entries.push(entry("repeat", over));
    }
    Ok(entries)
}

/// The fields that are written after the request: `once` and `until`.
pub(super) fn repetition(rules: &SendRules) -> Result<Entries, Inexpressible> {
    let SendRules {
        when: _,
        repeat: _,
        until,
        once,
    } = rules;
    let mut entries = Entries::new();
    if *once {
        entries.push(entry("once", YamlValue::Bool(true)));
    }
    if let Some(until) = until {
        entries.push(entry("until", self::until(until)?));
    }
    Ok(entries)
}

fn until(until: &Until) -> Result<YamlValue, Inexpressible> {
    let Until {
        expect,
        every,
        within,
        place: _,
    } = until;
    let mut entries = expectation::fields(expect)?;
    for (key, value, default) in [
        ("every", every, Until::EVERY),
        ("within", within, Until::WITHIN),
    ] {
        if *value != default {
            entries.push(entry(key, duration(*value, key)?));
        }
    }
    let layout = match entries.len() {
        1..=3 => YamlLayout::OneLine,
        _ => YamlLayout::Block,
    };
    Ok(YamlValue::Mapping(layout, entries))
}

pub(super) fn wait(wait: &Wait) -> Result<YamlValue, Inexpressible> {
    let Wait {
        name,
        when,
        duration,
        reason,
        place: _,
    } = wait;
    let mut entries = Entries::new();
    if let Some(name) = name {
        entries.push(entry("name", text(name)));
    }
    if let Some(when) = when {
        entries.push(entry("when", template(when)?));
    }
    let inner = vec![
        entry("for", self::duration(*duration, "wait")?),
        entry("reason", text(reason)),
    ];
    entries.push(entry("wait", one_line_mapping(inner)));
    Ok(YamlValue::Mapping(YamlLayout::Block, entries))
}

fn duration(duration: Duration, what: &str) -> Result<YamlValue, Inexpressible> {
    duration_text(duration)
        .map(text)
        .ok_or_else(|| Inexpressible::new(format!("{duration:?} cannot be written as `{what}`")))
}
