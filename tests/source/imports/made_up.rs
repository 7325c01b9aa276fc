//! The check on small invented trees: for each part of the rule a tree that violates it and one that does not.

use super::cycles::Graph;
use super::names::Names;
use super::order;
use super::source_tree::{ParsedFiles, modules};
use super::uses::uses;

/// The cycles of a crate, described.
fn cycles(texts: &[(&str, &str)]) -> Vec<String> {
    let files = ParsedFiles::from_texts(texts);
    let uses = uses(&Names::new(modules(&files)));
    let graph = Graph::new(&uses);
    let cycles = graph.cycles();
    cycles.iter().map(|cycle| graph.describe(cycle)).collect()
}

/// The uses of a crate that violate its order, described.
fn violations(texts: &[(&str, &str)]) -> Vec<String> {
    let files = ParsedFiles::from_texts(texts);
    let names = Names::new(modules(&files));
    let uses = uses(&names);
    let violations = order::violations(&order::top_level(&names), &uses);
    violations.iter().map(order::Violation::describe).collect()
}

/// Whether `code` in `src/a.rs` uses an item of `src/b.rs`: `b` uses `a`, so a use the other way closes a cycle.
fn uses_b(code: &str) -> bool {
    !cycles(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a.rs", &format!("pub fn base() {{}} {code}")),
        (
            "src/b.rs",
            "use crate::a::base;
             pub struct Thing { pub size: usize }
             pub enum Choice { Left, Right }
             pub trait Trait { fn run() {} }
             pub fn function() { base() }
             pub const LIMIT: usize = 1;
             macro_rules! choices { ($($name:ident)*) => { pub enum Made { $($name),* } }; }
             choices! { Here There }
             pub mod both {}
             pub fn both() {}
             impl Thing { pub const SIZE: usize = 1; pub fn make() -> Self { Self { size: 1 } } }",
        ),
    ])
    .is_empty()
}

#[test]
fn two_files_that_use_each_other() {
    let found = cycles(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "use crate::b::Thing;\n\npub struct Other;\n"),
        (
            "src/b.rs",
            "pub struct Thing;\n\nfn make(_: super::a::Other) {}\n",
        ),
    ]);
    assert_eq!(
        found,
        ["src/a.rs -> src/b.rs (uses Thing, line 1) -> src/a.rs (uses Other, line 3)"]
    );
}

#[test]
fn files_with_uses_in_one_direction_form_no_cycle() {
    let found = cycles(&[
        ("src/lib.rs", "mod a; mod b; mod c;"),
        ("src/a.rs", "pub struct A;"),
        ("src/b.rs", "use crate::a::A; pub struct B(A);"),
        (
            "src/c.rs",
            "use crate::a::A; use crate::b::B; struct C(A, B);",
        ),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_cycle_of_three_is_listed_after_a_cycle_of_two() {
    let found = cycles(&[
        ("src/lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
        ("src/a.rs", "use crate::b::B; pub struct A;"),
        ("src/b.rs", "use crate::c::C; pub struct B;"),
        ("src/c.rs", "use crate::a::A; pub struct C;"),
        ("src/d.rs", "use crate::e::E; pub struct D;"),
        ("src/e.rs", "use crate::d::D; pub struct E;"),
    ]);
    assert_eq!(
        found,
        [
            "src/d.rs -> src/e.rs (uses E, line 1) -> src/d.rs (uses D, line 1)",
            "src/a.rs -> src/b.rs (uses B, line 1) -> src/c.rs (uses C, line 1) -> src/a.rs (uses A, line 1)",
        ]
    );
}

#[test]
fn a_cycle_only_through_a_re_export_does_not_count() {
    let found = |visibility: &str| {
        let parent = format!("mod child; pub fn start() {{}} {visibility} use child::Child;");
        let child = "pub struct Child; fn f() { super::start() }";
        cycles(&[
            ("src/lib.rs", "mod a;"),
            ("src/a/mod.rs", &parent),
            ("src/a/child.rs", child),
        ])
    };
    for visibility in ["pub", "pub(crate)", "pub(super)", "pub(in crate::a)"] {
        assert_eq!(found(visibility), [""; 0], "{visibility}");
    }
    assert_eq!(
        found(""),
        [
            "src/a/child.rs -> src/a/mod.rs (uses start, line 1) -> src/a/child.rs (uses Child, line 1)"
        ]
    );
}

#[test]
fn a_re_export_is_followed_to_the_file_that_defines() {
    let found = cycles(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a/mod.rs", "mod inner; pub use inner::{f, A};"),
        (
            "src/a/inner.rs",
            "use crate::b::B; pub struct A; pub fn f() {}",
        ),
        ("src/b.rs", "pub struct B; fn g() { crate::a::f() }"),
    ]);
    assert_eq!(
        found,
        ["src/a/inner.rs -> src/b.rs (uses B, line 1) -> src/a/inner.rs (uses f, line 1)"]
    );
}

#[test]
fn a_file_that_uses_the_name_it_re_exports_uses_it() {
    let child = "pub fn f() { super::start() }";
    let parent = |code: &str| format!("mod child; pub use child::f; pub fn start() {{}} {code}");
    let found = |code: &str| {
        let parent = parent(code);
        let texts = [
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", parent.as_str()),
            ("src/a/child.rs", child),
        ];
        cycles(&texts).len()
    };
    assert_eq!(found(""), 0);
    assert_eq!(found("fn g() { f() }"), 1);
    assert_eq!(found("fn g() { let f = 1; h(f) }"), 0);
    assert_eq!(found("fn g(f: usize) { h(f) }"), 0);
    assert_eq!(found("fn g() { let f = f(); }"), 1);
    assert_eq!(found("fn g() { { let f = 1; } f() }"), 1);
}

/// The files `src/a/mod.rs`, which uses its child, and `src/a/child.rs`.
fn parent_and_child(parent: &str, child: &str) -> Vec<String> {
    let parent = format!("mod child; fn run() {{ child::go() }} {parent}");
    let child = format!("pub fn go() {{}} {child}");
    let texts = [
        ("src/lib.rs", "mod a;"),
        ("src/a/mod.rs", &parent),
        ("src/a/child.rs", &child),
    ];
    cycles(&texts)
}

#[test]
fn a_child_may_use_the_plain_data_of_its_parent() {
    let parent = "#[derive(Default)] pub struct Data { size: usize }
                  pub enum Choice { Left, Right }
                  pub type Alias = Data;
                  pub const LIMIT: usize = 1;
                  pub trait Trait { fn name(); }
                  impl Data { pub const SIZE: usize = 1; }";
    for child in [
        "use super::Data; fn f(data: Data) {}",
        "fn f() -> super::Data { super::Data { size: 1 } }",
        "fn f() -> super::Data { super::Data::default() }",
        "use super::Choice; fn f(choice: Choice) { match choice { Choice::Left => {} Choice::Right => {} } }",
        "fn f() -> usize { super::LIMIT + super::Data::SIZE }",
        "struct Own; impl super::Trait for Own { fn name() {} } fn f<T: super::Trait>() { T::name() }",
        "fn f(alias: super::Alias) {}",
        "struct Own; impl From<super::Data> for Own { fn from(_: super::Data) -> Self { Own } }",
        "use super::*; fn f(data: Data) -> usize { LIMIT }",
    ] {
        assert_eq!(parent_and_child(parent, child), [""; 0], "{child}");
    }
}

#[test]
fn a_child_may_not_use_the_behaviour_of_its_parent() {
    let parent = "pub struct Data;
                  pub fn start() {}
                  pub static STATE: usize = 1;
                  macro_rules! plus { () => {} }
                  impl Data { pub fn make() -> Self { Self } }";
    for (child, name) in [
        ("use super::start;", "start"),
        ("fn f() { super::start() }", "start"),
        ("fn f() { crate::a::start() }", "start"),
        ("fn f() -> usize { super::STATE }", "STATE"),
        ("fn f() { super::Data::make(); }", "Data::make"),
        ("use super::Data; fn f() { Data::make(); }", "Data::make"),
        (
            "use super::Data as Own; fn f() { Own::make(); }",
            "Data::make",
        ),
        (
            "use super::Data; impl Data { fn f() { Self::make(); } }",
            "impl Data",
        ),
        (
            "impl Clone for super::Data { fn clone(&self) -> Self { panic!() } }",
            "impl Data",
        ),
        ("fn f() { super::plus!() }", "plus"),
        ("use super::*; fn f() { start() }", "start"),
    ] {
        assert_eq!(
            parent_and_child(parent, child),
            [format!(
                "src/a/child.rs -> src/a/mod.rs (uses {name}, line 1) -> src/a/child.rs (uses go, line 1)"
            )],
            "{child}"
        );
    }
}

#[test]
fn siblings_may_not_use_each_others_plain_data() {
    assert!(uses_b("fn f(_: super::b::Thing) {}"));
}

#[test]
fn a_function_of_a_type_is_used_from_the_file_of_its_impl() {
    let texts = |code: &str| {
        cycles(&[
            ("src/lib.rs", "mod a; mod b; mod c;"),
            ("src/a.rs", "pub struct A;"),
            (
                "src/b.rs",
                "use crate::a::A; impl A { pub fn make() { crate::c::go() } }",
            ),
            ("src/c.rs", code),
        ])
    };
    assert_eq!(texts("pub fn go(_: crate::a::A) {}"), [""; 0]);
    assert_eq!(
        texts("pub fn go() { crate::a::A::make() }"),
        ["src/b.rs -> src/c.rs (uses go, line 1) -> src/b.rs (uses A::make, line 1)"]
    );
}

#[test]
fn every_kind_of_use_is_found() {
    for code in [
        "use crate::b::Thing;",
        "use crate::b::{self, Thing};",
        "use crate::b::Thing as _;",
        "use super::b; fn f(_: b::Thing) {}",
        "use crate::b as other; fn f(_: other::Thing) {}",
        "use crate::b::Thing as Other; fn f(_: Other) {}",
        "use crate::b::*; fn f(_: Thing) {}",
        "use crate::b::Choice::*; fn f() { Left; }",
        "fn f() { use crate::b::Choice; }",
        "fn f() { use crate::b; b::function() }",
        "fn f() { self::super::b::function() }",
        "fn f() { let thing = crate::b::Thing { size: 1 }; }",
        "fn f() { let size = crate::b::Thing::SIZE; }",
        "fn f() { crate::b::Made::Here; }",
        "fn f(_: &[Option<crate::b::Thing>]) {}",
        "fn f() { g::<crate::b::Thing>() }",
        "fn f<T: crate::b::Trait>() {}",
        "fn f() { <usize as crate::b::Trait>::run() }",
        "fn f(x: usize) { match x { crate::b::LIMIT => {} _ => {} } }",
        "use crate::b::*; fn f(x: usize) { match x { LIMIT => {} _ => {} } }",
        "fn f() { println!(\"{}\", crate::b::LIMIT) }",
        "fn f() { vec![vec![crate::b::Thing { size: 1 }]] }",
        "use crate::b; fn f() { println!(\"{:?}\", Some(b::function())) }",
        "use crate::b::both; fn f() { both() }",
        "#[arg(value_parser = crate::b::function)] struct S;",
        "struct S { #[serde(with = \"crate::b::function\")] x: usize }",
        "mod inner { fn f(_: super::super::b::Thing) {} }",
        "struct S(crate::b::Thing);",
        "impl crate::b::Trait for usize {}",
        "#[cfg(feature = \"x\")] use crate::b::Thing;",
        "#[cfg(any(test, feature = \"x\"))] use crate::b::Thing;",
        "#[cfg(not(test))] use crate::b::Thing;",
    ] {
        assert!(uses_b(code), "{code}");
    }
}

#[test]
fn code_that_names_nothing_of_the_other_file_does_not_use_it() {
    for code in [
        "use crate::b;",
        "use crate::b::both;",
        "pub use crate::b::Thing;",
        "use crate::b::*;",
        "use ::b::Thing;",
        "use other::b::Thing;",
        "use std::fmt::Write as _;",
        "use crate::b::*; fn f() { let function = 1; function; }",
        "use crate::b::*; fn f(x: &X) { println!(\"{}\", x.function) }",
        "use crate::b::*; fn f(x: &X) { x.function() }",
        "use crate::b::*; fn f(function: usize) { println!(\"{}\", function) }",
        "use crate::b::*; fn f() { json!({ function: 1 }) }",
        "/// crate::b::Thing\nfn f() {}",
        "#[cfg(test)] use crate::b::Thing;",
        "#[cfg(test)] mod tests { use crate::b::Thing; }",
        "#[cfg(all(test, unix))] mod tests { use crate::b::Thing; }",
        "struct S { #[cfg(test)] x: crate::b::Thing }",
        "struct S; impl S { #[cfg(test)] fn f() { crate::b::function() } }",
        "struct S; impl S { #[cfg(test)] fn f() { use crate::b::Thing; } }",
    ] {
        assert!(!uses_b(code), "{code}");
    }
}

#[test]
fn files_of_tests_are_left_out() {
    let found = cycles(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a.rs", "pub struct A; #[cfg(test)] mod tests;"),
        ("src/a/tests.rs", "use crate::b::B;"),
        ("src/b.rs", "use crate::a::A; pub struct B;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_order_is_that_of_the_root() {
    let texts = |root: &'static str| {
        violations(&[
            ("src/lib.rs", root),
            ("src/plan/mod.rs", "mod skip;"),
            (
                "src/plan/skip.rs",
                "\nuse crate::event::{CaseId,\n    EventId};\n",
            ),
            ("src/event.rs", "pub struct CaseId; pub struct EventId;"),
        ])
    };
    assert_eq!(
        texts("mod plan;\n#[cfg(feature = \"x\")]\nmod event;"),
        [
            "plan uses event, which is below it: src/plan/skip.rs:2 CaseId",
            "plan uses event, which is below it: src/plan/skip.rs:3 EventId",
        ]
    );
    assert_eq!(texts("mod event;\nmod plan;"), [""; 0]);
}

#[test]
#[should_panic(expected = "src/a.rs:2: crate::b::Missing cannot be resolved by this check")]
fn a_path_that_is_not_understood_fails_the_check() {
    cycles(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a.rs", "\nuse crate::b::Missing;"),
        ("src/b.rs", "pub struct Thing;"),
    ]);
}
