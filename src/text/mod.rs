//! Text that may be shown: without secrets, harmless for terminals, truncated and counted in one way everywhere.
//!
//! - [`Redactor`] knows what is secret and makes [`MaskedText`], the only type that events, reports and `curl` lines accept for what
//!   was sent, received or read from a file.
//! - [`line()`], [`short`] and [`MaskedText`]'s `Display` escape: what could move a cursor, colour a terminal or reorder a line is
//!   shown as `\u{1b}`.
//! - [`cut`] and [`counted()`]: the one way to shorten a text and to write a number of things.

mod counted;
mod escape;
mod excerpt;
mod invalid;
mod masked;
mod values;

mod redactor;

pub use counted::counted;
pub use escape::line;
pub(crate) use escape::push_escaped;
pub use excerpt::{cut, head};
pub use invalid::InvalidText;
pub use masked::{MaskedText, short};
pub use redactor::{MASK, Redactor, SecretNames};
