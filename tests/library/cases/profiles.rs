//! What the auth profiles of a system file are read into.

use counterpart::case::{self, AuthMethod, CaptureSource, Profile, Template};
use counterpart::diagnostic::{Diagnostics, Style};
use counterpart::exchange::CredentialPlace;
use counterpart::source::Folder;

use super::{Texts, contract, fixtures};

/// The profile of a text, read with the contracts of the fixtures.
fn profile(text: &str) -> std::sync::Arc<Profile> {
    let files = Texts::default()
        .with("shop/system.yaml", &format!("auth: {{ p: {text} }}"))
        .with("shop/one.yaml", "contract: shop/tokens.yaml\ncases: [{ name: one, call: POST /V1/integration/admin/token }]\n");
    let mut diagnostics = Diagnostics::new();
    let find = |path: &str, _: &mut Diagnostics| contract(path);
    let suite = case::load(&files, "shop", &find, &mut diagnostics).unwrap();
    assert!(
        diagnostics.is_empty(),
        "{}",
        diagnostics.render(Style::Plain)
    );
    std::sync::Arc::clone(&suite.profiles["p"])
}

#[test]
fn profiles_of_the_fixtures() {
    let mut diagnostics = Diagnostics::new();
    let find = |path: &str, _: &mut Diagnostics| contract(path);
    let cases = Folder::new(fixtures().join("valid"));
    let suite = case::load(&cases, "shop", &find, &mut diagnostics).unwrap();
    let names: Vec<_> = suite.profiles.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "admin",
            "broken-token",
            "customer",
            "guest",
            "key",
            "machine",
            "public",
            "staff"
        ]
    );
    let admin = &suite.profiles["admin"];
    assert_eq!(admin.credentials, ["password", "username"]);
    assert!(!admin.refused && suite.profiles["broken-token"].refused);
    let AuthMethod::Login(login) = &admin.method else {
        panic!("{admin:?}")
    };
    assert_eq!(login.carrier.text("t"), "Token t");
    assert_eq!(login.step.timeout, Some(std::time::Duration::from_secs(10)));
    assert!(
        matches!(&login.token.from, CaptureSource::Body(path) if path.to_string() == "$.token")
    );
    let customer = &suite.profiles["customer"];
    assert!(customer.credentials.is_empty());
    let carrier = customer.method.token_carrier().unwrap();
    assert_eq!(carrier.text("t"), "Bearer t");
    assert_eq!(suite.profiles["machine"].credentials, ["bearer"]);
    assert_eq!(
        suite.profiles["staff"].credentials,
        ["password", "username"]
    );
    assert_eq!(suite.profiles["key"].credentials, ["api_key"]);
    for name in ["guest", "public"] {
        assert!(matches!(suite.profiles[name].method, AuthMethod::None));
    }
}

#[test]
fn places_and_defaults() {
    let known = profile("{ bearer: x, send_in: { query: t }, refused: true }");
    assert!(known.refused);
    let AuthMethod::Token(token) = &known.method else {
        panic!("{known:?}")
    };
    assert!(matches!(&token.token, Template::Literal(text) if text == "x"));
    assert_eq!(token.carrier.place, CredentialPlace::Query("t".to_owned()));
    assert_eq!(token.carrier.scheme, None);

    for basic in ["basic", "{ basic: }", "{ basic: {} }"] {
        assert_eq!(
            profile(basic).credentials,
            ["password", "username"],
            "{basic}"
        );
    }
    let fixed = profile("{ basic: { username: root, password: '{{ credentials.pw }}' } }");
    assert_eq!(fixed.credentials, ["pw"]);

    let key = profile("{ api_key: { cookie: sid } }");
    assert!(matches!(
        &key.method,
        AuthMethod::ApiKey(key) if key.place == CredentialPlace::Cookie("sid".to_owned())
    ));
}

/// Every example of `docs/authentication.md` can be read, and the schema for editors accepts it.
#[test]
fn the_examples_of_the_documentation_are_valid() {
    let path = fixtures().join("../../../docs/authentication.md");
    let text = std::fs::read_to_string(path).unwrap();
    let examples: Vec<&str> = text
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(examples.len() >= 5);
    for example in examples {
        let files = Texts::default().with("shop/system.yaml", example).with(
            "shop/one.yaml",
            "contract: shop/tokens.yaml\ncases: [{ name: one, call: POST /V1/integration/admin/token }]\n",
        );
        let mut diagnostics = Diagnostics::new();
        let find = |path: &str, _: &mut Diagnostics| contract(path);
        case::load(&files, "shop", &find, &mut diagnostics).unwrap();
        let rendered = diagnostics.render(Style::Plain);
        assert!(rendered.is_empty(), "{example}\n{rendered}");
        let faults = super::schema::faults_of_system_file(example);
        assert_eq!(faults, Vec::<String>::new(), "{example}");
    }
}
