//! How the request of a step is authenticated. Main type: [`Authentication`].

use crate::exchange::{Caller, Credential};

/// How the request of a step is authenticated.
#[derive(Debug)]
pub(in crate::execute) struct Authentication {
    pub(in crate::execute) caller: Caller,
    pub(in crate::execute) credential: Credential,
}
