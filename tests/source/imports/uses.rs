//! Which file uses which: every path of the code, with its meaning.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, Block, ExprClosure, ExprForLoop, ExprIf, ExprLet, ExprPath, ExprWhile, Field,
    FieldValue, ImplItem, ImplItemFn, Item, ItemFn, ItemImpl, ItemMod, ItemTrait, ItemUse, Lit,
    Local, Macro, Meta, PatIdent, PatTupleStruct, QSelf, Stmt, TraitItemFn, Visibility,
};

use super::definitions::{Kind, Namespace, segments};
use super::names::{DefinitionId, Names, Resolved};
use super::source_tree::{ModuleId, attributes, is_test_only};
use super::tokens::{TokenPath, paths};
use super::use_tree::imports;

/// One place where a file names what another file defines.
pub struct Use {
    pub from: String,
    pub to: String,
    /// `CaseId`, `CaseId::parse`, or `impl CaseId`.
    pub name: String,
    pub line: usize,
    /// The top-level modules of both; `None` for the root's own code.
    pub modules: Option<(String, String)>,
}

/// All uses between files of the crate that the rule counts, in the order of the code.
pub fn uses(names: &Names) -> Vec<Use> {
    let mut uses = Vec::new();
    for (id, module) in names.modules.iter().enumerate() {
        let mut reader = Reader {
            names,
            module: id,
            self_type: None,
            variables: Vec::new(),
            uses: Vec::new(),
        };
        for item in &module.items {
            reader.visit_item(item);
        }
        uses.append(&mut reader.uses);
    }
    uses
}

/// Reads the code of one module.
struct Reader<'n, 'a> {
    names: &'n Names<'a>,
    module: ModuleId,
    /// What `Self` is, inside an `impl` block or a trait.
    self_type: Option<DefinitionId>,
    /// Variables, parameters and items of the enclosing functions and blocks, innermost last: a single name may mean one of them.
    variables: Vec<String>,
    uses: Vec<Use>,
}

impl Reader<'_, '_> {
    /// Reads a part of the code; its variables are dropped at its end.
    fn in_scope(&mut self, read: impl FnOnce(&mut Self)) {
        let outer = self.variables.len();
        read(self);
        self.variables.truncate(outer);
    }

    fn in_type(&mut self, self_type: Option<DefinitionId>, read: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.self_type, self_type);
        read(self);
        self.self_type = outer;
    }

    fn read_path(&mut self, path: &syn::Path, namespace: Namespace) {
        if let (Some(names), Some(last)) = (segments(path), path.segments.last()) {
            self.record_path(&names, namespace, last.ident.span().start().line);
        }
        for segment in &path.segments {
            self.visit_path_arguments(&segment.arguments);
        }
    }

    /// `<Type as Trait>::name` holds a type and a path; what follows `<Type>` without a trait cannot be known.
    fn read_qualified(&mut self, qself: Option<&QSelf>, path: &syn::Path, namespace: Namespace) {
        if let Some(qself) = qself {
            self.visit_qself(qself);
            if qself.position == 0 {
                return;
            }
        }
        self.read_path(path, namespace);
    }

    fn record_path(&mut self, path: &[String], namespace: Namespace, line: usize) {
        if let [name] = path
            && namespace == Namespace::Value
            && self.variables.contains(name)
        {
            return;
        }
        match self.resolve(path, namespace) {
            Some(found) => self.record(&found, line),
            None => self.expect_other_crate(path, line),
        }
    }

    /// What a path refers to where its namespace is unknown: one name may be a type, a function and a macro at once.
    fn resolve_any(&self, path: &[String], line: usize) -> Vec<Resolved> {
        let namespaces = [Namespace::Type, Namespace::Value, Namespace::Macro];
        let found: Vec<_> = namespaces
            .into_iter()
            .filter_map(|namespace| self.resolve(path, namespace))
            .collect();
        if found.is_empty() {
            self.expect_other_crate(path, line);
        }
        found
    }

    /// A path that begins in this crate and that this check does not understand could hide a use.
    fn expect_other_crate(&self, path: &[String], line: usize) {
        let file = self.names.modules[self.module].file;
        let starts_here = matches!(path[0].as_str(), "crate" | "super" | "self") && path.len() > 1;
        assert!(
            !starts_here,
            "{file}:{line}: {} cannot be resolved by this check",
            path.join("::")
        );
    }

    fn resolve(&self, path: &[String], namespace: Namespace) -> Option<Resolved> {
        match path {
            [first] if first == "Self" => self.self_type.map(Resolved::Definition),
            [first, member, ..] if first == "Self" => {
                let self_type = self.self_type?;
                Some(Resolved::Member(self_type, member.clone()))
            }
            _ => self.names.resolve(self.module, path, namespace),
        }
    }

    fn record(&mut self, found: &Resolved, line: usize) {
        match found {
            Resolved::Module(_) => {}
            Resolved::Definition(id) => {
                let definition = &self.names.definitions[*id];
                let (name, kind) = (definition.name.clone(), definition.kind);
                self.add(self.names.file(*id), name, kind, line);
            }
            Resolved::Member(id, member) => {
                self.record(&Resolved::Definition(*id), line);
                if let Some((file, kind)) = self.names.member(*id, member) {
                    let name = format!("{}::{member}", self.names.definitions[*id].name);
                    self.add(file, name, kind, line);
                }
            }
        }
    }

    /// Adds a use, unless it is within the file or refers to plain data of a file above.
    fn add(&mut self, to: &str, name: String, kind: Kind, line: usize) {
        let from = self.names.modules[self.module].file;
        let is_exempt = kind == Kind::PlainData && self.is_ancestor(to);
        let is_known = |used: &Use| used.line == line && used.to == to && used.name == name;
        if to == from || is_exempt || self.uses.iter().any(is_known) {
            return;
        }
        let top = |module: ModuleId| self.names.modules[module].path.first().cloned();
        let target = self
            .names
            .modules
            .iter()
            .position(|module| module.file == to);
        self.uses.push(Use {
            from: from.to_owned(),
            to: to.to_owned(),
            name,
            line,
            modules: top(self.module).zip(target.and_then(top)),
        });
    }

    fn is_ancestor(&self, file: &str) -> bool {
        let modules = &self.names.modules;
        let parent = |module: &ModuleId| modules[*module].parent;
        std::iter::successors(parent(&self.module), parent)
            .any(|module| modules[module].file == file)
    }

    /// Reads the tokens of a macro or an attribute. Whether a path in them means a type or a value cannot be seen.
    fn read_tokens(&mut self, tokens: &TokenStream) {
        for TokenPath { names, line } in paths(tokens) {
            let is_variable = names.len() == 1 && self.variables.contains(&names[0]);
            if !is_variable {
                for found in self.resolve_any(&names, line) {
                    self.record(&found, line);
                }
            }
        }
    }

    /// `serde(with = "crate::a::b")`: a path of several names in a text.
    fn read_paths_in_texts(&mut self, tokens: TokenStream) {
        for token in tokens {
            if let TokenTree::Literal(literal) = token
                && let Lit::Str(text) = Lit::new(literal)
                && let Ok(path) = text.parse::<syn::Path>()
                && path.segments.len() > 1
            {
                self.read_path(&path, Namespace::Value);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test_only(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    /// Modules inside a file are read separately.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, declaration: &'ast ItemUse) {
        for import in imports(declaration) {
            let found = self.resolve_any(&import.path, import.line);
            // A function with the module's name may be imported as well; if it is used, its calls are found.
            let is_module = found
                .iter()
                .any(|found| matches!(found, Resolved::Module(_)));
            if !import.is_re_export && import.name.is_some() && !is_module {
                for found in found {
                    self.record(&found, import.line);
                }
            }
        }
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        let self_type = self.names.self_type(self.module, block);
        if let Some(id) = self_type {
            let name = format!("impl {}", self.names.definitions[id].name);
            let line = block.impl_token.span.start().line;
            self.add(self.names.file(id), name, Kind::Behaviour, line);
        }
        self.in_type(self_type, |reader| visit::visit_item_impl(reader, block));
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let path = [item.ident.to_string()];
        let self_type = match self.resolve(&path, Namespace::Type) {
            Some(Resolved::Definition(id)) => Some(id),
            _ => None,
        };
        self.in_type(self_type, |reader| visit::visit_item_trait(reader, item));
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_test_only(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if !is_test_only(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_field_value(&mut self, field: &'ast FieldValue) {
        if !is_test_only(&field.attrs) {
            visit::visit_field_value(self, field);
        }
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    /// Paths of types, traits, and structs that are written with their fields. All others are handled below.
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.read_path(path, Namespace::Type);
    }

    fn visit_expr_path(&mut self, expression: &'ast ExprPath) {
        let qself = expression.qself.as_ref();
        self.read_qualified(qself, &expression.path, Namespace::Value);
    }

    fn visit_pat_tuple_struct(&mut self, pattern: &'ast PatTupleStruct) {
        let qself = pattern.qself.as_ref();
        self.read_qualified(qself, &pattern.path, Namespace::Value);
        for element in &pattern.elems {
            self.visit_pat(element);
        }
    }

    /// A name in a pattern is a constant or variant where there is one of that name, else a new variable.
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        let name = pattern.ident.to_string();
        let found = self.resolve(std::slice::from_ref(&name), Namespace::Value);
        match found {
            Some(found) if !name.starts_with(char::is_lowercase) => {
                self.record(&found, pattern.ident.span().start().line);
            }
            _ => self.variables.push(name),
        }
        if let Some((_, inner)) = &pattern.subpat {
            self.visit_pat(inner);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.read_path(&call.path, Namespace::Macro);
        self.read_tokens(&call.tokens);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            // What can be derived is always of another crate.
            Meta::List(list) if !list.path.is_ident("derive") => {
                self.read_tokens(&list.tokens);
                self.read_paths_in_texts(list.tokens.clone());
            }
            Meta::NameValue(pair) => self.visit_expr(&pair.value),
            Meta::List(_) | Meta::Path(_) => {}
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.in_scope(|reader| visit::visit_item_fn(reader, function));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.in_scope(|reader| visit::visit_impl_item_fn(reader, function));
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        self.in_scope(|reader| visit::visit_trait_item_fn(reader, function));
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.in_scope(|reader| visit::visit_expr_closure(reader, closure));
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.in_scope(|reader| visit::visit_arm(reader, arm));
    }

    fn visit_expr_if(&mut self, expression: &'ast ExprIf) {
        self.in_scope(|reader| visit::visit_expr_if(reader, expression));
    }

    fn visit_expr_while(&mut self, expression: &'ast ExprWhile) {
        self.in_scope(|reader| visit::visit_expr_while(reader, expression));
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast ExprForLoop) {
        self.visit_expr(&expression.expr);
        self.in_scope(|reader| {
            reader.visit_pat(&expression.pat);
            reader.visit_block(&expression.body);
        });
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.in_scope(|reader| {
            for statement in &block.stmts {
                if let Stmt::Item(Item::Fn(function)) = statement {
                    reader.variables.push(function.sig.ident.to_string());
                }
            }
            visit::visit_block(reader, block);
        });
    }

    /// The value is read before the name: `let fault = fault(name)` calls a function.
    fn visit_local(&mut self, local: &'ast Local) {
        if is_test_only(&local.attrs) {
            return;
        }
        if let Some(value) = &local.init {
            self.visit_local_init(value);
        }
        self.visit_pat(&local.pat);
    }

    fn visit_expr_let(&mut self, condition: &'ast ExprLet) {
        self.visit_expr(&condition.expr);
        self.visit_pat(&condition.pat);
    }
}
