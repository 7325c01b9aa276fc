//! How deep the validation engine recurses, and a stack that is large enough for it.
//!
//! Main types: [`Depths`], [`Depth`]. The engine follows schemas by recursion, when it compiles them and again for each value. A
//! hostile document must not overflow the stack.

mod graph;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;

use self::graph::Graph;
use super::annotation::DISPATCH;
use super::documents::DocumentPointer;
use super::uri::target_of;
use crate::document::split_pointer;

/// Recursion up to here fits any thread's stack.
const HARMLESS: usize = 300;
/// No realistic contract needs more.
pub(super) const LONGEST: usize = 20_000;
/// Stack for one step. An unoptimised build needs up to 1.3 KiB to validate, and 2.2 KiB to compile.
const BYTES_PER_STEP: usize = 8 << 10;
/// How many `$ref`s the engine follows by recursion while it compiles a schema; it defers the others.
const NESTED_REFERENCES: usize = 8;

/// How many steps of recursion it takes at most to validate a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Depth {
    /// Whatever the value.
    once: usize,
    /// For each level of the value, where schemas lead back to themselves.
    per_level: usize,
}

impl Depth {
    /// For a value without parts.
    fn least(self) -> usize {
        self.once + self.per_level
    }

    fn steps(self, value: &Value) -> usize {
        match self.per_level {
            0 => self.once,
            per_level => self.once + per_level * levels(value),
        }
    }

    /// Which stack validating `value` takes.
    pub(super) fn stack_for(self, value: &Value) -> Stack {
        match self.steps(value) {
            0..=HARMLESS => Stack::Caller,
            steps if steps <= LONGEST => Stack::Deep,
            _ => Stack::Missing,
        }
    }
}

/// How many values are inside each other, scalars included.
fn levels(value: &Value) -> usize {
    let mut deepest = 0;
    let mut open = vec![(value, 2)];
    while let Some((value, level)) = open.pop() {
        deepest = deepest.max(level);
        open.extend(nested(value).map(|value| (value, level + 1)));
    }
    deepest
}

/// On which stack a task of some depth can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stack {
    /// On any thread.
    Caller,
    /// On the thread of [`on_deep_stack`].
    Deep,
    /// No stack is large enough.
    Missing,
}

/// Runs `work` on the one thread of the process that has a stack for [`LONGEST`] steps, after the work already queued there. `None`
/// when that thread cannot be started, and when `work` panics.
pub(super) fn on_deep_stack<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    static JOBS: OnceLock<Option<Mutex<Sender<Job>>>> = OnceLock::new();
    let jobs = JOBS.get_or_init(deep_thread).as_ref()?;
    let (sender, receiver) = channel();
    let job: Job = Box::new(move || {
        // The caller waits for the result.
        let _ = sender.send(work());
    });
    let jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
    jobs.send(job).ok()?;
    receiver.recv().ok()
}

type Job = Box<dyn FnOnce() + Send>;

fn deep_thread() -> Option<Mutex<Sender<Job>>> {
    let (sender, receiver) = channel::<Job>();
    std::thread::Builder::new()
        .name("deep-schemas".to_owned())
        .stack_size((LONGEST + HARMLESS) * BYTES_PER_STEP)
        .spawn(move || {
            for job in receiver {
                // A panic drops the job's sender, which the caller notices.
                let _: Result<(), Box<dyn Any + Send>> = catch_unwind(AssertUnwindSafe(job));
            }
        })
        .ok()?;
    Some(Mutex::new(sender))
}

/// Compiles a schema out of trees that are nested `levels` deep: on this thread, or on a new one when that takes more stack than any
/// thread has. `None` when the thread cannot be started.
pub(super) fn compile_with_stack<T: Send>(
    levels: usize,
    compile: impl FnOnce() -> T + Send,
) -> Option<T> {
    let steps = (NESTED_REFERENCES + 1) * levels;
    if steps <= HARMLESS / 2 {
        return Some(compile());
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size((steps + HARMLESS) * BYTES_PER_STEP)
            .spawn_scoped(scope, compile)
            .ok()?
            .join()
            .ok()
    })
}

/// The depth of every schema in some trees.
///
/// Objects and lists are numbered in the order of the trees, each before its children.
#[derive(Debug, Default)]
pub(super) struct Depths {
    numbers: Numbers,
    depths: Vec<Depth>,
    /// How deep the trees are nested.
    pub(super) levels: usize,
    /// The largest [`Depth::least`] of all schemas.
    pub(super) deepest: usize,
}

impl Depths {
    pub(super) fn of(trees: &[Arc<Value>]) -> Depths {
        let mut survey = DepthSurvey::default();
        for (file, tree) in trees.iter().enumerate() {
            survey.numbers.roots.push(survey.numbers.sizes.len());
            if is_nested(tree) {
                survey.number(file, tree, StackKeys::Keywords, 1);
            }
        }
        let mut graph = survey.graph;
        let mut unknown = Vec::new();
        for SchemaReference { from, target } in survey.references {
            match target.and_then(|location| survey.numbers.of(trees, &location)) {
                Some(to) => graph.link(from, to, true),
                None => unknown.push(from),
            }
        }
        if !unknown.is_empty() {
            // An anchor, an identifier or a metaschema: it may lead anywhere.
            let all = graph.len();
            let anywhere = graph.add(METASCHEMA_STEPS);
            for to in 0..all {
                graph.link(anywhere, to, true);
            }
            for from in unknown {
                graph.link(from, anywhere, true);
            }
        }
        let depths = graph.depths();
        Depths {
            deepest: depths.iter().map(|depth| depth.least()).max().unwrap_or(0),
            depths,
            numbers: survey.numbers,
            levels: survey.levels,
        }
    }

    /// The depth of the schema at a location in the trees that this was computed from.
    pub(super) fn at(&self, trees: &[Arc<Value>], location: &DocumentPointer) -> Depth {
        let number = self.numbers.of(trees, location);
        let depth = number.and_then(|number| self.depths.get(number));
        // `true` and `false` lead nowhere.
        depth.copied().unwrap_or_default()
    }
}

/// What a metaschema takes for one level of a value: its vocabularies, and the schemas in them.
const METASCHEMA_STEPS: usize = 20;

/// Numbers of objects and lists by their place.
#[derive(Debug, Default)]
struct Numbers {
    /// By tree, that of its root.
    roots: Vec<usize>,
    /// By number: the count of objects and lists in it, itself included.
    sizes: Vec<usize>,
}

impl Numbers {
    fn of(&self, trees: &[Arc<Value>], location: &DocumentPointer) -> Option<usize> {
        let mut number = *self.roots.get(location.file)?;
        let mut value: &Value = trees.get(location.file)?;
        for token in split_pointer(&location.pointer)? {
            number += 1;
            match value {
                Value::Object(entries) => {
                    let position = entries.keys().position(|key| *key == token)?;
                    number += self.sizes_of(number, entries.values().take(position))?;
                    value = entries.get(&token)?;
                }
                Value::Array(items) => {
                    let position: usize = token.parse().ok()?;
                    number += self.sizes_of(number, items.iter().take(position))?;
                    value = items.get(position)?;
                }
                _ => return None,
            }
        }
        is_nested(value).then_some(number)
    }

    /// The counts of numbers that sibling values take; the first sibling has the number `number`.
    fn sizes_of<'v>(
        &self,
        number: usize,
        values: impl Iterator<Item = &'v Value>,
    ) -> Option<usize> {
        let mut all = 0;
        for _ in values.filter(|value| is_nested(value)) {
            all += self.sizes.get(number + all)?;
        }
        Some(all)
    }
}

/// Numbers the values of trees, and records where their references lead.
#[derive(Default)]
struct DepthSurvey {
    numbers: Numbers,
    graph: Graph,
    references: Vec<SchemaReference>,
    levels: usize,
}

struct SchemaReference {
    from: usize,
    /// `None`: it is not written as a pointer.
    target: Option<DocumentPointer>,
}

/// What the keys of an object are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StackKeys {
    Keywords,
    /// Names of schemas; `same`: that apply to the value of the object itself.
    Names {
        same: bool,
    },
    /// Of a value that is not a schema.
    Data,
}

impl StackKeys {
    /// Whether the value under a key applies to the same value, and what its keys are.
    fn under(self, key: &str) -> (bool, StackKeys) {
        match (self, key) {
            (StackKeys::Data, _) | (StackKeys::Keywords, "enum" | "const" | DISPATCH) => {
                (false, StackKeys::Data)
            }
            (StackKeys::Names { same }, _) => (same, StackKeys::Keywords),
            (StackKeys::Keywords, "dependentSchemas" | "dependencies") => {
                (true, StackKeys::Names { same: true })
            }
            (
                StackKeys::Keywords,
                "properties" | "patternProperties" | "$defs" | "definitions" | "schemas",
            ) => (false, StackKeys::Names { same: false }),
            (StackKeys::Keywords, keyword) => {
                let same = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];
                (same.contains(&keyword), StackKeys::Keywords)
            }
        }
    }
}

impl DepthSurvey {
    /// Recursion is bounded by the parser's depth limit.
    fn number(&mut self, file: usize, value: &Value, keys: StackKeys, level: usize) -> usize {
        let number = self.graph.add(1);
        self.numbers.sizes.push(1);
        self.levels = self.levels.max(level);
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    if let (Value::String(text), StackKeys::Keywords) = (value, keys) {
                        self.references.extend(reference(file, number, key, text));
                    } else if is_nested(value) {
                        let (same, keys) = keys.under(key);
                        let child = self.number(file, value, keys, level + 1);
                        if keys != StackKeys::Data {
                            self.graph.link(number, child, same);
                        }
                    }
                }
            }
            Value::Array(items) => {
                for item in items.iter().filter(|item| is_nested(item)) {
                    let child = self.number(file, item, keys, level + 1);
                    self.graph.link(number, child, true);
                }
            }
            _ => {}
        }
        self.numbers.sizes[number] = self.graph.len() - number;
        number
    }
}

fn reference(file: usize, from: usize, keyword: &str, text: &str) -> Option<SchemaReference> {
    let target = match keyword {
        "$ref" => target_of(text, &DocumentPointer::new(file, ""))
            .filter(|location| location.pointer.is_empty() || location.pointer.starts_with('/')),
        "$dynamicRef" | "$recursiveRef" => None,
        _ => return None,
    };
    Some(SchemaReference { from, target })
}

/// The objects and lists directly in a value.
fn nested(value: &Value) -> impl Iterator<Item = &Value> {
    let (entries, items) = match value {
        Value::Object(entries) => (Some(entries.values()), None),
        Value::Array(items) => (None, Some(items.iter())),
        _ => (None, None),
    };
    entries
        .into_iter()
        .flatten()
        .chain(items.into_iter().flatten())
        .filter(|value| is_nested(value))
}

fn is_nested(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

#[cfg(test)]
mod tests {
    use std::thread::{ThreadId, current};

    use serde_json::json;

    use super::*;

    fn depth(tree: Value, pointer: &str) -> Depth {
        let trees = [Arc::new(tree)];
        Depths::of(&trees).at(&trees, &DocumentPointer::new(0, pointer))
    }

    #[track_caller]
    fn assert_depth(tree: Value, pointer: &str, once: usize, per_level: usize) {
        assert_eq!(depth(tree, pointer), Depth { once, per_level });
    }

    #[test]
    fn a_chain_without_cycles_has_its_own_length() {
        let tree = || {
            json!({
                "a": {"allOf": [{"$ref": "#/b"}, {"title": "x"}]},
                "b": {"type": "object", "properties": {"c": {"$ref": "#/c"}, "d": {"enum": [[[[1]]]]}}},
                "c": {"not": {}},
                "d": true,
            })
        };
        // c and its `not`; before that b, its properties, one of them; before that a, its list, the item.
        assert_depth(tree(), "/c", 2, 0);
        assert_depth(tree(), "/b", 2 + 3, 0);
        assert_depth(tree(), "/a", 2 + 3 + 3, 0);
        assert_depth(tree(), "/a/allOf/1", 1, 0);
        assert_depth(tree(), "/d", 0, 0);
        assert_depth(tree(), "/nowhere", 0, 0);
    }

    #[test]
    fn a_cycle_counts_once_per_level_of_the_value() {
        let tree = || {
            json!({
                "list": {"properties": {"next": {"$ref": "#/list"}, "other": {"$ref": "#/end"}}},
                "end": {"not": {"not": {}}},
                "shallow": {"type": "object"},
                "before": {"allOf": [{"$ref": "#/list"}]},
            })
        };
        // In one level: the property that refers to the list, and the list itself. Two more to enter the value.
        assert_depth(tree(), "/list", 4 + 4, 4);
        assert_depth(tree(), "/before", 3 + 4 + 4, 4);
        assert_depth(tree(), "/shallow", 1, 0);
        let steps = |value: Value| depth(tree(), "/list").steps(&value);
        assert_eq!(steps(json!(1)), 8 + 2 * 4);
        assert_eq!(steps(json!({"next": {"next": {}}})), 8 + 4 * 4);
    }

    #[test]
    fn a_cycle_within_one_level_counts_every_schema_in_it() {
        let tree = json!({
            "a": {"anyOf": [{"$ref": "#/b"}, {"type": "string"}]},
            "b": {"allOf": [{"$ref": "#/a"}], "properties": {"c": {"$ref": "#/a"}}},
        });
        // Both, their lists, the items that refer to each other, and the property; once the alternative that leads nowhere.
        assert_depth(tree, "/a", 7 + 2 + 1, 7 + 2);
    }

    #[test]
    fn a_reference_that_is_not_a_pointer_may_lead_anywhere() {
        let anchor = json!({"$defs": {"a": {"$anchor": "a"}, "b": {}}, "$ref": "#a"});
        assert!(depth(anchor, "").per_level > METASCHEMA_STEPS);
        let data = json!({"const": {"$ref": "#a"}, "enum": [{"$ref": "#b"}]});
        assert_eq!(depth(data, "").per_level, 0);
        // A property may be called like a keyword.
        let name = json!({"properties": {"const": {"$ref": "#a"}}});
        assert!(depth(name, "").per_level > METASCHEMA_STEPS);
    }

    #[test]
    fn references_lead_from_one_tree_to_another() {
        let trees = [
            Arc::new(json!({"x": {"$ref": "contract:/1#/y~1z"}})),
            Arc::new(json!({"other": [{}, {}], "y/z": {"not": {}}})),
        ];
        let depths = Depths::of(&trees);
        assert_eq!(depths.at(&trees, &DocumentPointer::new(0, "/x")).once, 3);
        assert_eq!(
            depths.at(&trees, &DocumentPointer::new(1, "/other/1")).once,
            1
        );
    }

    #[test]
    fn deep_work_is_done_by_one_thread_that_outlives_a_panic() {
        fn down(steps: usize) -> (usize, ThreadId) {
            match steps {
                0 => (0, current().id()),
                steps => {
                    let (below, thread) = std::hint::black_box(down(steps - 1));
                    (below + 1, thread)
                }
            }
        }
        let (steps, thread) = on_deep_stack(|| down(10 * LONGEST)).unwrap();
        assert_eq!(steps, 10 * LONGEST);
        assert_ne!(thread, current().id());
        // Not with `panic!`, which would print a backtrace among the results of the tests.
        let panics = || std::panic::resume_unwind(Box::new("of the test"));
        assert_eq!(on_deep_stack::<()>(panics), None);
        assert_eq!(on_deep_stack(|| current().id()), Some(thread));
    }

    #[test]
    fn the_stack_follows_from_schema_and_value() {
        let circle = Depth {
            once: 10,
            per_level: 20,
        };
        let mut value = json!(1);
        assert_eq!(circle.stack_for(&value), Stack::Caller);
        for _ in 0..100 {
            value = json!([value]);
        }
        assert_eq!(circle.stack_for(&value), Stack::Deep);
        let chain = |once: usize| Depth { once, per_level: 0 };
        assert_eq!(chain(HARMLESS).stack_for(&value), Stack::Caller);
        assert_eq!(chain(HARMLESS + 1).stack_for(&value), Stack::Deep);
        assert_eq!(chain(LONGEST + 1).stack_for(&value), Stack::Missing);
    }
}
