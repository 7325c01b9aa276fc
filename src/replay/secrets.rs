//! The secrets of recorded and live exchanges. Main functions: [`redactor`], [`learn_secrets`].

use crate::compare::bindings::token_call;
use crate::compare::space;
use crate::recording::Recording;
use crate::text::Redactor;

/// A redactor that knows what `target` knows, and all values of the recording with the name of a secret.
pub(super) fn redactor(recording: &Recording, target: &Redactor) -> Redactor {
    let mut redactor = target.clone();
    for entry in &recording.entries {
        entry.request.teach(&mut redactor);
        if let Some(response) = &entry.response {
            redactor.learn_from_headers(&response.headers);
        }
        let response = entry.response.as_ref().map(|response| &response.body[..]);
        learn_secrets(&mut redactor, entry.path(), &entry.request.body, response);
    }
    redactor
}

/// Learns all values of a request and its response with the name of a secret, and tokens that are a whole response or a path
/// segment.
pub(super) fn learn_secrets(
    redactor: &mut Redactor,
    path: &str,
    request: &[u8],
    response: Option<&[u8]>,
) {
    // `…/resetLinkToken/TOKEN`
    let segments: Vec<&str> = path.split('/').collect();
    for pair in segments.windows(2) {
        if token_call(pair[0]) && !space::is_word(pair[1]) {
            redactor.learn(pair[1]);
        }
    }
    for body in [Some(request), response].into_iter().flatten() {
        match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(serde_json::Value::String(token)) if token_call(path) => redactor.learn(&token),
            Ok(value) => redactor.learn_from(&value),
            Err(_) => {}
        }
    }
}
