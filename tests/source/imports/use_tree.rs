//! `use` declarations as flat lists of paths.

use syn::{Ident, ItemUse, UseTree, Visibility};

/// One name, or one `*`, that a `use` declaration brings into scope.
pub struct Import {
    /// `["crate", "event", "CaseId"]`; for a glob the path before `::*`.
    pub path: Vec<String>,
    /// The name in scope, `_` included; `None` for a glob.
    pub name: Option<String>,
    pub line: usize,
    /// Whether the declaration has a visibility: it re-exports names.
    pub is_re_export: bool,
}

/// All imports of a declaration. `use ::name` names another crate and has none.
pub fn imports(declaration: &ItemUse) -> Vec<Import> {
    let mut imports = Vec::new();
    if declaration.leading_colon.is_none() {
        let is_re_export = !matches!(declaration.vis, Visibility::Inherited);
        flatten(&declaration.tree, &[], is_re_export, &mut imports);
    }
    imports
}

fn flatten(tree: &UseTree, prefix: &[String], is_re_export: bool, imports: &mut Vec<Import>) {
    let import = |last: &Ident, name: Option<&Ident>| {
        let mut path = prefix.to_vec();
        if last != "self" || prefix.is_empty() {
            path.push(last.to_string());
        }
        let name = name.map_or_else(|| path.last().cloned(), |name| Some(name.to_string()));
        Import {
            path,
            name,
            line: last.span().start().line,
            is_re_export,
        }
    };
    match tree {
        UseTree::Name(name) => imports.push(import(&name.ident, None)),
        UseTree::Rename(rename) => imports.push(import(&rename.ident, Some(&rename.rename))),
        UseTree::Glob(glob) => imports.push(Import {
            path: prefix.to_vec(),
            name: None,
            line: glob.star_token.span.start().line,
            is_re_export,
        }),
        UseTree::Path(path) => {
            let mut prefix = prefix.to_vec();
            prefix.push(path.ident.to_string());
            flatten(&path.tree, &prefix, is_re_export, imports);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, prefix, is_re_export, imports);
            }
        }
    }
}
