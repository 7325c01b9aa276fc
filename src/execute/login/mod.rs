//! The credentials of a step's auth profile: configured for the target, rendered, or obtained by a request. Each method is a file.

pub(super) mod authentication;
mod basic;
pub(super) mod case_session;
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
use url::Url;

use self::authentication::Authentication;
use self::credential::{ProfileCredential, token_credential};
use self::token::TokenRequest;
use super::case::{CaseExecution, StopReason};
use crate::case::{AuthMethod, Profile, RenderError, Scope, Step, TokenLogin};
use crate::event::StepRole;
use crate::exchange::{Caller, Credential};

impl<'p> CaseExecution<'p, '_> {
    /// How the request of a step to `url` is authenticated. Sends a login where one is needed.
    pub(super) async fn authenticate(
        &mut self,
        step: &'p Step,
        scope: &Scope,
        url: &Url,
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
        } = self.credential_of(profile, step, scope, url).await?;
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
        url: &Url,
    ) -> Result<ProfileCredential, StopReason> {
        let given = self.session.target.auth.get(&profile.name);
        let bearer = given.and_then(|credentials| credentials.values.get("bearer"));
        if let (Some(carrier), Some(bearer)) = (profile.method.token_carrier(), bearer) {
            return Ok(token_credential(carrier, bearer.clone()));
        }
        let with_credentials = self.scope_with_credentials(&profile.name, scope);
        let scope = with_credentials.as_ref().unwrap_or(scope);
        let (request, carrier) = match &profile.method {
            AuthMethod::Session(session) => {
                return self
                    .session_credential(profile, session, step, scope, url)
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
        let (token, renewal) = self.token(profile, request, scope).await?;
        Ok(ProfileCredential {
            renewal: Some(renewal),
            ..token_credential(carrier, token.text)
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
        // All others were handled before, or have nothing to render.
        _ => Ok(ProfileCredential {
            credential: Credential::None,
            secrets: Vec::new(),
            renewal: None,
        }),
    }
}
