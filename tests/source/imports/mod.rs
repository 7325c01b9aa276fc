//! No import cycle between files, and top-level modules in a true order.
//!
//! # The rule
//!
//! 1. **Files form no cycle.** File A *uses* file B when A's code names an item that is defined in B: in a private `use`, or in a path
//!    anywhere in a type, an expression, a pattern, an attribute, or the tokens of a macro. `Type::function` uses the file that defines
//!    the type and the one that holds the `impl` block of the function. An `impl` block uses the file that defines its type.
//! 2. **The order in `src/lib.rs` is true.** A top-level module uses only modules whose `mod` line is above its own.
//!
//! What does not count as a use:
//!
//! - A **re-export**, which is a `use` with any visibility (`pub`, `pub(crate)`, `pub(super)`). A file that uses the name uses the file
//!   in which the item is defined, whatever re-exports lie between. A file that also uses the name it re-exports does use it.
//! - A **`mod` line**, and the name of a module in a path.
//! - **Plain data of a file above.** A child may use the structs, enums, unions, type aliases, constants and traits that its ancestors
//!   define, with variants, fields, associated constants, a trait's own items, and what is derived. The ancestors of `src/a/b.rs` are
//!   `src/a/mod.rs` (or `src/a.rs`) and `src/lib.rs`. A parent's functions, associated functions, statics and macros do count, and so does
//!   an `impl` block that a child adds to a parent's type.
//! - **Tests**: whatever is under `cfg(test)`. Other `cfg`s are ignored: their code counts, whatever the features.
//! - `src/main.rs`: it may use anything, and nothing can use it.
//!
//! # What is not seen
//!
//! - Method calls and fields (`value.method()`): the type of a value is not known here.
//! - Functions that a macro makes for a type, `<Type>::function` without a trait, and functions of traits that one type implements in
//!   several files under one name (`From<A>` and `From<B>`): only the type counts.
//! - Names inside the text of a format string.
//! - Which function a `use` is in: it is read as if it were at the top of its module.
//!
//! A path that begins with `crate`, `self` or `super` and cannot be resolved fails the check, so that it cannot hide a use.
//!
//! # Reading the code
//!
//! [`source_tree`] parses the files and finds the modules; [`names`] resolves paths, with [`definitions`] and [`use_tree`]; [`uses`]
//! lists which file uses which (with [`tokens`] for macros); [`cycles`] and [`order`] check the two parts of the rule against that
//! list; [`made_up`] tests all of it on small trees.

// The check fails when it cannot read the code.
mod source_tree;

mod definitions;

mod use_tree;

mod names;

mod tokens;

mod uses;

mod cycles;

mod order;

mod made_up;

use std::path::Path;
use std::sync::LazyLock;

use cycles::Graph;
use names::Names;
use order::Violation;
use source_tree::{ParsedFiles, modules};
use uses::Use;

/// What both tests need to know about this package's code, which takes seconds to read.
struct Package {
    uses: Vec<Use>,
    top_level: Vec<String>,
}

static PACKAGE: LazyLock<Package> = LazyLock::new(|| {
    let files = ParsedFiles::of_package(Path::new(env!("CARGO_MANIFEST_DIR")));
    let names = Names::new(modules(&files));
    Package {
        uses: uses::uses(&names),
        top_level: order::top_level(&names),
    }
});

#[test]
fn files_form_no_cycle() {
    let graph = Graph::new(&PACKAGE.uses);
    let cycles = graph.cycles();
    let mut failures: Vec<_> = cycles.iter().map(|cycle| graph.describe(cycle)).collect();
    let edges = graph.edges_on_cycles();
    let edges = edges.into_iter().map(|edge| graph.describe_edge(edge));
    failures.extend(edges.map(|edge| format!("on a cycle: {edge}")));
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn modules_use_only_those_above_them() {
    let violations = order::violations(&PACKAGE.top_level, &PACKAGE.uses);
    let failures: Vec<_> = violations.iter().map(Violation::describe).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
