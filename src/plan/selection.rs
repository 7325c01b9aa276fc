//! The cases that the user selects: [`Selection`].

use super::Shard;
use crate::event::Subject;
use crate::text::InvalidText;

/// Which cases are selected. (Default: all.)
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Parts of `system::file::case`; an id must contain one of them. After a leading `=` the rest must be the whole id.
    pub filters: Vec<String>,
    /// All must match.
    pub tags: Vec<TagExpression>,
    /// Only cases that change no data; others are skipped with that reason.
    pub read_only: bool,
    /// Files or folders of cases: as displayed (`cases/magento/customers`), or below the folder of all cases
    /// (`magento/customers/create.yaml`). Empty: all.
    pub paths: Vec<String>,
    /// Only the cases of this shard, after all other criteria.
    pub shard: Option<Shard>,
}

/// `smoke`, `!slow`, or alternatives separated by commas, one of which must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagExpression {
    alternatives: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    tag: String,
    negated: bool,
}

impl Selection {
    /// Whether a tag is selected by its name (not by excluding others).
    pub fn selects_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|expression| expression.selects(tag))
    }

    /// Whether a case is selected by its whole id.
    pub(super) fn names_case(&self, id: &Subject) -> bool {
        let id = id.to_string();
        self.filters
            .iter()
            .any(|filter| filter.strip_prefix('=') == Some(&id))
    }

    pub(super) fn has_id(&self, id: &Subject) -> bool {
        if self.filters.is_empty() {
            return true;
        }
        let id = id.to_string();
        self.filters
            .iter()
            .any(|filter| match filter.strip_prefix('=') {
                Some(whole) => id == whole,
                None => id.contains(filter.as_str()),
            })
    }

    pub(super) fn has_tags(&self, tags: &[String]) -> bool {
        self.tags.iter().all(|expression| expression.matches(tags))
    }

    pub(super) fn has_path(&self, displayed: &str, system: &str, file: &str) -> bool {
        let below = format!("{system}/{file}");
        self.paths.is_empty()
            || self.paths.iter().any(|path| {
                let path = path
                    .strip_prefix("./")
                    .unwrap_or(path)
                    .trim_end_matches('/');
                is_at_or_below(displayed, path) || is_at_or_below(&below, without_extension(path))
            })
    }
}

impl TagExpression {
    /// Parses an expression. Fails, with a sentence fragment, if a tag is empty.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let alternatives = text
            .split(',')
            .map(|term| {
                let term = term.trim();
                let (negated, tag) = match term.strip_prefix('!') {
                    Some(tag) => (true, tag.trim()),
                    None => (false, term),
                };
                if tag.is_empty() {
                    return Err(InvalidText(format!(
                        "`{text}` has an empty tag; write `smoke`, `!slow` or `smoke,fast`"
                    )));
                }
                Ok(Term {
                    tag: tag.to_owned(),
                    negated,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(TagExpression { alternatives })
    }

    /// Whether one of the alternatives matches a case with these tags.
    pub fn matches(&self, tags: &[String]) -> bool {
        self.alternatives
            .iter()
            .any(|term| tags.contains(&term.tag) != term.negated)
    }

    fn selects(&self, tag: &str) -> bool {
        self.alternatives
            .iter()
            .any(|term| !term.negated && term.tag == tag)
    }
}

fn is_at_or_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn without_extension(path: &str) -> &str {
    path.strip_suffix(".yaml")
        .or_else(|| path.strip_suffix(".yml"))
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn tag_expressions() {
        let matches =
            |text: &str, names: &[&str]| TagExpression::parse(text).unwrap().matches(&tags(names));
        assert!(matches("smoke", &["smoke", "slow"]));
        assert!(!matches("smoke", &["slow"]));
        assert!(matches("!slow", &[]));
        assert!(!matches("!slow", &["slow"]));
        assert!(matches("smoke, !slow", &["other"]));
        assert!(matches("smoke,!slow", &["smoke", "slow"]));
        assert!(!matches("smoke,!slow", &["slow"]));
        for wrong in ["", "a,", "!", "a,,b"] {
            assert!(
                TagExpression::parse(wrong)
                    .unwrap_err()
                    .to_string()
                    .contains("empty tag"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_tag_is_selected_only_by_its_name() {
        let selects = |text: &str| {
            let selection = Selection {
                tags: vec![TagExpression::parse(text).unwrap()],
                ..Selection::default()
            };
            selection.selects_tag("disruptive")
        };
        assert!(selects("disruptive") && selects("smoke,disruptive"));
        assert!(!selects("!disruptive") && !selects("!smoke"));
    }

    #[test]
    fn paths_are_files_or_folders() {
        let has = |path: &str| {
            let selection = Selection {
                paths: vec![path.to_owned()],
                ..Selection::default()
            };
            selection.has_path(
                "x/cases/magento/customers/create.yaml",
                "magento",
                "customers/create",
            )
        };
        for right in [
            "magento",
            "magento/",
            "magento/customers",
            "./magento/customers/create.yaml",
            "magento/customers/create",
            "x/cases",
            "x/cases/magento/customers/create.yaml",
        ] {
            assert!(has(right), "{right}");
        }
        for wrong in [
            "mag",
            "magento/customers/crea",
            "nuweb",
            "customers",
            "x/case",
        ] {
            assert!(!has(wrong), "{wrong}");
        }
    }
}
