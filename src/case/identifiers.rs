//! The names in an expression, by their meaning. Main function: [`identifiers`].
//!
//! `minijinja` lists the undeclared variables of an expression, but leaves out those that are sliced (`x[1:]`).

use std::collections::BTreeSet;

/// Words of the expression language that name nothing.
const WORDS: [&str; 13] = [
    "and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "true", "True",
];

/// The names in an expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ExpressionNames<'e> {
    /// What it reads: names, and dotted paths where members are read. Functions are among them.
    pub(super) variables: BTreeSet<String>,
    /// The names after each `|`, in order. (In this language `|` has no other meaning.)
    pub(super) filters: Vec<&'e str>,
}

/// What decides the meaning of the next name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameContext {
    /// A `|`: a filter follows.
    Pipe,
    /// A `.`: a member follows.
    Dot,
    /// `is` or `is not`: a test follows.
    Is,
    /// A name or a member: a `.` after it continues the path.
    Path,
    Other,
}

/// The names in an expression that the engine accepts.
pub(super) fn identifiers(expression: &str) -> ExpressionNames<'_> {
    let mut found = ExpressionNames::default();
    let mut before = NameContext::Other;
    // The dotted path that the next member continues.
    let mut path: Option<String> = None;
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (token, behind) = rest.split_at(token_length(rest));
        rest = behind;
        let is_name = first.is_ascii_alphabetic() || first == '_';
        if first != '.' && !(is_name && before == NameContext::Dot) {
            found.variables.extend(path.take());
        }
        before = match (before, token) {
            (NameContext::Path, ".") => NameContext::Dot,
            (_, ".") => {
                path = None;
                NameContext::Dot
            }
            (_, "|") => NameContext::Pipe,
            (NameContext::Pipe, name) if is_name => {
                found.filters.push(name);
                NameContext::Other
            }
            (NameContext::Dot, member) if is_name => match &mut path {
                Some(path) => {
                    path.push('.');
                    path.push_str(member);
                    NameContext::Path
                }
                None => NameContext::Other,
            },
            (NameContext::Is, "not") | (_, "is") => NameContext::Is,
            (NameContext::Is, _) if is_name => NameContext::Other,
            (_, name) if is_name && !WORDS.contains(&name) && !is_argument(rest) => {
                path = Some(name.to_owned());
                NameContext::Path
            }
            _ => NameContext::Other,
        };
    }
    found.variables.extend(path);
    found
}

/// The length of the token that a text begins with: a name, a number, a string, or one other character.
fn token_length(text: &str) -> usize {
    let first = text.chars().next().unwrap_or(' ');
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match first {
        '"' | '\'' => string_length(text, first),
        first if is_part(first) => text.find(|c| !is_part(c)).unwrap_or(text.len()),
        first => first.len_utf8(),
    }
}

/// The length of the string that a text begins with, up to its end or that of the text.
fn string_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether the name before `rest` is that of a keyword argument: `dict(name=1)`.
fn is_argument(rest: &str) -> bool {
    let behind = rest.trim_start().strip_prefix('=');
    behind.is_some_and(|behind| !behind.starts_with('='))
}

#[cfg(test)]
mod tests {
    use minijinja::Environment;

    use super::*;

    fn variables(expression: &str) -> Vec<String> {
        identifiers(expression).variables.into_iter().collect()
    }

    #[test]
    fn filters_are_found_outside_strings() {
        let expression = "x | repeat(3)|upper ~ 'a | b' ~ \"\\\"|c\"";
        assert_eq!(identifiers(expression).filters, ["repeat", "upper"]);
    }

    #[test]
    fn a_sliced_variable_is_read() {
        for (expression, expected) in [
            ("x[1:]", &["x"][..]),
            ("x[:n]", &["n", "x"]),
            ("x[a:b:c]", &["a", "b", "c", "x"]),
            ("x.y[::2]", &["x.y"]),
            ("x[0][1:].z", &["x"]),
            ("(x ~ y)[1:]", &["x", "y"]),
            ("'abc'[x:]", &["x"]),
            ("x[y[1:][0]:]", &["x", "y"]),
            ("x[1:] | replace(y[:1], z)", &["x", "y", "z"]),
            (
                "x[1:] if y[1:] is eq(z[1:]) else w[1:]",
                &["w", "x", "y", "z"],
            ),
            ("[x[1:], {'a': y[1:]}]", &["x", "y"]),
            ("f(x[1:], named=y[1:])", &["f", "x", "y"]),
        ] {
            assert_eq!(variables(expression), expected, "{expression}");
        }
    }

    /// The engine's own list is complete where nothing is sliced.
    #[test]
    fn other_variables_are_those_that_the_engine_lists() {
        let environment = Environment::new();
        for expression in [
            "x",
            "x.y.z",
            "x . y",
            "x.0.y",
            "x['y'].z ~ a[b.c].d",
            "x.y(z).w",
            "not x and y or z",
            "x if y else z",
            "x if y is defined else z",
            "x is not divisibleby y",
            "x is divisibleby(y.z)",
            "x is eq y and z is none",
            "x in y and z not in [w]",
            "x | default(y) | replace(z, 'w', n=v)",
            "x | map(attribute='y') | join(sep)",
            "dict(a=x, b = y.z, **c)",
            "range(n, *rest)",
            "{'a': x, b: y}",
            "{a: {'}': \"x \\\" y\"}}",
            "(x, y.z)",
            "x == y != z >= 1.5e3 // w ** v % u",
            "-x + 1_000 * 0xff ~ 'is y | z'",
            "True and False or None and true and false and none",
            "x.is.in.y",
            "isx ~ notx ~ x_is ~ _y1",
            "1 if x else 2",
            "x is defined or x.y is undefined",
        ] {
            let compiled = environment.compile_expression(expression).unwrap();
            let listed: BTreeSet<String> =
                compiled.undeclared_variables(true).into_iter().collect();
            assert_eq!(identifiers(expression).variables, listed, "{expression}");
        }
    }
}
