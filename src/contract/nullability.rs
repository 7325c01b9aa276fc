//! The two ways to read `nullable`. Main type: [`Nullability`].

/// Where `nullable: true` (OpenAPI 3.0) and `x-nullable: true` (Swagger 2.0) mean that null is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nullability {
    /// Wherever authors write it: also beside `$ref`, without `type`, with an `enum` that lacks null, and `x-nullable`.
    #[default]
    AsMeant,
    /// Only where the specification gives it a meaning: `nullable` beside `type` (OpenAPI 3.0.4, "Schema Object").
    AsWritten,
}
