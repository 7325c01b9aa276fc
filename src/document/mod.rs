//! Texts that users write (YAML, JSON, TOML) read into one tree with positions, the decoder that turns such a tree into our own types,
//! and a writer of readable YAML.
//!
//! Main types: [`Document`], [`Node`], [`Decoder`], [`Fields`], [`YamlValue`].

mod decoder;
mod equality;
mod fields;
mod json;
mod node;
mod toml;
mod yaml;
mod yaml_scalar;
mod yaml_text;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Source;

pub use decoder::Decoder;
pub use equality::{compare_numbers, is_integer, json_equal};
pub use fields::{
    Fields, called, expect_bool, expect_mapping, expect_sequence, expect_string, wrong_type,
};
pub use json::{JsonFault, JsonFaultKind, parse_json, parse_plain_json};
pub(crate) use node::is_at_or_below;
pub use node::{Duplicate, Mapping, MappingEntry, Node, Value, escape_pointer, split_pointer};
pub use yaml_scalar::written_text;
pub use yaml_text::{Section, YamlLayout, YamlValue, yaml_text};

/// How deep mappings and sequences may be nested in our own documents.
pub const MAX_DEPTH: usize = 200;

/// The language a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentFormat {
    Yaml,
    Json,
    Toml,
}

impl DocumentFormat {
    /// By file extension, else by the first character: `{` or `[` means JSON, anything else YAML.
    pub fn of(source: &Source) -> DocumentFormat {
        let name = source.name().to_ascii_lowercase();
        let text = source.text().trim_start();
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("json") => DocumentFormat::Json,
            Some("yaml" | "yml") => DocumentFormat::Yaml,
            Some("toml") => DocumentFormat::Toml,
            _ if text.starts_with('{') || text.starts_with('[') => DocumentFormat::Json,
            _ => DocumentFormat::Yaml,
        }
    }
}

/// A source with its tree.
#[derive(Debug, Clone)]
pub struct Document {
    pub source: Source,
    pub root: Node,
}

impl Document {
    /// Reads a source in the format given by its name or first character. Syntax errors and duplicate keys are diagnostics;
    /// `None` when there is no tree at all.
    pub fn parse(source: Source, diagnostics: &mut Diagnostics) -> Option<Document> {
        let (root, duplicates) = match DocumentFormat::of(&source) {
            DocumentFormat::Yaml => yaml::parse(&source, diagnostics)?,
            DocumentFormat::Toml => (toml::parse(&source, diagnostics)?, Vec::new()),
            DocumentFormat::Json => match parse_json(source.text().as_bytes(), MAX_DEPTH) {
                Ok(parsed) => parsed,
                Err(fault) => {
                    diagnostics.push(
                        Diagnostic::error(
                            "syntax",
                            format!("not valid JSON: {}", fault.message),
                            source.place(fault.span()),
                        )
                        .with_advice("correct the syntax; nothing else of this file was read"),
                    );
                    return None;
                }
            },
        };
        for duplicate in duplicates {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-key",
                    format!("the key `{}` is given twice", duplicate.key),
                    source.place(duplicate.second),
                )
                .with_label("given again here")
                .with_related(source.place(duplicate.first), "first given here")
                .with_advice(
                    "keep one of the two: readers of this format disagree about which value counts",
                ),
            );
        }
        Some(Document { source, root })
    }

    /// The node at a JSON pointer (RFC 6901), if there is one.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        self.root.at(pointer)
    }
}
