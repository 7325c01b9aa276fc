use serde_json::{Value, json};

use super::*;

const ORDERS: &str = "<orders xmlns:p='urn:price' xmlns='urn:o' ref='r' xml:lang='en-GB'>
  <order id='7'><total>1.50</total><p:net>1</p:net></order>
  <order id='8'><total>2.50</total><note><![CDATA[a < b]]></note><!--c--><?go now?></order>
</orders>";
const PLAIN: &str = "<a><b><c/></b><b/><and/><div>4</div><or>2</or>1</a>";

fn found_in(document: &str, path: &str) -> Option<Value> {
    let namespaces = [("o", "urn:o"), ("price", "urn:price")]
        .map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned()));
    let path = XPath::parse(path, &namespaces).unwrap_or_else(|fault| panic!("{path}: {fault:?}"));
    let document = XmlDocument::parse(document, 20).unwrap();
    path.evaluate(&document).unwrap().into_json()
}

#[test]
fn nodes_give_their_texts() {
    for (path, expected) in [
        ("/o:orders/@ref", json!("r")),
        ("//@id", json!(["7", "8"])),
        ("//o:order[@id='8']/o:note", json!("a < b")),
        ("//o:order[last()]/@id", json!("8")),
        ("//o:total[. > 2]", json!("2.50")),
        ("//o:order[2]/preceding-sibling::o:order/@id", json!("7")),
        ("//*[local-name()='net' or @nothing]", json!("1")),
        ("//price:*", json!("1")),
        ("//o:note/ancestor::*[1]/@id", json!("8")),
        ("//o:note/ancestor::*[last()]/@ref", json!("r")),
        ("//price:net/following::o:total", json!("2.50")),
        ("//o:note/preceding::o:total", json!(["1.50", "2.50"])),
        ("(//o:note/preceding::o:total)[1]", json!("1.50")),
        ("//o:note/preceding::o:total[1]", json!("2.50")),
        ("//comment()", json!("c")),
        ("//processing-instruction('go')", json!("now")),
        ("//o:order[o:note][@id][1]/@id", json!("8")),
        ("//@id/..//o:total", json!(["1.50", "2.50"])),
        ("(//o:total | //price:net)[2]", json!("1")),
        (
            "//o:order/descendant-or-self::node()/@id",
            json!(["7", "8"]),
        ),
        ("//o:total/self::o:total[2]/text()", Value::Null),
        ("//order", Value::Null),
    ] {
        let expected = Some(expected).filter(|value| !value.is_null());
        assert_eq!(found_in(ORDERS, path), expected, "{path}");
    }
}

#[test]
fn operators_that_are_words_may_be_names() {
    for (path, expected) in [
        ("/a/div div /a/or", json!(2)),
        ("/a/and", json!("")),
        ("count(/a[b and (c or div)]/*)", json!(5)),
        ("(1) or (0)", json!(true)),
        ("count(/a/*) * 2", json!(10)),
        ("/a/* = 4", json!(true)),
        ("2 - -/a/or", json!(4)),
        ("count(//b[not(c)])", json!(1)),
        ("count(/a/b[1]//c | //c)", json!(1)),
        ("/a/text()", json!("1")),
        ("/", json!("421")),
    ] {
        assert_eq!(found_in(PLAIN, path), Some(expected), "{path}");
    }
}

#[test]
fn functions_and_comparisons_follow_the_recommendation() {
    for (path, expected) in [
        ("count(//o:order)", json!(2)),
        ("sum(//o:total)", json!(4)),
        ("sum(//o:total) div 3 > 1", json!(true)),
        ("string(//o:order[1]/price:net)", json!("1")),
        ("local-name(/*)", json!("orders")),
        ("name(//price:net)", json!("p:net")),
        ("namespace-uri(//price:net)", json!("urn:price")),
        ("normalize-space(//o:order[1])", json!("1.501")),
        ("normalize-space('  a \n b ')", json!("a b")),
        ("number('x')", json!("NaN")),
        ("number('1e3')", json!("NaN")),
        ("number(' -12.5 ')", json!(-12.5)),
        ("1 div 4", json!(0.25)),
        ("1 div 0", json!("Infinity")),
        ("5 mod -2", json!(1)),
        ("-(1 + 1)", json!(-2)),
        ("substring-after('a:b', ':')", json!("b")),
        ("substring-before('a:b', ':')", json!("a")),
        ("substring('12345', 1.5, 2.6)", json!("234")),
        ("substring('12345', 0, 3)", json!("12")),
        ("substring('12345', 2)", json!("2345")),
        ("string-length('é')", json!(1)),
        ("translate('abcd', 'abc', 'AB')", json!("ABd")),
        ("concat('a', 1, true())", json!("a1true")),
        ("starts-with('abc', 'ab')", json!(true)),
        ("contains(//o:note, '<')", json!(true)),
        ("round(-2.5)", json!(-2)),
        ("floor(2.7) + ceiling(2.1)", json!(5)),
        ("boolean(//o:nothing)", json!(false)),
        ("not(//o:nothing)", json!(true)),
        ("//o:total = 2.5", json!(true)),
        ("//o:total != 2.5", json!(true)),
        ("3 > //o:total", json!(true)),
        ("//o:total = //price:net", json!(false)),
        ("//o:nothing = false()", json!(true)),
        ("//o:order = true()", json!(true)),
        ("'a' = 'a' and 1 = '1'", json!(true)),
        ("boolean(//o:note[lang('en')])", json!(true)),
        ("boolean(//o:note[lang('de')])", json!(false)),
        ("string(0.1)", json!("0.1")),
        ("string(1000000 * 1000000)", json!("1000000000000")),
        ("string(-0)", json!("0")),
    ] {
        assert_eq!(found_in(ORDERS, path), Some(expected), "{path}");
    }
}

#[test]
fn what_is_no_xpath_is_refused_at_its_place() {
    for (path, message, at) in [
        ("", "it ends where a name is expected", 0),
        ("//", "it ends where a name is expected", 2),
        ("//a[", "it ends where a name is expected", 4),
        ("//a[1", "it ends where `]` is expected", 5),
        ("//a[@id=]", "expected a name here", 8),
        ("a b", "unexpected `b`", 2),
        ("//a[b = 'x]", "the text that begins with ' has no end", 8),
        ("count(", "it ends where a name is expected", 6),
        ("count()", "`count()` takes 1 argument, not 0", 0),
        (
            "concat('a')",
            "`concat()` takes at least 2 arguments, not 1",
            0,
        ),
        (
            "substring('a')",
            "`substring()` takes 2 or 3 arguments, not 1",
            0,
        ),
        ("count('a')", "`count()` takes nodes", 0),
        ("//a[kount(b) > 1]", "unknown function `kount`", 4),
        ("//a/childs::b", "unknown axis `childs`", 4),
        ("//namespace::*", "the axis `namespace` is not supported", 2),
        ("//a/s:b", "unknown prefix `s`", 4),
        ("$x", "variables (`$name`) have no values here", 0),
        ("//a/count(b)", "`count()` cannot be a step", 4),
        ("$.id", "variables (`$name`) have no values here", 0),
        ("//a ! b", "unexpected `!`", 4),
    ] {
        let fault = XPath::parse(path, &[]).unwrap_err();
        assert_eq!((fault.message.as_str(), fault.at), (message, at), "{path}");
    }
    assert!(XPath::parse(&"(".repeat(100_000), &[]).is_err());
    let near = XPath::parse("kount(//a)", &[]).unwrap_err();
    assert_eq!(near.advice.as_deref(), Some("did you mean `count`?"));
}

#[test]
fn an_expression_that_takes_too_long_ends() {
    let document = format!("<a>{}</a>", "<b/>".repeat(20_000));
    let document = XmlDocument::parse(&document, 20).unwrap();
    let path = XPath::parse("count(//b[count(//b) > 1])", &[]).unwrap();
    let reason = path.evaluate(&document).unwrap_err();
    assert_eq!(reason, "it visits more than 5000000 nodes");
}
