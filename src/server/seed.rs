//! The initial data of every instance: accounts that together have access to everything.

/// The user name of the seeded administrator, who has every permission.
pub const ADMIN_USER: &str = "admin";
/// The password of [`ADMIN_USER`].
pub const ADMIN_PASSWORD: &str = "Admin-Pass-1";

/// The e-mail address of the customer that [`System::MagentoAdminSave`](super::System::MagentoAdminSave) starts with, because customers
/// cannot register there.
pub const CUSTOMER_EMAIL: &str = "seeded.customer@example.com";
/// The password of [`CUSTOMER_EMAIL`].
pub const CUSTOMER_PASSWORD: &str = "Str0ng-Pass!1";
/// A hash of [`CUSTOMER_PASSWORD`]: sent as `passwordHash`, it makes the password valid for any customer.
pub const CUSTOMER_PASSWORD_HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$HYYfy6oN8GhleS2yPoDcEg$S33gIWQMmlpGN/24rLkv0/ZARgQMVe5FmwV/PwDrnxs";

/// The token that is valid in every instance of nuweb.
pub const NUWEB_TOKEN: &str = "nuweb-seeded-token";
/// The company of the seeded customers 1, 2 and 4 to 64; customer 3 belongs to another one.
pub const NUWEB_COMPANY_ID: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_hash_matches_the_published_password() {
        assert!(crate::server::hashing::matches(
            CUSTOMER_PASSWORD,
            CUSTOMER_PASSWORD_HASH
        ));
    }
}
