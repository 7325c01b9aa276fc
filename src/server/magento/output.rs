//! Records as Magento writes them: the order of keys, and which values are left out or null.

use serde_json::{Map, Value, json};

use super::rules::directory;
use super::storage::{Address, Customer, CustomerGroup};

/// A customer. Optional fields that are not set are left out; `addresses` and `extension_attributes` are always present.
pub fn customer(customer: &Customer, addresses: &[Address]) -> Value {
    let mut out = OutputFields::default();
    let id_text = |id: Option<i64>| id.map(|id| id.to_string());
    out.put("id", customer.id);
    out.put("group_id", customer.group_id);
    out.put_some("default_billing", id_text(customer.default_billing));
    out.put_some("default_shipping", id_text(customer.default_shipping));
    out.put_some("confirmation", customer.confirmation.as_deref());
    out.put("created_at", customer.created_at.as_str());
    out.put("updated_at", customer.updated_at.as_str());
    out.put("created_in", customer.created_in.as_str());
    out.put_some("dob", customer.dob.as_deref());
    out.put("email", customer.email.as_str());
    out.put("firstname", customer.firstname.as_str());
    out.put("lastname", customer.lastname.as_str());
    out.put_some("middlename", customer.middlename.as_deref());
    out.put_some("prefix", customer.prefix.as_deref());
    out.put_some("suffix", customer.suffix.as_deref());
    out.put_some("gender", customer.gender);
    out.put("store_id", customer.store_id);
    out.put_some("taxvat", customer.taxvat.as_deref());
    out.put("website_id", customer.website_id);
    out.put(
        "addresses",
        addresses
            .iter()
            .map(|stored| address(stored, customer))
            .collect::<Value>(),
    );
    out.put(
        "disable_auto_group_change",
        customer.disable_auto_group_change,
    );
    out.put(
        "extension_attributes",
        json!({ "is_subscribed": customer.is_subscribed }),
    );
    Value::Object(out.0)
}

/// An address of `owner`. `region` is always present, with null members if there is no region; the two flags only if true.
pub fn address(address: &Address, owner: &Customer) -> Value {
    let mut out = OutputFields::default();
    out.put("id", address.id);
    out.put("customer_id", address.customer_id);
    out.put("region", region(address));
    out.put_some("region_id", address.region_id);
    out.put_some("country_id", address.country_id.as_deref());
    out.put("street", json!(address.street));
    out.put_some("company", address.company.as_deref());
    out.put_some("telephone", address.telephone.as_deref());
    out.put_some("fax", address.fax.as_deref());
    out.put_some("postcode", address.postcode.as_deref());
    out.put_some("city", address.city.as_deref());
    out.put_some("firstname", address.firstname.as_deref());
    out.put_some("lastname", address.lastname.as_deref());
    out.put_some("middlename", address.middlename.as_deref());
    out.put_some("prefix", address.prefix.as_deref());
    out.put_some("suffix", address.suffix.as_deref());
    out.put_some("vat_id", address.vat_id.as_deref());
    out.put_some(
        "default_shipping",
        (owner.default_shipping == Some(address.id)).then_some(true),
    );
    out.put_some(
        "default_billing",
        (owner.default_billing == Some(address.id)).then_some(true),
    );
    Value::Object(out.0)
}

/// A customer group, with its excluded websites only if there are any.
pub fn group(group: &CustomerGroup) -> Value {
    let mut out = OutputFields::default();
    out.put("id", group.id);
    out.put("code", group.code.as_str());
    out.put("tax_class_id", group.tax_class_id);
    out.put("tax_class_name", group.tax_class_name.as_str());
    let excluded = &group.excluded_websites;
    out.put_some(
        "extension_attributes",
        (!excluded.is_empty()).then(|| json!({ "exclude_website_ids": excluded })),
    );
    Value::Object(out.0)
}

/// A region of the directory by its number; a region with only a name has the name as code and 0 as number.
fn region(address: &Address) -> Value {
    let known = address.region_id.and_then(directory::region);
    let (code, name, id) = match known {
        Some(region) => (Some(region.code), Some(region.name), region.id),
        None => (address.region.as_deref(), address.region.as_deref(), 0),
    };
    json!({ "region_code": code, "region": name, "region_id": id })
}

#[derive(Default)]
struct OutputFields(Map<String, Value>);

impl OutputFields {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn put_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::php;
    use super::*;

    #[test]
    fn unset_fields_are_left_out() {
        let ada = Customer {
            id: 7,
            website_id: 1,
            store_id: 1,
            group_id: 1,
            email: "c7@example.com".to_owned(),
            firstname: "Zoë".to_owned(),
            lastname: "Łukasz".to_owned(),
            created_at: "2026-11-20 21:57:17".to_owned(),
            updated_at: "2026-11-20 21:57:17".to_owned(),
            created_in: "Default Store View".to_owned(),
            default_shipping: Some(4),
            ..Customer::default()
        };
        assert_eq!(
            php::json(&customer(&ada, &[])),
            concat!(
                r#"{"id":7,"group_id":1,"default_shipping":"4","created_at":"2026-11-20 21:57:17","updated_at":"2026-11-20 21:57:17","#,
                r#""created_in":"Default Store View","email":"c7@example.com","firstname":"Zo\u00eb","lastname":"\u0141ukasz","#,
                r#""store_id":1,"website_id":1,"addresses":[],"disable_auto_group_change":0,"extension_attributes":{"is_subscribed":false}}"#
            )
        );
        let by_name = Address {
            id: 4,
            customer_id: 7,
            region: Some("Texas".to_owned()),
            region_id: Some(0),
            ..Address::default()
        };
        assert_eq!(
            php::json(&address(&by_name, &ada)),
            concat!(
                r#"{"id":4,"customer_id":7,"region":{"region_code":"Texas","region":"Texas","region_id":0},"region_id":0,"#,
                r#""street":[],"default_shipping":true}"#
            )
        );
        assert_eq!(
            php::json(&region(&Address::default())),
            r#"{"region_code":null,"region":null,"region_id":0}"#
        );
    }
}
