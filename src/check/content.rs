//! The media type: is one declared, and is it among the promised ones (RFC 9110, 8.3 and 12.5.1)?
//! Codes: `content-type-missing`, `content-type-undocumented`.

use super::Check;
use super::answer::{CheckedResponse, Declared};
use super::excerpt::short_text;
use crate::contract::ContractPlace;
use crate::finding::{Code, Finding, Location};

pub(super) const CHECK: Check = Check {
    codes: &[Code::ContentTypeMissing, Code::ContentTypeUndocumented],
    judge,
};

fn judge(answer: &CheckedResponse<'_>) -> Vec<Finding> {
    let Some(promise) = answer.promise.filter(|promise| !promise.content.is_empty()) else {
        return Vec::new();
    };
    if answer.response().body.is_empty() || !answer.may_have_body() {
        return Vec::new();
    }
    let place = ContractPlace {
        place: promise.place.clone(),
        pointer: format!("{}/content", promise.pointer),
    };
    let types: Vec<&str> = promise
        .content
        .iter()
        .map(|media| media.media_type.as_str())
        .collect();
    let expected = types.join(" or ");
    let at = Location::Header("content-type".to_owned());
    let finding = match &answer.declared {
        Declared::Missing => Finding::new(
            Code::ContentTypeMissing,
            at,
            format!("the response has a body but no Content-Type, expected {expected}"),
        ),
        Declared::Unreadable(text) => {
            let text = short_text(text);
            Finding::new(
                Code::ContentTypeUndocumented,
                at,
                format!("the Content-Type {text} is no media type, expected {expected}"),
            )
            .with_actual(text)
        }
        Declared::Media(_) if answer.media.is_some() => return Vec::new(),
        Declared::Media(media) => {
            let status = answer.response().status.as_u16();
            Finding::new(
                Code::ContentTypeUndocumented,
                at,
                format!(
                    "the Content-Type is {}, but for status {status} the contract documents {expected}",
                    media.essence_str()
                ),
            )
            .with_actual(media.as_ref())
        }
    };
    let finding = match &finding.actual {
        Some(_) => finding,
        None => finding.with_actual("nothing"),
    };
    vec![finding.with_contract(Some(place)).with_expected(expected)]
}
