//! Filters for times.

use minijinja::value::Serde;
use minijinja::{Environment, Error};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::input::{plain, refused, text_of};
use crate::case::moment::{Moment, TimeSpan, http_date, milliseconds};

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("plus", |value: &minijinja::Value, span: Option<String>| {
        shifted("plus", value, span.as_deref(), |span| span)
    });
    environment.add_filter("minus", |value: &minijinja::Value, span: Option<String>| {
        shifted("minus", value, span.as_deref(), TimeSpan::reversed)
    });
    environment.add_filter("date", date);
}

/// A time that is moved, in its own notation.
fn shifted(
    filter: &str,
    value: &minijinja::Value,
    span: Option<&str>,
    direction: fn(TimeSpan) -> TimeSpan,
) -> Result<minijinja::Value, Error> {
    let moment = moment(filter, value)?;
    let span = span.unwrap_or_default();
    let parsed = TimeSpan::parse(span).ok_or_else(|| {
        refused(format!(
            "`{filter}('{span}')` is not a span of time; write numbers with units (s, m, h, d, w, months, years), such as `1d` or `2h 30m`"
        ))
    })?;
    let moved = moment.plus(direction(parsed)).and_then(Moment::written);
    let moved = moved.ok_or_else(|| {
        refused(format!(
            "`{filter}('{span}')` leads out of the years 0 to 9999"
        ))
    })?;
    Ok(minijinja::Value::from(Serde(moved)))
}

fn moment(filter: &str, value: &minijinja::Value) -> Result<Moment, Error> {
    let value = plain(value)?;
    Moment::read(&value).ok_or_else(|| {
        refused(format!(
            "`{filter}` needs a time, not `{}`; write it as `2026-11-28T03:06:03Z`, `2026-11-28`, a date of HTTP, or seconds since 1970",
            text_of(&value)
        ))
    })
}

/// A time in another notation.
fn date(value: &minijinja::Value, format: Option<String>) -> Result<minijinja::Value, Error> {
    let time = moment("date", value)?.time();
    let format = format.unwrap_or_default();
    let written = match format.as_str() {
        "iso" => whole_seconds(time).format(&Rfc3339).ok().map(Value::from),
        "http" => http_date(time).map(Value::from),
        "epoch" => Some(Value::from(time.unix_timestamp())),
        "epoch_ms" => milliseconds(time),
        pattern if pattern.contains('%') => return pattern_text(time, pattern),
        other => {
            return Err(refused(format!(
                "`date('{other}')` is not a notation of times; write `iso`, `http`, `epoch`, `epoch_ms` or a pattern such as `%Y-%m-%d`"
            )));
        }
    };
    let written =
        written.ok_or_else(|| refused(format!("`date('{format}')` cannot write this time")))?;
    Ok(minijinja::Value::from(Serde(written)))
}

/// The time in UTC without a fraction.
fn whole_seconds(time: OffsetDateTime) -> OffsetDateTime {
    let time = time.to_offset(UtcOffset::UTC);
    time.replace_nanosecond(0).unwrap_or(time)
}

/// The time by a pattern of `strftime`, in its own offset.
fn pattern_text(time: OffsetDateTime, pattern: &str) -> Result<minijinja::Value, Error> {
    let fault = |reason: String| refused(format!("`date('{pattern}')`: {reason}"));
    let format = time::format_description::parse_strftime_owned(pattern)
        .map_err(|error| fault(format!("not a pattern of strftime: {error}")))?;
    let text = time
        .format(&format)
        .map_err(|error| fault(error.to_string()))?;
    Ok(minijinja::Value::from(text))
}
