//! The words of the project: plain technical English in all that people read, and one meaning for each type name.
//!
//! Read are the string literals and doc comments of `src/` (messages and `--help` are among them), its templates, the explain pages,
//! the default configuration, the schemas of our own files, README and documentation. Tests and the texts that the reference servers
//! copy from real servers are not.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use regex::{Regex, RegexBuilder};

/// What is not written, and what is written instead.
const BANNED: &[(&str, &str)] = &[
    (r"told|tells?|telling", "report, print, show, say"),
    (r"asks?|asked|asking", "send, request, require"),
    (r"answers?|answered|answering", "response, respond"),
    (r"promises?|promised", "documents, requires"),
    (r"mends?|mended|mending", "fix, correct"),
    (r"stands?|stood|standing", "is, is written, applies, means"),
    (r"came", "was received, arrived"),
    (r"whom|whoever", "the target, the client, the operation"),
    (
        r"nobody|somebody|anybody",
        "no case, the user, undocumented",
    ),
    (r"strangers?", "unauthenticated client"),
    (r"himself|herself", "itself"),
    (r"(`|it|this|that|which) is no [a-z]+", "is not a …"),
    (r"speaks? (of|for)|spoke of", "refers to, describes"),
    (
        r"(holds?|held) (it |them |responses? )?(to|against)",
        "checks against",
    ),
    (r"gives? away|gave away", "exposes"),
    (r"anew|afresh", "again"),
    (r"wishes|wished", "requests"),
    (r"in vain|of its own accord", "plain wording"),
];

/// Texts that stay: a member of the events, and a fault by its name.
const ALLOWED: &[&str] = &["asked", "address-of-anybody"];

#[test]
fn no_banned_word_is_written() {
    let banned: Vec<(Regex, &str)> = BANNED
        .iter()
        .map(|(words, instead)| (words_pattern(words), *instead))
        .collect();
    let mut found = String::new();
    for (place, text) in texts() {
        if ALLOWED.contains(&text.as_str()) {
            continue;
        }
        for (pattern, instead) in &banned {
            for hit in pattern.find_iter(&text) {
                let around = excerpt(&text, hit.start(), hit.end());
                let word = hit.as_str();
                let _ = writeln!(found, "{place}: `{word}` in `{around}`; write: {instead}");
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn the_check_finds_what_it_looks_for() {
    let count = |text: &str| {
        let hits = BANNED
            .iter()
            .map(|(words, _)| words_pattern(words).find_iter(text).count());
        hits.sum::<usize>()
    };
    assert_eq!(
        count("Nobody asked for it; `x` is no URL, there is no other"),
        3
    );
    assert_eq!(count("a task, standard, mending"), 1);
    assert_eq!(count("the response does not match its schema"), 0);
    let source = "/// Asks.\nfn f() { g(\"told\"); h!(r#\"mend\"#) }\n#[cfg(test)]\nmod tests { const A: &str = \"came\"; }";
    let texts: Vec<String> = strings(source.parse().unwrap());
    assert_eq!(texts, [" Asks.", "told", "mend"]);
}

/// Public types share no name, and neither do private ones: a reader need not look at the imports to know what is meant.
#[test]
fn a_type_name_means_one_thing() {
    let declaration =
        Regex::new(r"(?m)^\s*(?:pub(?:\([a-z: ]+\))? )?(?:struct|enum|trait|union) ([A-Z]\w*)")
            .unwrap();
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files("src", &["rs"])
        .into_iter()
        .filter(|path| !is_test(path))
    {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for found in declaration.captures_iter(code) {
            let place = shown(&path);
            places.entry(found[1].to_owned()).or_default().push(place);
        }
    }
    assert!(places.len() > 300, "{}", places.len());
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

fn words_pattern(words: &str) -> Regex {
    let mut builder = RegexBuilder::new(&format!(r"\b(?:{words})\b"));
    builder.case_insensitive(true).build().unwrap()
}

/// All that people read, each with its place.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for path in files("src", &["rs"])
        .into_iter()
        .filter(|path| !is_test(path))
    {
        let code = fs::read_to_string(&path).unwrap();
        let tokens: TokenStream = code.parse().unwrap();
        texts.extend(strings(tokens).into_iter().map(|text| (shown(&path), text)));
    }
    let mut others = files("src", &["md", "html", "toml"]);
    others.extend(files("docs", &["md"]));
    others.extend(
        [
            "README.md",
            "ARCHITECTURE.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
        ]
        .map(|name| root().join(name)),
    );
    others.extend(
        ["schemas/README.md", "cases/README.md", "reports/README.md"].map(|name| root().join(name)),
    );
    for path in others {
        let text = fs::read_to_string(&path).unwrap();
        texts.extend(
            text.lines()
                .enumerate()
                .map(|(index, line)| (format!("{}:{}", shown(&path), index + 1), line.to_owned())),
        );
    }
    for name in ["case-file", "system-file", "coverage"] {
        let path = root().join(format!("schemas/{name}.schema.json"));
        let text = fs::read_to_string(&path).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        descriptions(&schema, &shown(&path), &mut texts);
    }
    assert!(texts.len() > 5000, "{}", texts.len());
    texts
}

/// The string literals and doc comments of a source without its tests.
fn strings(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                if group.delimiter() == Delimiter::Bracket
                    && group.stream().to_string() == "cfg (test)"
                {
                    is_test = true;
                } else if is_test && group.delimiter() == Delimiter::Brace {
                    is_test = false;
                } else if !is_test {
                    found.extend(strings(group.stream()));
                }
            }
            TokenTree::Literal(literal) if !is_test => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    found.push(text.value());
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => is_test = false,
            _ => {}
        }
    }
    found
}

fn descriptions(schema: &serde_json::Value, place: &str, texts: &mut Vec<(String, String)>) {
    match schema {
        serde_json::Value::Object(members) => {
            for (key, member) in members {
                match member.as_str() {
                    Some(text) if matches!(key.as_str(), "description" | "title") => {
                        texts.push((place.to_owned(), text.to_owned()));
                    }
                    _ => descriptions(member, place, texts),
                }
            }
        }
        serde_json::Value::Array(items) => items
            .iter()
            .for_each(|item| descriptions(item, place, texts)),
        _ => {}
    }
}

fn excerpt(text: &str, start: usize, end: usize) -> String {
    let before: String = text[..start].chars().rev().take(40).collect();
    let before: String = before.chars().rev().collect();
    let after: String = text[end..].chars().take(40).collect();
    format!("{before}{}{after}", &text[start..end]).replace('\n', " ")
}

/// Files below a folder of the project with one of these extensions, without the response texts of the reference servers.
fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|found| extensions.iter().any(|known| found == *known))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Whether a file holds tests or what only they use.
fn is_test(path: &Path) -> bool {
    let below = path.strip_prefix(root()).unwrap_or(path);
    let is_folder = below.components().any(|part| part.as_os_str() == "tests");
    is_folder
        || ["tests.rs", "sample.rs", "fixture.rs"]
            .iter()
            .any(|name| path.ends_with(name))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}
