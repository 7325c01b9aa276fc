//! How long the chains are in which schemas lead to each other, and a stack that is large enough to follow them.
//!
//! Main type: [`Depth`]. The validation engine follows schemas by recursion, once when it compiles them and again for each value; a document
//! made to be hostile must not end the program by that.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::Arc;

use serde_json::Value;

use super::documents::Spot;
use super::uri::target_of;

/// Longest chains of schemas, in steps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Depth {
    /// Over all that a schema contains or refers to: what compiling follows.
    pub(super) compiling: usize,
    /// Over what applies to the same value: what validating follows for each level of the value.
    pub(super) validating: usize,
}

/// Chains up to here fit any thread's stack.
const HARMLESS: usize = 100;
/// No contract made for use has longer chains.
pub(super) const LONGEST: usize = 20_000;
/// Stack for one step, as an unoptimised build needs it, with room to spare.
const BYTES_PER_STEP: usize = 16 << 10;

impl Depth {
    pub(super) fn of(trees: &[Arc<Value>]) -> Depth {
        Depth {
            compiling: longest(trees, |_| true),
            validating: longest(trees, |keyword| {
                matches!(
                    keyword,
                    "$ref" | "allOf" | "anyOf" | "oneOf" | "not" | "if" | "then" | "else"
                )
            }),
        }
    }
}

/// Runs `work` here, or, for chains longer than is harmless, on a thread with a stack for them. `None` when there is no such thread.
pub(super) fn with_stack_for<T: Send>(steps: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    if steps <= HARMLESS {
        return Some(work());
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size((steps.min(LONGEST) + HARMLESS) * BYTES_PER_STEP)
            .spawn_scoped(scope, work)
            .ok()?
            .join()
            .ok()
    })
}

/// The longest way down any tree over the keywords that `follow` accepts, references included; a circle is gone round once.
fn longest(trees: &[Arc<Value>], follow: impl Fn(&str) -> bool) -> usize {
    let mut heights: HashMap<usize, usize> = HashMap::new();
    let mut deepest = 0;
    let mut starts: Vec<(usize, &Value)> = Vec::new();
    for (file, tree) in trees.iter().enumerate() {
        let mut open: Vec<&Value> = vec![tree];
        while let Some(value) = open.pop() {
            starts.push((file, value));
            open.extend(nested(value));
        }
    }
    for (file, start) in starts {
        let mut path: Vec<Step<'_>> = Vec::new();
        let mut enter = Some((file, start));
        loop {
            if let Some((file, value)) = enter.take()
                && let Slot::Vacant(slot) = heights.entry(address(value))
            {
                slot.insert(0);
                path.push(Step {
                    value,
                    children: children(trees, file, value, &follow),
                    done: 0,
                });
            }
            let Some(step) = path.last_mut() else {
                break;
            };
            match step.children.get(step.done) {
                Some(child) => {
                    step.done += 1;
                    enter = Some(*child);
                }
                None => {
                    let height = 1 + step
                        .children
                        .iter()
                        .filter_map(|(_, child)| heights.get(&address(child)))
                        .max()
                        .copied()
                        .unwrap_or(0);
                    deepest = deepest.max(height);
                    heights.insert(address(step.value), height);
                    path.pop();
                }
            }
        }
    }
    deepest
}

/// A value on the way down.
struct Step<'t> {
    value: &'t Value,
    children: Vec<(usize, &'t Value)>,
    /// How many of the children are behind us.
    done: usize,
}

/// What a schema leads to.
fn children<'t>(
    trees: &'t [Arc<Value>],
    file: usize,
    value: &'t Value,
    follow: &impl Fn(&str) -> bool,
) -> Vec<(usize, &'t Value)> {
    let Value::Object(entries) = value else {
        return nested(value).map(|value| (file, value)).collect();
    };
    let mut children = Vec::new();
    for (keyword, value) in entries {
        if !follow(keyword) {
            continue;
        }
        match value {
            Value::String(text) if keyword == "$ref" => {
                let target = target_of(text, &Spot::new(file, ""));
                children.extend(target.and_then(|spot| {
                    let value = trees.get(spot.file)?.pointer(&spot.pointer)?;
                    Some((spot.file, value))
                }));
            }
            Value::Object(_) | Value::Array(_) => children.push((file, value)),
            _ => {}
        }
    }
    children
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
        .filter(|value| value.is_object() || value.is_array())
}

/// A value's identity: trees stay where they are while they are measured.
fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn chains_are_measured_and_circles_end() {
        let tree = json!({
            "a": {"allOf": [{"$ref": "#/b"}]},
            "b": {"properties": {"c": {"$ref": "#/a"}}},
            "d": {"not": {"not": {"not": {}}}},
        });
        let depth = Depth::of(&[Arc::new(tree)]);
        // `properties/c`, then a, its list, its item, b.
        assert_eq!(depth.validating, 5);
        // From the root as well, and from b on to its properties.
        assert!(depth.compiling > depth.validating);
    }

    #[test]
    fn long_chains_get_a_stack_of_their_own() {
        fn down(steps: usize) -> usize {
            match steps {
                0 => 0,
                steps => 1 + std::hint::black_box(down(steps - 1)),
            }
        }
        assert_eq!(with_stack_for(1, || down(1)), Some(1));
        assert_eq!(with_stack_for(LONGEST, || down(LONGEST)), Some(LONGEST));
    }
}
