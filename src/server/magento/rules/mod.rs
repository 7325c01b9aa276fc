//! The rules of the customer area: pure functions from values to messages, without database and HTTP.

pub mod address;
pub mod date;
pub mod directory;
pub mod email;
pub mod lock;
pub mod name;
pub mod password;
