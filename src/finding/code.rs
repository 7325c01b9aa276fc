//! The table of all finding codes: names that never change once published.

use std::fmt;

use super::NameTable;

/// How much a finding weighs. Only an error makes a case fail.
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
    /// `"off"`, `"warning"` or `"error"`: the words of the configuration.
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
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// All codes, in the order in which a response is looked at.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The stable kebab-case name.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// One sentence that says what it means.
            pub fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary),* }
            }

            /// The severity where the configuration says nothing.
            pub fn default_severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),* }
            }

            /// The page `counterpart explain` shows: Markdown, what it means, an example, how to mend it.
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
    RedirectUnexpected "redirect-unexpected" Error "The server redirects where neither case nor contract says so."
    ContentTypeMissing "content-type-missing" Error "The response has a body but no Content-Type."
    ContentTypeUndocumented "content-type-undocumented" Error "The contract does not document this media type for this status."
    BodyMissing "body-missing" Error "The contract promises a body and none came."
    BodyUndocumented "body-undocumented" Error "A body came where contract or HTTP has none."
    BodyUnparsable "body-unparsable" Error "The body is not what its Content-Type says."
    BodyTruncated "body-truncated" Error "The body was cut short."
    BodyDuplicateKey "body-duplicate-key" Error "A JSON object holds the same key twice."
    BodySchema "body-schema" Error "The body violates the response schema."
    BodyFormat "body-format" Error "A value does not keep the format its schema names."
    BodyUndocumentedProperty "body-undocumented-property" Warning "The body has a property that the schema does not describe."
    BodyWriteOnlyProperty "body-write-only-property" Error "The body gives away a property that is only ever sent to the server."
    ErrorTemplate "error-template" Error "The placeholders of an error message and its parameters do not belong together."
    HeaderMissing "header-missing" Error "A response header that the contract requires is not there."
    HeaderInvalid "header-invalid" Error "A response header violates its schema."
    AuthIgnored "auth-ignored" Error "A protected operation answered a caller who did not identify himself."
    ExpectHeader "expect-header" Error "A header is not what the case expects."
    ExpectBody "expect-body" Error "The body is not what the case expects."
    ExpectSchema "expect-schema" Error "The body violates the schema written in the case."
    ExpectAbsent "expect-absent" Error "Something is there that the case says must not be."
    ExpectTime "expect-time" Error "The answer took longer than the case allows."
    DifferenceStatus "difference-status" Error "The status is not the one of the reference."
    DifferenceHeader "difference-header" Error "A header is not what the reference sent."
    DifferenceCookie "difference-cookie" Error "The response sets other cookies than the reference did."
    DifferenceValue "difference-value" Error "A value in the body is not the one of the reference."
    DifferenceType "difference-type" Error "A value in the body is of another JSON type than in the reference."
    DifferenceMissing "difference-missing" Error "A member or item of the reference's body is not there."
    DifferenceAdded "difference-added" Error "The body has a member or item that the reference's body does not have."
    DifferenceDuplicateKey "difference-duplicate-key" Error "A JSON object holds a key twice that it holds once in the reference."
    DifferenceKeyOrder "difference-key-order" Error "The keys of a JSON object are in another order than in the reference."
    DifferenceIdentifier "difference-identifier" Error "An identifier is not the one that stands for the reference's."
    DifferenceTime "difference-time" Error "A date and time is not the one of the same event."
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

    /// All explained names: each a page with its title, an example and what to do.
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
                "## How to mend it",
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
        assert_eq!(names.len(), all, "a name stands for one thing");
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
