//! XML by the `xml` of its schema: each rule with a document that breaks it, and with one that does not.

use super::*;

const XML: &str = "Content-Type: application/xml";

/// The findings of a document by a schema, in a contract of a version.
fn found_in(version: &str, schema: &str, components: &str, body: &str) -> Vec<String> {
    let contract = loaded(&format!(
        "openapi: {version}
info: {{ title: T, version: '1' }}
paths:
  /t:
    get:
      responses:
        '200': {{ description: d, content: {{ application/xml: {{ schema: {schema} }} }} }}
components: {{ schemas: {{ {components} }} }}
"
    ));
    let operation = contract.operation(&Method::GET, "/t").unwrap();
    let context = CheckContext::of_contract(Some(operation), Caller::Authenticated, 20);
    let exchange = exchange(200, XML, body.to_owned());
    let checked = check(&exchange, &context, &Severities::default());
    assert!(checked.error.is_none(), "{:?}", checked.error);
    checked.findings.iter().map(summary).collect()
}

fn found(schema: &str, body: &str) -> Vec<String> {
    found_in("3.1.1", schema, "", body)
}

/// A schema with documents that satisfy it, and others with what is found in them.
fn judge(schema: &str, components: &str, conforming: &[&str], violating: &[(&str, &[&str])]) {
    for version in ["3.0.4", "3.1.1", "3.2.0"] {
        for body in conforming {
            let found = found_in(version, schema, components, body);
            assert_eq!(found, [""; 0], "{version} {body}");
        }
        for (body, expected) in violating {
            let found = found_in(version, schema, components, body);
            assert_eq!(&found, expected, "{version} {body}");
        }
    }
}

#[test]
fn the_text_of_an_element_has_the_type_of_its_schema() {
    judge(
        "{ type: object, required: [id], properties: { id: { type: integer }, price: { type: number, minimum: 0.5 }, on: { type: boolean }, name: { type: string, pattern: '^[a-z0-9 <]*$' } } }",
        "",
        &[
            "<t><id>7</id><price>9.50</price><on>true</on><name>12</name></t>",
            "<t><id> 007 </id><on>0</on><name/></t>",
            "<t><id><![CDATA[7]]></id><name>a &lt;<![CDATA[b<]]></name></t>",
            "<?xml version='1.0' encoding='UTF-8'?>\n<!-- c --><anything><id>7</id></anything>",
        ],
        &[
            (
                "<t><id>x</id></t>",
                &["body-schema body /id: `/t/id`: \"x\" is not of type integer"],
            ),
            (
                "<t><id/><on>yes</on></t>",
                &[
                    "body-schema body /id: `/t/id`: \"\" is not of type integer",
                    "body-schema body /on: `/t/on`: \"yes\" is not of type boolean",
                ],
            ),
            (
                "<t><id>1</id><price>0.4</price></t>",
                &["body-schema body /price: `/t/price`: 0.4 is less than 0.5"],
            ),
            (
                "<t/>",
                &["body-schema body: `/t`: \"id\" is required but missing"],
            ),
            (
                "<t><id>1</id><id>2</id></t>",
                &[
                    "body-schema body /id: `/t/id[1]`: the element `id` occurs 2 times, expected once",
                ],
            ),
            (
                "<t>7</t>",
                &["body-schema body: `/t`: \"7\" is not of type object"],
            ),
            (
                "<t>new <id>1</id></t>",
                &[
                    "body-schema body: `/t`: the text \"new\" is beside elements, expected only elements",
                ],
            ),
            (
                "<t><id>1</id><name>a <b>c</b></name></t>",
                &["body-schema body /name: `/t/name`: {\"b\":\"c\"} is not of type string"],
            ),
            (
                "<t><id>1</id><more>1</more></t>",
                &[
                    "body-undocumented-property body /more: `/t/more` is not described by the contract",
                ],
            ),
        ],
    );
}

#[test]
fn names_namespaces_and_attributes_are_those_of_the_schema() {
    judge(
        "{ type: object, xml: { name: person, namespace: urn:p, prefix: p }, properties: { id: { type: integer, xml: { attribute: true } }, name: { type: string, xml: { name: full, namespace: urn:n } } }, additionalProperties: false }",
        "",
        &[
            "<p:person xmlns:p='urn:p' id='7'><n:full xmlns:n='urn:n'>Ada</n:full></p:person>",
            "<person xmlns='urn:p' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='x' xml:lang='en'/>",
        ],
        &[
            (
                "<human xmlns='urn:p'/>",
                &[
                    "body-schema body: `/human`: the root element is `human` in the namespace `urn:p`, expected `person` in the namespace `urn:p`",
                ],
            ),
            (
                "<person/>",
                &[
                    "body-schema body: `/person`: the root element is `person`, expected `person` in the namespace `urn:p`",
                ],
            ),
            (
                "<person xmlns='urn:p' id='x'/>",
                &["body-schema body /id: `/person/@id`: \"x\" is not of type integer"],
            ),
            (
                "<person xmlns='urn:p'><id>7</id></person>",
                &[
                    "body-schema body /id: `/person/id`: the element `id` in the namespace `urn:p` is sent, expected the attribute `id`",
                ],
            ),
            (
                "<person xmlns='urn:p'><name>Ada</name></person>",
                &[
                    "body-schema body /name: `/person/name`: the element `name` in the namespace `urn:p` is sent, expected the element `full` in the namespace `urn:n`",
                ],
            ),
            (
                "<person xmlns='urn:p'><full>Ada</full></person>",
                &[
                    "body-schema body /name: `/person/full`: the element `full` in the namespace `urn:p` is sent, expected the element `full` in the namespace `urn:n`",
                ],
            ),
            (
                "<person xmlns='urn:p' full='Ada'/>",
                &[
                    "body-schema body /name: `/person/@full`: the attribute `full` is sent, expected an element",
                ],
            ),
            (
                "<person xmlns='urn:p' age='7'/>",
                &["body-schema body /age: `/person/@age`: \"age\" is not allowed here"],
            ),
        ],
    );
}

#[test]
fn lists_are_repeated_elements_or_wrapped() {
    let closed = |list: &str| {
        format!(
            "{{ type: object, required: [tags], properties: {{ tags: {list} }}, additionalProperties: false }}"
        )
    };
    judge(
        &closed("{ type: array, maxItems: 2, items: { type: integer } }"),
        "",
        &[
            "<t/>",
            "<t><tags>1</tags></t>",
            "<t><tags>1</tags><tags>2</tags></t>",
        ],
        &[
            (
                "<t><tags>1</tags><tags>x</tags></t>",
                &["body-schema body /tags/1: `/t/tags[2]`: \"x\" is not of type integer"],
            ),
            (
                "<t><tags>1</tags><tags>1</tags><tags>1</tags></t>",
                &["body-schema body /tags: `/t/tags[1]`: [1,1,1] has more than 2 items"],
            ),
        ],
    );
    judge(
        &closed(
            "{ type: array, xml: { name: aliens }, items: { type: string, xml: { name: tag } } }",
        ),
        "",
        &["<t><tag>a</tag><tag/></t>"],
        &[(
            "<t><aliens>a</aliens></t>",
            &[
                "body-schema body /tags: `/t/aliens`: the element `aliens` is sent, expected the element `tag`",
            ],
        )],
    );
    judge(
        &closed(
            "{ type: array, xml: { wrapped: true }, items: { type: integer, xml: { name: tag } } }",
        ),
        "",
        &["<t><tags/></t>", "<t><tags><tag>1</tag></tags></t>"],
        &[
            (
                "<t/>",
                &["body-schema body: `/t`: \"tags\" is required but missing"],
            ),
            (
                "<t><tags><item>1</item><tag>x</tag></tags></t>",
                &[
                    "body-schema body /tags/0: `/t/tags/item`: the items of the list are `item`, expected `tag`",
                    "body-schema body /tags/1: `/t/tags/tag`: \"x\" is not of type integer",
                ],
            ),
            (
                "<t><tags>1</tags></t>",
                &["body-schema body /tags: `/t/tags`: \"1\" is not of type array"],
            ),
            (
                "<t><tags/><tags/></t>",
                &[
                    "body-schema body /tags: `/t/tags[1]`: the element `tags` occurs 2 times, expected once",
                ],
            ),
        ],
    );
    // Without another name, the items are called like the list.
    judge(
        &closed("{ type: array, xml: { wrapped: true, name: all }, items: { type: integer } }"),
        "",
        &["<t><all><all>1</all></all></t>"],
        &[(
            "<t><all><one>1</one></all></t>",
            &[
                "body-schema body /tags/0: `/t/all/one`: the items of the list are `one`, expected `all`",
            ],
        )],
    );
    judge(
        "{ type: array, items: { type: object, properties: { id: { type: integer } } } }",
        "",
        &[
            "<things/>",
            "<things><thing><id>1</id></thing><other/></things>",
        ],
        &[(
            "<things><thing><id>x</id></thing></things>",
            &["body-schema body /0/id: `/things/thing/id`: \"x\" is not of type integer"],
        )],
    );
}

#[test]
fn a_reference_may_bring_its_own_name_or_keep_that_of_the_property() {
    judge(
        "{ $ref: '#/components/schemas/Order' }",
        "Order: { type: object, xml: { name: order }, properties: { by: { $ref: '#/components/schemas/Person' }, lines: { type: array, items: { $ref: '#/components/schemas/Line' } } }, additionalProperties: false }, Person: { type: object, properties: { name: { type: string } }, required: [name] }, Line: { type: object, xml: { name: line }, properties: { n: { type: integer } } }",
        &[
            "<order><by><name>A</name></by><lines><n>1</n></lines></order>",
            "<order><Person><name>A</name></Person><line><n>1</n></line></order>",
        ],
        &[
            (
                "<Order/>",
                &["body-schema body: `/Order`: the root element is `Order`, expected `order`"],
            ),
            (
                "<order><by/><line><n>1</n></line><line><n>x</n></line></order>",
                &[
                    "body-schema body /by: `/order/by`: \"name\" is required but missing",
                    "body-schema body /lines/1/n: `/order/line[2]/n`: \"x\" is not of type integer",
                ],
            ),
            (
                "<order><who/></order>",
                &["body-schema body /who: `/order/who`: \"who\" is not allowed here"],
            ),
        ],
    );
}

#[test]
fn null_is_nil_or_empty_where_nothing_else_is_meant() {
    let nil = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'";
    let schema = "{ type: object, properties: { a: { type: [integer, 'null'] }, b: { anyOf: [{ type: object, properties: { c: { type: integer } }, required: [c] }, { type: 'null' }] }, d: { type: integer }, e: { type: [number, 'null'], xml: { attribute: true } } }, required: [e] }";
    let body = format!("<t><a {nil}/><b {nil}/></t>");
    assert_eq!(found(schema, &body), [""; 0]);
    assert_eq!(found(schema, "<t e='1'><a/><b><c>1</c></b></t>"), [""; 0]);
    assert_eq!(
        found(schema, &format!("<t><d {nil}/></t>")),
        ["body-schema body /d: `/t/d`: null is not of type integer"]
    );
    assert_eq!(
        found(schema, "<t><b><c>x</c></b></t>"),
        [
            "body-schema body /b: `/t/b`: matches none of 2 alternatives; the nearest is number 1: /b/c: \"x\" is not of type integer"
        ]
    );
    let nullable = "{ type: object, properties: { a: { nullable: true, allOf: [{ type: object, xml: { name: aa }, properties: { n: { type: integer } } }] } } }";
    let found = |body: &str| found_in("3.0.4", nullable, "", body);
    assert_eq!(found(&format!("<t><aa {nil}/></t>")), [""; 0]);
    assert_eq!(
        found("<t><aa><n>x</n></aa></t>"),
        ["body-schema body /a/n: `/t/aa/n`: \"x\" is not of type integer"]
    );
}

#[test]
fn alternatives_are_mapped_each_in_its_way() {
    let schema = "{ type: object, properties: { pet: { oneOf: [{ type: object, required: [bark], properties: { bark: { type: integer, xml: { attribute: true } } } }, { type: object, required: [claws], properties: { claws: { type: array, xml: { wrapped: true }, items: { type: integer, xml: { name: claw } } } } }, { type: object, required: [bark], properties: { bark: { type: string, pattern: '^w' } } }] } } }";
    for body in [
        "<t><pet bark='7'/></t>",
        "<t><pet><claws><claw>1</claw></claws></pet></t>",
        "<t><pet><bark>wuff</bark></pet></t>",
    ] {
        assert_eq!(found(schema, body), [""; 0], "{body}");
    }
    for body in [
        "<t><pet bark='x'/></t>",
        "<t><pet><claws><claw>x</claw></claws></pet></t>",
        "<t><pet><bark>7</bark></pet></t>",
        "<t><pet/></t>",
    ] {
        assert!(!found(schema, body).is_empty(), "{body}");
    }
    let union = "{ type: object, properties: { v: { type: [integer, string, array], minLength: 2, items: { type: integer } } } }";
    for body in [
        "<t><v>7</v></t>",
        "<t><v>ab</v></t>",
        "<t><v>1</v><v>2</v></t>",
    ] {
        assert_eq!(found(union, body), [""; 0], "{body}");
    }
    assert_eq!(found(union, "<t><v>a</v></t>").len(), 1);
    let values = "{ type: object, properties: { v: { enum: [1, two, true] } } }";
    for value in ["1", "two", "true"] {
        assert_eq!(found(values, &format!("<t><v>{value}</v></t>")), [""; 0]);
    }
    assert_eq!(found(values, "<t><v>3</v></t>").len(), 1);
}

#[test]
fn a_discriminator_says_how_the_rest_is_mapped() {
    let schema = "{ oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }], discriminator: { propertyName: kind } }";
    let components = "Cat: { type: object, required: [kind], properties: { kind: { type: string }, n: { type: integer, xml: { attribute: true } } } }, Dog: { type: object, required: [kind], properties: { kind: { type: string }, n: { type: array, items: { type: boolean } } } }";
    let found = |body: &str| found_in("3.1.1", schema, components, body);
    assert_eq!(found("<p n='1'><kind>Cat</kind></p>"), [""; 0]);
    assert_eq!(found("<p><kind>Dog</kind><n>true</n><n>0</n></p>"), [""; 0]);
    assert!(!found("<p n='x'><kind>Cat</kind></p>").is_empty());
    assert!(!found("<p><kind>Dog</kind><n>5</n></p>").is_empty());
}

#[test]
fn node_types_of_openapi_3_2_say_the_form() {
    let schema = "{ type: array, xml: { nodeType: element, name: animals }, items: { type: object, xml: { name: animal }, required: [kind, name], properties: { kind: { type: string, enum: [Cat, Dog], xml: { nodeType: attribute } }, name: { type: string, minLength: 2, xml: { nodeType: text } } } } }";
    let found = |body: &str| found_in("3.2.0", schema, "", body);
    assert_eq!(
        found(
            "<animals><animal kind='Cat'>Fluffy</animal><animal kind='Dog'>Fido</animal></animals>"
        ),
        [""; 0]
    );
    assert_eq!(
        found("<animals><animal kind='Cow'>F</animal></animals>"),
        [
            "body-schema body /0/kind: `/animals/animal/@kind`: \"Cow\" is not one of [\"Cat\",\"Dog\"]",
            "body-schema body /0/name: `/animals/animal`: \"F\" is shorter than 2 characters",
        ]
    );
    assert_eq!(
        found("<pets><pet kind='Cat'>Fluffy</pet></pets>"),
        [
            "body-schema body: `/pets`: the root element is `pets`, expected `animals`",
            "body-schema body /0: `/pets/pet`: the items of the list are `pet`, expected `animal`",
        ]
    );
}

#[test]
fn what_is_not_determined_is_not_reported() {
    for schema in [
        "{ type: object, properties: { a: { type: array, items: { type: array, items: { type: integer } } } }, required: [b] }",
        "{ type: object, properties: { a: { type: object, xml: { nodeType: none }, properties: { b: { type: integer } } } } }",
        "{ type: array, prefixItems: [{ type: integer }, { type: boolean }] }",
    ] {
        assert_eq!(
            found_in("3.2.0", schema, "", "<t><a>x</a><b>y</b></t>"),
            [""; 0],
            "{schema}"
        );
    }
    // What is beside it is.
    let schema = "{ type: object, properties: { a: { type: object, properties: { b: { type: array, prefixItems: [{ type: integer }] } } }, c: { type: integer } } }";
    assert_eq!(
        found(schema, "<t><a><b>x</b></a><c>x</c></t>"),
        ["body-schema body /c: `/t/c`: \"x\" is not of type integer"]
    );
}

#[test]
fn values_without_a_schema_of_their_own_are_free() {
    assert_eq!(found("{}", "<a b='1'><c/>x</a>"), [""; 0]);
    let map = "{ type: object, additionalProperties: { type: integer } }";
    assert_eq!(found(map, "<m><a>1</a><b>2</b></m>"), [""; 0]);
    assert_eq!(
        found(map, "<m><a>1</a><b>x</b></m>"),
        ["body-schema body /b: `/m/b`: \"x\" is not of type integer"]
    );
    let closed = "{ type: object, additionalProperties: false }";
    assert_eq!(found(closed, "<m/>"), [""; 0]);
    assert_eq!(
        found(closed, "<m><a/></m>"),
        ["body-schema body: `/m`: \"\" is not allowed here"]
    );
}

#[test]
fn a_schema_in_swagger_2_0_is_read_alike() {
    let contract = loaded(
        "swagger: '2.0'
info: { title: T, version: '1' }
produces: [text/xml]
paths: { /t: { get: { responses: { '200': { description: d, schema: { $ref: '#/definitions/T' } } } } } }
definitions: { T: { type: object, xml: { name: t }, properties: { id: { type: integer, xml: { attribute: true } } } } }
",
    );
    let operation = contract.operation(&Method::GET, "/t").unwrap();
    let context = CheckContext::of_contract(Some(operation), Caller::Authenticated, 20);
    let found = |body: &str| -> Vec<String> {
        let exchange = exchange(
            200,
            "Content-Type: text/xml; charset=utf-8",
            body.to_owned(),
        );
        let checked = check(&exchange, &context, &Severities::default());
        checked.findings.iter().map(summary).collect()
    };
    assert_eq!(found("<t id='7'/>"), [""; 0]);
    assert_eq!(
        found("<t id='x'/>"),
        ["body-schema body /id: `/t/@id`: \"x\" is not of type integer"]
    );
}

#[test]
fn broken_xml_is_found_at_its_place() {
    for (body, expected) in [
        (
            "<t>\n<a></b></t>",
            "body-unparsable body: the body is not well-formed XML: expected 'a' tag, not 'b' (line 2, column 4)",
        ),
        (
            "<t><a>",
            "body-truncated body: the XML body ends in the middle, after 6 bytes",
        ),
        (
            "<!DOCTYPE t [<!ENTITY a 'x'>]><t>&a;</t>",
            "body-unparsable body: the XML body uses entities of a document type, which are not expanded",
        ),
    ] {
        assert_eq!(found("{}", body), [expected], "{body}");
    }
    let latin = exchange(200, XML, b"<t>\xe9</t>".to_vec());
    let context = CheckContext::of_contract(None, Caller::Authenticated, 20);
    let checked = check(&latin, &context, &Severities::default());
    let found: Vec<String> = checked.findings.iter().map(summary).collect();
    assert_eq!(
        found,
        ["body-unparsable body: the XML body is not text in the encoding UTF-8"]
    );
    let deep = exchange(200, XML, "<a>".repeat(50) + &"</a>".repeat(50));
    let checked = check(&deep, &context, &Severities::default());
    let error = checked.error.unwrap();
    assert_eq!(
        error.message,
        "the XML body is nested deeper than 20 levels"
    );
    // Bodies of other types that look like XML are text.
    let text = exchange(200, "Content-Type: text/html", "<br>");
    let checked = check(&text, &context, &Severities::default());
    assert!(checked.findings.is_empty());
}

#[test]
fn only_a_documented_type_of_xml_is_checked_against_its_schema() {
    let any = "{ description: d, content: { '*/*': { schema: { type: integer } } } }";
    let contract = loaded(&format!(
        "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths: {{ /t: {{ get: {{ responses: {{ '200': {any} }} }} }} }}\n"
    ));
    let operation = contract.operation(&Method::GET, "/t").unwrap();
    let context = CheckContext::of_contract(Some(operation), Caller::Authenticated, 20);
    let codes = |body: &str| -> Vec<&str> {
        let exchange = exchange(200, XML, body.to_owned());
        let checked = check(&exchange, &context, &Severities::default());
        let findings = checked.findings.iter();
        findings.map(|finding| finding.code.as_str()).collect()
    };
    assert_eq!(codes("<t>x</t>"), [""; 0]);
    assert_eq!(codes("<t>"), ["body-truncated"]);
}
