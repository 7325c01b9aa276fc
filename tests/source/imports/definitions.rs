//! What an item defines.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Fields, ImplItem, Item, ItemMacro, Type};

use super::source_tree::{ModuleId, is_test_only};

/// The three sets of names of Rust: `fault` may be a module and a function at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    Type,
    Value,
    Macro,
}

/// What the exception for children depends on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Struct, enum, union, type alias, constant or trait.
    PlainData,
    /// Function, macro, or static.
    Behaviour,
}

/// An item in a file.
pub struct Definition {
    pub name: String,
    pub module: ModuleId,
    pub kind: Kind,
    pub namespaces: Vec<Namespace>,
    /// Names of an enum's variants.
    pub variants: Vec<String>,
    /// The path of the type that a type alias refers to.
    pub alias_of: Option<Vec<String>>,
}

/// What an item adds to its module's scope; several for a macro that makes items.
pub fn definitions(item: &Item, module: ModuleId) -> Vec<Definition> {
    use Kind::{Behaviour, PlainData};
    use Namespace::{Macro, Type, Value};

    let define = |name: String, kind: Kind, namespaces: &[Namespace]| Definition {
        name,
        module,
        kind,
        namespaces: namespaces.to_vec(),
        variants: Vec::new(),
        alias_of: None,
    };
    let definition = match item {
        Item::Struct(item) => {
            let namespaces: &[_] = match item.fields {
                Fields::Named(_) => &[Type],
                Fields::Unnamed(_) | Fields::Unit => &[Type, Value],
            };
            define(item.ident.to_string(), PlainData, namespaces)
        }
        Item::Enum(item) => {
            let variants = item.variants.iter();
            Definition {
                variants: variants.map(|variant| variant.ident.to_string()).collect(),
                ..define(item.ident.to_string(), PlainData, &[Type])
            }
        }
        Item::Type(item) => Definition {
            alias_of: type_path(&item.ty),
            ..define(item.ident.to_string(), PlainData, &[Type])
        },
        Item::Union(item) => define(item.ident.to_string(), PlainData, &[Type]),
        Item::Trait(item) => define(item.ident.to_string(), PlainData, &[Type]),
        Item::Const(item) => define(item.ident.to_string(), PlainData, &[Value]),
        Item::Static(item) => define(item.ident.to_string(), Behaviour, &[Value]),
        Item::Fn(item) => define(item.sig.ident.to_string(), Behaviour, &[Value]),
        Item::Macro(item) => {
            let made = named_by_macro(item).into_iter();
            let mut made: Vec<_> = made
                .map(|(name, kind, namespace)| define(name, kind, &[namespace]))
                .collect();
            let name = item.ident.iter().map(ToString::to_string);
            made.extend(name.map(|name| define(name, Behaviour, &[Macro])));
            return made;
        }
        _ => return Vec::new(),
    };
    vec![definition]
}

/// The items whose names a macro holds: `enum Code` in the rules of a `macro_rules!`, `static MADE` in `thread_local!`.
fn named_by_macro(item: &ItemMacro) -> Vec<(String, Kind, Namespace)> {
    let tokens = item.mac.tokens.clone();
    if item.ident.is_none() {
        return named_by_tokens(tokens);
    }
    // The rules: `(pattern) => { items };`
    let groups = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    groups
        .skip(1)
        .step_by(2)
        .flat_map(named_by_tokens)
        .collect()
}

fn named_by_tokens(tokens: TokenStream) -> Vec<(String, Kind, Namespace)> {
    let words: Vec<_> = tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(word) => word.to_string(),
            _ => String::new(),
        })
        .collect();
    let named = words.windows(2).filter(|pair| !pair[1].is_empty());
    named
        .filter_map(|pair| {
            let (kind, namespace) = match pair[0].as_str() {
                "struct" | "enum" | "union" | "type" | "trait" => {
                    (Kind::PlainData, Namespace::Type)
                }
                "const" => (Kind::PlainData, Namespace::Value),
                "static" | "fn" => (Kind::Behaviour, Namespace::Value),
                _ => return None,
            };
            Some((pair[1].clone(), kind, namespace))
        })
        .collect()
}

/// The name of a function or constant in an `impl` block.
pub fn member(item: &ImplItem) -> Option<(String, Kind)> {
    match item {
        ImplItem::Fn(function) if is_test_only(&function.attrs) => None,
        ImplItem::Fn(function) => Some((function.sig.ident.to_string(), Kind::Behaviour)),
        ImplItem::Const(constant) => Some((constant.ident.to_string(), Kind::PlainData)),
        _ => None,
    }
}

/// `["model", "Report"]` of the type `&model::Report<'_>`.
pub fn type_path(written: &Type) -> Option<Vec<String>> {
    match written {
        Type::Reference(reference) => type_path(&reference.elem),
        Type::Path(path) if path.qself.is_none() => segments(&path.path),
        _ => None,
    }
}

/// The names of a path; `None` for `::name`, which is another crate.
pub fn segments(path: &syn::Path) -> Option<Vec<String>> {
    let names = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    path.leading_colon.is_none().then(|| names.collect())
}
