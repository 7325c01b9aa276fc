//! The contracts and cases embedded in the binary, as [`Files`]: [`schemas`], [`cases`].
//!
//! In messages their names begin with `<shipped>/`, because they are not on disk; `counterpart init` writes them to files.

use std::sync::Arc;

use include_dir::{Dir, DirEntry, include_dir};

use crate::source::{FileError, Files, Source};

static SCHEMAS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/schemas");
static CASES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/cases");

/// The shipped contracts, `magento/customers.yaml`, and the JSON Schemas of the case-file format.
pub fn schemas() -> Arc<dyn Files> {
    Arc::new(Shipped {
        name: "schemas",
        folder: &SCHEMAS,
    })
}

/// The shipped cases, `magento/customers/create.yaml`.
pub fn cases() -> Arc<dyn Files> {
    Arc::new(Shipped {
        name: "cases",
        folder: &CASES,
    })
}

/// A folder inside the binary.
struct Shipped {
    name: &'static str,
    folder: &'static Dir<'static>,
}

impl std::fmt::Debug for Shipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shipped({})", self.name)
    }
}

impl Files for Shipped {
    fn read(&self, path: &str) -> Result<Source, FileError> {
        let file = self.folder.get_file(path);
        let file = file.ok_or_else(|| FileError::new("no such file"))?;
        let text = file.contents_utf8();
        let text = text.ok_or_else(|| FileError::new("not UTF-8 text"))?;
        Ok(Source::new(format!("<shipped>/{}/{path}", self.name), text))
    }

    fn read_bytes(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let file = self.folder.get_file(path);
        let file = file.ok_or_else(|| FileError::new("no such file"))?;
        Ok(file.contents().to_vec())
    }

    fn has(&self, path: &str) -> bool {
        self.folder.get_file(path).is_some()
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        if folder.is_empty() {
            collect(self.folder, &mut found);
        } else if let Some(folder) = self.folder.get_dir(folder.trim_end_matches('/')) {
            collect(folder, &mut found);
        }
        found.sort();
        found
    }
}

fn collect(folder: &Dir<'_>, found: &mut Vec<String>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => collect(folder, found),
            DirEntry::File(file) => found.push(file.path().to_string_lossy().replace('\\', "/")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Folder;

    /// The binary embeds exactly the files of the folders.
    #[test]
    fn shipped_files_equal_those_of_the_folders() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for (shipped, folder) in [(schemas(), "schemas"), (cases(), "cases")] {
            let on_disk = Folder::new(root.join(folder));
            let names = shipped.list("");
            assert_eq!(names, on_disk.list(""));
            assert!(!names.is_empty());
            for name in names {
                let bytes = [shipped.read_bytes(&name), on_disk.read_bytes(&name)];
                assert_eq!(bytes[0], bytes[1], "{name}");
                if name.ends_with(".yaml") {
                    let inside = shipped.read(&name).unwrap();
                    assert_eq!(inside.text(), on_disk.read(&name).unwrap().text(), "{name}");
                    assert_eq!(inside.name(), format!("<shipped>/{folder}/{name}"));
                }
            }
        }
    }

    #[test]
    fn a_folder_lists_the_files_below_it() {
        let names = schemas().list("magento");
        assert!(names.contains(&"magento/customers.yaml".to_owned()));
        assert!(names.iter().all(|name| name.starts_with("magento/")));
        assert!(schemas().list("no-such-folder").is_empty());
        assert!(schemas().read("no-such-file.yaml").is_err());
        assert!(schemas().has("magento/customers.yaml") && !schemas().has("magento"));
    }
}
