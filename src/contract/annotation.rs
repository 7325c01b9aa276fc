//! Keywords that only our rewritten schemas have, and that the validation engine ignores.

/// For a discriminator: its property, and the names with the schemas that they lead to.
pub(super) const DISPATCH: &str = "x-dispatch";

/// Holds what is beside a `$ref` that replaces it, where other references lead into it.
pub(super) const BESIDE_REFERENCE: &str = "x-beside";
