//! Each filter with what it yields, and the exact text where it refuses its input.

use serde_json::{Value, json};

use super::FILTERS;
use crate::case::{Scope, Template};

fn rendered(expression: &str) -> Result<Value, String> {
    let template = Template::from_text(&format!("{{{{ {expression} }}}}")).unwrap();
    let mut scope = Scope::default();
    scope.set("now", "2026-11-28T03:06:03Z");
    scope.set("today", "2026-11-28");
    scope.set("list", json!([3, 1, 2, 1]));
    scope.set("odd", "a\u{1}");
    template.render(&scope).map_err(|error| error.message)
}

#[test]
fn every_filter_yields_what_its_name_says() {
    let vectors = [
        // RFC 4648, section 10.
        ("'foobar' | base64", json!("Zm9vYmFy")),
        ("'fo' | base64url", json!("Zm8")),
        ("'??>' | base64url", json!("Pz8-")),
        ("'Pz8-' | base64_decode", json!("??>")),
        ("'Zm9v YmE=' | base64_decode", json!("fooba")),
        ("'é' | hex", json!("c3a9")),
        // RFC 1321, RFC 3174, FIPS 180-4.
        ("'abc' | md5", json!("900150983cd24fb0d6963f7d28e17f72")),
        (
            "'abc' | sha1",
            json!("a9993e364706816aba3e25717850c26c9cd0d89d"),
        ),
        (
            "'abc' | sha256",
            json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ),
        (
            "'abc' | sha256('base64')",
            json!("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ),
        ("'abc' | sha384 | length", json!(96)),
        ("'abc' | sha512 | length", json!(128)),
        // RFC 2202 and RFC 4231, test case 2.
        (
            "'what do ya want for nothing?' | hmac_md5('Jefe')",
            json!("750c783e6ab0b503eaa86e310a5db738"),
        ),
        (
            "'what do ya want for nothing?' | hmac_sha1('Jefe')",
            json!("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        ),
        (
            "'what do ya want for nothing?' | hmac_sha256('Jefe')",
            json!("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ),
        ("'a' | hmac_sha384('k') | length", json!(96)),
        ("'a' | hmac_sha512('k', 'base64') | length", json!(88)),
        ("'a b/ü&' | urlencode", json!("a%20b/%C3%BC%26")),
        (
            "'<a b=\"1\">&\\'\\n' | xml",
            json!("&lt;a b=&quot;1&quot;&gt;&amp;&apos;&#10;"),
        ),
        ("[1, 'a'] | json", json!("[1,\"a\"]")),
        ("now | plus('1d')", json!("2026-11-29T03:06:03Z")),
        ("today | minus('1 month')", json!("2026-10-28")),
        ("today | plus('2h 30m')", json!("2026-11-28T02:30:00Z")),
        ("now | date('%d.%m.%Y %H:%M')", json!("28.11.2026 03:06")),
        ("today | date('iso')", json!("2026-11-28T00:00:00Z")),
        (
            "'2026-11-28T05:06:03.5+02:00' | date('iso')",
            json!("2026-11-28T03:06:03Z"),
        ),
        ("now | date('http')", json!("Sat, 28 Nov 2026 03:06:03 GMT")),
        ("now | date('epoch')", json!(1_795_835_163)),
        ("now | date('epoch_ms')", json!(1_795_835_163_000_i64)),
        ("1795835163 | date('iso')", json!("2026-11-28T03:06:03Z")),
        ("list | sort | unique | join('-')", json!("1-2-3")),
    ];
    for (expression, expected) in vectors {
        assert_eq!(rendered(expression), Ok(expected), "{expression}");
    }
}

#[test]
fn every_filter_says_why_it_refuses_its_input() {
    for (expression, expected) in [
        (
            "'a!' | base64_decode",
            "the value of `base64_decode` is not base64: it has the character `!`",
        ),
        (
            "'a' | base64_decode",
            "the value of `base64_decode` is not base64: it was cut off",
        ),
        (
            "'/w==' | base64_decode",
            "`base64_decode` yields bytes that are not text in UTF-8; send them by `base64:` or `$base64:`",
        ),
        (
            "'a' | md5('hexa')",
            "`md5` cannot be written as `hexa`; write `hex`, `base64` or `base64url`",
        ),
        (
            "'a' | hmac_sha256",
            "`hmac_sha256` needs a key: `hmac_sha256(key)`",
        ),
        (
            "'a' | hmac_sha1('k', 'x')",
            "`hmac_sha1` cannot be written as `x`; write `hex`, `base64` or `base64url`",
        ),
        (
            "odd | xml",
            "`xml` cannot write the character U+0001: no XML document can contain it",
        ),
        (
            "now | plus('1x')",
            "`plus('1x')` is not a span of time; write numbers with units (s, m, h, d, w, months, years), such as `1d` or `2h 30m`",
        ),
        (
            "now | minus",
            "`minus('')` is not a span of time; write numbers with units (s, m, h, d, w, months, years), such as `1d` or `2h 30m`",
        ),
        (
            "'soon' | plus('1d')",
            "`plus` needs a time, not `soon`; write it as `2026-11-28T03:06:03Z`, `2026-11-28`, a date of HTTP, or seconds since 1970",
        ),
        (
            "now | plus('9000 years')",
            "`plus('9000 years')` leads out of the years 0 to 9999",
        ),
        (
            "now | date('isoo')",
            "`date('isoo')` is not a notation of times; write `iso`, `http`, `epoch`, `epoch_ms` or a pattern such as `%Y-%m-%d`",
        ),
        (
            "true | date('iso')",
            "`date` needs a time, not `true`; write it as `2026-11-28T03:06:03Z`, `2026-11-28`, a date of HTTP, or seconds since 1970",
        ),
        (
            "'ab' | repeat(1000000000)",
            "`repeat(1000000000)` makes a text of more than 67108864 bytes",
        ),
    ] {
        let expected = format!("cannot evaluate `{{{{ {expression} }}}}`: {expected}");
        assert_eq!(rendered(expression), Err(expected), "{expression}");
    }
    let pattern = rendered("now | date('%Q')").unwrap_err();
    let begin =
        "cannot evaluate `{{ now | date('%Q') }}`: `date('%Q')`: not a pattern of strftime: ";
    assert!(pattern.starts_with(begin), "{pattern}");
}

#[test]
fn a_misspelt_filter_gets_the_nearest() {
    for (misspelt, near) in [
        ("sha265", "sha256"),
        ("base64_url", "base64url"),
        ("hmac_sha", "hmac_sha1"),
        ("xlm", "xml"),
        ("pluss", "plus"),
        ("url_encode", "urlencode"),
        ("dat", "date"),
    ] {
        let error = Template::from_text(&format!("{{{{ x | {misspelt} }}}}")).unwrap_err();
        assert_eq!(error.message, format!("unknown filter `{misspelt}`"));
        assert_eq!(error.advice, Some(format!("did you mean `{near}`?")));
    }
}

#[test]
fn every_suggested_filter_exists() {
    assert!(FILTERS.is_sorted());
    for filter in FILTERS {
        let known = Template::from_text(&format!("{{{{ x | {filter} }}}}"));
        assert!(known.is_ok(), "{filter}");
    }
}

/// The schema for editors and the page on templates explain every filter, member of `unique`, and matcher.
#[test]
fn every_name_is_described_with_an_example() {
    let schema = include_str!("../../../schemas/case-file.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let template = &schema["$defs"]["template"];
    let description = template["description"].as_str().unwrap();
    let examples = template["examples"].to_string();
    let page = include_str!("../../../docs/templates.md");
    for filter in FILTERS {
        assert!(description.contains(&format!("`{filter}`: ")), "{filter}");
        let used = [format!("| {filter} "), format!("| {filter}(")];
        assert!(used.iter().any(|used| examples.contains(used)), "{filter}");
        assert!(page.contains(&format!("`{filter}`")), "{filter}");
    }
    for member in crate::case::unique::MEMBERS {
        let name = format!("unique.{member}");
        assert!(description.contains(&format!("`{name}` (")), "{name}");
        assert!(examples.contains(&format!("{{{{ {name} }}}}")), "{name}");
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    let matchers = schema["$defs"]["matcher"].to_string();
    for key in crate::case::matcher::notation::KEYS {
        assert!(matchers.contains(&format!("\"{key}\":")), "{key}");
    }
    // Examples are templates that can be read.
    for example in template["examples"].as_array().unwrap() {
        let text = example.as_str().unwrap();
        assert!(Template::from_text(text).is_ok(), "{text}");
    }
}
