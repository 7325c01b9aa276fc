//! The header `Retry-After` (RFC 9110, section 10.2.3).

use std::time::Duration;

use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::exchange::Response;

/// How long the server requires that the next request waits: a number of seconds, or the time until a date by the clock of the server
/// (its `Date`), else by ours. `None` where there is no such header, or it is invalid.
pub(super) fn of(response: &Response) -> Option<Duration> {
    let text = text(&response.headers, RETRY_AFTER)?;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Too many digits for a number are longer than any limit.
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let end = date(text)?;
    let now = self::text(&response.headers, DATE).and_then(date);
    let left = end - now.unwrap_or_else(OffsetDateTime::now_utc);
    // A date in the past requires no pause.
    Some(Duration::try_from(left).unwrap_or_default())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// An HTTP date in its preferred form (RFC 9110, section 5.6.7).
fn date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderValue, StatusCode, Version};

    use super::*;
    use crate::exchange::Transfer;

    fn pause(headers: &[(HeaderName, &'static str)]) -> Option<Duration> {
        let headers = headers.iter();
        of(&Response {
            status: StatusCode::TOO_MANY_REQUESTS,
            version: Version::HTTP_11,
            headers: headers
                .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
                .collect(),
            body: Bytes::new(),
            transfer: Transfer::Complete,
        })
    }

    #[test]
    fn it_is_a_number_of_seconds_or_a_date() {
        let seconds = |text| pause(&[(RETRY_AFTER, text)]);
        assert_eq!(seconds("0"), Some(Duration::ZERO));
        assert_eq!(seconds(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(seconds("99999999999999999999999"), Some(Duration::MAX));
        for wrong in ["", "-1", "1.5", "soon", "+3"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        let date = |now, end| pause(&[(DATE, now), (RETRY_AFTER, end)]);
        let (now, end) = (
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:50:07 GMT",
        );
        assert_eq!(date(now, end), Some(Duration::from_secs(30)));
        assert_eq!(date(end, now), Some(Duration::ZERO), "in the past");
        assert_eq!(
            seconds(now),
            Some(Duration::ZERO),
            "in the past of our clock"
        );
        assert_eq!(pause(&[]), None);
    }
}
