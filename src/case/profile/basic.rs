//! User name and password (`basic:`).

use crate::case::template::Template;

/// `basic: { username: …, password: … }`; without them the target's `username` and `password`.
#[derive(Debug)]
pub struct BasicAuth {
    pub username: Template,
    pub password: Template,
}
