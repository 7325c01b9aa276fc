//! The templates of the page, and their rendering. Main type: [`Templates`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use ring::digest::{SHA256, digest};
use serde::Serialize;

use super::case::CaseView;
use crate::text::counted;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Maximum number of bytes for cases shown in full; other cases are shown without their steps.
const CASES_BUDGET: usize = 2_500_000;

/// The templates of the page, and the number of bytes left for cases shown in full.
pub(super) struct Templates {
    environment: Environment<'static>,
    left: usize,
}

impl Templates {
    pub(super) fn new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
        // The extension `.html` enables escaping.
        environment.add_template("page.html", include_str!("page.html"))?;
        environment.add_template("case.html", include_str!("case.html"))?;
        environment.add_template("coverage.html", include_str!("coverage.html"))?;
        environment.add_global("style", Value::from_safe_string(STYLE.to_owned()));
        environment.add_global("script", Value::from_safe_string(SCRIPT.to_owned()));
        environment.add_global("policy", Value::from_safe_string(policy()));
        environment.add_function("counted", |number: usize, noun: String| {
            counted(number, &noun)
        });
        Ok(Templates {
            environment,
            left: CASES_BUDGET,
        })
    }

    pub(super) fn fill(
        &self,
        name: &str,
        view: &impl Serialize,
    ) -> Result<String, minijinja::Error> {
        self.environment
            .get_template(name)?
            .render(Value::from(Serde(view)))
    }

    /// A case in full; `None` if the page would become too large.
    pub(super) fn case(&mut self, view: &CaseView) -> Result<Option<String>, minijinja::Error> {
        let text = self.fill("case.html", view)?;
        match self.left.checked_sub(text.len()) {
            Some(left) => {
                self.left = left;
                Ok(Some(text))
            }
            None => Ok(None),
        }
    }
}

/// The content security policy: the page may use its own style and script, identified by their hashes, and nothing else.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
