//! The signature of OAuth 1.0a (RFC 5849, section 3). Main type: [`OAuth1Signer`].

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use url::Url;

use crate::exchange::Request;
use crate::text::MASK;

/// Section 3.6: everything but the unreserved characters of RFC 3986 is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How the signature is made (section 3.4); HMAC-SHA256 is the same with another hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OAuth1Method {
    #[default]
    HmacSha256,
    HmacSha1,
    Plaintext,
}

/// Signs requests with the secrets of a client and, usually, of a token.
#[derive(Clone, PartialEq, Eq)]
pub struct OAuth1Signer {
    pub consumer_key: String,
    pub consumer_secret: String,
    /// Token and its secret.
    pub token: Option<(String, String)>,
    pub method: OAuth1Method,
    /// Named in the header, not signed.
    pub realm: Option<String>,
}

/// `Debug` shows no secrets.
impl fmt::Debug for OAuth1Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OAuth1({} {MASK})", self.method.name())
    }
}

/// What makes each signature different (section 3.3).
struct Freshness {
    /// Seconds since 1970.
    timestamp: u64,
    nonce: String,
}

impl OAuth1Method {
    pub const ALL: &[OAuth1Method] = &[
        OAuth1Method::HmacSha256,
        OAuth1Method::HmacSha1,
        OAuth1Method::Plaintext,
    ];

    /// As in `oauth_signature_method`.
    pub fn name(self) -> &'static str {
        match self {
            OAuth1Method::HmacSha256 => "HMAC-SHA256",
            OAuth1Method::HmacSha1 => "HMAC-SHA1",
            OAuth1Method::Plaintext => "PLAINTEXT",
        }
    }

    /// The method of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = OAuth1Method::ALL.iter().copied();
        all.find(|method| method.name() == name)
    }
}

impl OAuth1Signer {
    /// The value of `Authorization` (section 3.5.1) for a request that is not changed afterwards, with the time of now.
    pub(super) fn authorization(&self, request: &Request) -> String {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
        let moment = Freshness {
            timestamp: elapsed.map_or(0, |elapsed| elapsed.as_secs()),
            nonce: format!("{:032x}", rand::random::<u128>()),
        };
        self.authorization_at(request, &moment, &[])
    }

    /// `further`: other parameters of the protocol.
    fn authorization_at(
        &self,
        request: &Request,
        moment: &Freshness,
        further: &[(&str, &str)],
    ) -> String {
        let mut protocol = self.protocol_parameters(moment);
        let further = further.iter();
        protocol.extend(further.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let signature = self.signature(request, &protocol);
        protocol.push(("oauth_signature".to_owned(), signature));
        // The realm is a quoted string of HTTP (RFC 9110, section 5.6.4), the others are percent-encoded.
        let realm = self.realm.iter().map(|realm| {
            let quoted = realm.replace('\\', "\\\\").replace('"', "\\\"");
            format!("realm=\"{quoted}\"")
        });
        let protocol = protocol
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", encoded(value)));
        let parameters: Vec<String> = realm.chain(protocol).collect();
        format!("OAuth {}", parameters.join(", "))
    }

    /// Section 3.1, without the signature.
    fn protocol_parameters(&self, moment: &Freshness) -> Vec<(String, String)> {
        let mut parameters = vec![("oauth_consumer_key", self.consumer_key.clone())];
        if let Some((token, _)) = &self.token {
            parameters.push(("oauth_token", token.clone()));
        }
        parameters.push(("oauth_signature_method", self.method.name().to_owned()));
        parameters.push(("oauth_timestamp", moment.timestamp.to_string()));
        parameters.push(("oauth_nonce", moment.nonce.clone()));
        parameters.push(("oauth_version", "1.0".to_owned()));
        parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn signature(&self, request: &Request, protocol: &[(String, String)]) -> String {
        let token_secret = self
            .token
            .as_ref()
            .map_or("", |(_, secret)| secret.as_str());
        let key = format!(
            "{}&{}",
            encoded(&self.consumer_secret),
            encoded(token_secret)
        );
        let algorithm = match self.method {
            OAuth1Method::Plaintext => return key,
            OAuth1Method::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            OAuth1Method::HmacSha256 => hmac::HMAC_SHA256,
        };
        let key = hmac::Key::new(algorithm, key.as_bytes());
        let base = base_string(request, protocol);
        STANDARD.encode(hmac::sign(&key, base.as_bytes()))
    }
}

/// The text that is signed (section 3.4.1): method, URL, and all parameters of protocol, query and form.
fn base_string(request: &Request, protocol: &[(String, String)]) -> String {
    let mut parameters: Vec<(String, String)> = protocol.to_vec();
    parameters.extend(decoded(request.url.query().unwrap_or_default().as_bytes()));
    let content_type = request.headers.get(CONTENT_TYPE);
    let is_form = content_type.is_some_and(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.starts_with(b"application/x-www-form-urlencoded")
    });
    if is_form {
        parameters.extend(decoded(&request.body));
    }
    // Sorted as they are encoded (section 3.4.1.3.2).
    let mut pairs: Vec<(String, String)> = parameters
        .iter()
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!(
        "{}&{}&{}",
        encoded(request.method.as_str()),
        encoded(&base_url(&request.url)),
        encoded(&pairs.join("&"))
    )
}

/// Section 3.4.1.2: without query, and without the port of the scheme.
fn base_url(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}"));
    format!(
        "{}://{}{}{}",
        url.scheme(),
        url.host_str().unwrap_or_default(),
        port.unwrap_or_default(),
        url.path()
    )
}

fn decoded(pairs: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(pairs).into_owned().collect()
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Method};

    use super::*;

    fn request(method: Method, url: &str, form: Option<&'static str>) -> Request {
        let mut headers = HeaderMap::new();
        if form.is_some() {
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            );
        }
        Request {
            method,
            url: url.parse().unwrap(),
            headers,
            body: Bytes::from_static(form.unwrap_or_default().as_bytes()),
        }
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// The request of section 3.4.1.1.
    fn section_3_4_1_1() -> (Request, Vec<(String, String)>) {
        let request = request(
            Method::POST,
            "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
            Some("c2&a3=2+q"),
        );
        let protocol = pairs(&[
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
        ]);
        (request, protocol)
    }

    #[test]
    fn the_base_string_of_the_rfc() {
        let (request, protocol) = section_3_4_1_1();
        assert_eq!(
            base_string(&request, &protocol),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q\
             %26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_\
             key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m\
             ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk\
             9d7dh3k39sjv7"
        );
    }

    /// Secrets and signatures of the tests of `oauthlib`, which sign the base string of the RFC.
    #[test]
    fn published_signatures_of_that_base_string() {
        let (request, protocol) = section_3_4_1_1();
        for (method, expected) in [
            (OAuth1Method::HmacSha1, "wsdNmjGB7lvis0UJuPAmjvX/PXw="),
            (
                OAuth1Method::HmacSha256,
                "wdfdHUKXHbOnOGZP8WFAWMSAmWzN3EVBWWgXGlC/Eo4=",
            ),
        ] {
            let signer = OAuth1Signer {
                consumer_key: "9djdj82h48djs9d2".to_owned(),
                consumer_secret: "ECrDNoq1VYzzzzzzzzzyAK7TwZNtPnkqatqZZZZ".to_owned(),
                token: Some((
                    "kkk9d7dh3k39sjv7".to_owned(),
                    "just-a-string    asdasd".to_owned(),
                )),
                method,
                realm: None,
            };
            assert_eq!(
                signer.signature(&request, &protocol),
                expected,
                "{method:?}"
            );
        }
    }

    /// The three requests of section 1.2.
    #[test]
    fn the_examples_of_the_rfc() {
        for (request, token, moment, further, signature) in [
            (
                request(Method::POST, "https://photos.example.net/initiate", None),
                None,
                ("137131200", "wIjqoS"),
                vec![("oauth_callback", "http://printer.example.com/ready")],
                "74KNZJeDHnMBp0EMJ9ZHt/XKycU=",
            ),
            (
                request(Method::POST, "https://photos.example.net/token", None),
                Some(("hh5s93j4hdidpola", "hdhd0244k9j7ao03")),
                ("137131201", "walatlh"),
                vec![("oauth_verifier", "hfdp7dh39dks9884")],
                "gKgrFCywp7rO0OXSjdot/IHF7IU=",
            ),
            (
                request(
                    Method::GET,
                    "http://photos.example.net/photos?file=vacation.jpg&size=original",
                    None,
                ),
                Some(("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00")),
                ("137131202", "chapoH"),
                vec![],
                "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
            ),
        ] {
            let signer = OAuth1Signer {
                consumer_key: "dpf43f3p2l4k3l03".to_owned(),
                consumer_secret: "kd94hf93k423kf44".to_owned(),
                token: token.map(|(token, secret)| (token.to_owned(), secret.to_owned())),
                method: OAuth1Method::HmacSha1,
                realm: None,
            };
            // The examples have no `oauth_version`, which may be left out.
            let mut protocol = signer.protocol_parameters(&Freshness {
                timestamp: moment.0.parse().unwrap(),
                nonce: moment.1.to_owned(),
            });
            protocol.retain(|(name, _)| name != "oauth_version");
            protocol.extend(pairs(&further));
            assert_eq!(signer.signature(&request, &protocol), signature);
        }
    }

    /// Section 3.4.4, and the header of section 3.5.1.
    #[test]
    fn plaintext_is_both_secrets() {
        let signer = OAuth1Signer {
            consumer_key: "key&1".to_owned(),
            consumer_secret: "a b".to_owned(),
            token: None,
            method: OAuth1Method::Plaintext,
            realm: Some("my \"shop\"".to_owned()),
        };
        let moment = Freshness {
            timestamp: 7,
            nonce: "n".to_owned(),
        };
        let request = request(Method::GET, "https://shop.example/", None);
        assert_eq!(
            signer.authorization_at(&request, &moment, &[]),
            "OAuth realm=\"my \\\"shop\\\"\", oauth_consumer_key=\"key%261\", oauth_signature_method=\"PLAINTEXT\", \
             oauth_timestamp=\"7\", oauth_nonce=\"n\", oauth_version=\"1.0\", oauth_signature=\"a%2520b%26\""
        );
    }

    #[test]
    fn other_bodies_and_ports() {
        let mut json = request(Method::PUT, "https://shop.example:8443/a%20b", Some("a=1"));
        json.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(
            base_string(&json, &[]),
            "PUT&https%3A%2F%2Fshop.example%3A8443%2Fa%2520b&"
        );
    }
}
