//! Which cases a change affects. Main types: [`Uses`], [`Touched`].

use std::collections::{BTreeMap, BTreeSet};

use super::snapshot::{WatchedFiles, shown};
use crate::cli::command::select::Selected;

/// By case file: the file itself, the system file, and every document and overlay of its contracts.
#[derive(Debug, Default)]
pub(super) struct Uses(BTreeMap<String, BTreeSet<String>>);

/// Which cases have to be run again.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Touched {
    All,
    /// The cases of these files.
    Files(BTreeSet<String>),
}

impl Uses {
    pub(super) fn of(selected: &Selected) -> Uses {
        let systems = selected.plan.systems.iter().map(|system| &system.suite);
        let settings = &selected.settings.systems;
        let mut uses = BTreeMap::new();
        for (suite, settings) in systems.zip(settings) {
            let cases = settings.files.cases.on_disk();
            let shared = ["system.yaml", "system.yml"]
                .into_iter()
                .filter_map(|name| {
                    let folder = cases?.join(&suite.system);
                    Some(shown(&folder.join(name)))
                });
            let shared: Vec<String> = shared.collect();
            for file in &suite.files {
                let contracts = file.contracts.iter().flat_map(|contract| contract.files());
                let mut used: BTreeSet<String> = contracts.map(str::to_owned).collect();
                used.extend(shared.iter().cloned());
                used.insert(file.path.clone());
                uses.insert(file.path.clone(), used);
            }
        }
        Uses(uses)
    }

    /// The cases that a change of these files affects, by what is used now and what was used `before`: a deleted document or overlay
    /// is only used before.
    pub(super) fn touched(
        &self,
        before: &Uses,
        changed: &BTreeSet<String>,
        watched: &WatchedFiles,
    ) -> Touched {
        if changed.iter().any(|name| watched.is_common(name)) {
            return Touched::All;
        }
        let uses_changed = |uses: &Uses, file: &str| {
            let used = uses.0.get(file);
            used.is_some_and(|used| !used.is_disjoint(changed))
        };
        let files = self.0.keys();
        let touched = files.filter(|file| uses_changed(self, file) || uses_changed(before, file));
        Touched::Files(touched.cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn uses(list: &[(&str, &[&str])]) -> Uses {
        let uses = list.iter();
        Uses(
            uses.map(|(file, used)| ((*file).to_owned(), set(used)))
                .collect(),
        )
    }

    #[test]
    fn a_change_affects_the_files_that_use_or_used_it() {
        let before = uses(&[
            ("a.yaml", &["a.yaml", "api.yaml", "api.overlay.yaml"]),
            ("gone.yaml", &["gone.yaml", "old.yaml"]),
        ]);
        let now = uses(&[
            ("a.yaml", &["a.yaml", "api.yaml"]),
            ("b.yaml", &["b.yaml", "other.yaml"]),
        ]);
        let watched = WatchedFiles {
            folders: BTreeSet::new(),
            common: ["counterpart.toml".into()].into(),
        };
        let touched = |changed: &[&str]| now.touched(&before, &set(changed), &watched);
        for (changed, expected) in [
            (&["a.yaml"][..], &["a.yaml"][..]),
            (&["api.yaml"], &["a.yaml"]),
            (&["api.overlay.yaml"], &["a.yaml"]),
            (&["b.yaml", "api.yaml"], &["a.yaml", "b.yaml"]),
            (&["old.yaml", "gone.yaml", "unused.yaml"], &[]),
        ] {
            assert_eq!(touched(changed), Touched::Files(set(expected)));
        }
        assert_eq!(touched(&["a.yaml", "counterpart.toml"]), Touched::All);
    }
}
