use super::project::{Recorded, ended, set};

/// Nobody asks for these yet: each was looked for in the cases by hand.
#[test]
fn the_cases_of_magento_cover_all_operations_statuses_and_most_properties() {
    let folder = tempfile::tempdir().unwrap();
    let words = "run --system magento --min-coverage operations=100,statuses=100,properties=90 --report coverage=coverage.json";
    ended(folder.path(), words).with(0, &[]);
    let text = std::fs::read_to_string(folder.path().join("coverage.json")).unwrap();
    let recorded = Recorded::read(&text);
    assert_eq!(
        recorded.of("properties", false),
        set([
            // The embedded server keeps no attributes of the shop's own and no extensions.
            "response /custom_attributes",
            "response /addresses/*/custom_attributes",
            "response /addresses/*/custom_attributes/*/attribute_code",
            "response /addresses/*/custom_attributes/*/value",
            "response /addresses/*/extension_attributes",
            "response /addresses/*/region/extension_attributes",
            "response /extension_attributes/assistance_allowed",
            // One of two names for the same thing: its messages name `fieldName`.
            "response /errors/*/parameters/field_name",
            // Groups are made with code and tax class alone.
            "request /group/tax_class_name",
            "request /group/extension_attributes",
            "request /group/extension_attributes/exclude_website_ids",
            "response /extension_attributes",
            "response /extension_attributes/exclude_website_ids",
        ])
    );
    let excluded = recorded
        .points()
        .iter()
        .filter(|point| point["level"] == "statuses")
        .filter_map(|point| point.get("excluded"));
    let reasons: Vec<&str> = excluded.map(|reason| reason.as_str().unwrap()).collect();
    assert!(!reasons.is_empty());
    for reason in reasons {
        assert!(reason.split(' ').count() >= 4, "{reason:?} is no reason");
    }
}
