//! The grammar of XPath (XPath 1.0, sections 2 and 3). Main function: [`parse`].

use super::XPathFault;
use super::function::{FUNCTIONS, Function};
use super::lexer::{Token, TokenKind, tokens};
use crate::diagnostic::nearest;

/// How deep an expression is nested at most.
const MAX_DEPTH: usize = 50;

#[derive(Debug, PartialEq)]
pub(super) enum XPathExpression {
    Literal(String),
    Number(f64),
    Binary(&'static str, Box<XPathExpression>, Box<XPathExpression>),
    Negative(Box<XPathExpression>),
    Call(Function, Vec<XPathExpression>),
    /// Nodes of an expression that satisfy predicates.
    Filtered(Box<XPathExpression>, Vec<XPathExpression>),
    Path(PathStart, Vec<LocationStep>),
}

#[derive(Debug, PartialEq)]
pub(super) enum PathStart {
    Document,
    Context,
    Expression(Box<XPathExpression>),
}

#[derive(Debug, PartialEq)]
pub(super) struct LocationStep {
    pub(super) axis: Axis,
    pub(super) test: NodeTest,
    pub(super) predicates: Vec<XPathExpression>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Parent,
    Preceding,
    PrecedingSibling,
    Itself,
}

const AXES: [(&str, Axis); 12] = [
    ("ancestor", Axis::Ancestor),
    ("ancestor-or-self", Axis::AncestorOrSelf),
    ("attribute", Axis::Attribute),
    ("child", Axis::Child),
    ("descendant", Axis::Descendant),
    ("descendant-or-self", Axis::DescendantOrSelf),
    ("following", Axis::Following),
    ("following-sibling", Axis::FollowingSibling),
    ("parent", Axis::Parent),
    ("preceding", Axis::Preceding),
    ("preceding-sibling", Axis::PrecedingSibling),
    ("self", Axis::Itself),
];

const NODE_TYPES: [&str; 4] = ["comment", "node", "processing-instruction", "text"];

#[derive(Debug, PartialEq)]
pub(super) enum NodeTest {
    /// Any node of the axis's own kind.
    Any,
    /// Any of a namespace.
    AnyOf(String),
    Named {
        namespace: Option<String>,
        local: String,
    },
    Node,
    Text,
    Comment,
    /// With the target, if one is named.
    Instruction(Option<String>),
}

/// Reads an expression. Fails at the first fault.
pub(super) fn parse(
    text: &str,
    namespaces: &[(String, String)],
) -> Result<XPathExpression, XPathFault> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        end: text.len(),
        depth: 0,
        namespaces,
    };
    let expression = parser.binary(0)?;
    match parser.tokens.get(parser.next) {
        None => Ok(expression),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

/// The binary operators of each precedence, the weakest first.
const OPERATORS: [&[&str]; 6] = [
    &["or"],
    &["and"],
    &["=", "!="],
    &["<", "<=", ">", ">="],
    &["+", "-"],
    &["*", "div", "mod"],
];

struct Parser<'n> {
    tokens: Vec<Token>,
    next: usize,
    /// The length of the text.
    end: usize,
    depth: usize,
    namespaces: &'n [(String, String)],
}

impl Parser<'_> {
    fn binary(&mut self, precedence: usize) -> Result<XPathExpression, XPathFault> {
        let Some(operators) = OPERATORS.get(precedence) else {
            return self.unary();
        };
        let mut left = self.binary(precedence + 1)?;
        while let Some(operator) = operators.iter().find(|sign| self.takes(sign)) {
            let right = self.binary(precedence + 1)?;
            left = XPathExpression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<XPathExpression, XPathFault> {
        let mut negative = false;
        let mut signs = 0;
        while self.takes("-") {
            negative = !negative;
            signs += 1;
        }
        let mut value = self.path()?;
        while self.takes("|") {
            let right = self.path()?;
            value = XPathExpression::Binary("|", Box::new(value), Box::new(right));
        }
        // Two signs make a number of a text, too.
        Ok(match (signs, negative) {
            (0, _) => value,
            (_, true) => XPathExpression::Negative(Box::new(value)),
            (_, false) => {
                XPathExpression::Negative(Box::new(XPathExpression::Negative(Box::new(value))))
            }
        })
    }

    fn path(&mut self) -> Result<XPathExpression, XPathFault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let path = self.path_at_depth();
        self.depth -= 1;
        path
    }

    fn path_at_depth(&mut self) -> Result<XPathExpression, XPathFault> {
        let mut steps = Vec::new();
        let start = if self.begins_with_value() {
            let value = self.value()?;
            let predicates = self.predicates()?;
            let value = match predicates.is_empty() {
                true => value,
                false => XPathExpression::Filtered(Box::new(value), predicates),
            };
            if !self.is("/") && !self.is("//") {
                return Ok(value);
            }
            PathStart::Expression(Box::new(value))
        } else if self.is("//") {
            PathStart::Document
        } else if self.takes("/") {
            if !self.begins_with_step() {
                return Ok(XPathExpression::Path(PathStart::Document, steps));
            }
            steps.push(self.step()?);
            PathStart::Document
        } else {
            steps.push(self.step()?);
            PathStart::Context
        };
        loop {
            if self.takes("//") {
                steps.push(LocationStep {
                    axis: Axis::DescendantOrSelf,
                    test: NodeTest::Node,
                    predicates: Vec::new(),
                });
            } else if !self.takes("/") {
                return Ok(XPathExpression::Path(start, steps));
            }
            steps.push(self.step()?);
        }
    }

    /// Whether a literal, a number, parentheses or a function is next.
    fn begins_with_value(&self) -> bool {
        match self.kind(0) {
            Some(TokenKind::Literal(_) | TokenKind::Number(_) | TokenKind::Sign("(" | "$")) => true,
            Some(TokenKind::Name(prefix, name)) => {
                let is_type = prefix.is_none() && NODE_TYPES.contains(&name.as_str());
                self.kind(1) == Some(&TokenKind::Sign("(")) && !is_type
            }
            _ => false,
        }
    }

    fn begins_with_step(&self) -> bool {
        match self.kind(0) {
            Some(TokenKind::Sign(sign)) => [".", "..", "@"].contains(sign),
            Some(TokenKind::Name(..) | TokenKind::Any | TokenKind::AnyOf(_)) => true,
            _ => false,
        }
    }

    fn value(&mut self) -> Result<XPathExpression, XPathFault> {
        match self.kind(0).cloned() {
            Some(TokenKind::Literal(text)) => {
                self.next += 1;
                Ok(XPathExpression::Literal(text))
            }
            Some(TokenKind::Number(number)) => {
                self.next += 1;
                Ok(XPathExpression::Number(number))
            }
            Some(TokenKind::Sign("(")) => {
                self.next += 1;
                let inner = self.binary(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(TokenKind::Name(prefix, name)) => self.call(prefix.as_deref(), &name),
            _ => Err(self.fault("variables (`$name`) have no values here".to_owned())),
        }
    }

    fn call(&mut self, prefix: Option<&str>, name: &str) -> Result<XPathExpression, XPathFault> {
        let known = FUNCTIONS
            .iter()
            .find(|(known, ..)| prefix.is_none() && *known == name);
        let Some(&(_, function, fewest, most)) = known else {
            let mut fault = self.fault(format!("unknown function `{name}`"));
            let near = nearest(name, FUNCTIONS.iter().map(|(known, ..)| *known));
            fault.advice = near.map(|near| format!("did you mean `{near}`?"));
            return Err(fault);
        };
        let at = self.at();
        self.next += 2;
        let mut arguments = Vec::new();
        if !self.is(")") {
            arguments.push(self.binary(0)?);
            while self.takes(",") {
                arguments.push(self.binary(0)?);
            }
        }
        self.expect(")")?;
        let fault = |message: String| XPathFault {
            message,
            at,
            advice: None,
        };
        if !(fewest..=most).contains(&arguments.len()) {
            let takes = match (fewest, most) {
                (_, usize::MAX) => format!("at least {fewest}"),
                (fewest, most) if fewest == most => fewest.to_string(),
                _ => format!("{fewest} or {most}"),
            };
            let given = arguments.len();
            let noun = if most == 1 { "argument" } else { "arguments" };
            let message = format!("`{name}()` takes {takes} {noun}, not {given}");
            return Err(fault(message));
        }
        if function.takes_nodes() && arguments.first().is_some_and(|first| !may_be_nodes(first)) {
            return Err(fault(format!("`{name}()` takes nodes")));
        }
        Ok(XPathExpression::Call(function, arguments))
    }

    fn predicates(&mut self) -> Result<Vec<XPathExpression>, XPathFault> {
        let mut found = Vec::new();
        while self.takes("[") {
            found.push(self.binary(0)?);
            self.expect("]")?;
        }
        Ok(found)
    }

    fn step(&mut self) -> Result<LocationStep, XPathFault> {
        for (sign, axis) in [(".", Axis::Itself), ("..", Axis::Parent)] {
            if self.takes(sign) {
                return Ok(LocationStep {
                    axis,
                    test: NodeTest::Node,
                    predicates: Vec::new(),
                });
            }
        }
        let axis = if self.takes("@") {
            Axis::Attribute
        } else if self.kind(1) == Some(&TokenKind::Sign("::")) {
            self.axis()?
        } else {
            Axis::Child
        };
        Ok(LocationStep {
            axis,
            test: self.node_test()?,
            predicates: self.predicates()?,
        })
    }

    fn axis(&mut self) -> Result<Axis, XPathFault> {
        let name = match self.kind(0) {
            Some(TokenKind::Name(None, name)) => name.clone(),
            _ => return Err(self.unexpected("the name of an axis")),
        };
        let Some((_, axis)) = AXES.iter().find(|(known, _)| *known == name) else {
            let mut fault = self.fault(match name.as_str() {
                "namespace" => "the axis `namespace` is not supported".to_owned(),
                _ => format!("unknown axis `{name}`"),
            });
            let near = nearest(&name, AXES.iter().map(|(known, _)| *known));
            fault.advice = near.map(|near| format!("did you mean `{near}`?"));
            return Err(fault);
        };
        self.next += 2;
        Ok(*axis)
    }

    fn node_test(&mut self) -> Result<NodeTest, XPathFault> {
        let test = match self.kind(0).cloned() {
            Some(TokenKind::Any) => NodeTest::Any,
            Some(TokenKind::AnyOf(prefix)) => NodeTest::AnyOf(self.namespace(&prefix)?),
            Some(TokenKind::Name(None, name)) if self.kind(1) == Some(&TokenKind::Sign("(")) => {
                return self.node_type(&name);
            }
            Some(TokenKind::Name(prefix, local)) => {
                let namespace = match prefix {
                    Some(prefix) => Some(self.namespace(&prefix)?),
                    None => None,
                };
                NodeTest::Named { namespace, local }
            }
            _ => return Err(self.unexpected("a name")),
        };
        self.next += 1;
        Ok(test)
    }

    fn node_type(&mut self, name: &str) -> Result<NodeTest, XPathFault> {
        if !NODE_TYPES.contains(&name) {
            return Err(self.fault(format!("`{name}()` cannot be a step")));
        }
        self.next += 2;
        let test = match name {
            "node" => NodeTest::Node,
            "text" => NodeTest::Text,
            "comment" => NodeTest::Comment,
            _ => match self.kind(0).cloned() {
                Some(TokenKind::Literal(target)) => {
                    self.next += 1;
                    NodeTest::Instruction(Some(target))
                }
                _ => NodeTest::Instruction(None),
            },
        };
        self.expect(")")?;
        Ok(test)
    }

    fn namespace(&self, prefix: &str) -> Result<String, XPathFault> {
        if prefix == "xml" {
            return Ok(crate::xml::document::XML.to_owned());
        }
        let known = self.namespaces.iter().find(|(known, _)| known == prefix);
        known.map(|(_, uri)| uri.clone()).ok_or_else(|| XPathFault {
            advice: Some(format!(
                "add its namespace: `namespaces: {{ {prefix}: … }}`"
            )),
            ..self.fault(format!("unknown prefix `{prefix}`"))
        })
    }

    fn kind(&self, ahead: usize) -> Option<&TokenKind> {
        self.tokens.get(self.next + ahead).map(|token| &token.kind)
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.kind(0), Some(TokenKind::Sign(next)) if *next == sign)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.next += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &str) -> Result<(), XPathFault> {
        match self.takes(sign) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    /// The byte of the next token.
    fn at(&self) -> usize {
        let token = self.tokens.get(self.next);
        token.map_or(self.end, |token| token.at)
    }

    fn unexpected(&self, expected: &str) -> XPathFault {
        let message = match self.tokens.get(self.next) {
            None => format!("it ends where {expected} is expected"),
            Some(_) => format!("expected {expected} here"),
        };
        self.fault(message)
    }

    fn fault(&self, message: String) -> XPathFault {
        XPathFault {
            message,
            at: self.at(),
            advice: None,
        }
    }
}

/// Whether an expression is a set of nodes.
fn may_be_nodes(expression: &XPathExpression) -> bool {
    match expression {
        XPathExpression::Path(..) | XPathExpression::Filtered(..) => true,
        XPathExpression::Binary(operator, ..) => *operator == "|",
        XPathExpression::Literal(_)
        | XPathExpression::Number(_)
        | XPathExpression::Negative(_)
        | XPathExpression::Call(..) => false,
    }
}
