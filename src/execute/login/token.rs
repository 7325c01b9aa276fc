//! Tokens that a request returns: kept as long as they are good, renewed, and obtained again.

use super::authentication::Renewal;
use super::lifetime::lifetime;
use super::oauth2;
use super::outcome::{is_temporary, token_text};
use super::store::{AccessToken, Login, TokenStore};
use crate::case::{Capture, OAuth2, Profile, Scope, Step};
use crate::check;
use crate::event::StepRole;
use crate::exchange::{Credential, Exchange};
use crate::execute::case::{CaseExecution, StopReason};
use crate::execute::compose::{self, Composed};
use crate::execute::transcript::ExecutedStep;
use crate::finding::RunError;

/// Which request returns a token, and where in its response it is.
#[derive(Clone, Copy)]
pub(super) enum TokenRequest<'p> {
    Login { step: &'p Step, token: &'p Capture },
    OAuth2(&'p OAuth2),
}

/// A request of a login that is ready to be sent.
struct PreparedLogin<'p> {
    step: &'p Step,
    composed: Composed,
    credential: Credential,
}

impl<'p> CaseExecution<'p, '_> {
    /// The token of a profile: a known one that is still good, else that of a new request. An account of the target logs in once for all
    /// cases, an account that the case created only for this case.
    pub(super) async fn token(
        &mut self,
        profile: &'p Profile,
        request: TokenRequest<'p>,
        scope: &Scope,
    ) -> Result<(AccessToken, Renewal), StopReason> {
        let role = StepRole::Login(profile.name.clone());
        let grant = match self.prepared(request, scope, false) {
            Ok(prepared) => prepared,
            Err((step, error)) => return Err(self.not_composed(step, role, error)),
        };
        let step = grant.step;
        let key = format!("{} {}", profile.name, grant.composed.key());
        let entry = self.store(profile).entry(&key).await;
        let mut entry = entry.lock().await;
        match entry.as_ref() {
            Some(Login::Token(held)) if held.is_good() => return Ok(with_renewal(held, false)),
            Some(Login::Refused(error)) => {
                let error = error.clone();
                self.transcript
                    .steps
                    .push(ExecutedStep::without_exchange(step, role, error));
                return Err(StopReason::Ended);
            }
            _ => {}
        }
        let held = match entry.as_ref() {
            Some(Login::Token(held)) => held.refresh_token.clone(),
            _ => None,
        };
        if let Some(refresh_token) = held
            && let Some(token) = self
                .renewed(request, scope, refresh_token, role.clone())
                .await?
        {
            *entry = Some(Login::Token(token.clone()));
            return Ok(with_renewal(&token, true));
        }
        let login = self.obtain(grant, role, request).await?;
        let result = match &login {
            Login::Token(held) => Ok(with_renewal(held, true)),
            Login::Session | Login::Refused(_) => Err(StopReason::Ended),
        };
        if !is_temporary(&login) {
            *entry = Some(login);
        }
        result
    }

    /// Where the logins of a profile are remembered: for the target, or, where all that it sends is from the case, for the case.
    pub(super) fn store(&self, profile: &Profile) -> &TokenStore {
        match profile.credentials.is_empty() {
            true => &self.tokens,
            false => &self.session.tokens,
        }
    }

    /// The token that a refresh token gets (RFC 6749, section 6); `None` where the server refuses it: then the grant is sent.
    async fn renewed(
        &mut self,
        request: TokenRequest<'p>,
        scope: &Scope,
        refresh_token: String,
        role: StepRole,
    ) -> Result<Option<AccessToken>, StopReason> {
        let mut scope = scope.clone();
        scope.set(OAuth2::REFRESH_TOKEN, refresh_token.as_str());
        self.transcript.credentials.push(refresh_token.clone());
        let Ok(prepared) = self.prepared(request, &scope, true) else {
            return Ok(None);
        };
        let before = self.transcript.steps.len();
        match self.obtain(prepared, role, request).await? {
            Login::Token(mut token) => {
                // Without a new one the old one stays valid.
                token.refresh_token.get_or_insert(refresh_token);
                Ok(Some(token))
            }
            Login::Session | Login::Refused(_) => {
                // What follows decides: a token that cannot be renewed is no error of the case.
                for step in &mut self.transcript.steps[before..] {
                    step.error = None;
                }
                Ok(None)
            }
        }
    }

    /// The request for a token; `is_renewal`: by a refresh token. Fails with the step whose values are missing.
    fn prepared(
        &self,
        request: TokenRequest<'p>,
        scope: &Scope,
        is_renewal: bool,
    ) -> Result<PreparedLogin<'p>, (&'p Step, RunError)> {
        let (step, client) = match request {
            TokenRequest::Login { step, .. } => (step, None),
            TokenRequest::OAuth2(oauth2) if is_renewal => {
                (&*oauth2.renewal, oauth2.client.as_ref())
            }
            TokenRequest::OAuth2(oauth2) => (&*oauth2.grant, oauth2.client.as_ref()),
        };
        let session = self.session;
        let composed = compose::request(step, scope, &session.suite, &session.target);
        let composed = composed.map_err(|error| (step, error))?;
        let credential = match client {
            None => Credential::None,
            Some(client) => oauth2::client_credential(client, scope)
                .map_err(|error| (step, compose::value_missing(&error)))?,
        };
        Ok(PreparedLogin {
            step,
            composed,
            credential,
        })
    }

    /// Sends the request of a login and reads the token from its response.
    async fn obtain(
        &mut self,
        prepared: PreparedLogin<'p>,
        role: StepRole,
        request: TokenRequest<'p>,
    ) -> Result<Login, StopReason> {
        let PreparedLogin {
            step,
            composed,
            credential,
        } = prepared;
        let (exchange, login) = match self
            .send_login(step, &composed, &credential, role.clone())
            .await?
        {
            Err(error) => (None, Login::Refused(error)),
            Ok(exchange) => {
                let read = self.token_in(&exchange, step, request);
                let login = read.map_or_else(Login::Refused, Login::Token);
                (Some(exchange), login)
            }
        };
        self.record_login(step, &composed, role, exchange, &login);
        Ok(login)
    }

    /// Sends the request of a login, signed as given, over the connection of its profile.
    pub(super) async fn send_login(
        &mut self,
        step: &'p Step,
        composed: &Composed,
        credential: &Credential,
        role: StepRole,
    ) -> Result<Result<Exchange, RunError>, StopReason> {
        let request = match composed.clone().signed_by_client(credential, step) {
            Ok(request) => request,
            Err(error) => return Err(self.not_composed(step, role, error)),
        };
        self.send_unjudged(request, step, &role).await
    }

    /// Adds the request of a login to the transcript.
    pub(super) fn record_login(
        &mut self,
        step: &'p Step,
        composed: &Composed,
        role: StepRole,
        exchange: Option<Exchange>,
        login: &Login,
    ) {
        self.transcript.steps.push(ExecutedStep {
            operation: self.operation(step, composed.request()),
            exchange,
            error: match login {
                Login::Token(_) | Login::Session => None,
                Login::Refused(error) => Some(error.clone()),
            },
            ..ExecutedStep::of(step, role)
        });
    }

    /// The token in a response, or why there is none.
    fn token_in(
        &self,
        exchange: &Exchange,
        step: &Step,
        request: TokenRequest<'p>,
    ) -> Result<AccessToken, RunError> {
        let body = check::json_body(exchange, self.session.target.limits.depth);
        let body = body.as_ref();
        let (text, refresh_token) = match request {
            TokenRequest::Login { token, .. } => (token_text(token, exchange, body, step)?, None),
            TokenRequest::OAuth2(oauth2) => oauth2::tokens(oauth2, exchange, body)?,
        };
        let life = lifetime(&text, body, &exchange.response.headers);
        let mut token = AccessToken::new(text, life);
        token.refresh_token = refresh_token;
        Ok(token)
    }
}

fn with_renewal(token: &AccessToken, is_new: bool) -> (AccessToken, Renewal) {
    let renewal = Renewal {
        standing: token.standing.clone(),
        is_new,
    };
    (token.clone(), renewal)
}
