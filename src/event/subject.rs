//! The things that verdicts are about. Main type: [`Subject`].

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The stable name of the thing that a verdict is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    #[serde(default, skip_serializing_if = "SubjectKind::is_case")]
    pub kind: SubjectKind,
    pub system: Arc<str>,
    /// Path of the case file below the system's folder, without extension; the name of the recording.
    pub file: Arc<str>,
    pub name: Arc<str>,
}

/// What kind of thing a [`Subject`] is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubjectKind {
    #[default]
    Case,
    /// An entry of a recording.
    Entry,
    /// An observed exchange between a client and a server.
    Exchange,
    #[serde(other)]
    Unknown,
}

impl SubjectKind {
    pub(super) fn is_case(&self) -> bool {
        *self == SubjectKind::Case
    }

    /// The noun for one subject.
    pub fn noun(self) -> &'static str {
        match self {
            SubjectKind::Case => "case",
            SubjectKind::Entry => "entry",
            SubjectKind::Exchange => "exchange",
            SubjectKind::Unknown => "subject",
        }
    }

    /// The noun for several subjects.
    pub fn plural(self) -> &'static str {
        match self {
            SubjectKind::Case => "cases",
            SubjectKind::Entry => "entries",
            SubjectKind::Exchange => "exchanges",
            SubjectKind::Unknown => "subjects",
        }
    }
}

impl Subject {
    /// A case of a case file.
    pub fn case(
        system: impl Into<Arc<str>>,
        file: impl Into<Arc<str>>,
        name: impl Into<Arc<str>>,
    ) -> Self {
        Subject {
            kind: SubjectKind::Case,
            system: system.into(),
            file: file.into(),
            name: name.into(),
        }
    }
}

/// `system::file::name`
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}::{}", self.system, self.file, self.name)
    }
}

/// Subjects of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectNames {
    #[serde(default, skip_serializing_if = "SubjectKind::is_case")]
    pub kind: SubjectKind,
    pub system: Arc<str>,
    /// As in [`Subject::file`].
    pub file: Arc<str>,
    pub names: Vec<Arc<str>>,
}

impl SubjectNames {
    /// Groups consecutive subjects of the same file. The order is kept.
    pub fn of<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> Vec<SubjectNames> {
        let mut files: Vec<SubjectNames> = Vec::new();
        for Subject {
            kind,
            system,
            file,
            name,
        } in subjects
        {
            match files.last_mut() {
                Some(last) if (last.kind, &last.system, &last.file) == (*kind, system, file) => {
                    last.names.push(Arc::clone(name));
                }
                _ => files.push(SubjectNames {
                    kind: *kind,
                    system: Arc::clone(system),
                    file: Arc::clone(file),
                    names: vec![Arc::clone(name)],
                }),
            }
        }
        files
    }

    /// Each subject.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.names.iter().map(|name| Subject {
            kind: self.kind,
            system: Arc::clone(&self.system),
            file: Arc::clone(&self.file),
            name: Arc::clone(name),
        })
    }
}
