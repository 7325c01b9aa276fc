//! The shipped Magento cases against each version that the reference server serves: cases for one version only run
//! against that version, and none of them fails. (`tests/conformance.rs` runs the default version.)

use std::process::Command;

/// Runs the program against the embedded server of a version. Returns the last line, the exit code and the output.
fn run(version: &str) -> (String, Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .args(["run", "--system", "magento", "--target-version", version])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.lines().last().unwrap_or_default().to_owned();
    (last, output.status.code(), text)
}

fn passes(version: &str) {
    let (last, code, text) = run(version);
    assert_eq!(code, Some(0), "{text}");
    assert!(last.contains(" 0 failed, 0 errors, "), "{text}");
    assert!(text.contains(&format!("version {version}")), "{text}");
}

#[test]
fn all_cases_pass_on_2_4_8() {
    passes("2.4.8");
}

#[test]
fn all_cases_pass_on_2_4_9() {
    passes("2.4.9");
}

#[test]
fn a_version_that_is_not_embedded_is_refused() {
    let (_, code, _) = run("2.3.0");
    assert_eq!(code, Some(2));
}
