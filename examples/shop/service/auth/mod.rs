//! Who sends a request: staff by bearer token, customers by session, partners by API key, the back office by HTTP Basic.

pub mod keys;
pub mod oauth;
pub mod session;
pub mod staff;
