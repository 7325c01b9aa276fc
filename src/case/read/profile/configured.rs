//! `client_certificate` and `command`: all that they need is configured for the target.

use super::method::{AuthMethodEntry, AuthMethodReader};
use crate::case::AuthMethod;
use crate::case::read::context::Context;
use crate::diagnostic::Diagnostics;
use crate::document::Fields;

pub(super) const CLIENT_CERTIFICATE: AuthMethodReader = AuthMethodReader {
    key: "client_certificate",
    is_word: true,
    read: |entry, _, context, diagnostics| {
        without_details("`client_certificate`", entry, context, diagnostics)?;
        Some(AuthMethod::ClientCertificate)
    },
};

pub(super) const COMMAND: AuthMethodReader = AuthMethodReader {
    key: "command",
    is_word: true,
    read: |entry, _, context, diagnostics| {
        without_details("`command`", entry, context, diagnostics)?;
        Some(AuthMethod::Command)
    },
};

fn without_details<'n>(
    what: &'static str,
    entry: &AuthMethodEntry<'n>,
    context: Context<'n>,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let fields: Option<Fields<'n>> = entry.fields(what, context, diagnostics)?;
    if let Some(fields) = fields {
        fields.finish(diagnostics);
    }
    Some(())
}
