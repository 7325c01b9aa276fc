//! A contract of hundreds of operations: all coverage outputs keep a size that users can open.

use axum::Router;
use axum::routing::get;

use super::project::{Project, Recorded};
use crate::shared::shared;

/// The published contract of a whole shop.
const LARGE: &str = "contracts/magento-admin-2.4.9.swagger.yaml";
/// The contract has 614 operations.
const LARGEST_PAGE: u64 = 5_000_000;

#[test]
fn a_large_contract_is_measured_and_shown() {
    let Some(path) = shared(LARGE) else {
        return;
    };
    let views = axum::Json(serde_json::json!([]));
    let project = Project::serving(Router::new().fallback(get(async || views)));
    let contract = std::fs::read_to_string(path).unwrap();
    project.write("schemas/shop/admin.yaml", &contract);
    project.write(
        "cases/shop/views.yaml",
        "contract: shop/admin.yaml\ncases:\n  - { name: views, call: GET /V1/store/storeViews, expect: { status: 200 } }\n",
    );
    let output = project
        .run("--coverage --report coverage=coverage.json --html run.html")
        .with(
            0,
            &[
                "1/614",
                "points\n",
                " more; --verbose or --report coverage=FILE shows all",
            ],
        );
    assert!(output.stdout.lines().count() < 200, "{}", output.stdout);
    let recorded = Recorded::read(&project.read("coverage.json"));
    assert_eq!(recorded.ratio("operations"), "1/614");
    // One response, one role; the operation has no parameters, and its list was empty.
    assert_eq!(recorded.of("statuses", true).len(), 1);
    assert_eq!(recorded.of("properties", true).len(), 0);
    let page = std::fs::metadata(project.path("run.html")).unwrap();
    assert!(page.len() < LARGEST_PAGE, "{} bytes", page.len());
}
