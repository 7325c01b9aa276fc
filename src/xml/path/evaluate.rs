//! Evaluates an XPath on a document (XPath 1.0, sections 2 to 5). Main function: [`evaluate`].

use std::cell::Cell;

use super::XPathValue;
use super::function::Function;
use super::parser::{Axis, LocationStep, NodeTest, PathStart, XPathExpression};
use crate::xml::document::{XML, XmlDocument, XmlName, XmlNodeId, XmlNodeKind, written};

/// How many nodes one expression may visit.
const MAX_VISITS: usize = 5_000_000;

/// A value of an expression; nodes are in the order of the document.
#[derive(Debug, Clone)]
enum Evaluated {
    Nodes(Vec<XmlNodeId>),
    Boolean(bool),
    Number(f64),
    Text(String),
}

/// The node that an expression is evaluated for, and its position among others.
#[derive(Clone, Copy)]
struct EvaluationContext {
    node: XmlNodeId,
    position: usize,
    size: usize,
}

struct Evaluator<'d> {
    document: &'d XmlDocument,
    visits: Cell<usize>,
}

/// The value of an expression for the document. Fails, with a fragment, where it would take too long.
pub(super) fn evaluate(
    expression: &XPathExpression,
    document: &XmlDocument,
) -> Result<XPathValue, String> {
    let evaluator = Evaluator {
        document,
        visits: Cell::new(0),
    };
    let context = EvaluationContext {
        node: 0,
        position: 1,
        size: 1,
    };
    Ok(match evaluator.value(expression, context)? {
        Evaluated::Nodes(nodes) => {
            let texts = nodes.into_iter().map(|node| evaluator.string_of(node));
            XPathValue::Nodes(texts.collect())
        }
        Evaluated::Boolean(value) => XPathValue::Boolean(value),
        Evaluated::Number(value) => XPathValue::Number(value),
        Evaluated::Text(value) => XPathValue::Text(value),
    })
}

impl Evaluator<'_> {
    fn value(
        &self,
        expression: &XPathExpression,
        context: EvaluationContext,
    ) -> Result<Evaluated, String> {
        Ok(match expression {
            XPathExpression::Literal(text) => Evaluated::Text(text.clone()),
            XPathExpression::Number(number) => Evaluated::Number(*number),
            XPathExpression::Negative(inner) => {
                Evaluated::Number(-self.number(&self.value(inner, context)?))
            }
            XPathExpression::Binary(operator, left, right) => {
                self.binary(operator, left, right, context)?
            }
            XPathExpression::Call(function, arguments) => {
                self.call(*function, arguments, context)?
            }
            XPathExpression::Filtered(inner, predicates) => {
                let nodes = self.nodes(inner, context)?;
                Evaluated::Nodes(self.filtered(nodes, predicates)?)
            }
            XPathExpression::Path(start, steps) => {
                let mut nodes = match start {
                    PathStart::Document => vec![0],
                    PathStart::Context => vec![context.node],
                    PathStart::Expression(inner) => self.nodes(inner, context)?,
                };
                for step in steps {
                    nodes = self.step(&nodes, step)?;
                }
                Evaluated::Nodes(nodes)
            }
        })
    }

    fn nodes(
        &self,
        expression: &XPathExpression,
        context: EvaluationContext,
    ) -> Result<Vec<XmlNodeId>, String> {
        match self.value(expression, context)? {
            Evaluated::Nodes(nodes) => Ok(nodes),
            _ => Err("a part of it must be nodes, and is a text, a number or a boolean".to_owned()),
        }
    }

    fn step(&self, from: &[XmlNodeId], step: &LocationStep) -> Result<Vec<XmlNodeId>, String> {
        let mut found = Vec::new();
        for &node in from {
            let mut along = self.along(node, step.axis);
            self.visit(along.len() + 1)?;
            along.retain(|&node| self.passes(node, step));
            found.extend(self.filtered(along, &step.predicates)?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The nodes that satisfy all predicates; positions count in the given order.
    fn filtered(
        &self,
        mut nodes: Vec<XmlNodeId>,
        predicates: &[XPathExpression],
    ) -> Result<Vec<XmlNodeId>, String> {
        for predicate in predicates {
            let size = nodes.len();
            let mut kept = Vec::new();
            for (i, node) in nodes.into_iter().enumerate() {
                let position = i + 1;
                self.visit(1)?;
                let context = EvaluationContext {
                    node,
                    position,
                    size,
                };
                let holds = match self.value(predicate, context)? {
                    Evaluated::Number(number) => number == position as f64,
                    other => boolean(&other),
                };
                if holds {
                    kept.push(node);
                }
            }
            nodes = kept;
        }
        Ok(nodes)
    }

    /// The nodes along an axis; of one that leads back in the document, the nearest first.
    fn along(&self, node: XmlNodeId, axis: Axis) -> Vec<XmlNodeId> {
        let document = self.document;
        let here = document.node(node);
        let is_attribute =
            |id: &XmlNodeId| matches!(document.node(*id).kind, XmlNodeKind::Attribute(..));
        let ancestors = || std::iter::successors(here.parent, |&outer| document.node(outer).parent);
        let siblings = || {
            let parent = here.parent.filter(|_| !is_attribute(&node));
            parent.map_or(&[][..], |parent| &document.node(parent).children)
        };
        match axis {
            Axis::Itself => vec![node],
            Axis::Child => here.children.clone(),
            Axis::Attribute => here.attributes.clone(),
            Axis::Parent => here.parent.into_iter().collect(),
            Axis::Ancestor => ancestors().collect(),
            Axis::AncestorOrSelf => std::iter::once(node).chain(ancestors()).collect(),
            Axis::Descendant => (node + 1..here.end)
                .filter(|id| !is_attribute(id))
                .collect(),
            Axis::DescendantOrSelf => {
                let below = (node + 1..here.end).filter(|id| !is_attribute(id));
                std::iter::once(node).chain(below).collect()
            }
            Axis::Following => (here.end..document.len())
                .filter(|id| !is_attribute(id))
                .collect(),
            Axis::FollowingSibling => {
                let after = siblings().iter().filter(|&&other| other > node);
                after.copied().collect()
            }
            Axis::Preceding => {
                let outer: Vec<XmlNodeId> = ancestors().collect();
                let before = (0..node).rev();
                before
                    .filter(|id| !is_attribute(id) && !outer.contains(id))
                    .collect()
            }
            Axis::PrecedingSibling => {
                let before = siblings().iter().rev().filter(|&&other| other < node);
                before.copied().collect()
            }
        }
    }

    fn passes(&self, node: XmlNodeId, step: &LocationStep) -> bool {
        let kind = &self.document.node(node).kind;
        // An axis has a kind of nodes that names are about.
        let name: Option<&XmlName> = match (kind, step.axis) {
            (XmlNodeKind::Attribute(name, _), Axis::Attribute)
            | (XmlNodeKind::Element(name), _) => Some(name),
            _ => None,
        };
        match &step.test {
            NodeTest::Node => true,
            NodeTest::Any => name.is_some(),
            NodeTest::AnyOf(namespace) => {
                name.is_some_and(|name| name.namespace.as_ref() == Some(namespace))
            }
            NodeTest::Named { namespace, local } => {
                name.is_some_and(|name| name.local == *local && name.namespace == *namespace)
            }
            NodeTest::Text => matches!(kind, XmlNodeKind::Text(_)),
            NodeTest::Comment => matches!(kind, XmlNodeKind::Comment(_)),
            NodeTest::Instruction(wanted) => match kind {
                XmlNodeKind::Instruction { target, .. } => {
                    wanted.as_ref().is_none_or(|wanted| wanted == target)
                }
                _ => false,
            },
        }
    }

    fn binary(
        &self,
        operator: &str,
        left: &XPathExpression,
        right: &XPathExpression,
        context: EvaluationContext,
    ) -> Result<Evaluated, String> {
        if operator == "|" {
            let mut nodes = self.nodes(left, context)?;
            nodes.extend(self.nodes(right, context)?);
            nodes.sort_unstable();
            nodes.dedup();
            return Ok(Evaluated::Nodes(nodes));
        }
        let left = self.value(left, context)?;
        // The right side of these counts only where the left does not decide.
        match operator {
            "and" if !boolean(&left) => return Ok(Evaluated::Boolean(false)),
            "or" if boolean(&left) => return Ok(Evaluated::Boolean(true)),
            _ => {}
        }
        let right = self.value(right, context)?;
        let number = |value: &Evaluated| self.number(value);
        Ok(match operator {
            "and" | "or" => Evaluated::Boolean(boolean(&right)),
            "+" => Evaluated::Number(number(&left) + number(&right)),
            "-" => Evaluated::Number(number(&left) - number(&right)),
            "*" => Evaluated::Number(number(&left) * number(&right)),
            "div" => Evaluated::Number(number(&left) / number(&right)),
            "mod" => Evaluated::Number(number(&left) % number(&right)),
            _ => Evaluated::Boolean(self.compare(operator, &left, &right)?),
        })
    }

    /// XPath 1.0, section 3.4.
    fn compare(&self, operator: &str, left: &Evaluated, right: &Evaluated) -> Result<bool, String> {
        // Nodes compare as some of them does, except with booleans.
        match (left, right) {
            (Evaluated::Nodes(nodes), other) if !matches!(other, Evaluated::Boolean(_)) => {
                for &node in nodes {
                    self.visit(1)?;
                    let text = Evaluated::Text(self.string_of(node));
                    let text = match other {
                        Evaluated::Number(_) => Evaluated::Number(self.number(&text)),
                        _ => text,
                    };
                    if self.compare(operator, &text, other)? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
            (other, Evaluated::Nodes(_)) if !matches!(other, Evaluated::Boolean(_)) => {
                return self.compare(mirrored(operator), right, left);
            }
            _ => {}
        }
        let equal = || match (left, right) {
            (Evaluated::Boolean(_), _) | (_, Evaluated::Boolean(_)) => {
                boolean(left) == boolean(right)
            }
            (Evaluated::Number(_), _) | (_, Evaluated::Number(_)) => {
                self.number(left) == self.number(right)
            }
            _ => self.text(left) == self.text(right),
        };
        let as_number = |value: &Evaluated| match value {
            // Nodes beside a boolean count as a boolean.
            Evaluated::Nodes(_) => f64::from(u8::from(boolean(value))),
            other => self.number(other),
        };
        let (a, b) = (as_number(left), as_number(right));
        Ok(match operator {
            "=" => equal(),
            "!=" => !equal(),
            "<" => a < b,
            "<=" => a <= b,
            ">" => a > b,
            _ => a >= b,
        })
    }

    fn call(
        &self,
        function: Function,
        arguments: &[XPathExpression],
        context: EvaluationContext,
    ) -> Result<Evaluated, String> {
        if let Some(value) = self.about_nodes(function, arguments, context)? {
            return Ok(value);
        }
        let values: Vec<Evaluated> = arguments
            .iter()
            .map(|argument| self.value(argument, context))
            .collect::<Result<_, _>>()?;
        let value = |i: usize| values.get(i).cloned();
        let own = || Evaluated::Nodes(vec![context.node]);
        let text = |i: usize| self.text(&value(i).unwrap_or_else(own));
        let number = |i: usize| self.number(&value(i).unwrap_or_else(own));
        let truth = |i: usize| boolean(&value(i).unwrap_or_else(own));
        Ok(match function {
            Function::String => Evaluated::Text(text(0)),
            Function::Concat => {
                let texts = values.iter().map(|value| self.text(value));
                Evaluated::Text(texts.collect())
            }
            Function::StartsWith => Evaluated::Boolean(text(0).starts_with(&text(1))),
            Function::Contains => Evaluated::Boolean(text(0).contains(&text(1))),
            Function::SubstringBefore => {
                let (text, mark) = (text(0), text(1));
                let before = text.split_once(&mark).map_or("", |(before, _)| before);
                Evaluated::Text(before.to_owned())
            }
            Function::SubstringAfter => {
                let (text, mark) = (text(0), text(1));
                let after = text.split_once(&mark).map_or("", |(_, after)| after);
                Evaluated::Text(after.to_owned())
            }
            Function::Substring => {
                let length = (values.len() > 2).then(|| number(2));
                Evaluated::Text(substring(&text(0), number(1), length))
            }
            Function::StringLength => Evaluated::Number(text(0).chars().count() as f64),
            Function::NormalizeSpace => {
                let text = text(0);
                let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
                let words = text.split(is_space).filter(|word| !word.is_empty());
                Evaluated::Text(words.collect::<Vec<_>>().join(" "))
            }
            Function::Translate => Evaluated::Text(translate(&text(0), &text(1), &text(2))),
            Function::Boolean => Evaluated::Boolean(truth(0)),
            Function::Not => Evaluated::Boolean(!truth(0)),
            Function::True => Evaluated::Boolean(true),
            Function::False => Evaluated::Boolean(false),
            Function::Lang => Evaluated::Boolean(self.is_lang(context.node, &text(0))),
            Function::Number => Evaluated::Number(number(0)),
            Function::Floor => Evaluated::Number(number(0).floor()),
            Function::Ceiling => Evaluated::Number(number(0).ceil()),
            // Halves go up.
            Function::Round => Evaluated::Number((number(0) + 0.5).floor()),
            _ => Evaluated::Text(String::new()),
        })
    }

    /// The functions about nodes and positions; `None` for others.
    fn about_nodes(
        &self,
        function: Function,
        arguments: &[XPathExpression],
        context: EvaluationContext,
    ) -> Result<Option<Evaluated>, String> {
        let nodes = || match arguments.first() {
            Some(argument) => self.nodes(argument, context),
            None => Ok(vec![context.node]),
        };
        let name = |of: fn(&XmlName) -> String| -> Result<Evaluated, String> {
            let first = nodes()?.first().copied();
            let text =
                first.map_or_else(String::new, |node| match &self.document.node(node).kind {
                    XmlNodeKind::Element(name) | XmlNodeKind::Attribute(name, _) => of(name),
                    XmlNodeKind::Instruction { target, .. }
                        if function != Function::NamespaceUri =>
                    {
                        target.clone()
                    }
                    _ => String::new(),
                });
            Ok(Evaluated::Text(text))
        };
        Ok(Some(match function {
            Function::Last => Evaluated::Number(context.size as f64),
            Function::Position => Evaluated::Number(context.position as f64),
            Function::Count => Evaluated::Number(nodes()?.len() as f64),
            Function::Sum => {
                let numbers = nodes()?
                    .into_iter()
                    .map(|node| number_of_text(&self.string_of(node)));
                Evaluated::Number(numbers.sum())
            }
            Function::LocalName => name(|name| name.local.clone())?,
            Function::NamespaceUri => name(|name| name.namespace.clone().unwrap_or_default())?,
            Function::Name => name(written)?,
            _ => return Ok(None),
        }))
    }

    fn text(&self, value: &Evaluated) -> String {
        match value {
            Evaluated::Nodes(nodes) => {
                let first = nodes.first();
                first.map_or_else(String::new, |&node| self.string_of(node))
            }
            Evaluated::Boolean(value) => value.to_string(),
            Evaluated::Number(number) => text_of_number(*number),
            Evaluated::Text(text) => text.clone(),
        }
    }

    fn number(&self, value: &Evaluated) -> f64 {
        match value {
            Evaluated::Number(number) => *number,
            Evaluated::Boolean(value) => f64::from(u8::from(*value)),
            Evaluated::Text(text) => number_of_text(text),
            Evaluated::Nodes(_) => number_of_text(&self.text(value)),
        }
    }

    /// The string value of a node (XPath 1.0, section 5).
    fn string_of(&self, node: XmlNodeId) -> String {
        match &self.document.node(node).kind {
            XmlNodeKind::Attribute(_, text)
            | XmlNodeKind::Text(text)
            | XmlNodeKind::Comment(text)
            | XmlNodeKind::Instruction { text, .. } => text.clone(),
            XmlNodeKind::Document | XmlNodeKind::Element(_) => {
                let inside = node + 1..self.document.node(node).end;
                inside
                    .filter_map(|id| match &self.document.node(id).kind {
                        XmlNodeKind::Text(text) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect()
            }
        }
    }

    fn is_lang(&self, node: XmlNodeId, wanted: &str) -> bool {
        let mut outer = std::iter::successors(Some(node), |&id| self.document.node(id).parent);
        let stated = outer.find_map(|id| {
            let attributes = self.document.node(id).attributes.iter();
            attributes
                .filter_map(|&attribute| match &self.document.node(attribute).kind {
                    XmlNodeKind::Attribute(name, value)
                        if name.local == "lang" && name.namespace.as_deref() == Some(XML) =>
                    {
                        Some(value.to_ascii_lowercase())
                    }
                    _ => None,
                })
                .next()
        });
        stated.is_some_and(|stated| {
            let rest = stated.strip_prefix(&wanted.to_ascii_lowercase());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }

    fn visit(&self, nodes: usize) -> Result<(), String> {
        let visits = self.visits.get() + nodes;
        self.visits.set(visits);
        match visits > MAX_VISITS {
            true => Err(format!("it visits more than {MAX_VISITS} nodes")),
            false => Ok(()),
        }
    }
}

fn boolean(value: &Evaluated) -> bool {
    match value {
        Evaluated::Nodes(nodes) => !nodes.is_empty(),
        Evaluated::Boolean(value) => *value,
        Evaluated::Number(number) => *number != 0.0 && !number.is_nan(),
        Evaluated::Text(text) => !text.is_empty(),
    }
}

/// The operator with its sides exchanged.
fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

/// A number as text (XPath 1.0, section 4.2): never with an exponent.
pub(super) fn text_of_number(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        match number > 0.0 {
            true => "Infinity".to_owned(),
            false => "-Infinity".to_owned(),
        }
    } else if number == 0.0 {
        "0".to_owned()
    } else {
        number.to_string()
    }
}

/// A text as a number (XPath 1.0, section 4.4): digits with a point and a minus sign, nothing else.
fn number_of_text(text: &str) -> f64 {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.chars().any(|c| c.is_ascii_digit());
    match is_number {
        true => text.parse().unwrap_or(f64::NAN),
        false => f64::NAN,
    }
}

/// The characters from a position on, which counts from 1 (XPath 1.0, section 4.2).
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let round = |number: f64| (number + 0.5).floor();
    let from = round(start);
    let to = length.map_or(f64::INFINITY, |length| from + round(length));
    let characters = text.chars().enumerate();
    characters
        .filter(|(i, _)| {
            let position = (i + 1) as f64;
            position >= from && position < to
        })
        .map(|(_, c)| c)
        .collect()
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    let replaced = text
        .chars()
        .filter_map(|c| match from.chars().position(|known| known == c) {
            Some(i) => to.get(i).copied(),
            None => Some(c),
        });
    replaced.collect()
}
