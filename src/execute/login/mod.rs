//! The credentials of a step's auth profile: configured for the target, rendered, or obtained by a request. Each method is a file.

pub(super) mod authentication;
mod basic;
pub(super) mod case_session;
mod command;
mod credential;
mod lifetime;
mod oauth1;
mod oauth2;
mod outcome;
mod sending;
mod session;
pub(super) mod store;
mod token;

use std::collections::BTreeMap;

use serde_json::Value;

use self::authentication::Authentication;
use self::credential::{ProfileCredential, token_credential};
use self::token::TokenRequest;
use super::case::{CaseExecution, StopReason};
use crate::case::{AuthMethod, Profile, RenderError, Scope, Step, TokenLogin};
use crate::event::StepRole;
use crate::exchange::{Caller, Credential, Request};
use crate::finding::{ErrorKind, RunError};
use crate::text::Redactor;

impl<'p> CaseExecution<'p, '_> {
    /// How a request of a step is authenticated. Sends a login where one is needed.
    pub(super) async fn authenticate(
        &mut self,
        step: &'p Step,
        scope: &Scope,
        request: &Request,
    ) -> Result<Authentication, StopReason> {
        let Some(profile) = self.profile(step) else {
            return Ok(Authentication {
                caller: Caller::Unauthenticated,
                credential: Credential::None,
                renewal: None,
            });
        };
        let ProfileCredential {
            credential,
            secrets,
            renewal,
        } = self.credential_of(profile, step, scope, request).await?;
        if profile.refused {
            return Ok(Authentication {
                caller: Caller::Refused,
                credential,
                renewal: None,
            });
        }
        self.transcript.credentials.extend(secrets);
        Ok(Authentication {
            caller: Caller::Authenticated,
            credential,
            renewal,
        })
    }

    /// The auth profile of a step, unless it has no credentials.
    pub(super) fn profile(&self, step: &Step) -> Option<&'p Profile> {
        let profile = self.session.suite.profiles.get(&step.caller.value)?;
        (!matches!(profile.method, AuthMethod::None)).then_some(&**profile)
    }

    async fn credential_of(
        &mut self,
        profile: &'p Profile,
        step: &'p Step,
        scope: &Scope,
        request: &Request,
    ) -> Result<ProfileCredential, StopReason> {
        let given = self.session.target.auth.get(&profile.name);
        let bearer = given.and_then(|credentials| credentials.values.get("bearer"));
        if let (Some(carrier), Some(bearer)) = (profile.method.token_carrier(), bearer) {
            return Ok(token_credential(carrier, bearer.clone()));
        }
        let with_credentials = self.scope_with_credentials(&profile.name, scope);
        let scope = with_credentials.as_ref().unwrap_or(scope);
        let (token_request, carrier) = match &profile.method {
            AuthMethod::Command => return self.command_credential(profile, step, request).await,
            AuthMethod::Session(session) => {
                return self
                    .session_credential(profile, session, step, scope, &request.url)
                    .await;
            }
            AuthMethod::Login(TokenLogin {
                step,
                token,
                carrier,
            }) => (TokenRequest::Login { step, token }, carrier),
            AuthMethod::OAuth2(oauth2) => (TokenRequest::OAuth2(oauth2), &oauth2.carrier),
            method => {
                let rendered = rendered(method, scope);
                return rendered.map_err(|error| self.value_missing(step, StepRole::Step, &error));
            }
        };
        let (token, renewal) = self.token(profile, token_request, scope).await?;
        Ok(ProfileCredential {
            renewal: Some(renewal),
            ..token_credential(carrier, token.text)
        })
    }

    /// The headers that the program of a profile returns for a request. All of them are secret.
    async fn command_credential(
        &mut self,
        profile: &'p Profile,
        step: &'p Step,
        request: &Request,
    ) -> Result<ProfileCredential, StopReason> {
        let credentials = self.session.target.auth.get(&profile.name);
        let returned = match credentials.and_then(|credentials| credentials.command.as_ref()) {
            Some(command) => command::headers(command, request).await,
            None => Err("the target has no `command` for it".to_owned()),
        };
        let headers = returned.map_err(|reason| {
            let message = format!("auth profile `{}`: {reason}", profile.name);
            let error = RunError::new(ErrorKind::LoginFailed, message)
                .with_advice("correct the program, or raise its `timeout` in counterpart.toml");
            // It got the headers of the request, and may have printed them.
            let sent = request
                .headers
                .iter()
                .filter(|(name, _)| Redactor::standard().is_secret_header(name.as_str()));
            let secrets =
                sent.map(|(_, value)| String::from_utf8_lossy(value.as_bytes()).into_owned());
            self.transcript.credentials.extend(secrets);
            self.not_composed(step, StepRole::Login(profile.name.clone()), error)
        })?;
        let values = headers.values();
        let secrets = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Ok(ProfileCredential {
            secrets: secrets.collect(),
            credential: Credential::Headers(headers),
            renewal: None,
        })
    }

    /// The variables with `credentials` added, if the target has any for the auth profile.
    pub(super) fn scope_with_credentials(&self, profile: &str, scope: &Scope) -> Option<Scope> {
        let credentials = self.session.target.auth.get(profile)?;
        let mut scope = scope.clone();
        let value = credentials_value(&credentials.values);
        scope.variables.insert("credentials".to_owned(), value);
        Some(scope)
    }
}

fn credentials_value(values: &BTreeMap<String, String>) -> Value {
    values
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}

/// The credentials of a method that needs no request.
fn rendered(method: &AuthMethod, scope: &Scope) -> Result<ProfileCredential, RenderError> {
    match method {
        AuthMethod::Token(known) => {
            let token = known.token.render_text(scope)?;
            Ok(token_credential(&known.carrier, token))
        }
        AuthMethod::Basic(basic) => basic::credential(basic, scope),
        AuthMethod::ApiKey(key) => {
            let text = key.value.render_text(scope)?;
            Ok(ProfileCredential {
                secrets: vec![text.clone()],
                credential: Credential::Text {
                    place: key.place.clone(),
                    text,
                },
                renewal: None,
            })
        }
        AuthMethod::OAuth1(oauth1) => oauth1::credential(oauth1, scope),
        AuthMethod::ClientCertificate => Ok(ProfileCredential {
            credential: Credential::ClientCertificate,
            secrets: Vec::new(),
            renewal: None,
        }),
        // All others were handled before, or have nothing to render.
        _ => Ok(ProfileCredential {
            credential: Credential::None,
            secrets: Vec::new(),
            renewal: None,
        }),
    }
}
