//! The credentials of a step's auth profile: configured for the target, rendered, or obtained by a request. Each method is a file.

pub(super) mod authentication;
pub(super) mod store;
mod token;

use std::collections::BTreeMap;

use serde_json::Value;

use self::authentication::Authentication;
use super::case::{CaseExecution, StopReason};
use crate::case::{
    AuthMethod, Profile, Reference, RenderError, Scope, Step, Template, TokenCarrier,
};
use crate::event::StepRole;
use crate::exchange::{Caller, Credential, basic_credentials};

/// The credentials of a profile, and those of their parts that must not be shown.
struct ProfileCredential {
    credential: Credential,
    secrets: Vec<String>,
}

impl<'p> CaseExecution<'p, '_> {
    /// How a step's request is authenticated. Sends a login where one is needed.
    pub(super) async fn authenticate(
        &mut self,
        step: &'p Step,
        scope: &Scope,
    ) -> Result<Authentication, StopReason> {
        let session = self.session;
        let profile = session.suite.profiles.get(&step.caller.value);
        let profile = profile.filter(|profile| !matches!(profile.method, AuthMethod::None));
        let Some(profile) = profile else {
            return Ok(Authentication {
                caller: Caller::Unauthenticated,
                credential: Credential::None,
            });
        };
        let ProfileCredential {
            credential,
            secrets,
        } = self.credential_of(profile, step, scope).await?;
        let caller = match profile.refused {
            true => Caller::Refused,
            false => {
                self.transcript.credentials.extend(secrets);
                Caller::Authenticated
            }
        };
        Ok(Authentication { caller, credential })
    }

    async fn credential_of(
        &mut self,
        profile: &'p Profile,
        step: &'p Step,
        scope: &Scope,
    ) -> Result<ProfileCredential, StopReason> {
        let given = self.session.target.auth.get(&profile.name);
        let bearer = given.and_then(|credentials| credentials.values.get("bearer"));
        if let (Some(carrier), Some(bearer)) = (profile.method.token_carrier(), bearer) {
            return Ok(token_credential(carrier, bearer.clone()));
        }
        let with_credentials = self.scope_with_credentials(&profile.name, scope);
        let scope_of_profile = with_credentials.as_ref().unwrap_or(scope);
        let rendered = match &profile.method {
            AuthMethod::None => Ok(ProfileCredential {
                credential: Credential::None,
                secrets: Vec::new(),
            }),
            AuthMethod::Token(known) => known
                .token
                .render_text(scope_of_profile)
                .map(|token| token_credential(&known.carrier, token)),
            AuthMethod::Basic(basic) => {
                basic_credential(&basic.username, &basic.password, scope_of_profile)
            }
            AuthMethod::ApiKey(key) => {
                key.value
                    .render_text(scope_of_profile)
                    .map(|text| ProfileCredential {
                        credential: Credential::Text {
                            place: key.place.clone(),
                            text: text.clone(),
                        },
                        secrets: vec![text],
                    })
            }
            AuthMethod::Login(login) => {
                let token = self
                    .log_in(profile, &login.step, &login.token, scope_of_profile)
                    .await?;
                Ok(token_credential(&login.carrier, token))
            }
        };
        rendered.map_err(|error| self.value_missing(step, StepRole::Step, &error))
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

fn token_credential(carrier: &TokenCarrier, token: String) -> ProfileCredential {
    ProfileCredential {
        credential: Credential::Text {
            place: carrier.place.clone(),
            text: carrier.text(&token),
        },
        secrets: vec![token],
    }
}

/// The password is a secret alone and in base64. Fails where the user name has a colon.
fn basic_credential(
    username: &Template,
    password: &Template,
    scope: &Scope,
) -> Result<ProfileCredential, RenderError> {
    let (user, password) = (username.render_text(scope)?, password.render_text(scope)?);
    let encoded = basic_credentials(&user, &password).map_err(|message| RenderError {
        message,
        place: username.references().first().and_then(Reference::place),
    })?;
    Ok(ProfileCredential {
        credential: Credential::header(http::header::AUTHORIZATION, format!("Basic {encoded}")),
        secrets: vec![password, encoded],
    })
}
