//! Replaces the accounts of the recording by those of the target.
//!
//! A recording logs in with accounts that existed before, such as an administrator's; another target has its own. A recorded
//! request shows such an account if it is a login call of one of the suite's auth profiles, got a successful response, and its
//! credentials appear in no other request of the recording (else the recording created the account itself). In every request to
//! that login call these values are replaced by the target's, wherever a member has exactly the recorded value. A recorded login
//! with a wrong password stays wrong, and counts as a failure of the same user.
//!
//! The members follow from the profile's `login.body`, rendered with the target's credentials. If the target has no credentials
//! for the profile, the recorded ones are sent.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use crate::case::{Body, Call, Profile, Scope, Suite};
use crate::recording::{Entry, Recording};
use crate::target::{Credentials, Target};

/// The values to replace in requests to one login call.
#[derive(Debug)]
pub(super) struct Account {
    method: Method,
    /// The path below the base path.
    path: String,
    /// Member, recorded value, the target's value.
    members: Vec<(String, String, String)>,
}

impl Account {
    /// All accounts of a recording for which the target has its own credentials.
    pub(super) fn all(recording: &Recording, suite: &Suite, target: &Target) -> Vec<Account> {
        let profiles = suite.profiles.values().filter_map(|profile| {
            let credentials = target.auth.get(&profile.name)?;
            let (method, path, body) = login(profile, credentials)?;
            let account = Account {
                method,
                path,
                members: Vec::new(),
            };
            Some((account, body))
        });
        profiles
            .flat_map(|(account, target_members)| account.of_entries(recording, &target_members))
            .collect()
    }

    /// Whether an entry's request is the login call.
    fn is_login(&self, entry: &Entry) -> bool {
        entry.request.method == self.method
            && entry.path().trim_end_matches('/').ends_with(&self.path)
    }

    /// The replacement for the text of a top-level member of an entry's body, if it belongs to the account.
    pub(super) fn replacement(&self, entry: &Entry, member: &str, text: &str) -> Option<&str> {
        if !self.is_login(entry) {
            return None;
        }
        let mut members = self.members.iter();
        let found = members.find(|(name, recorded, _)| name == member && recorded == text)?;
        Some(&found.2)
    }

    /// One account for each set of values that logged in and was not created by the recording.
    fn of_entries(
        &self,
        recording: &Recording,
        target_members: &serde_json::Map<String, Value>,
    ) -> Vec<Account> {
        let mut accounts: Vec<Account> = Vec::new();
        let elsewhere: BTreeSet<String> = recording
            .entries
            .iter()
            .filter(|entry| !self.is_login(entry))
            .flat_map(|entry| texts(&entry.request.body))
            .collect();
        for entry in recording
            .entries
            .iter()
            .filter(|entry| self.is_login(entry))
        {
            let succeeded = entry
                .response
                .as_ref()
                .is_some_and(|response| response.status.is_success());
            let Some(body) = object(&entry.request.body).filter(|_| succeeded) else {
                continue;
            };
            let members: Vec<(String, String, String)> = target_members
                .iter()
                .filter_map(|(name, value)| {
                    let recorded = body.get(name)?.as_str()?;
                    Some((
                        name.clone(),
                        recorded.to_owned(),
                        value.as_str()?.to_owned(),
                    ))
                })
                .collect();
            let is_created_in_recording = members
                .iter()
                .any(|(_, recorded, _)| elsewhere.contains(recorded));
            let known = accounts.iter().any(|account| account.members == members);
            if !members.is_empty() && !is_created_in_recording && !known {
                accounts.push(Account {
                    method: self.method.clone(),
                    path: self.path.clone(),
                    members,
                });
            }
        }
        accounts
    }
}

/// The login call of a profile and its body, rendered with credentials; `None` if it has none, or needs other variables.
fn login(
    profile: &Profile,
    credentials: &Credentials,
) -> Option<(Method, String, serde_json::Map<String, Value>)> {
    let step = profile.method.login()?;
    let mut scope = Scope::default();
    let values = credentials.values.iter();
    let values: serde_json::Map<String, Value> = values
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect();
    scope.set("credentials", values);
    let path = match &step.call {
        Call::Operation { operation, .. } => operation.path.clone(),
        Call::Raw { path, .. } => path
            .render_text(&scope)
            .ok()?
            .trim_start_matches('/')
            .to_owned(),
    };
    let Some(Body::Json { value, .. }) = &step.body else {
        return None;
    };
    match value.render(&scope).ok()? {
        Value::Object(body) => Some((step.method().clone(), path, body)),
        _ => None,
    }
}

fn object(body: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(body).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// All texts in a JSON body except passwords: two accounts may have the same password.
fn texts(body: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut open: Vec<Value> = serde_json::from_slice(body).into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => texts.push(text),
            Value::Array(items) => open.extend(items),
            Value::Object(members) => {
                let kept = members
                    .into_iter()
                    .filter(|(name, _)| !name.to_ascii_lowercase().contains("password"));
                open.extend(kept.map(|(_, value)| value));
            }
            _ => {}
        }
    }
    texts
}
