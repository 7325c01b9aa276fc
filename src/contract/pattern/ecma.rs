//! Regular expressions of ECMA-262 rewritten for our engine.
//!
//! Main function: [`translate`]. JSON Schema's patterns are those of ECMA-262 with the flag `u` (JSON Schema 2020-12, section 6.4), where
//! `\d`, `\w` and `\b` know ASCII only, `.` no line ends, and `[^]` and `\cX` exist. What only the older grammar without `u` permits
//! (ECMA-262, annex B.1.2), such as a `{` that begins no quantifier, means there what it says. Letters that are no escapes (`\Z`, `\A`)
//! are faults: other languages know them, with another meaning.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::CharIndices;

/// A pattern in the syntax of our engine.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translation {
    pub(super) text: String,
    /// For `^X{n,m}$`, where X is one character: `^X*$` in `text`, and here n and m (in characters).
    pub(super) length: Option<(u64, Option<u64>)>,
}

/// How counted repetitions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repetitions {
    /// As `length` where the pattern has that form, else unrolled.
    Apart,
    /// As they are: the engine unrolls them.
    Unrolled,
    /// So that the engine counts: large ones do not fit otherwise.
    Counted,
}

/// The pattern for our engine. Fails, with a fragment, when it is none of ECMA-262.
pub(super) fn translate(pattern: &str, repetitions: Repetitions) -> Result<Translation, String> {
    let mut translator = Translator {
        chars: pattern.char_indices().peekable(),
        pattern,
        repetitions,
        groups: Groups::of(pattern),
        text: String::with_capacity(pattern.len() + 16),
        open: Vec::new(),
        atom: None,
        whole: Whole::Start,
        dot_all: false,
    };
    translator.alternatives()?;
    let length = match translator.whole {
        Whole::End(from, to) => Some((from, to)),
        _ => None,
    };
    Ok(Translation {
        text: translator.text,
        length,
    })
}

const DIGITS: &[(u32, u32)] = &[(0x30, 0x39)];
const WORDS: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
/// `WhiteSpace` and `LineTerminator` of ECMA-262.
const SPACES: &[(u32, u32)] = &[
    (0x09, 0x0d),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
    (0xfeff, 0xfeff),
];
const LINE_ENDS: &[(u32, u32)] = &[(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)];
const LAST: u32 = 0x10_ffff;

/// The capturing groups of a pattern, which references may name before they begin.
struct Groups {
    count: usize,
    /// With their numbers.
    names: Vec<(String, usize)>,
}

impl Groups {
    fn of(pattern: &str) -> Groups {
        let mut groups = Groups {
            count: 0,
            names: Vec::new(),
        };
        let mut in_class = false;
        let mut chars = pattern.char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' => drop(chars.next()),
                '[' => in_class = true,
                ']' => in_class = false,
                '(' if !in_class => {
                    let rest = &pattern[i + 1..];
                    let name = rest
                        .strip_prefix("?<")
                        .filter(|rest| !rest.starts_with(['=', '!']));
                    if let Some(name) = name.and_then(|rest| rest.split_once('>')) {
                        groups.count += 1;
                        groups.names.push((name.0.to_owned(), groups.count));
                    } else if !rest.starts_with('?') {
                        groups.count += 1;
                    }
                }
                _ => {}
            }
        }
        groups
    }
}

/// How much of `^X{n,m}$` was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Start,
    Anchored,
    Character,
    Repeated(u64, Option<u64>),
    End(u64, Option<u64>),
    /// The pattern has another form.
    Other,
}

/// A unit that a quantifier may follow.
#[derive(Debug, Clone, Copy)]
struct Atom {
    /// Where it begins in the translation.
    start: usize,
    is_character: bool,
}

/// A character or a set of characters, as an escape or a class means it.
enum Unit {
    /// A code point, perhaps a surrogate, which no text of ours has.
    Code(u32),
    /// Ranges of code points.
    Set(Vec<(u32, u32)>),
    /// In the engine's words.
    Property(String),
}

struct Translator<'p> {
    chars: Peekable<CharIndices<'p>>,
    pattern: &'p str,
    repetitions: Repetitions,
    groups: Groups,
    text: String,
    /// Where the open groups begin in the translation.
    open: Vec<usize>,
    atom: Option<Atom>,
    whole: Whole,
    dot_all: bool,
}

impl<'p> Translator<'p> {
    fn alternatives(&mut self) -> Result<(), String> {
        while let Some((_, c)) = self.chars.next() {
            match c {
                '|' => {
                    self.other("|");
                    self.atom = None;
                }
                '^' => {
                    self.whole = match self.whole {
                        Whole::Start => Whole::Anchored,
                        _ => Whole::Other,
                    };
                    self.text.push('^');
                    self.atom = None;
                }
                '$' => {
                    self.whole = match self.whole {
                        Whole::Repeated(from, to) => Whole::End(from, to),
                        _ => Whole::Other,
                    };
                    self.text.push('$');
                    self.atom = None;
                }
                '(' => self.group()?,
                ')' => {
                    let start = self.open.pop().ok_or("unopened group")?;
                    self.text.push(')');
                    self.atom = Some(Atom {
                        start,
                        is_character: false,
                    });
                }
                '.' => {
                    let set = match self.dot_all {
                        true => vec![(0, LAST)],
                        false => complement(LINE_ENDS),
                    };
                    self.unit(&Unit::Set(set));
                }
                '[' => self.class()?,
                '\\' => self.escape()?,
                '*' | '+' | '?' => self.quantifier(match c {
                    '*' => (0, None),
                    '+' => (1, None),
                    _ => (0, Some(1)),
                })?,
                '{' => match self.bounds() {
                    Some(bounds) => self.quantifier(bounds)?,
                    None => self.unit(&Unit::Code('{'.into())),
                },
                c => self.unit(&Unit::Code(c.into())),
            }
        }
        match self.open.is_empty() {
            true => Ok(()),
            false => Err("unclosed group".to_owned()),
        }
    }

    fn rest(&mut self) -> &'p str {
        let at = self.chars.peek().map_or(self.pattern.len(), |(at, _)| *at);
        &self.pattern[at..]
    }

    fn next_if(&mut self, wanted: char) -> bool {
        self.chars.next_if(|(_, c)| *c == wanted).is_some()
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.chars.next();
        }
    }

    /// Adds what ends the chance of the form `^X{n,m}$`.
    fn other(&mut self, text: &str) {
        self.whole = Whole::Other;
        self.text.push_str(text);
    }

    /// Adds one character; `write` writes it.
    fn character(&mut self, write: impl FnOnce(&mut String)) {
        self.whole = match self.whole {
            Whole::Anchored => Whole::Character,
            _ => Whole::Other,
        };
        let start = self.text.len();
        write(&mut self.text);
        self.atom = Some(Atom {
            start,
            is_character: true,
        });
    }

    fn unit(&mut self, unit: &Unit) {
        self.character(|text| match unit {
            Unit::Code(code) => push_literal(text, *code),
            Unit::Set(set) => push_class(text, set, &[], false),
            Unit::Property(property) => text.push_str(property),
        });
    }

    fn group(&mut self) -> Result<(), String> {
        self.open.push(self.text.len());
        self.atom = None;
        if !self.next_if('?') {
            self.other("(");
            return Ok(());
        }
        let rest = self.rest();
        for kind in [":", "=", "!", "<=", "<!"] {
            if rest.starts_with(kind) {
                self.skip(kind.len());
                self.other("(?");
                self.text.push_str(kind);
                return Ok(());
            }
        }
        if rest.starts_with('<') {
            let (name, _) = rest.split_once('>').ok_or("unclosed group name")?;
            self.skip(name.chars().count() + 1);
            self.other("(");
            return Ok(());
        }
        // Modifiers (ES2025); without a group, as other languages have them.
        let flags: String = rest
            .chars()
            .take_while(|c| matches!(c, 'i' | 'm' | 's' | '-'))
            .collect();
        let end = rest[flags.len()..].chars().next();
        match end {
            Some(end @ (':' | ')')) if !flags.is_empty() => {
                self.skip(flags.len() + 1);
                self.other(&format!("(?{flags}{end}"));
                let enabled = flags.split('-').next().unwrap_or_default();
                self.dot_all |= enabled.contains('s');
                if end == ')' {
                    self.open.pop();
                }
                Ok(())
            }
            _ => Err("unknown kind of group".to_owned()),
        }
    }

    /// The bounds of `{n}`, `{n,}` or `{n,m}`, after its brace; `None`, with nothing read, where the brace means itself.
    fn bounds(&mut self) -> Option<(u64, Option<u64>)> {
        let rest = self.rest();
        let (inner, _) = rest.split_once('}')?;
        let number = |text: &str| -> Option<u64> {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let bounds = match inner.split_once(',') {
            None => {
                let count = number(inner)?;
                (count, Some(count))
            }
            Some((from, "")) => (number(from)?, None),
            Some((from, to)) => (number(from)?, Some(number(to)?)),
        };
        let read = inner.len() + 1;
        self.skip(read);
        Some(bounds)
    }

    fn quantifier(&mut self, (from, to): (u64, Option<u64>)) -> Result<(), String> {
        let Some(atom) = self.atom.take() else {
            return Err("a quantifier with nothing to repeat".to_owned());
        };
        if to.is_some_and(|to| to < from) {
            return Err("a repetition whose limits are in the wrong order".to_owned());
        }
        let lazy = self.next_if('?');
        let counted = !matches!((from, to), (0 | 1, None) | (0, Some(1)));
        self.whole = match self.whole {
            Whole::Character if counted && !lazy && atom.is_character => Whole::Repeated(from, to),
            _ => Whole::Other,
        };
        // A length that is checked apart, if the pattern ends here.
        let apart = self.repetitions == Repetitions::Apart && self.rest() == "$";
        if apart && matches!(self.whole, Whole::Repeated(..)) {
            self.text.push('*');
            return Ok(());
        }
        self.whole = Whole::Other;
        // The engine counts what it cannot hand on to the plain engine, such as an assertion.
        if counted && self.repetitions == Repetitions::Counted {
            self.text.insert_str(atom.start, "(?:(?=)");
            self.text.push(')');
        }
        match (from, to) {
            (0, None) => self.text.push('*'),
            (1, None) => self.text.push('+'),
            (0, Some(1)) => self.text.push('?'),
            (from, None) => push(&mut self.text, format_args!("{{{from},}}")),
            (from, Some(to)) => push(&mut self.text, format_args!("{{{from},{to}}}")),
        }
        if lazy {
            self.text.push('?');
        }
        Ok(())
    }

    /// An escape outside of classes.
    fn escape(&mut self) -> Result<(), String> {
        let next = self.chars.peek().map(|(_, c)| *c);
        match next {
            Some(c @ ('b' | 'B')) => {
                self.skip(1);
                let mut word = String::new();
                push_class(&mut word, WORDS, &[], false);
                let (first, second) = match c {
                    'b' => ("!", "="),
                    _ => ("=", "!"),
                };
                self.other(&format!(
                    "(?:(?<={word})(?{first}{word})|(?<!{word})(?{second}{word}))"
                ));
                self.atom = None;
            }
            Some('k') if !self.groups.names.is_empty() => {
                self.skip(1);
                let rest = self.rest();
                let name = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
                let (name, _) = name.ok_or("`\\k` without a group name")?;
                self.skip(name.chars().count() + 2);
                let names = self.groups.names.iter();
                let numbers: Vec<usize> = names
                    .filter(|(known, _)| known == name)
                    .map(|(_, number)| *number)
                    .collect();
                match numbers.is_empty() {
                    true => return Err(format!("no group is called `{name}`")),
                    false => self.back_reference(&numbers),
                }
            }
            Some('1'..='9') => {
                let rest = self.rest();
                let digits =
                    rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                let number: usize = rest[..digits].parse().unwrap_or(usize::MAX);
                if number > self.groups.count {
                    return Err(format!("no group has the number {number}"));
                }
                self.skip(digits);
                self.back_reference(&[number]);
            }
            _ => {
                let unit = self.escaped_unit()?;
                self.unit(&unit);
            }
        }
        Ok(())
    }

    /// What a group captured; the empty text where it took no part in the match (ECMA-262, section 22.2.2.9).
    fn back_reference(&mut self, numbers: &[usize]) {
        let start = self.text.len();
        self.other("(?:");
        for number in numbers {
            push(&mut self.text, format_args!("(?({number})\\{number}|)"));
        }
        self.text.push(')');
        self.atom = Some(Atom {
            start,
            is_character: false,
        });
    }

    /// What an escape means that is the same outside and inside of classes, after its backslash.
    fn escaped_unit(&mut self) -> Result<Unit, String> {
        let Some((_, c)) = self.chars.next() else {
            return Err("a backslash at the end".to_owned());
        };
        Ok(match c {
            'd' => Unit::Set(DIGITS.to_vec()),
            'D' => Unit::Set(complement(DIGITS)),
            'w' => Unit::Set(WORDS.to_vec()),
            'W' => Unit::Set(complement(WORDS)),
            's' => Unit::Set(SPACES.to_vec()),
            'S' => Unit::Set(complement(SPACES)),
            'f' => Unit::Code('\u{c}'.into()),
            'n' => Unit::Code('\n'.into()),
            'r' => Unit::Code('\r'.into()),
            't' => Unit::Code('\t'.into()),
            'v' => Unit::Code('\u{b}'.into()),
            '0' if !self.rest().starts_with(|c: char| c.is_ascii_digit()) => {
                Unit::Code('\0'.into())
            }
            'c' => match self.chars.next() {
                Some((_, letter)) if letter.is_ascii_alphabetic() => {
                    Unit::Code(u32::from(letter) % 32)
                }
                _ => return Err("`\\c` without a letter".to_owned()),
            },
            'x' => {
                let code = self
                    .hexadecimal(2)
                    .ok_or("`\\x` without two hexadecimal digits")?;
                Unit::Code(code)
            }
            'u' => self.code_point()?,
            'p' | 'P' => {
                let rest = self.rest();
                let name = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
                let (name, _) = name.ok_or_else(|| format!("`\\{c}` without a property"))?;
                self.skip(name.chars().count() + 2);
                Unit::Property(format!("\\{c}{{{name}}}"))
            }
            c if c.is_ascii_alphanumeric() => {
                return Err(format!("`\\{c}` is no escape of ECMA-262"));
            }
            c => Unit::Code(c.into()),
        })
    }

    /// The value of so many hexadecimal digits; `None`, with nothing read, where there are fewer.
    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let rest = self.rest();
        let text = rest.get(..digits)?;
        let valid = text.bytes().all(|b| b.is_ascii_hexdigit());
        let code = valid.then(|| u32::from_str_radix(text, 16).ok())??;
        self.skip(digits);
        Some(code)
    }

    /// `\uXXXX`, a surrogate pair of them, or `\u{X…}`, after the `u`.
    fn code_point(&mut self) -> Result<Unit, String> {
        if self.rest().starts_with('{') {
            let rest = self.rest();
            let digits = rest[1..].split('}').next().unwrap_or_default();
            let valid = digits.len() + 2 <= rest.len() && !digits.is_empty();
            let code = u32::from_str_radix(digits, 16)
                .ok()
                .filter(|code| valid && *code <= LAST);
            let code = code.ok_or("`\\u{…}` without a code point")?;
            self.skip(digits.len() + 2);
            return Ok(Unit::Code(code));
        }
        let code = self
            .hexadecimal(4)
            .ok_or("`\\u` without four hexadecimal digits")?;
        let mut after = self.chars.clone();
        let low = match (after.next(), after.next()) {
            (Some((_, '\\')), Some((_, 'u'))) if (0xd800..0xdc00).contains(&code) => {
                let at = after.peek().map_or(self.pattern.len(), |(at, _)| *at);
                let digits = self.pattern.get(at..at + 4);
                digits.and_then(|digits| u32::from_str_radix(digits, 16).ok())
            }
            _ => None,
        };
        if let Some(low @ 0xdc00..=0xdfff) = low {
            self.skip(6);
            let code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            return Ok(Unit::Code(code));
        }
        Ok(Unit::Code(code))
    }

    /// A class, after its bracket.
    fn class(&mut self) -> Result<(), String> {
        let negated = self.next_if('^');
        let mut set = Vec::new();
        let mut properties = Vec::new();
        while let Some(unit) = self.class_unit()? {
            let mut after = self.chars.clone();
            let is_range = matches!((after.next(), after.next()), (Some((_, '-')), Some((_, end))) if end != ']');
            if !is_range {
                add(unit, &mut set, &mut properties);
                continue;
            }
            self.skip(1);
            match (unit, self.class_unit()?) {
                (Unit::Code(first), Some(Unit::Code(last))) if last < first => {
                    return Err("a range of characters in the wrong order".to_owned());
                }
                (Unit::Code(first), Some(Unit::Code(last))) => set.push((first, last)),
                // A set is no end of a range: the hyphen means itself.
                (first, last) => {
                    add(first, &mut set, &mut properties);
                    add(Unit::Code('-'.into()), &mut set, &mut properties);
                    last.into_iter()
                        .for_each(|unit| add(unit, &mut set, &mut properties));
                }
            }
        }
        self.character(|text| push_class(text, &set, &properties, negated));
        Ok(())
    }

    /// The next member of a class; `None` at its end.
    fn class_unit(&mut self) -> Result<Option<Unit>, String> {
        match self.chars.next() {
            None => Err("unclosed character class".to_owned()),
            Some((_, ']')) => Ok(None),
            Some((_, '\\')) => match self.chars.peek().map(|(_, c)| *c) {
                Some('b') => {
                    self.skip(1);
                    Ok(Some(Unit::Code(0x08)))
                }
                _ => self.escaped_unit().map(Some),
            },
            Some((_, c)) => Ok(Some(Unit::Code(c.into()))),
        }
    }
}

fn add(unit: Unit, set: &mut Vec<(u32, u32)>, properties: &mut Vec<String>) {
    match unit {
        Unit::Code(code) => set.push((code, code)),
        Unit::Set(ranges) => set.extend(ranges),
        Unit::Property(text) => properties.push(text),
    }
}

/// All code points that are in none of some ranges, which are in order.
fn complement(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut next = 0;
    let mut others = Vec::new();
    for &(from, to) in ranges {
        if from > next {
            others.push((next, from - 1));
        }
        next = to + 1;
    }
    others.push((next, LAST));
    others
}

/// Writes a class without nested ones, which the engine would read in its own way.
fn push_class(text: &mut String, set: &[(u32, u32)], properties: &[String], negated: bool) {
    let surrogates = 0xd800..=0xdfff_u32;
    let ranges = set.iter().map(|&(from, to)| {
        let from = if surrogates.contains(&from) {
            0xe000
        } else {
            from
        };
        (from, if surrogates.contains(&to) { 0xd7ff } else { to })
    });
    let ranges: Vec<_> = ranges.filter(|(from, to)| from <= to).collect();
    let empty = ranges.is_empty() && properties.is_empty();
    // `[]` matches nothing and `[^]` everything.
    let (ranges, negated) = match empty {
        true => (vec![(0, LAST)], !negated),
        false => (ranges, negated),
    };
    text.push_str(if negated { "[^" } else { "[" });
    for (from, to) in ranges {
        push_member(text, from);
        if from < to {
            text.push('-');
            push_member(text, to);
        }
    }
    properties
        .iter()
        .for_each(|property| text.push_str(property));
    text.push(']');
}

fn push_member(text: &mut String, code: u32) {
    match char::from_u32(code).filter(char::is_ascii_alphanumeric) {
        Some(c) => text.push(c),
        None => push(text, format_args!("\\x{{{code:x}}}")),
    }
}

fn push_literal(text: &mut String, code: u32) {
    match char::from_u32(code) {
        Some(c @ ('a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '_' | '-' | '/')) => text.push(c),
        Some(c) if !c.is_ascii() => text.push(c),
        Some(_) => push(text, format_args!("\\x{{{code:x}}}")),
        None => push_class(text, &[], &[], false),
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = text.write_fmt(arguments);
}
