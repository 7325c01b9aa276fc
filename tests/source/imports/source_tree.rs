//! The files of a crate, parsed, and the modules that they hold. What exists only in test builds is left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::punctuated::Punctuated;
use syn::{Attribute, Item, ItemMod, Meta, Token};

/// The crate's root. Files are named relative to the package's folder, with `/` on every system.
pub const ROOT: &str = "src/lib.rs";

/// Parsed files by path.
pub struct ParsedFiles(BTreeMap<String, syn::File>);

impl ParsedFiles {
    /// Every `.rs` file below `src` of the package in `folder`.
    pub fn of_package(folder: &Path) -> Self {
        let mut files = Self(BTreeMap::new());
        files.add_folder(folder, "src");
        files
    }

    /// Files that exist only as texts, for the tests of this check.
    pub fn from_texts(texts: &[(&str, &str)]) -> Self {
        let mut files = Self(BTreeMap::new());
        for (path, text) in texts {
            files.add((*path).to_owned(), text);
        }
        files
    }

    fn add_folder(&mut self, package: &Path, folder: &str) {
        for entry in fs::read_dir(package.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                self.add_folder(package, &path);
            } else if path.ends_with(".rs") {
                self.add(path, &fs::read_to_string(entry.path()).unwrap());
            }
        }
    }

    fn add(&mut self, path: String, text: &str) {
        match syn::parse_file(text) {
            Ok(file) => self.0.insert(path, file),
            Err(error) => panic!("{path} cannot be parsed: {error}"),
        };
    }
}

/// Index into the list that [`modules`] returns.
pub type ModuleId = usize;

/// A module: a file, or `mod name { … }` in one.
pub struct Module<'a> {
    /// `["plan", "skip"]` for `crate::plan::skip`; empty for the root.
    pub path: Vec<String>,
    pub file: &'a str,
    pub parent: Option<ModuleId>,
    /// Without items of test builds.
    pub items: Vec<&'a Item>,
}

/// All modules that can be reached from the root, which is the first.
pub fn modules(files: &ParsedFiles) -> Vec<Module<'_>> {
    let mut modules = Vec::new();
    let (file, syntax) = file_of(files, &[ROOT.to_owned()], "crate");
    let root = Module {
        path: Vec::new(),
        file,
        parent: None,
        items: without_tests(&syntax.items),
    };
    add_module(files, root, "src", &mut modules);
    modules
}

/// Adds `module` and all below it. The files of its children lie in `folder`.
fn add_module<'a>(
    files: &'a ParsedFiles,
    module: Module<'a>,
    folder: &str,
    modules: &mut Vec<Module<'a>>,
) {
    let id = modules.len();
    let children: Vec<_> = module.items.iter().copied().filter_map(as_module).collect();
    let (path, file) = (module.path.clone(), module.file);
    modules.push(module);
    for child in children {
        let name = child.ident.to_string();
        let folder = format!("{folder}/{name}");
        let mut path = path.clone();
        path.push(name);
        let (file, items) = match &child.content {
            Some((_, items)) => (file, items),
            None => {
                let candidates = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
                let (file, syntax) = file_of(files, &candidates, &path.join("::"));
                (file, &syntax.items)
            }
        };
        let child = Module {
            path,
            file,
            parent: Some(id),
            items: without_tests(items),
        };
        add_module(files, child, &folder, modules);
    }
}

fn as_module(item: &Item) -> Option<&ItemMod> {
    match item {
        Item::Mod(module) => Some(module),
        _ => None,
    }
}

fn file_of<'a>(
    files: &'a ParsedFiles,
    candidates: &[String],
    module: &str,
) -> (&'a str, &'a syn::File) {
    candidates
        .iter()
        .find_map(|path| files.0.get_key_value(path))
        .map(|(path, syntax)| (path.as_str(), syntax))
        .unwrap_or_else(|| panic!("no file for module {module}; looked for {candidates:?}"))
}

fn without_tests(items: &[Item]) -> Vec<&Item> {
    items
        .iter()
        .filter(|item| !is_test_only(attributes(item)))
        .collect()
}

/// The attributes of an item; empty for kinds of items that this check does not examine.
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether a `cfg` attribute excludes its item from every build except that of the tests.
pub fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<Meta>()
                .is_ok_and(|condition| requires_test(&condition))
    })
}

fn requires_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => {
            let Ok(parts) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            else {
                return false;
            };
            (list.path.is_ident("all") && parts.iter().any(requires_test))
                || (list.path.is_ident("any") && parts.iter().all(requires_test))
        }
        Meta::NameValue(_) => false,
    }
}
