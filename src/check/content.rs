//! The media type: is it declared, and is it documented (RFC 9110, 8.3 and 12.5.1)?
//! Codes: `content-type-missing`, `content-type-undocumented`.

use super::Check;
use super::excerpt::short_text;
use super::response::{CheckedResponse, Declared};
use crate::contract::{ContractPlace, DocumentedMediaType};
use crate::finding::{Code, Finding, Location};

pub(super) const CHECK: Check = Check {
    codes: &[Code::ContentTypeMissing, Code::ContentTypeUndocumented],
    judge,
};

fn judge(response: &CheckedResponse<'_>) -> Vec<Finding> {
    let Some(documented) = response
        .documented
        .filter(|documented| !documented.content.is_empty())
    else {
        return Vec::new();
    };
    if response.raw().body.is_empty() || !response.may_have_body() {
        return Vec::new();
    }
    let place = ContractPlace {
        place: documented.place.clone(),
        pointer: format!("{}/content", documented.pointer),
    };
    let types: Vec<&str> = documented.content.iter().map(media_name).collect();
    let expected = types.join(" or ");
    let at = Location::Header("content-type".to_owned());
    let finding = match &response.declared {
        Declared::Missing if response.media.is_some_and(|media| !media.is_named) => {
            return Vec::new();
        }
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
                format!("the Content-Type {text} is not a media type, expected {expected}"),
            )
            .with_actual(text)
        }
        Declared::Media(_) if response.media.is_some() => return Vec::new(),
        Declared::Media(media) => {
            let status = response.raw().status.as_u16();
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

/// A documented media type in messages.
pub(super) fn media_name(media: &DocumentedMediaType) -> &str {
    match media.is_named {
        true => &media.media_type,
        false => "any media type",
    }
}
