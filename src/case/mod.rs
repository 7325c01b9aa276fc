//! What is sent and expected: case files read ([`load`]) into [`Suite`], [`Case`], [`Step`], and written ([`write()`]); values that are
//! rendered when a case runs ([`Template`], with the variables of a [`Scope`] and generated data, [`Unique`]); what is expected of a
//! response ([`Expectation`], [`Matcher`]).
//!
//! `schemas/case-file.schema.json` and `schemas/system-file.schema.json` describe every field of the files.

mod base64_text;
mod binary;
mod body;
mod body_path;
mod build;
mod engine;
mod equality;
mod expectation;
mod filter;
mod identifiers;
mod matcher;
mod model;
mod moment;
mod origin;
mod profile;
mod read;
mod requests;
mod scope;
mod sending;
mod suite;
mod template;
mod unique;
mod write;

pub(crate) use base64_text::decoded_base64;
pub use binary::BinaryExpectation;
pub(crate) use body::{BYTES, URL_ENCODED};
pub use body::{Body, PartContent, PartData, PartValue, SentFile};
pub use body_path::BodyPath;
pub use expectation::{
    AppliedRules, BodySchema, Expectation, HeaderExpectation, StatusPattern, XPathExpectation,
};
pub use matcher::{Comparison, JsonType, Matcher, Pattern, Rule};
pub use model::{
    Call, Capture, CaptureSource, Case, CaseFile, Fixture, Given, Parallel, Step, StepEntry,
    requests_in,
};
pub(crate) use moment::{Moment, TimeSpan};
pub use origin::{Located, Origin};
pub use profile::{
    ApiKey, AuthMethod, BasicAuth, CookieSession, CsrfToken, KnownToken, OAuth1, OAuth2, Profile,
    TokenCarrier, TokenLogin,
};
pub use read::{FindContract, load, load_paths};
pub use requests::check_requests;
pub use scope::{RenderError, Scope, UNEXPECTED};
pub use sending::{ExpectedOutcome, Repeat, SendRules, Until, Wait};
pub use suite::Suite;
pub use template::{Expression, MixedText, Reference, Template, TemplateError};
pub use unique::Unique;
pub use write::{WriteError, write};
