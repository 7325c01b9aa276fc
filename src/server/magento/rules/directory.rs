//! The countries and regions of the store, from `directory.tsv`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A region of a country in the store's directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    pub country: &'static str,
    pub id: i64,
    pub code: &'static str,
    pub name: &'static str,
}

#[derive(Default)]
struct Directory {
    countries: HashSet<&'static str>,
    regions: HashMap<i64, Region>,
}

static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| read(include_str!("directory.tsv")));

/// Whether the store sells to the country: its ISO 3166 code in capitals.
pub fn is_country(code: &str) -> bool {
    DIRECTORY.countries.contains(code)
}

/// Whether an address in the country may have no postcode.
pub fn is_postcode_optional(country: &str) -> bool {
    ["HK", "IE", "MO", "PA", "GB"].contains(&country)
}

/// The region with this number.
pub fn region(id: i64) -> Option<&'static Region> {
    DIRECTORY.regions.get(&id)
}

/// A line is a comment, a country, or a region of the country above it.
fn read(text: &'static str) -> Directory {
    let mut directory = Directory::default();
    let mut country = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match *line.split('\t').collect::<Vec<_>>() {
            [code] => {
                country = code;
                directory.countries.insert(code);
            }
            [id, code, name] => {
                // A test counts the regions, so that none is lost here.
                let Ok(id) = id.parse() else { continue };
                let region = Region {
                    country,
                    id,
                    code,
                    name,
                };
                directory.regions.insert(id, region);
            }
            _ => {}
        }
    }
    directory
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Map, Value, json};

    use super::*;

    #[test]
    fn countries_and_regions() {
        assert!(is_country("US") && is_country("ZW") && is_country("AN"));
        // Puerto Rico is a region of the United States here.
        for unknown in ["XX", "us", "", "US DE", "PR", "# The"] {
            assert!(!is_country(unknown), "{unknown}");
        }
        let texas = Region {
            country: "US",
            id: 57,
            code: "TX",
            name: "Texas",
        };
        assert_eq!(region(57), Some(&texas));
        assert_eq!(region(9999), None);
        assert_eq!(DIRECTORY.countries.len(), 249);
        assert_eq!(DIRECTORY.regions.len(), 1156);
        assert!((1..=1156).all(|id| region(id).is_some()));
    }

    /// The list as a real store has it, in a folder beside the project that not every machine has.
    #[test]
    #[allow(clippy::print_stderr)]
    fn the_directory_equals_the_recorded_one() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/magento/regions-2.4.7.json");
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: {} is absent", path.display());
            return;
        };
        let recorded: Map<String, Value> = serde_json::from_str(&text).unwrap();
        let mut ours: Map<String, Value> = Map::new();
        for country in &DIRECTORY.countries {
            ours.insert((*country).to_owned(), json!([]));
        }
        for id in 1..=1156 {
            let region = region(id).unwrap();
            let regions = ours[region.country].as_array_mut().unwrap();
            regions.push(json!([id, region.code, region.name]));
        }
        for (country, regions) in &recorded {
            let mut regions = regions.as_array().unwrap().clone();
            regions.sort_by_key(|region| region[0].as_i64());
            assert_eq!(ours[country], Value::Array(regions), "{country}");
        }
        assert_eq!(ours.len(), recorded.len());
    }
}
