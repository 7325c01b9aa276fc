//! Converts a request's body, path and query to the arguments of a service, like Magento does.
//!
//! `body` reads the text (`xml` if it is XML), `query` the query string, `types` describes arguments and data objects as tables, `build`
//! applies them.
//! Main types: [`Arguments`], [`Object`].

mod body;
mod build;
mod query;
mod types;
mod value;
mod xml;

pub use body::read_body;
pub use build::build;
pub use query::parse_query;
pub use types::{Argument, CUSTOMER, GROUP, InputType, SEARCH_CRITERIA};
pub use value::{Arguments, Object};
