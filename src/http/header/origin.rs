//! Detects requests that a page of another origin made a browser send, by `Sec-Fetch-Site` (Fetch
//! Metadata) and `Origin` (RFC 6454).

use actix_web::http::header::{HOST, HeaderMap, ORIGIN};

/// Returns true if the browser says that a page of another origin caused the request, or hides the
/// origin. The browser adds saved credentials to such a request, so the server must not let it
/// change anything.
///
/// Without both headers, as from clients that are not browsers, the result is false.
pub(crate) fn is_cross_site(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("Sec-Fetch-Site") {
        return !matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(ORIGIN) else { return false };
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (authority, host) {
        (Some(authority), Some(host)) => !authority.eq_ignore_ascii_case(host),
        // `Origin: null` hides the origin of the page.
        (None, _) | (_, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_page_of_another_site_is_recognized() {
        let rows: [(&[(&str, &str)], bool); 9] = [
            (&[], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "https://elsewhere.example")], false),
            (&[("origin", "https://cal.example:8443"), ("host", "CAL.example:8443")], false),
            (&[("origin", "https://elsewhere.example"), ("host", "cal.example")], true),
            (&[("origin", "null"), ("host", "cal.example")], true),
        ];
        for (sent, expected) in rows {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(is_cross_site(&headers), expected, "{sent:?}");
        }
    }
}
