//! What a path means in a module.

use std::collections::{BTreeSet, HashMap};

use syn::visit::{self, Visit};
use syn::{ImplItem, Item, ItemImpl, ItemMod, ItemUse};

use super::definitions::{Definition, Kind, Namespace, definitions, member, type_path};
use super::source_tree::{Module, ModuleId, is_test_only};
use super::use_tree::{Import, imports};

/// Index of a [`Definition`].
pub type DefinitionId = usize;

/// What a path refers to. A path that leaves the crate has no meaning here.
#[derive(Clone)]
pub enum Resolved {
    Module(ModuleId),
    Definition(DefinitionId),
    /// A variant of an enum, or an item of a type's or trait's body.
    Member(DefinitionId, String),
}

/// All names of a crate.
pub struct Names<'a> {
    pub modules: Vec<Module<'a>>,
    pub definitions: Vec<Definition>,
    scopes: Vec<Scope>,
    /// Where a type's functions and constants are written.
    members: HashMap<(DefinitionId, String), BTreeSet<(&'a str, Kind)>>,
}

/// The names in scope of one module.
#[derive(Default)]
struct Scope {
    children: HashMap<String, ModuleId>,
    definitions: HashMap<String, Vec<DefinitionId>>,
    imports: Vec<Import>,
}

impl<'a> Names<'a> {
    pub fn new(modules: Vec<Module<'a>>) -> Self {
        let mut names = Self {
            scopes: modules.iter().map(|_| Scope::default()).collect(),
            modules,
            definitions: Vec::new(),
            members: HashMap::new(),
        };
        for module in 0..names.modules.len() {
            names.fill_scope(module);
        }
        // Types are resolved by name, so only once all names are known.
        for module in 0..names.modules.len() {
            names.add_members(module);
        }
        names
    }

    fn fill_scope(&mut self, module: ModuleId) {
        if let Some(parent) = self.modules[module].parent
            && let Some(name) = self.modules[module].path.last()
        {
            self.scopes[parent].children.insert(name.clone(), module);
        }
        let mut imports = AllImports(Vec::new());
        for item in self.modules[module].items.clone() {
            imports.visit_item(item);
            for definition in definitions(item, module) {
                self.scopes[module]
                    .definitions
                    .entry(definition.name.clone())
                    .or_default()
                    .push(self.definitions.len());
                self.definitions.push(definition);
            }
        }
        self.scopes[module].imports = imports.0;
    }

    fn add_members(&mut self, module: ModuleId) {
        for item in self.modules[module].items.clone() {
            if let Item::Impl(block) = item
                && let Some(id) = self.self_type(module, block)
            {
                let file = self.modules[module].file;
                for (name, kind) in block.items.iter().filter_map(member) {
                    self.members
                        .entry((id, name))
                        .or_default()
                        .insert((file, kind));
                }
            }
        }
    }

    /// The type of this crate that an `impl` block is for.
    pub fn self_type(&self, module: ModuleId, block: &ItemImpl) -> Option<DefinitionId> {
        match self.resolve(module, &type_path(&block.self_ty)?, Namespace::Type)? {
            Resolved::Definition(id) => Some(id),
            Resolved::Module(_) | Resolved::Member(..) => None,
        }
    }

    /// The file in which a function or constant of a type is written. `None` for variants and what `derive` and macros make, and
    /// where traits of one name, say `From<A>` and `From<B>`, are implemented in several files.
    pub fn member(&self, definition: DefinitionId, name: &str) -> Option<(&'a str, Kind)> {
        let places = self.members.get(&(definition, name.to_owned()))?;
        let first = *places.first()?;
        places
            .iter()
            .all(|place| place.0 == first.0)
            .then_some(first)
    }

    /// The file that holds a definition.
    pub fn file(&self, definition: DefinitionId) -> &'a str {
        self.modules[self.definitions[definition].module].file
    }

    /// What `path`, written in the module `from`, refers to. Re-exports are followed to their origin.
    pub fn resolve(
        &self,
        from: ModuleId,
        path: &[String],
        namespace: Namespace,
    ) -> Option<Resolved> {
        self.resolve_within(from, path, namespace, &mut Vec::new())
    }

    fn resolve_within<'p>(
        &'p self,
        from: ModuleId,
        path: &'p [String],
        namespace: Namespace,
        visiting: &mut Visiting<'p>,
    ) -> Option<Resolved> {
        let (first, rest) = path.split_first()?;
        let namespace_before = |rest: &[String]| {
            if rest.is_empty() {
                namespace
            } else {
                Namespace::Type
            }
        };
        let mut found = match first.as_str() {
            "crate" => Resolved::Module(0),
            "self" => Resolved::Module(from),
            "super" => Resolved::Module(self.modules[from].parent?),
            _ => self.look_up(from, first, namespace_before(rest), visiting)?,
        };
        for (index, segment) in rest.iter().enumerate() {
            let namespace = namespace_before(&rest[index + 1..]);
            found = self.step_into(found, segment, namespace, visiting)?;
        }
        Some(found)
    }

    fn step_into<'p>(
        &'p self,
        outer: Resolved,
        segment: &'p str,
        namespace: Namespace,
        visiting: &mut Visiting<'p>,
    ) -> Option<Resolved> {
        match outer {
            Resolved::Module(module) if segment == "super" => {
                self.modules[module].parent.map(Resolved::Module)
            }
            Resolved::Module(module) => self.look_up(module, segment, namespace, visiting),
            Resolved::Definition(id) => match self.behind_alias(id, visiting)? {
                Resolved::Definition(id) => Some(Resolved::Member(id, segment.to_owned())),
                found => Some(found),
            },
            Resolved::Member(..) => Some(outer),
        }
    }

    fn behind_alias<'p>(
        &'p self,
        id: DefinitionId,
        visiting: &mut Visiting<'p>,
    ) -> Option<Resolved> {
        let definition = &self.definitions[id];
        match &definition.alias_of {
            Some(path) => self.resolve_within(definition.module, path, Namespace::Type, visiting),
            None => Some(Resolved::Definition(id)),
        }
    }

    /// The name in the scope of `module`: child modules and own items, then imports, then globs.
    fn look_up<'p>(
        &'p self,
        module: ModuleId,
        name: &'p str,
        namespace: Namespace,
        visiting: &mut Visiting<'p>,
    ) -> Option<Resolved> {
        // Globs may import each other.
        if visiting.contains(&(module, name, namespace)) {
            return None;
        }
        visiting.push((module, name, namespace));
        let found = self
            .own(module, name, namespace)
            .or_else(|| self.imported(module, name, namespace, visiting))
            .or_else(|| self.imported_by_glob(module, name, namespace, visiting));
        visiting.pop();
        found
    }

    fn own(&self, module: ModuleId, name: &str, namespace: Namespace) -> Option<Resolved> {
        let scope = &self.scopes[module];
        let child = scope.children.get(name);
        if let Some(child) = child
            && namespace == Namespace::Type
        {
            return Some(Resolved::Module(*child));
        }
        let mut definitions = scope.definitions.get(name)?.iter().copied();
        definitions
            .find(|id| self.definitions[*id].namespaces.contains(&namespace))
            .map(Resolved::Definition)
    }

    fn imported<'p>(
        &'p self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
        visiting: &mut Visiting<'p>,
    ) -> Option<Resolved> {
        self.scopes[module]
            .imports
            .iter()
            .filter(|import| import.name.as_deref() == Some(name))
            .find_map(|import| self.resolve_within(module, &import.path, namespace, visiting))
    }

    fn imported_by_glob<'p>(
        &'p self,
        module: ModuleId,
        name: &'p str,
        namespace: Namespace,
        visiting: &mut Visiting<'p>,
    ) -> Option<Resolved> {
        let mut globs = self.scopes[module]
            .imports
            .iter()
            .filter(|import| import.name.is_none());
        globs.find_map(|glob| {
            match self.resolve_within(module, &glob.path, Namespace::Type, visiting)? {
                Resolved::Module(inner) => self.look_up(inner, name, namespace, visiting),
                Resolved::Definition(id) => self.definitions[id]
                    .variants
                    .iter()
                    .any(|variant| variant == name)
                    .then(|| Resolved::Member(id, name.to_owned())),
                Resolved::Member(..) => None,
            }
        })
    }
}

/// The look-ups in progress, to stop those that lead back to themselves.
type Visiting<'p> = Vec<(ModuleId, &'p str, Namespace)>;

/// All imports of a module. Those inside a function are read as if they were at the top of the module.
struct AllImports(Vec<Import>);

impl<'ast> Visit<'ast> for AllImports {
    fn visit_item_use(&mut self, declaration: &'ast ItemUse) {
        self.0.extend(imports(declaration));
    }

    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_test_only(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }
}
