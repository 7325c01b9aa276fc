//! What steps are for. Main type: [`StepRole`].

use serde::{Deserialize, Serialize};

/// What a step is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RoleParts", into = "RoleParts")]
pub enum StepRole {
    /// A step of the subject itself.
    Step,
    /// Creates what the case needs.
    Fixture(String),
    /// Obtains a token for an auth profile.
    Login(String),
    /// Removes what was created.
    Cleanup,
    /// Creates what the cases of a file share.
    Setup,
    Unknown,
}

/// The serialised form of a [`StepRole`].
#[derive(Debug, Clone, Serialize, Deserialize)]
struct RoleParts {
    kind: RoleKind,
    /// Of a fixture or an auth profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleKind {
    Step,
    Fixture,
    Login,
    Cleanup,
    Setup,
    #[serde(other)]
    Unknown,
}

impl From<RoleParts> for StepRole {
    fn from(RoleParts { kind, name }: RoleParts) -> Self {
        match (kind, name) {
            (RoleKind::Step, _) => StepRole::Step,
            (RoleKind::Fixture, name) => StepRole::Fixture(name.unwrap_or_default()),
            (RoleKind::Login, name) => StepRole::Login(name.unwrap_or_default()),
            (RoleKind::Cleanup, _) => StepRole::Cleanup,
            (RoleKind::Setup, _) => StepRole::Setup,
            (RoleKind::Unknown, _) => StepRole::Unknown,
        }
    }
}

impl From<StepRole> for RoleParts {
    fn from(role: StepRole) -> Self {
        let (kind, name) = match role {
            StepRole::Step => (RoleKind::Step, None),
            StepRole::Fixture(name) => (RoleKind::Fixture, Some(name)),
            StepRole::Login(name) => (RoleKind::Login, Some(name)),
            StepRole::Cleanup => (RoleKind::Cleanup, None),
            StepRole::Setup => (RoleKind::Setup, None),
            StepRole::Unknown => (RoleKind::Unknown, None),
        };
        RoleParts { kind, name }
    }
}
