//! From the tree of a waiver file to [`Waiver`]s: reads every field and reports all faults at once.

use time::Date;

use super::pattern::{ClassPattern, OperationPattern, PlacePattern, WaivedCode};
use super::{Waiver, date};
use crate::diagnostic::{Diagnostic, DiagnosticText, Diagnostics};
use crate::document::{Decoder, Document, Fields, Node, wrong_type};
use crate::finding::ValueClass;
use crate::source::{Place, Source, Spanned};

/// The whole file.
pub(super) fn waivers(
    source: Source,
    today: Date,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Waiver>> {
    let document = Document::parse(source, diagnostics)?;
    let mut reader = WaiverDecoder {
        decoder: Decoder::new(&document.source, diagnostics),
        today,
    };
    let mut fields = reader.decoder.fields("a waiver file", &document.root)?;
    let items = fields.required("waivers", reader.decoder.diagnostics);
    let items = items.and_then(|node| reader.decoder.sequence("waivers", node));
    fields.finish(reader.decoder.diagnostics);
    let mut waivers: Vec<Waiver> = Vec::new();
    for item in items? {
        let Some(waiver) = reader.waiver(item) else {
            continue;
        };
        match waivers.iter().find(|other| same(other, &waiver)) {
            Some(first) => reader.decoder.diagnostics.push(
                Diagnostic::error(
                    "duplicate-waiver",
                    "this waiver covers the same findings as an earlier one, which always matches first",
                    waiver.place.clone(),
                )
                .with_related(first.place.clone(), "the earlier one")
                .with_advice("keep one of the two; to prolong a waiver change its `until`"),
            ),
            None => waivers.push(waiver),
        }
    }
    Some(waivers)
}

/// Whether two waivers state the same of what they cover.
fn same(left: &Waiver, right: &Waiver) -> bool {
    let stated = |waiver: &Waiver| {
        (
            (waiver.code, waiver.operation.clone(), waiver.at.clone()),
            (waiver.keyword.clone(), waiver.actual),
            (
                waiver.target.clone(),
                waiver.system.clone(),
                waiver.case.clone(),
            ),
        )
    };
    stated(left) == stated(right)
}

struct WaiverDecoder<'a> {
    decoder: Decoder<'a>,
    today: Date,
}

impl WaiverDecoder<'_> {
    fn waiver(&mut self, node: &Node) -> Option<Waiver> {
        let place = self.decoder.source.place(node.span);
        let mut fields = self.decoder.fields("a waiver", node)?;
        let code = self.decoder.required_text(&mut fields, "code");
        let code = code.and_then(|name| self.code(&name));
        let operation = self.decoder.required_text(&mut fields, "operation");
        let at = self.decoder.required_text(&mut fields, "at");
        let at = at.and_then(|text| self.at(&text, code));
        let keyword = self.text(&mut fields, "keyword");
        let actual = fields.get("actual").and_then(|node| self.class(node));
        if code == Some(WaivedCode::ContractFault) && (keyword.is_some() || actual.is_some()) {
            self.report(
                "unused-field",
                "a waiver for a fault of the contract has no `keyword` and no `actual`",
                place.clone(),
                "remove them: `at: contract CODE` says which faults are accepted",
            );
        }
        let target = self.text(&mut fields, "target");
        let system = self.text(&mut fields, "system");
        let case = self.decoder.text(&mut fields, "case");
        let case = case.and_then(|case| self.case(case));
        let operation = operation.and_then(|text| self.operation(&text, case.is_some()));
        let reason = self.reason(&mut fields);
        let ticket = self.text(&mut fields, "ticket");
        let owner = self.text(&mut fields, "owner");
        if fields.get("ticket").is_none() && fields.get("owner").is_none() {
            self.report(
                "missing-owner",
                "a waiver needs a `ticket` or an `owner`",
                place.clone(),
                "say who is responsible: `ticket: ABC-123`, or `owner: name`",
            );
        }
        let until = self.until(&mut fields);
        fields.finish(self.decoder.diagnostics);
        let until = until?;
        Some(Waiver {
            code: code?,
            operation: operation?,
            at: at?,
            keyword,
            actual,
            target,
            system,
            case,
            reason: reason?,
            ticket,
            owner,
            until,
            expired: self.today > until,
            place,
        })
    }

    fn code(&mut self, name: &Spanned<String>) -> Option<WaivedCode> {
        let code = WaivedCode::parse(name);
        if let Err(known) = &code {
            self.decoder.diagnostics.push(
                Diagnostic::error(
                    "unknown-code",
                    format!("unknown finding code `{}`", name.value),
                    name.place.clone(),
                )
                .with_nearest(name, known.iter().copied()),
            );
        }
        code.ok()
    }

    fn operation(&mut self, text: &Spanned<String>, has_case: bool) -> Option<OperationPattern> {
        match OperationPattern::parse(text) {
            Ok(OperationPattern::Any) if !has_case => {
                self.report(
                    "waiver-too-wide",
                    "`*` as operation needs a `case`: it would waive the whole API",
                    text.place.clone(),
                    "name the operation, or add `case: system::file::name`",
                );
                None
            }
            Ok(operation) => Some(operation),
            Err(reason) => {
                self.report(
                    "bad-operation",
                    reason,
                    text.place.clone(),
                    "write it as findings print it: `GET /V1/customers/{customerId}`",
                );
                None
            }
        }
    }

    fn at(&mut self, text: &Spanned<String>, code: Option<WaivedCode>) -> Option<PlacePattern> {
        let is_fault = code == Some(WaivedCode::ContractFault);
        let (reason, advice) = match PlacePattern::parse(text) {
            Ok(place) if code.is_none() => return Some(place),
            Ok(place @ PlacePattern::Contract(_)) if is_fault => return Some(place),
            Ok(place @ PlacePattern::Response { .. }) if !is_fault => return Some(place),
            Ok(PlacePattern::Contract(_)) => (
                "only faults of the contract are at `contract`".to_owned(),
                "write `code: contract-fault`, or the place of the finding",
            ),
            Ok(PlacePattern::Response { .. }) => (
                format!("`{}` is not a place in a contract", text.value),
                "write the code of the fault, as `counterpart lint` prints it: `at: contract unresolved-ref`",
            ),
            Err(reason) => (
                reason,
                "write it as findings print it: `status`, `time`, `header NAME`, `body`, or `body /addresses/*/region`",
            ),
        };
        self.report("bad-place", reason, text.place.clone(), advice);
        None
    }

    fn class(&mut self, node: &Node) -> Option<ClassPattern> {
        let Some(text) = node.as_str() else {
            let diagnostic = wrong_type(
                "actual",
                "the name of a class of values",
                node,
                self.decoder.source,
            );
            self.decoder.diagnostics.push(match node.is_null() {
                true => diagnostic.with_advice(
                    "for the value null write `actual: \"null\"`; for any value leave `actual` out",
                ),
                false => diagnostic,
            });
            return None;
        };
        let class = ClassPattern::parse(text);
        if class.is_none() {
            let names = ValueClass::NAMED.map(|class| class.to_string());
            self.report(
                "bad-class",
                format!("`{text}` is not a class of values"),
                self.decoder.source.place(node.span),
                format!(
                    "known are {}, and `status 404` or `status 4XX`",
                    names.join(", ")
                ),
            );
        }
        class
    }

    /// Checks only the form: which cases exist depends on what is run.
    fn case(&mut self, case: Spanned<String>) -> Option<String> {
        let parts = case.splitn(3, "::").filter(|part| !part.is_empty());
        if parts.count() == 3 {
            return Some(case.value);
        }
        self.report(
            "bad-case",
            format!("`{}` is not the name of a case", case.value),
            case.place,
            "write the whole name, `system::file::case`, as `counterpart list` prints it",
        );
        None
    }

    /// The reason; placeholder words do not count.
    fn reason(&mut self, fields: &mut Fields<'_>) -> Option<String> {
        const EMPTY: [&str; 7] = ["todo", "tbd", "fixme", "xxx", "reason", "n/a", "none"];
        let node = fields.required("reason", self.decoder.diagnostics)?;
        let given = |text: &str| {
            let trimmed = text.trim_matches(|c: char| !c.is_alphanumeric());
            !trimmed.is_empty() && !EMPTY.contains(&trimmed.to_lowercase().as_str())
        };
        match node.as_str() {
            Some(text) if given(text) => return Some(text.to_owned()),
            None if !node.is_null() => {
                let diagnostic = wrong_type("reason", "a sentence", node, self.decoder.source);
                self.decoder.diagnostics.push(diagnostic);
            }
            _ => self.report(
                "missing-reason",
                "give a reason: why is this deviation from the contract acceptable?",
                self.decoder.source.place(node.span),
                "a sentence that still makes sense when the waiver has expired",
            ),
        }
        None
    }

    fn until(&mut self, fields: &mut Fields<'_>) -> Option<Date> {
        let node = fields.required("until", self.decoder.diagnostics)?;
        let text = match node.as_str() {
            Some(text) => text,
            None if node.is_null() => "",
            None => {
                let diagnostic = wrong_type("until", "a date", node, self.decoder.source);
                self.decoder
                    .diagnostics
                    .push(diagnostic.with_advice("write the last day: `until: 2026-12-31`"));
                return None;
            }
        };
        let day = date::parse(text);
        if day.is_none() {
            let message = match text {
                "" => "give a date: until when is it accepted?".to_owned(),
                text => format!("`{text}` is not an existing date"),
            };
            self.report(
                "bad-date",
                message,
                self.decoder.source.place(node.span),
                "write the last day on which the waiver applies, UTC: `until: 2026-12-31`",
            );
        }
        day
    }

    fn text(&mut self, fields: &mut Fields<'_>, name: &'static str) -> Option<String> {
        self.decoder.text(fields, name).map(|text| text.value)
    }

    fn report(
        &mut self,
        code: &'static str,
        message: impl DiagnosticText,
        place: Place,
        advice: impl DiagnosticText,
    ) {
        self.decoder.error_at(place, code, message, advice);
    }
}
