//! Logins that keep their session in cookies.

use url::Url;

use super::authentication::Renewal;
use super::case_session::CaseSession;
use super::credential::ProfileCredential;
use super::outcome::{is_temporary, login_failed, token_text};
use super::store::Login;
use crate::case::{CookieSession, CsrfToken, Profile, Scope, Step};
use crate::check;
use crate::event::StepRole;
use crate::exchange::{Credential, Exchange};
use crate::execute::case::{CaseExecution, StopReason};
use crate::execute::compose::{self, Composed};
use crate::execute::transcript::ExecutedStep;
use crate::finding::RunError;

impl<'p> CaseExecution<'p, '_> {
    /// What signs a request to `url` in the session of a profile. Logs in where the case has no session yet.
    pub(super) async fn session_credential(
        &mut self,
        profile: &'p Profile,
        session: &'p CookieSession,
        step: &'p Step,
        scope: &Scope,
        url: &Url,
    ) -> Result<ProfileCredential, StopReason> {
        let is_new = !self.sessions.contains_key(&profile.name);
        if is_new {
            let begun = self.begin_session(profile, session, scope).await?;
            self.sessions.insert(profile.name.clone(), begun);
        }
        let Some(held) = self.sessions.get(&profile.name) else {
            return Err(StopReason::Ended);
        };
        let renewal = Renewal {
            standing: held.standing.clone(),
            is_new,
        };
        match held.credential(session, step.method(), url) {
            Ok(credential) => Ok(ProfileCredential {
                renewal: Some(renewal),
                ..credential
            }),
            Err(reason) => {
                let role = StepRole::Login(profile.name.clone());
                let error = login_failed(&session.step, reason);
                Err(self.not_composed(&*session.step, role, error))
            }
        }
    }

    /// Logs in. Only one case at a time does so until the server accepted the credentials once: wrong ones are sent once, not by each case.
    async fn begin_session(
        &mut self,
        profile: &'p Profile,
        session: &'p CookieSession,
        scope: &Scope,
    ) -> Result<CaseSession, StopReason> {
        let role = StepRole::Login(profile.name.clone());
        let step = &*session.step;
        let composed = compose::request(step, scope, &self.session.suite, &self.session.target);
        let composed = match composed {
            Ok(composed) => composed,
            Err(error) => return Err(self.not_composed(step, role, error)),
        };
        let key = format!("{} {}", profile.name, composed.key());
        let entry = self.store(profile).entry(&key).await;
        let mut entry = entry.lock().await;
        match entry.as_ref() {
            Some(Login::Refused(error)) => {
                let error = error.clone();
                self.transcript
                    .steps
                    .push(ExecutedStep::without_exchange(step, role, error));
                Err(StopReason::Ended)
            }
            Some(_) => {
                drop(entry);
                let begun = self.new_session(session, &composed, scope, role).await?;
                begun.map_err(|_| StopReason::Ended)
            }
            None => {
                let begun = self.new_session(session, &composed, scope, role).await?;
                let login = match &begun {
                    Ok(_) => Login::Session,
                    Err(error) => Login::Refused(error.clone()),
                };
                if !is_temporary(&login) {
                    *entry = Some(login);
                }
                begun.map_err(|_| StopReason::Ended)
            }
        }
    }

    /// Sends the login, with a token of the page where there is one: many servers want one for the login, too. They replace it then, so the
    /// page is read again.
    async fn new_session(
        &mut self,
        session: &'p CookieSession,
        composed: &Composed,
        scope: &Scope,
        role: StepRole,
    ) -> Result<Result<CaseSession, RunError>, StopReason> {
        let step = &*session.step;
        let mut begun = CaseSession::default();
        let page = session
            .csrf
            .as_ref()
            .and_then(|csrf| Some((csrf, csrf.page.as_deref()?)));
        if let Some((csrf, page)) = page
            && !step.is_safe()
        {
            // It may be protected: then the login needs no token.
            let _ = self
                .read_page(&mut begun, session, csrf, page, scope, &role)
                .await?;
        }
        let credential = begun.login_credential(session, composed);
        let sent = self
            .send_login(step, composed, &credential, role.clone())
            .await?;
        let (exchange, result) = match sent {
            Err(error) => (None, Err(error)),
            Ok(exchange) => {
                let accepted = self.accepted(&mut begun, session, &exchange);
                (Some(exchange), accepted)
            }
        };
        let login = match &result {
            Ok(()) => Login::Session,
            Err(error) => Login::Refused(error.clone()),
        };
        self.record_login(step, composed, role.clone(), exchange, &login);
        if let Err(error) = result {
            return Ok(Err(error));
        }
        if let Some((csrf, page)) = page {
            let read = self
                .read_page(&mut begun, session, csrf, page, scope, &role)
                .await?;
            if let Err(error) = read {
                if let Some(last) = self.transcript.steps.last_mut() {
                    last.error = Some(error.clone());
                }
                return Ok(Err(error));
            }
        }
        Ok(Ok(begun))
    }

    /// Keeps what the response of a login sets. Fails where it is an error or sets nothing.
    fn accepted(
        &self,
        begun: &mut CaseSession,
        session: &CookieSession,
        exchange: &Exchange,
    ) -> Result<(), RunError> {
        let step = &session.step;
        let status = exchange.response.status;
        begun.receive(session, exchange);
        if !status.is_success() && !status.is_redirection() {
            return Err(login_failed(step, format!("{} got {status}", step.label())));
        }
        if begun.jar.is_empty() {
            let message = format!("{} got {status}, and sets no cookie", step.label());
            return Err(login_failed(step, message));
        }
        let body = check::json_body(exchange, self.session.target.limits.depth);
        if let Some((token, _)) = &session.token {
            begun.token = Some(token_text(token, exchange, body.as_ref(), step)?);
        }
        match &session.csrf {
            Some(csrf) if csrf.page.is_none() => {
                begun.keep_csrf(csrf, exchange, body.as_ref(), step)
            }
            _ => Ok(()),
        }
    }

    /// Reads the page with the token against forgery. The outer result is whether the case continues, the inner one whether it has a token.
    async fn read_page(
        &mut self,
        begun: &mut CaseSession,
        session: &'p CookieSession,
        csrf: &CsrfToken,
        page: &'p Step,
        scope: &Scope,
        role: &StepRole,
    ) -> Result<Result<(), RunError>, StopReason> {
        let composed = compose::request(page, scope, &self.session.suite, &self.session.target);
        let composed = match composed {
            Ok(composed) => composed,
            Err(error) => return Err(self.not_composed(page, role.clone(), error)),
        };
        let credential = Credential::Cookies(begun.jar.sent_to(&composed.request().url));
        let sent = self
            .send_login(page, &composed, &credential, role.clone())
            .await?;
        let (exchange, read) = match sent {
            Err(error) => (None, Err(error)),
            Ok(exchange) => {
                begun.receive(session, &exchange);
                let body = check::json_body(&exchange, self.session.target.limits.depth);
                let read = begun.keep_csrf(csrf, &exchange, body.as_ref(), page);
                (Some(exchange), read)
            }
        };
        self.record_login(page, &composed, role.clone(), exchange, &Login::Session);
        Ok(read)
    }
}
