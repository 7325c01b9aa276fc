//! One instance of a system: its data, its secret, its faults. Main types: [`Instance`], [`InstanceOptions`].

use super::database::CreateError;
use super::fault::{self, Fault, Weaknesses};
use super::hashing::Hashing;
use super::magento::Magento;
use super::nuweb::Nuweb;
use super::request::ServerRequest;
use super::response::ServerResponse;
use super::system::System;
use super::version::ReleaseLine;

/// The options of an instance.
#[derive(Debug, Clone, Default)]
pub struct InstanceOptions {
    /// The faults (Default: none). Faults of another system are rejected.
    pub faults: Vec<&'static Fault>,
    /// The cost of passwords (Default: [`Hashing::Cheap`]).
    pub hashing: Hashing,
    /// The version that a Magento imitates (Default: [`ReleaseLine::V2_4_7`]); nuweb has no versions and ignores it.
    pub version: ReleaseLine,
}

/// Why an instance could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot create the data of the {system} server")]
    Data { system: System, source: CreateError },
    #[error("fault `{fault}` belongs to the {owner} server, not to {system}")]
    ForeignFault {
        fault: &'static str,
        owner: System,
        system: System,
    },
    #[error("the listener of the {system} server has no address")]
    Listener {
        system: System,
        source: std::io::Error,
    },
}

/// An instance of a system. Two instances share nothing.
pub struct Instance {
    system: System,
    faults: Vec<&'static Fault>,
    kind: SystemInstance,
}

enum SystemInstance {
    Magento(Box<Magento>),
    Nuweb(Nuweb),
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let faults: Vec<_> = self.faults.iter().map(|fault| fault.name).collect();
        f.debug_struct("State")
            .field("system", &self.system)
            .field("faults", &faults)
            .finish_non_exhaustive()
    }
}

impl Instance {
    /// A new instance with seeded data. Fails if its temporary database cannot be created, or if a fault belongs to another system.
    pub fn new(system: System, options: InstanceOptions) -> Result<Self, StartError> {
        let InstanceOptions {
            faults,
            hashing,
            version,
        } = options;
        if let Some(foreign) = faults.iter().find(|fault| fault.system != system) {
            return Err(StartError::ForeignFault {
                fault: foreign.name,
                owner: foreign.system,
                system,
            });
        }
        let failed = |source| StartError::Data { system, source };
        let kind = match system {
            System::Magento | System::MagentoAdminSave => SystemInstance::Magento(Box::new(
                Magento::new(system, version, hashing).map_err(failed)?,
            )),
            System::Nuweb => SystemInstance::Nuweb(Nuweb::new(hashing).map_err(failed)?),
        };
        Ok(Instance {
            system,
            faults,
            kind,
        })
    }

    /// The version that is served; `None` for a system without versions.
    pub fn version(&self) -> Option<ReleaseLine> {
        match &self.kind {
            SystemInstance::Magento(magento) => Some(magento.version()),
            SystemInstance::Nuweb(_) => None,
        }
    }

    /// The Magento instance, for tests that access more than the API.
    #[cfg(test)]
    pub(super) fn magento(&self) -> &Magento {
        match &self.kind {
            SystemInstance::Magento(magento) => magento,
            SystemInstance::Nuweb(_) => panic!("the instance is not a Magento"),
        }
    }

    /// Processes a request; blocks on the database.
    pub(super) fn respond(&self, request: &ServerRequest) -> ServerResponse {
        let weaknesses = Weaknesses::of(&self.faults);
        let response = match &self.kind {
            SystemInstance::Magento(magento) => magento.respond(request, weaknesses),
            SystemInstance::Nuweb(nuweb) => nuweb.respond(request, weaknesses),
        };
        fault::rewrite(&self.faults, request, response)
    }
}
