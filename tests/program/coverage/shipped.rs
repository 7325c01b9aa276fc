use super::project::{Recorded, set};
use crate::project_folder::ProjectFolder;

/// Exactly these documented parts are not covered by any case.
#[test]
fn the_cases_of_magento_cover_all_operations_statuses_and_most_properties() {
    let folder = ProjectFolder::temporary();
    let words = "run --system magento --min-coverage operations=100,statuses=100,properties=90 --report coverage=coverage.json";
    folder.ended(words).with(0, &[]);
    let recorded = Recorded::read(&folder.read("coverage.json"));
    assert_eq!(
        recorded.of("properties", false),
        set([
            // Magento 2.4.7 without modules leaves out attributes and extensions that it does not know; the cases say `absent`.
            "response /custom_attributes",
            "response /addresses/*/custom_attributes",
            "response /addresses/*/custom_attributes/*/attribute_code",
            "response /addresses/*/custom_attributes/*/value",
            "response /addresses/*/extension_attributes",
            "response /addresses/*/region/extension_attributes",
            "response /extension_attributes/assistance_allowed",
            // Only messages since 2.4.8 have it, and this run's target is a 2.4.7.
            "response /errors/*/parameters/field_name",
            // Cases create groups with code and tax class id only.
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
        assert!(reason.split(' ').count() >= 4, "{reason:?} is not a reason");
    }
}
