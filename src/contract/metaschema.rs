//! The metaschemas of JSON Schema 2020-12, to which the schemas of a contract may refer: nothing is fetched. Main function:
//! [`metaschemas`].

use std::sync::{Arc, LazyLock};

use referencing::meta;

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::source::Source;

/// What their URIs begin with.
pub(super) const PREFIX: &str = "https://json-schema.org/draft/2020-12/";

/// The metaschema and those of its vocabularies, each under its URI.
pub(super) fn metaschemas() -> &'static [Arc<Document>] {
    static DOCUMENTS: LazyLock<Vec<Arc<Document>>> = LazyLock::new(|| {
        let all = [
            &meta::DRAFT202012,
            &meta::DRAFT202012_CORE,
            &meta::DRAFT202012_APPLICATOR,
            &meta::DRAFT202012_UNEVALUATED,
            &meta::DRAFT202012_VALIDATION,
            &meta::DRAFT202012_META_DATA,
            &meta::DRAFT202012_FORMAT_ANNOTATION,
            &meta::DRAFT202012_CONTENT,
        ];
        let documents = all.into_iter().filter_map(|metaschema| {
            let uri = metaschema.get("$id")?.as_str()?;
            let source = Source::new(uri, format!("{:#}", **metaschema));
            Document::parse(source, &mut Diagnostics::new())
        });
        documents.map(Arc::new).collect()
    });
    &DOCUMENTS
}
