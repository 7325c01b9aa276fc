//! `basic`, or `{ basic: { username: …, password: … } }`.

use super::method::{AuthMethodEntry, AuthMethodReader, template_or_credential};
use crate::case::read::context::Context;
use crate::case::{AuthMethod, BasicAuth};
use crate::diagnostic::Diagnostics;
use crate::document::Fields;

pub(super) const BASIC: AuthMethodReader = AuthMethodReader {
    key: "basic",
    is_word: true,
    read,
};

fn read(
    entry: &AuthMethodEntry<'_>,
    _options: &mut Fields<'_>,
    context: Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<AuthMethod> {
    let mut fields = entry.fields("`basic`", context, diagnostics)?;
    let mut template =
        |key| template_or_credential(fields.as_mut(), key, &entry.place, context, diagnostics);
    let (username, password) = (template("username"), template("password"));
    if let Some(fields) = fields {
        fields.finish(diagnostics);
    }
    Some(AuthMethod::Basic(BasicAuth {
        username: username?,
        password: password?,
    }))
}
