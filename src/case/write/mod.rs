//! Cases as the text of a readable case file, in the style of the shipped files.
//!
//! Main function: [`write`](fn@write).

mod body;
mod expectation;
mod fixture;
mod sending;
mod step;
pub(super) mod value;

use self::fixture::Fixtures;
use self::value::{Entries, Inexpressible, entry, one_line_mapping, text, texts};
use super::{Case, CaseFile, Origin, StepEntry, Suite, read};
use crate::diagnostic::DiagnosticSeverity;
use crate::document::{Section, YamlLayout, YamlValue, yaml_text};
use crate::version::Versions;

/// Characters of a line that are shown in a [`WriteError`].
const LONGEST_LINE: usize = 100;

/// Why cases cannot be written as a case file.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}{reason}", self.case.as_ref().map(|case| format!("the case `{case}`: ")).unwrap_or_default())]
pub struct WriteError {
    /// The faulty case, where there is one.
    pub case: Option<String>,
    pub reason: String,
}

/// The text of a case file with these cases. Reading it as a file of the same system gives equal cases. A comment above a case that was
/// generated or recorded says so; tags and versions that all cases share are written once.
///
/// `suite` is what the file will be part of: its fixtures are used by name, others are written into the file. Without names of contracts
/// the file relies on those that `system.yaml` names.
///
/// Fails where a case cannot be expressed in a case file, or would be refused: nothing is left out or changed.
///
/// ```
/// # use counterpart::contract;
/// # use counterpart::diagnostic::Diagnostics;
/// # use counterpart::source::Folder;
/// use counterpart::case::{self, Case, CaseFile, Origin, Step, Suite};
/// use http::Method;
///
/// # let files = Folder::new("examples/notes/schemas");
/// # let contract = contract::load(&files, "notes/notes.yaml", &mut Diagnostics::new()).unwrap();
/// let list = Step::call(&contract, contract.operation(&Method::GET, "/notes").unwrap());
/// let origin = Origin::Recorded { recording: "notes.har".to_owned(), entry: 3 };
/// let file = CaseFile {
///     name: "list".to_owned(),
///     path: "cases/notes/list.yaml".to_owned(),
///     contract_names: vec!["notes/notes.yaml".to_owned()],
///     contracts: vec![contract],
///     setup: None,
///     cases: vec![Case::new("notes are listed", origin).with_step(list.with_status(200)).into()],
/// };
/// let text = case::write(&file, &Suite::new("notes"))?;
/// assert_eq!(
///     text,
///     "# recorded in notes.har, entry 3
/// contract: notes/notes.yaml
/// cases:
///   - name: notes are listed
///     call: GET /notes
///     expect: { status: 200 }
/// "
/// );
/// # Ok::<(), case::WriteError>(())
/// ```
pub fn write(file: &CaseFile, suite: &Suite) -> Result<String, WriteError> {
    let text = written(file, suite)?;
    check(&text, file, suite)?;
    Ok(text)
}

fn written(file: &CaseFile, suite: &Suite) -> Result<String, WriteError> {
    let mut root = Entries::new();
    match &file.contract_names[..] {
        [] => {}
        [only] => root.push(entry("contract", text(only))),
        several => root.push(entry("contract", texts(several))),
    }
    let shared = SharedParts::of(file);
    if !shared.tags.is_empty() {
        root.push(entry("tags", texts(shared.tags)));
    }
    if let Some(versions) = shared.versions {
        root.push(entry("versions", text(versions.to_string())));
    }
    let mut fixtures = Fixtures::of(suite);
    let mut setup = None;
    if let Some(shared) = &file.setup {
        let fields = fixtures
            .collect(&shared.given)
            .and_then(|()| fixture::fields(shared));
        setup = Some(fields.map_err(|Inexpressible(reason)| WriteError { case: None, reason })?);
    }
    let mut sections = Vec::with_capacity(file.cases.len());
    for case in &file.cases {
        let section = fixtures
            .collect(&case.given)
            .and_then(|()| self::case(case, &shared))
            .map_err(|Inexpressible(reason)| WriteError {
                case: Some(name_of(case)),
                reason,
            })?;
        sections.push(Section {
            comment: shared
                .origin
                .is_none()
                .then(|| origin_comment(&case.origin))
                .flatten(),
            value: YamlValue::Mapping(YamlLayout::Block, section),
        });
    }
    let fixtures = fixtures
        .written()
        .map_err(|Inexpressible(reason)| WriteError { case: None, reason })?;
    if !fixtures.is_empty() {
        root.push(entry(
            "fixtures",
            YamlValue::Mapping(YamlLayout::Block, fixtures),
        ));
    }
    if let Some(setup) = setup {
        root.push(entry("setup", YamlValue::Mapping(YamlLayout::Block, setup)));
    }
    root.push(entry("cases", YamlValue::Sections(sections)));
    Ok(yaml_text(shared.origin.as_deref(), &root))
}

/// Reads the text as the reader will, and compares.
fn check(text: &str, file: &CaseFile, suite: &Suite) -> Result<(), WriteError> {
    let ((contract_names, setup, cases), diagnostics) = read::read_again(text, file, suite);
    if let Some(fault) = diagnostics
        .iter()
        .find(|diagnostic| diagnostic.severity == DiagnosticSeverity::Error)
    {
        let line = fault.place.as_ref().map(|place| {
            let excerpt = place.excerpt(LONGEST_LINE);
            format!(" in `{}`", excerpt.text.trim())
        });
        let advice = fault.advice.as_ref().map(|advice| format!("; {advice}"));
        return Err(WriteError {
            case: None,
            reason: format!(
                "the file would be refused: {}{}{}",
                fault.message,
                line.unwrap_or_default(),
                advice.unwrap_or_default()
            ),
        });
    }
    for (case, again) in file.cases.iter().zip(&cases) {
        if let Some(part) = case.differing_part(again) {
            return Err(WriteError {
                case: Some(name_of(case)),
                reason: format!("a case file cannot express its {part}"),
            });
        }
    }
    if setup != file.setup
        || cases.len() != file.cases.len()
        || contract_names != file.contract_names
    {
        return Err(WriteError {
            case: None,
            reason: "the file would be read differently".to_owned(),
        });
    }
    Ok(())
}

/// What all cases of a file have in common, written once at its head.
struct SharedParts<'f> {
    tags: &'f [String],
    versions: Option<&'f Versions>,
    origin: Option<String>,
}

impl<'f> SharedParts<'f> {
    fn of(file: &'f CaseFile) -> Self {
        let mut cases = file.cases.iter();
        let Some(first) = cases.next() else {
            return SharedParts {
                tags: &[],
                versions: None,
                origin: None,
            };
        };
        let origin = origin_comment(&first.origin).filter(|origin| {
            cases
                .clone()
                .all(|case| origin_comment(&case.origin).as_ref() == Some(origin))
        });
        if file.cases.len() == 1 {
            return SharedParts {
                tags: &[],
                versions: None,
                origin,
            };
        }
        let shared_tags = |count: usize, case: &Case| {
            let pairs = first.tags[..count].iter().zip(&case.tags);
            pairs.take_while(|(left, right)| left == right).count()
        };
        let count = cases
            .clone()
            .fold(first.tags.len(), |count, case| shared_tags(count, case));
        // The reader merges the versions of a file into those of its cases.
        let narrowed = Versions::all().and(&first.versions);
        let same = |versions: &Versions| versions.to_string() == first.versions.to_string();
        let all_same = cases.clone().all(|case| same(&case.versions)) && same(&narrowed);
        SharedParts {
            tags: &first.tags[..count],
            versions: (all_same && !first.versions.is_all()).then_some(&first.versions),
            origin,
        }
    }
}

fn origin_comment(origin: &Origin) -> Option<String> {
    match origin {
        Origin::Written(_) => None,
        made => Some(made.to_string()),
    }
}

/// A case's name for messages, with its templates unrendered.
fn name_of(case: &Case) -> String {
    case.name.written().unwrap_or_default()
}

fn case(case: &Case, shared: &SharedParts<'_>) -> Result<Entries, Inexpressible> {
    let Case {
        origin: _,
        name,
        tags,
        given,
        rows,
        has_each,
        vars,
        steps,
        cleanup,
        skip,
        versions,
    } = case;
    let name = name
        .written()
        .ok_or_else(|| Inexpressible::new("its name is not text"))?;
    let mut entries = vec![entry("name", text(name))];
    let own_tags = tags.get(shared.tags.len()..).unwrap_or_default();
    if !own_tags.is_empty() {
        entries.push(entry("tags", texts(own_tags)));
    }
    if shared.versions.is_none() && !versions.is_all() {
        entries.push(entry("versions", text(versions.to_string())));
    }
    if !given.is_empty() {
        entries.push(entry("given", fixture::given_list(given)));
    }
    if *has_each {
        let rows = rows.iter().map(|row| {
            let cells = row
                .iter()
                .map(|(column, cell)| Ok((column.clone(), value::literal(cell)?)));
            Ok(one_line_mapping(
                cells.collect::<Result<_, Inexpressible>>()?,
            ))
        });
        let rows = rows.collect::<Result<_, Inexpressible>>()?;
        entries.push(entry("each", YamlValue::Sequence(YamlLayout::Block, rows)));
    }
    if !vars.is_empty() {
        entries.push(entry("vars", fixture::variables(vars)?));
    }
    if let Some(reason) = skip {
        entries.push(entry("skip", text(reason)));
    }
    match &steps[..] {
        [] => {}
        [StepEntry::Request(only)] if only.name.is_none() => entries.extend(step::fields(only)?),
        several => entries.push(entry("steps", step::list(several)?)),
    }
    if !cleanup.is_empty() {
        entries.push(entry("cleanup", step::cleanup(cleanup)?));
    }
    Ok(entries)
}
