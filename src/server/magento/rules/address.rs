//! Validation of an address. Main function: [`check`].

use super::super::error::Failure;
use super::super::storage::Address;
use super::directory;

/// Maximum number of lines of a street.
const MAX_STREET_LINES: usize = 2;

/// How a missing field is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `"%fieldName" is required. Enter and try again.`
    Field,
    /// `"%1" is a required value.`
    Label,
}

/// Checks an address: first all required fields (all missing fields are reported at once), then country and region, then the lines of the
/// street.
pub fn check(address: &Address, naming: Naming) -> Result<(), Failure> {
    let country = address.country_id.as_deref().unwrap_or_default();
    let is_missing =
        |value: &Option<String>| value.as_deref().unwrap_or_default().trim().is_empty();
    let mut failures = Vec::new();
    for (name, label, missing) in [
        ("firstname", "First Name", is_missing(&address.firstname)),
        ("lastname", "Last Name", is_missing(&address.lastname)),
        (
            "street",
            "Street Address",
            address.street.iter().all(|line| line.trim().is_empty()),
        ),
        ("city", "City", is_missing(&address.city)),
        ("telephone", "Phone Number", is_missing(&address.telephone)),
        (
            "postcode",
            "Zip/Postal Code",
            is_missing(&address.postcode) && !directory::is_postcode_optional(country),
        ),
        ("countryId", "Country", country.is_empty()),
    ] {
        if missing {
            failures.push(match naming {
                Naming::Field => Failure::required(name),
                Naming::Label => Failure::required_value(label),
            });
        }
    }
    if !country.is_empty() && !directory::is_country(country) {
        failures.push(Failure::invalid_value("countryId", country));
    } else if let Some(id) = address.region_id.filter(|id| *id != 0) {
        let is_of_country = directory::region(id).is_some_and(|region| region.country == country);
        if !is_of_country {
            failures.push(Failure::invalid_value("regionId", id.to_string()));
        }
    }
    if let Some(failure) = Failure::all(failures) {
        return Err(failure.with_session());
    }
    if address.street.len() > MAX_STREET_LINES {
        return Err(Failure::new(
            400,
            format!("\"Street Address\" cannot contain more than {MAX_STREET_LINES} lines."),
        )
        .with_session());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sound() -> Address {
        Address {
            country_id: Some("US".to_owned()),
            region_id: Some(57),
            street: vec!["123 Oak Ave".to_owned(), "Apt 4".to_owned()],
            telephone: Some("512-555-1111".to_owned()),
            postcode: Some("78758".to_owned()),
            city: Some("Austin".to_owned()),
            firstname: Some("Ada".to_owned()),
            lastname: Some("Lovelace".to_owned()),
            ..Address::default()
        }
    }

    fn refusal(address: Address) -> Value {
        check(&address, Naming::Field)
            .expect_err("a refusal")
            .body()
    }

    #[test]
    fn a_valid_address_passes() {
        assert!(check(&sound(), Naming::Field).is_ok());
        assert!(
            check(
                &Address {
                    region_id: None,
                    ..sound()
                },
                Naming::Field
            )
            .is_ok()
        );
    }

    #[test]
    fn missing_fields_are_named_in_order() {
        let bare = Address {
            country_id: Some("US".to_owned()),
            ..Address::default()
        };
        let body = refusal(bare);
        let errors = body["errors"].as_array().unwrap();
        let names: Vec<&Value> = errors
            .iter()
            .map(|error| &error["parameters"]["fieldName"])
            .collect();
        assert_eq!(
            names,
            [
                "firstname",
                "lastname",
                "street",
                "city",
                "telephone",
                "postcode"
            ]
        );
        assert_eq!(
            refusal(Address {
                city: None,
                ..sound()
            })["parameters"],
            json!({"fieldName": "city"})
        );
    }

    #[test]
    fn later_versions_name_what_is_missing_by_its_label() {
        let body = check(
            &Address {
                city: None,
                ..sound()
            },
            Naming::Label,
        )
        .expect_err("a refusal")
        .body();
        assert_eq!(
            body,
            json!({"message": "\"%1\" is a required value.", "parameters": ["City"]})
        );
    }

    #[test]
    fn countries_regions_and_streets() {
        assert_eq!(
            refusal(Address {
                country_id: Some("XX".to_owned()),
                ..sound()
            })["parameters"],
            json!({"fieldName": "countryId", "value": "XX"})
        );
        assert_eq!(
            refusal(Address {
                region_id: Some(9999),
                ..sound()
            })["parameters"],
            json!({"fieldName": "regionId", "value": "9999"})
        );
        let lines = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(
            refusal(Address {
                street: lines,
                ..sound()
            })["message"],
            "\"Street Address\" cannot contain more than 2 lines."
        );
    }
}
