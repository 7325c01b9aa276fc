//! The table of all operations: method, path, name, access, arguments, service; and the lookup of a request's operation ([`find`]).
//!
//! To add an operation, add a row here and a function in `service`.

use percent_encoding::percent_decode_str;

use super::input::{Argument, CUSTOMER, GROUP, InputType, SEARCH_CRITERIA};
use super::route::{Access, Forced, Route};
use super::service::{
    account, address, confirmation, customer, group, inquiry, password, search, sign_in,
};
use crate::server::system::System;
use crate::server::version::ReleaseLine;

const VIEW: Access = Access::Resource("Magento_Customer::customer");
const MANAGE: Access = Access::Resource("Magento_Customer::manage");
const DELETE: Access = Access::Resource("Magento_Customer::delete");
const GROUPS: Access = Access::Resource("Magento_Customer::group");

const BOTH: &[System] = &[System::Magento, System::MagentoAdminSave];
const SAVING: &[System] = &[System::MagentoAdminSave];

const THE_CUSTOMER: Argument = Argument::required("customer", InputType::Object(&CUSTOMER));
const THE_CUSTOMER_ID: Argument = Argument::required("customerId", InputType::Int);
const EMAIL: Argument = Argument::required("email", InputType::Text);
const NEW_PASSWORD: Argument = Argument::required("newPassword", InputType::Text);
const KEY: Argument = Argument::required("confirmationKey", InputType::Text);

const CREATE: &[Argument] = &[
    THE_CUSTOMER,
    Argument::optional("password", InputType::Text),
    Argument::optional("redirectUrl", InputType::Text),
];
const SAVE: &[Argument] = &[
    THE_CUSTOMER,
    Argument::optional("passwordHash", InputType::Text),
];
const VALIDATE: &[Argument] = &[THE_CUSTOMER];
const CUSTOMER_ID: &[Argument] = &[THE_CUSTOMER_ID];
const ADDRESS_ID: &[Argument] = &[Argument::required("addressId", InputType::Int)];
const SAVE_GROUP: &[Argument] = &[Argument::required("group", InputType::Object(&GROUP))];
const STORE: &[Argument] = &[Argument::optional("storeId", InputType::Int)];
const GROUP_ID: &[Argument] = &[Argument::required("id", InputType::Int)];
const CREDENTIALS: &[Argument] = &[
    Argument::required("username", InputType::Text),
    Argument::required("password", InputType::Text),
];
const CHANGE_PASSWORD: &[Argument] = &[
    THE_CUSTOMER_ID,
    Argument::required("currentPassword", InputType::Text),
    NEW_PASSWORD,
];
const START_RESET: &[Argument] = &[
    EMAIL,
    Argument::required("template", InputType::Text),
    Argument::optional("websiteId", InputType::Int),
];
const RESET: &[Argument] = &[
    EMAIL,
    Argument::required("resetToken", InputType::Text),
    NEW_PASSWORD,
];
const CHECK_RESET: &[Argument] = &[
    THE_CUSTOMER_ID,
    Argument::required("resetPasswordLinkToken", InputType::Text),
];
const ACTIVATE_OWN: &[Argument] = &[THE_CUSTOMER_ID, KEY];
const ACTIVATE: &[Argument] = &[EMAIL, KEY];
const RESEND: &[Argument] = &[
    EMAIL,
    Argument::required("websiteId", InputType::Int),
    Argument::optional("redirectUrl", InputType::Text),
];
const SEARCH: &[Argument] = &[Argument::required(
    "searchCriteria",
    InputType::Object(&SEARCH_CRITERIA),
)];
const IS_AVAILABLE: &[Argument] = &[
    Argument::required("customerEmail", InputType::Text),
    Argument::optional("websiteId", InputType::Int),
];

/// All operations of both systems.
// One row per line, so that the columns can be read.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    Route::new("POST", "/V1/customers", "POST /V1/customers", Access::Anonymous, CREATE, account::create),
    Route::new("POST", "/V1/customers", "POST /V1/customers", MANAGE, SAVE, customer::create_or_update).with_systems(SAVING),
    Route::new("GET", "/V1/customers/:customerId", "GET /V1/customers/{customerId}", VIEW, CUSTOMER_ID, customer::get).with_systems(BOTH),
    Route::new("PUT", "/V1/customers/:customerId", "PUT /V1/customers/{customerId}", MANAGE, SAVE, customer::update),
    Route::new("DELETE", "/V1/customers/:customerId", "DELETE /V1/customers/{customerId}", DELETE, CUSTOMER_ID, customer::delete).with_systems(BOTH),
    Route::new("GET", "/V1/customers/me", "GET /V1/customers/me", Access::OwnAccount, CUSTOMER_ID, customer::get).with_forced(Forced::CustomerId).with_systems(BOTH),
    Route::new("GET", "/V1/customers/me/session", "GET /V1/customers/me/session", Access::OwnAccount, CUSTOMER_ID, customer::get).with_forced(Forced::CustomerId).with_systems(SAVING),
    Route::new("PUT", "/V1/customers/me", "PUT /V1/customers/me", Access::OwnAccount, SAVE, customer::update_own).with_forced(Forced::CustomerFields).with_systems(BOTH),
    Route::new("POST", "/V1/integration/customer/token", "POST /V1/integration/customer/token", Access::Anonymous, CREDENTIALS, sign_in::customer).with_systems(BOTH),
    Route::new("POST", "/V1/integration/admin/token", "POST /V1/integration/admin/token", Access::Anonymous, CREDENTIALS, sign_in::administrator).with_systems(BOTH),
    Route::new("POST", "/V1/integration/customer/revoke-customer-token", "POST /V1/integration/customer/revoke-customer-token", Access::OwnAccount, CUSTOMER_ID, password::revoke_tokens).with_forced(Forced::CustomerId),
    Route::new("PUT", "/V1/customers/me/password", "PUT /V1/customers/me/password", Access::OwnAccount, CHANGE_PASSWORD, password::change).with_forced(Forced::CustomerId),
    Route::new("PUT", "/V1/customers/password", "PUT /V1/customers/password", Access::Anonymous, START_RESET, password::start_reset),
    Route::new("POST", "/V1/customers/resetPassword", "POST /V1/customers/resetPassword", Access::Anonymous, RESET, password::reset),
    Route::new("GET", "/V1/customers/:customerId/password/resetLinkToken/:resetPasswordLinkToken", "GET /V1/customers/{customerId}/password/resetLinkToken/{resetPasswordLinkToken}", Access::Anonymous, CHECK_RESET, password::check_reset),
    Route::new("PUT", "/V1/customers/me/activate", "PUT /V1/customers/me/activate", Access::OwnAccount, ACTIVATE_OWN, confirmation::activate_own).with_forced(Forced::CustomerId),
    Route::new("POST", "/V1/customers/activate", "POST /V1/customers/activate", Access::Anonymous, ACTIVATE, confirmation::activate_by_email).since(ReleaseLine::V2_4_9),
    Route::new("POST", "/V1/customers/:customerId/token", "POST /V1/customers/{customerId}/token", MANAGE, CUSTOMER_ID, sign_in::for_customer).since(ReleaseLine::V2_4_9),
    Route::new("PUT", "/V1/customers/:email/activate", "PUT /V1/customers/{email}/activate", MANAGE, ACTIVATE, confirmation::activate_by_email),
    Route::new("GET", "/V1/customers/:customerId/confirm", "GET /V1/customers/{customerId}/confirm", MANAGE, CUSTOMER_ID, confirmation::status),
    Route::new("POST", "/V1/customers/confirm", "POST /V1/customers/confirm", MANAGE, RESEND, confirmation::resend),
    Route::new("GET", "/V1/customers/search", "GET /V1/customers/search", VIEW, SEARCH, search::customers),
    Route::new("PUT", "/V1/customers/validate", "PUT /V1/customers/validate", MANAGE, VALIDATE, inquiry::validate),
    Route::new("POST", "/V1/customers/isEmailAvailable", "POST /V1/customers/isEmailAvailable", Access::Anonymous, IS_AVAILABLE, inquiry::is_email_available),
    Route::new("GET", "/V1/customers/:customerId/permissions/readonly", "GET /V1/customers/{customerId}/permissions/readonly", VIEW, CUSTOMER_ID, inquiry::is_read_only),
    Route::new("GET", "/V1/customers/me/billingAddress", "GET /V1/customers/me/billingAddress", Access::OwnAccount, CUSTOMER_ID, address::billing).with_forced(Forced::CustomerId),
    Route::new("GET", "/V1/customers/:customerId/billingAddress", "GET /V1/customers/{customerId}/billingAddress", MANAGE, CUSTOMER_ID, address::billing),
    Route::new("GET", "/V1/customers/me/shippingAddress", "GET /V1/customers/me/shippingAddress", Access::OwnAccount, CUSTOMER_ID, address::shipping).with_forced(Forced::CustomerId),
    Route::new("GET", "/V1/customers/:customerId/shippingAddress", "GET /V1/customers/{customerId}/shippingAddress", MANAGE, CUSTOMER_ID, address::shipping),
    Route::new("GET", "/V1/customers/addresses/:addressId", "GET /V1/customers/addresses/{addressId}", MANAGE, ADDRESS_ID, address::get).without_session(),
    Route::new("DELETE", "/V1/addresses/:addressId", "DELETE /V1/addresses/{addressId}", MANAGE, ADDRESS_ID, address::delete),
    Route::new("GET", "/V1/customerGroups/search", "GET /V1/customerGroups/search", GROUPS, SEARCH, search::groups).without_session(),
    Route::new("POST", "/V1/customerGroups", "POST /V1/customerGroups", GROUPS, SAVE_GROUP, group::save).without_session(),
    Route::new("GET", "/V1/customerGroups/:id", "GET /V1/customerGroups/{id}", GROUPS, GROUP_ID, group::get).without_session(),
    Route::new("PUT", "/V1/customerGroups/:id", "PUT /V1/customerGroups/{id}", GROUPS, SAVE_GROUP, group::save).with_forced(Forced::GroupId).without_session(),
    Route::new("DELETE", "/V1/customerGroups/:id", "DELETE /V1/customerGroups/{id}", GROUPS, GROUP_ID, group::delete),
    Route::new("GET", "/V1/customerGroups/:id/permissions", "GET /V1/customerGroups/{id}/permissions", GROUPS, GROUP_ID, group::is_read_only).without_session(),
    Route::new("GET", "/V1/customerGroups/default", "GET /V1/customerGroups/default", GROUPS, STORE, group::default).without_session(),
    Route::new("GET", "/V1/customerGroups/default/:storeId", "GET /V1/customerGroups/default/{storeId}", GROUPS, STORE, group::default).without_session(),
    Route::new("PUT", "/V1/customerGroups/default/:id", "PUT /V1/customerGroups/default/{id}", GROUPS, GROUP_ID, group::set_default).without_session(),
];

/// The route of a request and the values of its variables, percent-decoded.
///
/// A path without variables has precedence. Of paths with variables the last in the order of their text wins, so that literal segments
/// have precedence over variables. `path` starts with a slash and does not end with one.
pub fn find(
    system: System,
    version: ReleaseLine,
    method: &str,
    path: &str,
) -> Option<(&'static Route, Vec<(&'static str, String)>)> {
    let candidates = || {
        ROUTES
            .iter()
            .filter(|route| route.method == method && route.systems.contains(&system))
            .filter(|route| version >= route.since)
    };
    if let Some(route) = candidates().find(|route| route.path == path) {
        return Some((route, Vec::new()));
    }
    candidates()
        .filter_map(|route| variables(route.path, path).map(|values| (route, values)))
        .max_by_key(|(route, _)| route.path)
}

fn variables(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let (template, segment): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    if template.len() != segment.len() {
        return None;
    }
    let mut values = Vec::new();
    for (template, segment) in template.into_iter().zip(segment) {
        let segment = percent_decode_str(segment).decode_utf8_lossy();
        match template.strip_prefix(':') {
            Some(_) if segment.is_empty() => return None,
            Some(name) => values.push((name, segment.into_owned())),
            None if template != segment => return None,
            None => {}
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(system: System, method: &str, path: &str) -> Option<&'static str> {
        find(system, ReleaseLine::V2_4_7, method, path).map(|(route, _)| route.operation)
    }

    #[test]
    fn literal_segments_have_precedence_over_variables() {
        let magento = System::Magento;
        assert_eq!(
            operation(magento, "GET", "/V1/customers/me"),
            Some("GET /V1/customers/me")
        );
        assert_eq!(
            operation(magento, "GET", "/V1/customers/7"),
            Some("GET /V1/customers/{customerId}")
        );
        assert_eq!(
            operation(magento, "DELETE", "/V1/customers/me"),
            Some("DELETE /V1/customers/{customerId}")
        );
        let (_, values) = find(magento, ReleaseLine::V2_4_7, "GET", "/V1/customers/%2F").unwrap();
        assert_eq!(values, [("customerId", "/".to_owned())]);
    }

    #[test]
    fn unknown_routes() {
        for (method, path) in [
            ("DELETE", "/V1/customers"),
            ("GET", "/V1/Customers/me"),
            ("POST", "/V1/customers/me"),
            ("GET", "/V1/customers/me/session"),
            ("GET", "/V1//customers/me"),
            ("GET", "/V2/customers/me"),
            ("GET", "/V1"),
        ] {
            assert_eq!(
                operation(System::Magento, method, path),
                None,
                "{method} {path}"
            );
        }
        assert!(operation(System::MagentoAdminSave, "GET", "/V1/customers/me/session").is_some());
    }

    #[test]
    fn an_operation_is_written_as_its_route() {
        for route in ROUTES {
            let braced: Vec<String> = route
                .path
                .split('/')
                .map(|segment| match segment.strip_prefix(':') {
                    Some(name) => format!("{{{name}}}"),
                    None => segment.to_owned(),
                })
                .collect();
            assert_eq!(
                route.operation,
                format!("{} {}", route.method, braced.join("/"))
            );
        }
    }
}
