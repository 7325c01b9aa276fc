//! The serialised form of [`Coverable`]: tables of what many points share, and for each point a row of numbers that refer to them.
//!
//! ```text
//! {"event":"coverable","system":"shop",
//!  "files":["schemas/shop/things.yaml"],
//!  "operations":[{"name":"POST /things","path":[]}],
//!  "texts":["201","minLength 2: shorter","guest"],
//!  "samples":["x"],
//!  "paths":[[0,"name"],[0,""],[2,"paths"],…],
//!  "points":[[0,0,0,6,5,4],[1,0,0,13,9,7,0,1],[6,0,0,40,20,31,1,2,400,1],…]}
//! ```
//!
//! A row is `[kind, operation, file, line, column, pointer, property, text, status, sample, excluded]`; trailing zeros are left out.
//! `operation` and `file` count from 0. The others count from 1, and 0 means none: `text` and `excluded` refer to `texts`, `sample` to
//! `samples`; `pointer` and `property` refer to `paths`. An entry of `paths` has the number of its parent (0: none) and a token: an escaped
//! segment of a JSON pointer, or the name of a property. Kinds: 0 operation, 1 status (`text` is `404`), 2 parameter (`query
//! page`), 3 role, 4 and 5 property of a request and of a response, 6 and 7 limit (`text` is its label).

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::{Direction, OperationRecord, PointKind, PointRecord, PositionRecord, PropertyPath};

#[derive(Default, Serialize, Deserialize)]
struct Tables {
    system: String,
    files: Vec<Arc<str>>,
    operations: Vec<OperationRow>,
    texts: Vec<Arc<str>>,
    samples: Vec<Value>,
    paths: Vec<(usize, Arc<str>)>,
    points: Vec<Vec<usize>>,
}

#[derive(Serialize, Deserialize)]
struct OperationRow {
    name: Arc<str>,
    path: Vec<Arc<str>>,
}

/// Maximum count of numbers in a row.
const COLUMNS: usize = 11;
/// No contract is nested this deeply. A longer path comes from a damaged file.
const LONGEST_PATH: usize = 10_000;

impl Serialize for super::Coverable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut writer = CoverableWriter {
            tables: Tables {
                system: self.system.clone(),
                ..Tables::default()
            },
            files: HashMap::new(),
            texts: HashMap::new(),
            samples: HashMap::new(),
            paths: HashMap::new(),
        };
        for point in &self.points {
            let row = writer.row(point);
            writer.tables.points.push(row);
        }
        writer.tables.serialize(serializer)
    }
}

/// The tables so far, and the position of each value in them.
struct CoverableWriter<'c> {
    tables: Tables,
    files: HashMap<&'c str, usize>,
    texts: HashMap<Arc<str>, usize>,
    samples: HashMap<String, usize>,
    paths: HashMap<(usize, Arc<str>), usize>,
}

impl<'c> CoverableWriter<'c> {
    fn row(&mut self, point: &'c PointRecord) -> Vec<usize> {
        let (kind, property, text, status, sample) = self.kind(&point.kind);
        let PositionRecord { file, line, column } = &point.place;
        let excluded = point.excluded.as_ref();
        let mut row = vec![
            kind,
            self.operation(&point.operation),
            entry(&mut self.files, file.as_ref(), || {
                self.tables.files.push(Arc::clone(file));
            }) - 1,
            *line,
            *column,
            self.path(point.pointer.split('/').map(Arc::from)),
            property,
            text,
            status.map_or(0, usize::from),
            sample,
            excluded.map_or(0, |reason| self.text(reason)),
        ];
        while row.last() == Some(&0) {
            row.pop();
        }
        row
    }

    /// Kind, property, text, status and sample.
    fn kind(&mut self, kind: &PointKind) -> (usize, usize, usize, Option<u16>, usize) {
        let code = |first: usize, direction: Direction| match direction {
            Direction::Request => first,
            Direction::Response => first + 1,
        };
        match kind {
            PointKind::Operation => (0, 0, 0, None, 0),
            PointKind::Status(status) => (1, 0, self.text(status), None, 0),
            PointKind::Parameter { location, name } => {
                let text = format!("{location} {name}").into();
                (2, 0, self.text(&text), None, 0)
            }
            PointKind::Role(role) => (3, 0, self.text(role), None, 0),
            PointKind::Property {
                direction,
                property,
                status,
            } => {
                let property = self.path(property.iter().cloned());
                (code(4, *direction), property, 0, *status, 0)
            }
            PointKind::Limit {
                direction,
                property,
                label,
                sample,
                status,
            } => {
                let property = self.path(property.iter().cloned());
                let sample = sample.as_ref().map_or(0, |sample| self.sample(sample));
                (
                    code(6, *direction),
                    property,
                    self.text(label),
                    *status,
                    sample,
                )
            }
        }
    }

    /// The points of an operation are consecutive.
    fn operation(&mut self, operation: &OperationRecord) -> usize {
        let OperationRecord { name, path } = operation;
        let known = self.tables.operations.last();
        if known.is_none_or(|known| known.name != *name || known.path != *path) {
            self.tables.operations.push(OperationRow {
                name: Arc::clone(name),
                path: path.clone(),
            });
        }
        self.tables.operations.len() - 1
    }

    fn text(&mut self, text: &Arc<str>) -> usize {
        let texts = &mut self.tables.texts;
        entry(&mut self.texts, Arc::clone(text), || {
            texts.push(Arc::clone(text));
        })
    }

    fn sample(&mut self, sample: &Value) -> usize {
        let samples = &mut self.tables.samples;
        entry(&mut self.samples, sample.to_string(), || {
            samples.push(sample.clone());
        })
    }

    fn path(&mut self, tokens: impl Iterator<Item = Arc<str>>) -> usize {
        let paths = &mut self.tables.paths;
        let known = &mut self.paths;
        tokens.fold(0, |before, token| {
            entry(known, (before, Arc::clone(&token)), || {
                paths.push((before, token));
            })
        })
    }
}

/// The number of a key, from 1. `add` is called if the key is new.
fn entry<K: Hash + Eq + Borrow<K>>(
    known: &mut HashMap<K, usize>,
    key: K,
    add: impl FnOnce(),
) -> usize {
    let next = known.len() + 1;
    *known.entry(key).or_insert_with(|| {
        add();
        next
    })
}

impl<'de> Deserialize<'de> for super::Coverable {
    /// Fails if a row refers to an entry that its table does not have.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut tables = Tables::deserialize(deserializer)?;
        let rows = std::mem::take(&mut tables.points);
        let mut reader = CoverableReader {
            operations: tables
                .operations
                .drain(..)
                .map(|OperationRow { name, path }| Arc::new(OperationRecord { name, path }))
                .collect(),
            properties: HashMap::new(),
            tables,
        };
        let points = rows.iter().enumerate().map(|(number, row)| {
            let point = reader.point(row);
            point.ok_or_else(|| de::Error::custom(format!("row {number} of `points` is damaged")))
        });
        let points = points.collect::<Result<_, _>>()?;
        Ok(super::Coverable {
            system: reader.tables.system,
            points,
        })
    }
}

struct CoverableReader {
    tables: Tables,
    operations: Vec<Arc<OperationRecord>>,
    properties: HashMap<usize, PropertyPath>,
}

impl CoverableReader {
    fn point(&mut self, row: &[usize]) -> Option<PointRecord> {
        if row.len() > COLUMNS {
            return None;
        }
        let column = |number: usize| row.get(number).copied().unwrap_or(0);
        let pointer = self.path(column(5))?;
        let kind = self.kind(column(0), column(6), column(7), column(8), column(9))?;
        Some(PointRecord {
            operation: Arc::clone(self.operations.get(column(1))?),
            kind,
            place: PositionRecord {
                file: Arc::clone(self.tables.files.get(column(2))?),
                line: column(3),
                column: column(4),
            },
            pointer: pointer.join("/"),
            excluded: match column(10) {
                0 => None,
                number => Some(self.text(number)?),
            },
        })
    }

    fn kind(
        &mut self,
        kind: usize,
        property: usize,
        text: usize,
        status: usize,
        sample: usize,
    ) -> Option<PointKind> {
        let status = match status {
            0 => None,
            status => Some(u16::try_from(status).ok()?),
        };
        let direction = match kind % 2 {
            0 => Direction::Request,
            _ => Direction::Response,
        };
        Some(match kind {
            0 => PointKind::Operation,
            1 => PointKind::Status(self.text(text)?),
            2 => {
                let text = self.text(text)?;
                let (location, name) = text.split_once(' ')?;
                PointKind::Parameter {
                    location: location.into(),
                    name: name.into(),
                }
            }
            3 => PointKind::Role(self.text(text)?),
            4 | 5 => PointKind::Property {
                direction,
                property: self.property(property)?,
                status,
            },
            6 | 7 => PointKind::Limit {
                direction,
                property: self.property(property)?,
                label: self.text(text)?,
                sample: match sample {
                    0 => None,
                    number => Some(self.tables.samples.get(number - 1)?.clone()),
                },
                status,
            },
            _ => return None,
        })
    }

    fn text(&self, number: usize) -> Option<Arc<str>> {
        self.tables.texts.get(number.checked_sub(1)?).cloned()
    }

    fn property(&mut self, number: usize) -> Option<PropertyPath> {
        if let Some(known) = self.properties.get(&number) {
            return Some(Arc::clone(known));
        }
        let property: PropertyPath = self.path(number)?.into();
        self.properties.insert(number, Arc::clone(&property));
        Some(property)
    }

    fn path(&self, mut number: usize) -> Option<Vec<Arc<str>>> {
        let mut tokens = Vec::new();
        while number > 0 {
            let (before, token) = self.tables.paths.get(number - 1)?;
            // A parent with a higher number could form a cycle.
            if *before >= number || tokens.len() == LONGEST_PATH {
                return None;
            }
            tokens.push(Arc::clone(token));
            number = *before;
        }
        tokens.reverse();
        Some(tokens)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Coverable;

    fn operation(name: &str, path: &[&str]) -> Arc<OperationRecord> {
        Arc::new(OperationRecord {
            name: name.into(),
            path: path.iter().map(|&name| name.into()).collect(),
        })
    }

    fn point(operation: &Arc<OperationRecord>, kind: PointKind, pointer: &str) -> PointRecord {
        PointRecord {
            operation: Arc::clone(operation),
            kind,
            place: PositionRecord {
                file: "a.yaml".into(),
                line: 3,
                column: 7,
            },
            pointer: pointer.to_owned(),
            excluded: None,
        }
    }

    fn property_path(tokens: &[&str]) -> PropertyPath {
        tokens.iter().map(|&token| token.into()).collect()
    }

    fn limit(direction: Direction, sample: Option<Value>) -> PointKind {
        PointKind::Limit {
            direction,
            property: property_path(&["a/b", "*"]),
            label: "minLength 2: shorter".into(),
            sample,
            status: Some(400),
        }
    }

    #[test]
    fn rows_refer_to_tables() {
        let post = operation("POST /things/{id}", &["id"]);
        let coverable = Coverable {
            system: "shop".to_owned(),
            points: vec![
                point(&post, PointKind::Operation, "/paths/~1things"),
                PointRecord {
                    excluded: Some("never".into()),
                    ..point(&post, PointKind::Status("503".into()), "/paths")
                },
                point(
                    &post,
                    limit(Direction::Request, Some(json!("x"))),
                    "/paths/~1things",
                ),
            ],
        };
        let written = json!({
            "system": "shop",
            "files": ["a.yaml"],
            "operations": [{"name": "POST /things/{id}", "path": ["id"]}],
            "texts": ["503", "never", "minLength 2: shorter"],
            "samples": ["x"],
            "paths": [[0, ""], [1, "paths"], [2, "~1things"], [0, "a/b"], [4, "*"]],
            "points": [
                [0, 0, 0, 3, 7, 3],
                [1, 0, 0, 3, 7, 2, 0, 1, 0, 0, 2],
                [6, 0, 0, 3, 7, 3, 5, 3, 400, 1],
            ],
        });
        assert_eq!(serde_json::to_value(&coverable).unwrap(), written);
        assert_eq!(
            serde_json::from_value::<Coverable>(written).unwrap(),
            coverable
        );
    }

    #[test]
    fn every_kind_is_read_as_it_was_written() {
        let (get, post) = (operation("GET /a", &[]), operation("POST /a", &["x", "y"]));
        let property = |direction| PointKind::Property {
            direction,
            property: property_path(&["items", "*", "id"]),
            status: None,
        };
        let kinds = [
            PointKind::Operation,
            PointKind::Status("default".into()),
            PointKind::Parameter {
                location: "query".into(),
                name: "a b[c]".into(),
            },
            PointKind::Role("guest".into()),
            property(Direction::Request),
            property(Direction::Response),
            limit(Direction::Request, None),
            limit(Direction::Request, Some(Value::Null)),
            limit(Direction::Response, Some(json!({"a": [1.5, "ü"]}))),
            PointKind::Limit {
                direction: Direction::Response,
                property: property_path(&[]),
                label: "".into(),
                sample: None,
                status: None,
            },
        ];
        let mut points = Vec::new();
        for operation in [&get, &post, &get] {
            for kind in &kinds {
                for pointer in ["", "/a", "/a/b~1c", "no pointer/x"] {
                    points.push(point(operation, kind.clone(), pointer));
                }
            }
        }
        points[5].excluded = Some("never".into());
        points[6].place.file = "b.yaml".into();
        let coverable = Coverable {
            system: String::new(),
            points,
        };
        let text = serde_json::to_string(&coverable).unwrap();
        assert_eq!(serde_json::from_str::<Coverable>(&text).unwrap(), coverable);
    }

    #[test]
    fn damaged_rows_are_refused() {
        let with = |row: Value, paths: Value| {
            serde_json::from_value::<Coverable>(json!({
                "system": "shop", "files": ["a.yaml"], "operations": [{"name": "GET /a", "path": []}],
                "texts": ["200"], "samples": [1], "paths": paths, "points": [row],
            }))
        };
        let paths = || json!([[0, ""], [1, "a"]]);
        assert!(with(json!([6, 0, 0, 1, 1, 2, 2, 1, 200, 1, 1]), paths()).is_ok());
        for row in [
            json!([8, 0, 0, 1, 1]),
            json!([0, 1, 0, 1, 1]),
            json!([0, 0, 1, 1, 1]),
            json!([0, 0, 0, 1, 1, 3]),
            json!([4, 0, 0, 1, 1, 0, 3]),
            json!([1, 0, 0, 1, 1, 0, 0, 0]),
            json!([1, 0, 0, 1, 1, 0, 0, 2]),
            json!([2, 0, 0, 1, 1, 0, 0, 1]),
            json!([4, 0, 0, 1, 1, 0, 0, 0, 70_000]),
            json!([6, 0, 0, 1, 1, 0, 0, 1, 0, 2]),
            json!([0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 2]),
            json!([0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1]),
        ] {
            let fault = with(row.clone(), paths()).unwrap_err();
            assert_eq!(fault.to_string(), "row 0 of `points` is damaged", "{row}");
        }
        for circle in [json!([[1, "a"]]), json!([[2, "a"], [1, "b"]])] {
            assert!(with(json!([0, 0, 0, 1, 1, 1]), circle).is_err());
        }
    }
}
