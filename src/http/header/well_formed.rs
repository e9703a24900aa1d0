//! Checks the headers of every request: a `Host` header must be valid (RFC 9112 §3.2), and the
//! headers of [`SINGLE`] must not be repeated.

use actix_web::http::{
    header::{HOST, HeaderMap},
    uri::Authority,
};

use super::Invalid;

/// Headers that allow one value only. With two values, a reverse proxy and this server could
/// interpret the request differently.
const SINGLE: [&str; 11] = [
    "authorization",
    "caldav-timezones",
    "content-type",
    "depth",
    "destination",
    "if-modified-since",
    "if-schedule-tag-match",
    "if-unmodified-since",
    "overwrite",
    "range",
    "schedule-reply",
];

pub(crate) fn check(headers: &HeaderMap) -> Result<(), Invalid> {
    if headers.get(HOST).is_some_and(|host| !is_host(host.as_bytes())) {
        return Err(Invalid::from(
            "the Host header must be a name or an address, followed by `:` and a port if the port is not the default",
        ));
    }
    // Most requests repeat no header at all.
    if headers.len() == headers.len_keys() {
        return Ok(());
    }
    match SINGLE.into_iter().find(|name| headers.get_all(*name).nth(1).is_some()) {
        Some(name) => Err(Invalid(format!("the request has the header `{name}` twice; send it once").into())),
        None => Ok(()),
    }
}

/// Returns true for a host with an optional port, and for an empty value, which RFC 9112 §3.2
/// allows.
fn is_host(value: &[u8]) -> bool {
    value.is_empty() || Authority::try_from(value).is_ok_and(|host| !host.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn refusal(sent: &[(&'static str, &'static str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        check(&headers).err().map(|Invalid(why)| why.into_owned())
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_a_port() {
        for host in ["cal.example", "cal.example:8443", "127.0.0.1:8080", "[::1]:8080", "[2001:db8::1]", ""] {
            assert_eq!(refusal(&[("host", host)]), None, "{host}");
        }
        for host in ["a b", "a@b", "\"><script>", "cal.example/path", "cal.example:80:90", "[::1"] {
            assert!(refusal(&[("host", host)]).is_some(), "{host}");
        }
    }

    #[test]
    fn a_header_with_one_value_is_not_sent_twice() {
        for name in SINGLE {
            assert_eq!(refusal(&[(name, "0"), ("host", "a")]), None, "{name}");
            assert_eq!(
                refusal(&[(name, "0"), (name, "1")]),
                Some(format!("the request has the header `{name}` twice; send it once"))
            );
        }
        assert_eq!(refusal(&[("if-match", "\"a\""), ("if-match", "\"b\"")]), None, "a list may be in several headers");
    }
}
