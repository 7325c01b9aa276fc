//! The table of all reasons for the verdict "error": it could not be determined whether the API satisfies its contract.

use std::fmt;

macro_rules! kinds {
    ($($variant:ident $name:literal $summary:literal)*) => {
        /// Why the result could not be determined: a stable name, explained by `counterpart explain NAME`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $(#[doc = $summary] $variant,)*
        }

        impl ErrorKind {
            /// All kinds, in the order in which they can occur in a step.
            pub const ALL: &[ErrorKind] = &[$(ErrorKind::$variant),*];

            /// The stable kebab-case name.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorKind::$variant => $name),* }
            }

            /// One sentence that says what it means.
            pub fn summary(self) -> &'static str {
                match self { $(ErrorKind::$variant => $summary),* }
            }

            /// The page that `counterpart explain` shows, in Markdown: what it means, an example, how to fix it.
            pub fn page(self) -> &'static str {
                match self { $(ErrorKind::$variant => include_str!(concat!("pages/error/", $name, ".md"))),* }
            }
        }
    };
}

kinds! {
    ContractFault "contract-fault" "A fault in the contract touches an operation that the case calls."
    NotSent "not-sent" "The request could not be built for the target."
    ValueMissing "value-missing" "A template uses a value that does not exist when the case runs."
    ConnectFailed "connect-failed" "No connection to the target could be established."
    ConnectTimeout "connect-timeout" "The target did not accept a connection in time."
    TlsFailed "tls-failed" "The target's certificate or TLS handshake was refused."
    Timeout "timeout" "The response was not complete in time."
    ConnectionBroken "connection-broken" "The connection was closed before a response was received."
    ResponseTooLarge "response-too-large" "The body is larger than the limit."
    ResponseTooDeep "response-too-deep" "The body is nested deeper than the limit."
    RedirectLimit "redirect-limit" "The server sent more redirects than are allowed."
    LoginFailed "login-failed" "No token could be obtained for an auth profile."
    CaptureFailed "capture-failed" "A value that later steps need is not in the response."
    SetupFailed "setup-failed" "What the cases of a file share could not be made as expected."
    CleanupFailed "cleanup-failed" "Something that was created for a case could not be removed."
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
