//! The filters of expressions that are ours; the others are those of minijinja. Main function: [`add_filters`].
//!
//! A filter that refuses its input says which one it is, what is wrong, and what to write.

mod hash;
mod input;
mod text;
mod times;

use minijinja::Environment;

pub(super) use input::text_of;

/// Filters to suggest where one is misspelt: ours, and those of minijinja that are useful in a case file.
pub(super) const FILTERS: [&str; 44] = [
    "abs",
    "base64",
    "base64_decode",
    "base64url",
    "bool",
    "date",
    "default",
    "first",
    "float",
    "hex",
    "hmac_md5",
    "hmac_sha1",
    "hmac_sha256",
    "hmac_sha384",
    "hmac_sha512",
    "int",
    "items",
    "join",
    "json",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "md5",
    "min",
    "minus",
    "plus",
    "repeat",
    "replace",
    "reverse",
    "round",
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "sort",
    "string",
    "trim",
    "unique",
    "upper",
    "urlencode",
    "xml",
];

/// Adds our filters to an engine.
pub(super) fn add_filters(environment: &mut Environment<'static>) {
    text::add(environment);
    hash::add(environment);
    times::add(environment);
}

#[cfg(test)]
mod tests;
