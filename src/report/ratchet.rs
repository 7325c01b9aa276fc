//! The coverage that was reached and must not decrease: a small file beside the cases. Main type: [`Ratchet`].
//!
//! ```toml
//! [magento]
//! operations = "36/36"
//! statuses = "124/129"
//! ```
//!
//! A level falls if fewer points are covered than the file says *and* their share of all points is smaller. So a contract that grows by
//! operations that no case calls yet, or that shrinks, does not make a level fall.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::coverage::Ratio;
use super::model::Report;
use super::shortfall::Fallen;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Fields, Node};
use crate::event::Level;
use crate::source::Source;

/// The coverage of each system, level by level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ratchet {
    systems: BTreeMap<String, BTreeMap<Level, Ratio>>,
}

impl Ratchet {
    /// The coverage of a run.
    pub fn of(report: &Report) -> Ratchet {
        let systems = report.coverage().into_iter().map(|system| {
            let levels = Level::ALL.map(|level| (level, system.ratio(level)));
            (system.system().to_owned(), BTreeMap::from(levels))
        });
        Ratchet {
            systems: systems.collect(),
        }
    }

    /// Reads a TOML file. `None`, with an entry in `diagnostics`, if it is wrong.
    pub fn read(source: Source, diagnostics: &mut Diagnostics) -> Option<Ratchet> {
        let before = diagnostics.count(crate::diagnostic::DiagnosticSeverity::Error);
        let document = Document::parse(source, diagnostics)?;
        let source = &document.source;
        let mut ratchet = Ratchet::default();
        let systems =
            crate::document::expect_mapping("a ratchet", &document.root, source, diagnostics)?;
        for (system, entry) in systems {
            let Some(mut fields) =
                Fields::of("a system's coverage", &entry.value, source, diagnostics)
            else {
                continue;
            };
            let mut levels = BTreeMap::new();
            for level in Level::ALL {
                if let Some(node) = fields.get(level.as_str())
                    && let Some(ratio) = ratio(level, node, source, diagnostics)
                {
                    levels.insert(level, ratio);
                }
            }
            fields.finish(diagnostics);
            ratchet.systems.insert(system.clone(), levels);
        }
        (diagnostics.count(crate::diagnostic::DiagnosticSeverity::Error) == before)
            .then_some(ratchet)
    }

    /// The file's text.
    pub fn write(&self) -> String {
        let mut text = "# Coverage of the contracts that must not decrease. Written by `counterpart run --ratchet FILE --update-ratchet`.\n".to_owned();
        for (system, levels) in &self.systems {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "\n[{}]\n", key(system));
            for (level, ratio) in levels {
                let _ = writeln!(
                    text,
                    "{} = \"{}/{}\"",
                    level.as_str(),
                    ratio.covered,
                    ratio.total
                );
            }
        }
        text
    }

    /// Whether it contains a system.
    pub fn has(&self, system: &str) -> bool {
        self.systems.contains_key(system)
    }

    /// The levels of which `now` covers less. Systems that `now` does not have were not run, and are ignored.
    pub fn fallen(&self, now: &Ratchet) -> Vec<Fallen> {
        let mut fallen = Vec::new();
        for (system, levels) in &self.systems {
            let Some(others) = now.systems.get(system) else {
                continue;
            };
            for (&level, &before) in levels {
                let Some(&now) = others.get(&level) else {
                    continue;
                };
                let smaller_part = now.covered * before.total < before.covered * now.total;
                if now.covered < before.covered && smaller_part {
                    fallen.push(Fallen {
                        system: system.clone(),
                        level,
                        before,
                        now,
                    });
                }
            }
        }
        fallen
    }

    /// This ratchet with the systems of `now` replaced or added.
    pub fn updated(&self, now: Ratchet) -> Ratchet {
        let mut systems = self.systems.clone();
        systems.extend(now.systems);
        Ratchet { systems }
    }
}

/// `36/36`
fn ratio(
    level: Level,
    node: &Node,
    source: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Ratio> {
    let parsed = node.as_str().and_then(|text| {
        let (covered, total) = text.split_once('/')?;
        let ratio = Ratio {
            covered: covered.trim().parse().ok()?,
            total: total.trim().parse().ok()?,
        };
        (ratio.covered <= ratio.total && ratio.total <= u32::MAX as usize).then_some(ratio)
    });
    if parsed.is_none() {
        diagnostics.push(
            Diagnostic::error(
                "bad-ratio",
                format!("`{}` is not of the form \"covered/all\"", level.as_str()),
                source.place(node.span),
            )
            .with_advice("write it as in \"36/38\", or rewrite the file with --update-ratchet"),
        );
    }
    parsed
}

/// A TOML key: bare if possible, else quoted.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        // A JSON string is also a TOML basic string.
        false => serde_json::Value::from(name).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratchet(text: &str) -> Result<Ratchet, String> {
        let mut diagnostics = Diagnostics::new();
        let read = Ratchet::read(Source::new("ratchet.toml", text), &mut diagnostics);
        let messages = diagnostics
            .iter()
            .map(|diagnostic| diagnostic.message.to_string());
        read.ok_or_else(|| messages.collect::<Vec<_>>().join("; "))
    }

    fn statuses(covered: usize, total: usize) -> Ratchet {
        ratchet(&format!("[shop]\nstatuses = \"{covered}/{total}\"")).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = "[magento]\noperations = \"36/36\"\n\n[\"my shop\"]\nkeywords = \"0/0\"\n";
        let read = ratchet(text).unwrap();
        assert!(read.write().ends_with(&format!("\n\n{text}")));
        assert_eq!(ratchet(&read.write()), Ok(read));
    }

    #[test]
    fn a_level_falls_if_number_and_share_are_lower() {
        let before = statuses(80, 100);
        let falls = |covered, total| !before.fallen(&statuses(covered, total)).is_empty();
        assert!(falls(79, 100), "one point fewer");
        assert!(falls(79, 120), "fewer of more points");
        assert!(!falls(80, 100), "no change");
        assert!(!falls(80, 120), "the contract has grown");
        assert!(!falls(72, 90), "the contract has shrunk");
        assert!(
            falls(71, 90),
            "the contract has shrunk, and even more coverage was lost"
        );
    }

    #[test]
    fn systems_that_were_not_run_keep_their_levels() {
        let before = ratchet("[a]\nstatuses = \"1/2\"\n[b]\nstatuses = \"2/2\"").unwrap();
        let now = ratchet("[b]\nstatuses = \"1/2\"").unwrap();
        let fallen = before.fallen(&now);
        assert_eq!(fallen.len(), 1);
        assert_eq!((fallen[0].system.as_str(), fallen[0].now.covered), ("b", 1));
        let text = before.updated(now).write();
        assert!(
            text.contains("[a]\nstatuses = \"1/2\"") && text.contains("[b]\nstatuses = \"1/2\"")
        );
    }

    #[test]
    fn a_wrong_file_is_reported() {
        for (text, expected) in [
            (
                "[a]\nstatuses = 3",
                "`statuses` is not of the form \"covered/all\"",
            ),
            (
                "[a]\nstatuses = \"3/2\"",
                "`statuses` is not of the form \"covered/all\"",
            ),
            ("[a]\nstatus = \"1/2\"", "has no field `status`"),
            ("a = 1", "a system's coverage"),
        ] {
            let said = ratchet(text).unwrap_err();
            assert!(said.contains(expected), "{said}");
        }
    }
}
