//! What is unusual about the connections to a target. Main type: [`ConnectionRecord`].

use serde::{Deserialize, Serialize};

/// What is unusual about the connections to a target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionRecord {
    /// The proxy that the environment names for the target's URL, without its credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The file with authorities that are trusted besides those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Whether any certificate of the target is accepted.
    #[serde(default)]
    pub insecure: bool,
}

impl ConnectionRecord {
    /// Whether there is nothing to say.
    pub fn is_usual(&self) -> bool {
        *self == ConnectionRecord::default()
    }

    /// What is unusual, one fragment each: `through the proxy http://proxy.example:3128`.
    pub fn notes(&self) -> Vec<String> {
        let ConnectionRecord {
            proxy,
            ca,
            insecure,
        } = self;
        let proxy = proxy.iter().map(|url| format!("through the proxy {url}"));
        let ca = ca.iter().map(|file| format!("trusts {file}"));
        let insecure = insecure.then(|| "accepts any certificate".to_owned());
        proxy.chain(ca).chain(insecure).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unusual_is_written_and_shown() {
        let usual = ConnectionRecord::default();
        assert!(usual.is_usual() && usual.notes().is_empty());
        let unusual = ConnectionRecord {
            proxy: Some("http://proxy.example:3128".to_owned()),
            ca: Some("ca.pem".to_owned()),
            insecure: true,
        };
        assert_eq!(
            unusual.notes(),
            [
                "through the proxy http://proxy.example:3128",
                "trusts ca.pem",
                "accepts any certificate"
            ]
        );
        let read: ConnectionRecord = serde_json::from_str("{}").unwrap();
        assert!(read.is_usual());
    }
}
