//! Material that lies beside the project and is not part of it.

use std::path::{Path, PathBuf};

/// A file or folder of the shared material (`COUNTERPART_SHARED`, else `../shared` beside the project). Where it is absent the test says
/// that it is skipped.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = match std::env::var_os("COUNTERPART_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
    };
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {name} is not in the shared folder (set COUNTERPART_SHARED)");
    None
}
