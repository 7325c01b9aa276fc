//! The table of all finding codes: names that never change once published.

use std::fmt;

use super::NameTable;

/// The severity of a finding. Only an error makes a case fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Not reported.
    Off,
    /// Shown; the case passes.
    Warning,
    /// The case fails.
    Error,
}

impl Severity {
    /// `"off"`, `"warning"` or `"error"`, as in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Off => "off",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// The severity written as [`Severity::as_str`] writes it.
    pub fn parse(word: &str) -> Option<Self> {
        [Severity::Off, Severity::Warning, Severity::Error]
            .into_iter()
            .find(|severity| severity.as_str() == word)
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $summary:literal)*) => {
        /// The kind of a finding: a stable name, explained by `counterpart explain NAME`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// All codes, in the order in which a response is checked.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The stable kebab-case name.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// One sentence that says what it means.
            pub fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary),* }
            }

            /// The severity unless the configuration sets another one.
            pub fn default_severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),* }
            }

            /// The page that `counterpart explain` shows, in Markdown: what it means, an example, how to fix it.
            pub fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("pages/", $name, ".md"))),* }
            }
        }
    };
}

codes! {
    StatusUnexpected "status-unexpected" Error "The case expected another status."
    StatusUndocumented "status-undocumented" Error "The contract documents no response for this status."
    ServerError "server-error" Error "The server failed with a 5xx status that the case did not expect."
    RedirectUnexpected "redirect-unexpected" Error "The server redirects, but neither case nor contract expects it."
    ContentTypeMissing "content-type-missing" Error "The response has a body but no Content-Type."
    ContentTypeUndocumented "content-type-undocumented" Error "The contract does not document this media type for this status."
    BodyMissing "body-missing" Error "The contract documents a body, but the response has none."
    BodyUndocumented "body-undocumented" Error "The response has a body where contract or HTTP allows none."
    BodyUnparsable "body-unparsable" Error "The body is not what its Content-Type says."
    BodyTruncated "body-truncated" Error "The body was cut short."
    BodyDuplicateKey "body-duplicate-key" Error "A JSON object has the same key twice."
    BodySchema "body-schema" Error "The body violates the response schema."
    BodyFormat "body-format" Error "A value does not match the format in its schema."
    BodyUndocumentedProperty "body-undocumented-property" Warning "The body has a property that the schema does not describe."
    BodyWriteOnlyProperty "body-write-only-property" Error "The body exposes a write-only property."
    DiscriminatorMismatch "discriminator-mismatch" Warning "An object does not satisfy the schema that its discriminator names."
    ErrorTemplate "error-template" Error "The placeholders of an error message do not match its parameters."
    HeaderMissing "header-missing" Error "A response header that the contract requires is missing."
    HeaderInvalid "header-invalid" Error "A response header violates its schema."
    AuthIgnored "auth-ignored" Error "A protected operation served an unauthenticated client."
    ExpectHeader "expect-header" Error "A header is not what the case expects."
    ExpectBody "expect-body" Error "The body is not what the case expects."
    ExpectSchema "expect-schema" Error "The body violates the schema written in the case."
    ExpectAbsent "expect-absent" Error "The body has a value that the case requires to be absent."
    ExpectEvents "expect-events" Error "The events of a stream are not what the case expects."
    ExpectTime "expect-time" Error "The response took longer than the case allows."
    OutcomesUnexpected "outcomes-unexpected" Error "Requests sent at the same time had other statuses than the case allows."
    UntilNotReached "until-not-reached" Error "A condition that the case waits for did not hold within its limit."
    DifferenceStatus "difference-status" Error "The status differs from that of the reference."
    DifferenceHeader "difference-header" Error "A header differs from that of the reference."
    DifferenceCookie "difference-cookie" Error "The response sets other cookies than the reference."
    DifferenceValue "difference-value" Error "A value in the body differs from that of the reference."
    DifferenceType "difference-type" Error "A value in the body has another JSON type than in the reference."
    DifferenceMissing "difference-missing" Error "A member or item of the reference's body is missing."
    DifferenceAdded "difference-added" Error "The body has a member or item that the reference's body does not have."
    DifferenceDuplicateKey "difference-duplicate-key" Error "A JSON object has a key twice that it has once in the reference."
    DifferenceKeyOrder "difference-key-order" Error "The keys of a JSON object are in another order than in the reference."
    DifferenceIdentifier "difference-identifier" Error "An identifier does not correspond to that of the reference."
    DifferenceTime "difference-time" Error "A date and time does not belong to the same event as in the reference."
    DifferenceToken "difference-token" Error "A token has another form or lifetime than in the reference."
    DifferenceText "difference-text" Error "A body that is not JSON on both sides differs."
}

impl Code {
    /// The code with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Code::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl NameTable for Code {
    fn name(self) -> &'static str {
        self.as_str()
    }

    fn from_name(name: &str) -> Option<Self> {
        Code::parse(name)
    }
}

impl NameTable for Severity {
    fn name(self) -> &'static str {
        self.as_str()
    }

    fn from_name(name: &str) -> Option<Self> {
        Severity::parse(name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::ErrorKind;

    /// Every name has a page with a title, an example and what to do.
    #[test]
    fn every_page_is_written() {
        let codes = Code::ALL.iter().map(|code| (code.as_str(), code.page()));
        let kinds = ErrorKind::ALL
            .iter()
            .map(|kind| (kind.as_str(), kind.page()));
        let sections = |third| {
            [
                "## What it means",
                "## Example",
                "## How to fix it",
                third,
                "## How to waive it",
            ]
        };
        let codes_with = codes
            .clone()
            .map(|(name, page)| (name, page, sections("## When it may be a false alarm")));
        let kinds_with = kinds
            .clone()
            .map(|(name, page)| (name, page, sections("## What it says about the API")));
        for (name, page, sections) in codes_with.chain(kinds_with) {
            assert!(page.starts_with(&format!("# {name}: ")), "{name}");
            let headings: Vec<&str> = page
                .lines()
                .filter(|line| line.starts_with("## "))
                .collect();
            assert_eq!(headings, sections, "{name}");
            for section in page.split("\n## ").skip(1) {
                let text = section
                    .split_once("\n\n")
                    .map_or("", |(_, text)| text.trim());
                assert!(text.len() > 10, "{name}: an empty section: {section}");
            }
        }
        for (name, page) in codes.clone() {
            assert!(page.contains(&format!("  - code: {name}\n")), "{name}");
        }
        let mut names: Vec<&str> = codes.chain(kinds).map(|(name, _)| name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "every name is unique");
    }

    #[test]
    fn names_are_read_back() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(Code::parse("Body-Schema"), None);
        assert_eq!(ErrorKind::parse("body-schema"), None);
    }
}
