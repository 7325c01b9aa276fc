//! The table of all reasons for the verdict "error": we could not find out whether the API keeps its promises.

use std::fmt;

macro_rules! kinds {
    ($($variant:ident $name:literal $summary:literal)*) => {
        /// Why we could not find out: a stable name, explained by `counterpart explain NAME`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorKind {
            $(#[doc = $summary] $variant,)*
        }

        impl ErrorKind {
            /// All kinds, in the order in which a step can meet them.
            pub const ALL: &[ErrorKind] = &[$(ErrorKind::$variant),*];

            /// The stable kebab-case name.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorKind::$variant => $name),* }
            }

            /// One sentence that says what it means.
            pub fn summary(self) -> &'static str {
                match self { $(ErrorKind::$variant => $summary),* }
            }

            /// The page `counterpart explain` shows: Markdown, what it means, an example, what to do.
            pub fn page(self) -> &'static str {
                match self { $(ErrorKind::$variant => include_str!(concat!("pages/error/", $name, ".md"))),* }
            }
        }
    };
}

kinds! {
    NotSent "not-sent" "The request could not be put together for the target."
    ValueMissing "value-missing" "A template names a value that is not there when the case runs."
    ConnectFailed "connect-failed" "No connection to the target could be made."
    ConnectTimeout "connect-timeout" "The target did not accept a connection in time."
    TlsFailed "tls-failed" "The target's certificate or TLS handshake was refused."
    Timeout "timeout" "The answer was not complete in time."
    ConnectionBroken "connection-broken" "The connection ended before there was an answer."
    ResponseTooLarge "response-too-large" "The body is larger than the limit."
    ResponseTooDeep "response-too-deep" "The JSON body is nested deeper than the limit."
    RedirectLimit "redirect-limit" "More redirects than are allowed were answered."
    LoginFailed "login-failed" "No token could be obtained for an auth profile."
    CaptureFailed "capture-failed" "A value that later steps need is not in the answer."
    CleanupFailed "cleanup-failed" "Something that was made for a case could not be removed."
}

impl ErrorKind {
    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        ErrorKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
