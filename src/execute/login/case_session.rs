//! A session in cookies: one jar for each case and profile, with a token against cross-site request forgery where the server wants one.
//! Main type: [`CaseSession`].

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::credential::{ProfileCredential, token_credential};
use super::outcome::login_failed;
use super::store::Standing;
use crate::case::{CaptureSource, CookieSession, CsrfToken, Step};
use crate::exchange::{CookieJar, Credential, Exchange};
use crate::execute::captured::captured;
use crate::execute::compose::Composed;
use crate::finding::RunError;

/// A value of at least this length without a digit is a word (`language=english`), not a session.
const SHORTEST_WORD: usize = 16;

/// The session of a profile within a case.
#[derive(Debug, Default)]
pub(in crate::execute) struct CaseSession {
    pub(super) jar: CookieJar,
    /// Sent besides the cookies.
    pub(super) token: Option<String>,
    /// The token against forgery, unless it is read from a cookie of the jar.
    csrf: Option<String>,
    pub(super) standing: Standing,
}

impl CaseSession {
    /// Keeps what a response sets: cookies, and a new token in the header that the profile names.
    pub(in crate::execute) fn receive(&mut self, session: &CookieSession, exchange: &Exchange) {
        let headers = &exchange.response.headers;
        self.jar.receive(&exchange.request.url, headers);
        if let Some(csrf) = &session.csrf
            && matches!(csrf.from.from, CaptureSource::Header(_))
            && let Ok(Value::String(token)) = captured(&csrf.from, exchange, None)
        {
            self.csrf = Some(token);
        }
    }

    /// What signs a request to `url`; the token against forgery only for methods that change something (RFC 9110, section 9.2.1).
    pub(super) fn credential(
        &self,
        session: &CookieSession,
        method: &Method,
        url: &Url,
    ) -> Result<ProfileCredential, String> {
        let cookies = self.jar.sent_to(url);
        let mut secrets = self.jar.values();
        secrets.retain(|value| {
            value.len() >= SHORTEST_WORD || value.bytes().any(|byte| byte.is_ascii_digit())
        });
        let mut credentials = vec![Credential::Cookies(cookies)];
        if let (Some((_, carrier)), Some(token)) = (&session.token, &self.token) {
            let ProfileCredential {
                credential,
                secrets: of_token,
                ..
            } = token_credential(carrier, token.clone());
            credentials.push(credential);
            secrets.extend(of_token);
        }
        let is_unsafe = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if let Some(csrf) = session.csrf.as_ref().filter(|_| is_unsafe) {
            let text = self.csrf_token(csrf, url)?;
            secrets.push(text.clone());
            credentials.push(Credential::Text {
                place: csrf.place.clone(),
                text,
            });
        }
        Ok(ProfileCredential {
            credential: Credential::Several(credentials),
            secrets,
            renewal: None,
        })
    }

    /// The token against forgery for a request to `url`. Fails, with a sentence fragment, where no response had one.
    fn csrf_token(&self, csrf: &CsrfToken, url: &Url) -> Result<String, String> {
        let CaptureSource::Cookie { name, .. } = &csrf.from.from else {
            return self
                .csrf
                .clone()
                .ok_or_else(|| "no response had a CSRF token".to_owned());
        };
        let mut cookies = self.jar.sent_to(url).into_iter();
        let found = cookies.find(|(known, _)| known == name);
        let (_, value) = found.ok_or_else(|| {
            format!("no response set the cookie `{name}`, which has the CSRF token")
        })?;
        // Such cookies are written for scripts, which decode them.
        let decoded = percent_decode_str(&value)
            .decode_utf8()
            .map(|text| text.into_owned());
        Ok(decoded.unwrap_or(value))
    }
}

impl CaseSession {
    /// Keeps the token against forgery of a response. Fails where it has none.
    pub(super) fn keep_csrf(
        &mut self,
        csrf: &CsrfToken,
        exchange: &Exchange,
        body: Option<&Value>,
        step: &Step,
    ) -> Result<(), RunError> {
        if matches!(csrf.from.from, CaptureSource::Cookie { .. }) {
            return Ok(());
        }
        let status = exchange.response.status;
        let reason = match captured(&csrf.from, exchange, body) {
            Ok(Value::String(text)) if !text.is_empty() => {
                self.csrf = Some(text);
                return Ok(());
            }
            Ok(_) => "what is there is not a text".to_owned(),
            Err(reason) => reason,
        };
        let label = step.label();
        let message = format!("{label} got {status}, and no CSRF token was found: {reason}");
        Err(login_failed(step, message))
    }

    /// What signs the login itself: the cookies and the token of the page, where there was one.
    pub(super) fn login_credential(
        &self,
        session: &CookieSession,
        composed: &Composed,
    ) -> Credential {
        let request = composed.request();
        let signed = self.credential(session, &request.method, &request.url);
        match signed {
            Ok(signed) => signed.credential,
            Err(_) => Credential::Cookies(self.jar.sent_to(&request.url)),
        }
    }
}
