//! `auth-ignored`: which requests a protected operation must refuse.

use super::*;

/// One path for each way to protect an operation.
const CONTRACT: &str = r##"
openapi: 3.1.1
info: { title: T, version: "1" }
security: [ { header: [] } ]
components:
  securitySchemes:
    header: { type: apiKey, in: header, name: X-Key }
    query: { type: apiKey, in: query, name: key }
    cookie: { type: apiKey, in: cookie, name: sid }
    referred: { $ref: "#/components/x-schemes/referred" }
    basic: { type: http, scheme: Basic }
    bearer: { type: http, scheme: bearer }
    oauth: { type: oauth2, flows: {} }
    openid: { type: openIdConnect, openIdConnectUrl: "https://id.example/" }
    tls: { type: mutualTLS }
    broken: { type: apiKey, in: header }
  x-schemes:
    referred: { type: apiKey, in: header, name: X-Referred }
paths:
  /document: { get: { responses: { "200": { description: d } } } }
  /header: { get: { security: [ { header: [] } ], responses: { "200": { description: d } } } }
  /query: { get: { security: [ { query: [] } ], responses: { "200": { description: d } } } }
  /cookie: { get: { security: [ { cookie: [] } ], responses: { "200": { description: d } } } }
  /referred: { get: { security: [ { referred: [] } ], responses: { "200": { description: d } } } }
  /basic: { get: { security: [ { basic: [] } ], responses: { "200": { description: d } } } }
  /bearer: { get: { security: [ { bearer: [] } ], responses: { "200": { description: d } } } }
  /oauth: { get: { security: [ { oauth: [read] } ], responses: { "200": { description: d } } } }
  /openid: { get: { security: [ { openid: [] } ], responses: { "200": { description: d } } } }
  /tls: { get: { security: [ { tls: [] } ], responses: { "200": { description: d } } } }
  /tls-and-key: { get: { security: [ { tls: [], header: [] } ], responses: { "200": { description: d } } } }
  /tls-or-key: { get: { security: [ { tls: [] }, { header: [] } ], responses: { "200": { description: d } } } }
  /either: { get: { security: [ { header: [] }, { bearer: [] } ], responses: { "200": { description: d } } } }
  /both: { get: { security: [ { header: [], bearer: [] } ], responses: { "200": { description: d } } } }
  /both-or-cookie: { get: { security: [ { header: [], query: [] }, { cookie: [] } ], responses: { "200": { description: d } } } }
  /broken: { get: { security: [ { broken: [] } ], responses: { "200": { description: d } } } }
  /public: { get: { security: [], responses: { "200": { description: d } } } }
  /optional: { get: { security: [ { header: [] }, {} ], responses: { "200": { description: d } } } }
"##;

/// The message of `auth-ignored`, without its beginning, for `GET path` with these request headers (`Name: value` lines).
fn fault(contract: &Contract, path: &str, headers: &str, caller: Caller) -> Option<String> {
    let signed = [CredentialPlace::Header(http::header::AUTHORIZATION)];
    fault_signed(contract, path, headers, caller, &signed)
}

/// The same for credentials of the caller in these places.
fn fault_signed(
    contract: &Contract,
    path: &str,
    headers: &str,
    caller: Caller,
    signed: &[CredentialPlace],
) -> Option<String> {
    let template = path.split('?').next().unwrap();
    let operation = contract.operation(&Method::GET, template).unwrap();
    let expectation = expectation(&json!({ "status": [200] }));
    let context = CheckContext {
        operation: Some(operation),
        expectation: Some(&expectation),
        caller,
        signed,
        has_certificates: signed.contains(&CredentialPlace::Connection) || signed.is_empty(),
        depth: 20,
    };
    let mut exchange = exchange(200, "", "");
    // The request's headers are read as those of a response.
    exchange.request.headers = super::exchange(200, headers, "").response.headers;
    exchange.request.url = format!("http://127.0.0.1{path}").parse().unwrap();
    let checked = check(&exchange, &context, &Severities::default());
    let beginning = format!("GET {template} is protected, but ");
    checked.findings.iter().find_map(|finding| {
        assert_eq!(finding.code, Code::AuthIgnored);
        let fault = finding.message.strip_prefix(&beginning)?;
        Some(fault.strip_suffix(" got 200 OK")?.to_owned())
    })
}

#[track_caller]
fn assert_faults(contract: &Contract, caller: Caller, rows: &[(&str, &str, Option<&str>)]) {
    for (path, headers, expected) in rows {
        let found = fault(contract, path, headers, caller);
        assert_eq!(found.as_deref(), *expected, "{path} {headers:?}");
    }
}

const NOTHING: Option<&str> = Some("a request without credentials");

#[test]
fn a_credential_counts_where_its_scheme_is_carried() {
    let contract = loaded(CONTRACT);
    assert_faults(
        &contract,
        Caller::Unauthenticated,
        &[
            ("/document", "", NOTHING),
            ("/document", "X-Key: 7", None),
            ("/header", "", NOTHING),
            ("/header", "x-key: 7", None),
            ("/header?key=7", "", NOTHING),
            ("/header", "X-Other: 7", NOTHING),
            ("/query", "", NOTHING),
            ("/query?key=7", "", None),
            ("/query?keys=7", "X-Key: 7", NOTHING),
            ("/cookie", "", NOTHING),
            ("/cookie", "Cookie: theme=dark; sid=7", None),
            ("/cookie", "Cookie: theme=dark", NOTHING),
            ("/referred", "", NOTHING),
            ("/referred", "X-Referred: 7", None),
            ("/basic", "", NOTHING),
            ("/basic", "Authorization: Basic YTpi", None),
            ("/bearer", "", NOTHING),
            ("/bearer", "Authorization: Bearer t", None),
            ("/oauth", "", NOTHING),
            ("/oauth", "Authorization: Bearer t", None),
            ("/oauth?access_token=t", "", None),
            ("/openid", "", NOTHING),
            ("/openid", "Authorization: Bearer t", None),
        ],
    );
}

#[test]
fn what_cannot_be_a_credential_is_malformed() {
    let contract = loaded(CONTRACT);
    let authorization = Some("a request with a malformed value in the header Authorization");
    assert_faults(
        &contract,
        Caller::Unauthenticated,
        &[
            (
                "/header",
                "X-Key:",
                Some("a request with a malformed value in the header X-Key"),
            ),
            (
                "/query?key=",
                "",
                Some("a request with a malformed value in the query parameter key"),
            ),
            (
                "/cookie",
                "Cookie: sid=",
                Some("a request with a malformed value in the cookie sid"),
            ),
            ("/bearer", "Authorization: Bearer", authorization),
            ("/bearer", "Authorization:", authorization),
            ("/oauth", "Authorization: bearer", authorization),
            ("/basic", "Authorization: Basic", authorization),
            ("/basic", "Authorization: Basic ???", authorization),
            // `ab` without a colon.
            ("/basic", "Authorization: Basic YWI=", authorization),
            // Some servers take a token without a scheme.
            ("/bearer", "Authorization: 0123456789", None),
        ],
    );
}

#[test]
fn one_alternative_is_enough_and_all_its_schemes_are_needed() {
    let contract = loaded(CONTRACT);
    let without = |place: &str| Some(format!("a request without {place}"));
    let (key, token) = (
        without("the header X-Key"),
        without("the header Authorization"),
    );
    let query = without("the query parameter key");
    assert_faults(
        &contract,
        Caller::Unauthenticated,
        &[
            ("/either", "", NOTHING),
            ("/either", "X-Key: 7", None),
            ("/either", "Authorization: Bearer t", None),
            ("/both", "", NOTHING),
            ("/both", "X-Key: 7", token.as_deref()),
            ("/both", "Authorization: Bearer t", key.as_deref()),
            ("/both", "Authorization: Bearer t\nX-Key: 7", None),
            ("/both-or-cookie", "X-Key: 7", query.as_deref()),
            ("/both-or-cookie?key=7", "X-Key: 7", None),
            ("/both-or-cookie", "Cookie: sid=7", None),
        ],
    );
    // A profile's token is no combination either.
    assert_faults(
        &contract,
        Caller::Authenticated,
        &[
            ("/both", "Authorization: Bearer t", key.as_deref()),
            ("/both", "Authorization: Bearer t\nX-Key: 7", None),
            ("/either", "Authorization: Bearer t", None),
            // Its credentials may be where only the sender sees them.
            ("/header", "", None),
        ],
    );
}

#[test]
fn what_is_public_or_unknowable_is_not_reported() {
    let contract = loaded(CONTRACT);
    assert_faults(
        &contract,
        Caller::Unauthenticated,
        &[
            ("/public", "", None),
            ("/optional", "", None),
            ("/tls", "", None),
            ("/tls-or-key", "", None),
            ("/tls-and-key", "", NOTHING),
            ("/tls-and-key", "X-Key: 7", None),
            ("/broken", "", None),
            // Credentials that the contract does not define.
            ("/header", "Authorization: Bearer t", None),
            ("/bearer", "Cookie: session=7", None),
        ],
    );
}

#[test]
fn a_token_that_must_be_refused_is_no_credential() {
    let contract = loaded(CONTRACT);
    let refused = Some("credentials that must be refused");
    assert_faults(
        &contract,
        Caller::Refused,
        &[
            ("/bearer", "Authorization: Bearer t", refused),
            ("/basic", "Authorization: Basic YTpi", refused),
            ("/both", "Authorization: Bearer t\nX-Key: 7", refused),
            ("/header", "Authorization: Bearer t", refused),
            ("/either", "Authorization: Bearer t", refused),
            // The other alternative is satisfied.
            ("/either", "Authorization: Bearer t\nX-Key: 7", None),
            ("/public", "Authorization: Bearer t", None),
            ("/tls", "Authorization: Bearer t", None),
        ],
    );
}

#[test]
fn credentials_that_must_be_refused_count_where_they_are_sent() {
    let contract = loaded(CONTRACT);
    let header = CredentialPlace::Header("x-key".parse().unwrap());
    let query = CredentialPlace::Query("key".to_owned());
    let cookie = CredentialPlace::Cookie("sid".to_owned());
    let refused = Some("credentials that must be refused");
    for (path, headers, place, expected) in [
        ("/header", "X-Key: 7", &header, refused),
        ("/query?key=7", "", &query, refused),
        ("/cookie", "Cookie: sid=7", &cookie, refused),
        // Its other credential may be valid.
        ("/header", "X-Key: 7", &query, None),
        ("/query?key=7", "", &cookie, None),
        ("/public", "X-Key: 7", &header, None),
    ] {
        let signed = std::slice::from_ref(place);
        let found = fault_signed(&contract, path, headers, Caller::Refused, signed);
        assert_eq!(found.as_deref(), expected, "{path} {place}");
    }
}

#[test]
fn a_target_with_client_certificates_must_ask_for_them() {
    let contract = loaded(CONTRACT);
    let shown = [CredentialPlace::Connection];
    let without = Some("a request without credentials");
    let refused = Some("credentials that must be refused");
    for (path, headers, caller, signed, expected) in [
        ("/tls", "", Caller::Unauthenticated, &[][..], without),
        ("/tls", "", Caller::Authenticated, &shown, None),
        ("/tls", "", Caller::Refused, &shown, refused),
        ("/tls-and-key", "", Caller::Unauthenticated, &[], without),
        (
            "/tls-and-key",
            "X-Key: 7",
            Caller::Unauthenticated,
            &[],
            Some("a request without a client certificate"),
        ),
        (
            "/tls-and-key",
            "X-Key: 7",
            Caller::Authenticated,
            &shown,
            None,
        ),
        (
            "/tls-or-key",
            "X-Key: 7",
            Caller::Unauthenticated,
            &[],
            None,
        ),
        ("/header", "X-Key: 7", Caller::Authenticated, &shown, None),
    ] {
        let found = fault_signed(&contract, path, headers, caller, signed);
        assert_eq!(found.as_deref(), expected, "{path} {headers} {caller:?}");
    }
}

#[test]
fn swagger_has_the_same_schemes() {
    let contract = loaded(
        r#"
swagger: "2.0"
info: { title: T, version: "1" }
securityDefinitions:
  basic: { type: basic }
  key: { type: apiKey, in: header, name: Authorization }
  query: { type: apiKey, in: query, name: api_key }
  oauth: { type: oauth2, flow: implicit, authorizationUrl: "https://id.example/", scopes: {} }
paths:
  /basic: { get: { security: [ { basic: [] } ], responses: { "200": { description: d } } } }
  /key: { get: { security: [ { key: [] } ], responses: { "200": { description: d } } } }
  /query: { get: { security: [ { query: [] } ], responses: { "200": { description: d } } } }
  /oauth: { get: { security: [ { oauth: [] } ], responses: { "200": { description: d } } } }
"#,
    );
    assert_faults(
        &contract,
        Caller::Unauthenticated,
        &[
            ("/basic", "", NOTHING),
            ("/basic", "Authorization: Basic YTpi", None),
            ("/key", "", NOTHING),
            // An API key in this header has no scheme.
            ("/key", "Authorization: Bearer", None),
            ("/query", "", NOTHING),
            ("/query?api_key=7", "", None),
            ("/oauth", "", NOTHING),
            ("/oauth", "Authorization: Bearer t", None),
        ],
    );
    let key = [(
        "/key",
        "Authorization: 7",
        Some("credentials that must be refused"),
    )];
    assert_faults(&contract, Caller::Refused, &key);
}
