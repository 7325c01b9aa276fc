//! The order of the top-level modules: a module uses only those above it.

use super::names::Names;
use super::uses::Use;

/// The names of the top-level modules, in the order of their `mod` lines.
pub fn top_level(names: &Names) -> Vec<String> {
    let top_level = names.modules.iter().filter(|module| module.path.len() == 1);
    top_level.map(|module| module.path[0].clone()).collect()
}

/// All uses of a top-level module by a module above it in the root file.
pub fn violations<'u>(top_level: &[String], uses: &'u [Use]) -> Vec<Violation<'u>> {
    let position = |name: &str| top_level.iter().position(|module| module == name);
    uses.iter()
        .filter_map(|used| {
            let (user, target) = used.modules.as_ref()?;
            (position(user) < position(target)).then_some(Violation { user, target, used })
        })
        .collect()
}

/// A use that violates the order.
pub struct Violation<'u> {
    user: &'u str,
    target: &'u str,
    used: &'u Use,
}

impl Violation<'_> {
    /// `plan uses event, which is below it: src/plan/mod.rs:14 CaseId`
    pub fn describe(&self) -> String {
        let Self { user, target, used } = self;
        let Use {
            from, line, name, ..
        } = used;
        format!("{user} uses {target}, which is below it: {from}:{line} {name}")
    }
}
