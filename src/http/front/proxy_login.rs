//! Login by a trusted proxy, which names the person in a header.
//!
//! **Invariant:** the login header counts only if a trusted proxy sent the request. If a request
//! from any other address has the header, the server authenticates nobody, even if the request has
//! other credentials.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::header::HeaderMap};

use crate::settings::Settings;

/// What the login header of a request says about who has logged in at the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// The header is absent, names nobody, or is not configured, so other credentials of the
    /// request count.
    Nothing,
    /// The name or mail address of the person who has logged in at the proxy.
    Name(&'a str),
    /// The login header is invalid: it does not come from a trusted proxy, it is repeated, or it is
    /// not text.
    Forged(&'static str),
}

/// Returns what the login header of the request says about who has logged in at the proxy.
pub(super) fn said<'a>(settings: &Settings, http: &'a HttpRequest) -> Said<'a> {
    of(settings, http.peer_addr().map(|peer| peer.ip()), http.headers())
}

fn of<'a>(settings: &Settings, peer: Option<IpAddr>, headers: &'a HeaderMap) -> Said<'a> {
    let Some(name) = &settings.login_header.0 else { return Said::Nothing };
    let mut values = headers.get_all(name);
    let (Some(value), second) = (values.next(), values.next()) else { return Said::Nothing };
    if !peer.is_some_and(|peer| settings.proxies.contains(peer)) {
        return Said::Forged("the login header came from an address that is not in the proxies setting");
    }
    match std::str::from_utf8(value.as_bytes()).map(str::trim) {
        _ if second.is_some() => Said::Forged("the request has the login header twice"),
        // The proxy forwards requests without a person's name, too: programs log in with app
        // passwords.
        Ok("") => Said::Nothing,
        Ok(name) => Said::Name(name),
        Err(_) => Said::Forged("the value of the login header is not valid text"),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_a_configured_proxy_names_a_person() {
        let settings = Settings {
            proxies: "192.0.2.1".parse().expect("peers"),
            login_header: "X-Remote-User".parse().expect("a header"),
            ..Settings::default()
        };
        let (proxy, other) = ("192.0.2.1", "198.51.100.7");
        let elsewhere = Said::Forged("the login header came from an address that is not in the proxies setting");
        let rows: [(&str, &str, &[&[u8]], Said<'_>); 7] = [
            ("a name", proxy, &[b"anna"], Said::Name("anna")),
            ("nobody", proxy, &[], Said::Nothing),
            ("an empty name", proxy, &[b" "], Said::Nothing),
            ("two names", proxy, &[b"anna", b"bert"], Said::Forged("the request has the login header twice")),
            ("no text", proxy, &[b"\xff"], Said::Forged("the value of the login header is not valid text")),
            ("from elsewhere", other, &[b"anna"], elsewhere),
            ("an empty name from elsewhere", other, &[b""], elsewhere),
        ];
        for (title, peer, values, expected) in rows {
            let mut headers = HeaderMap::new();
            for value in values {
                let name = HeaderName::from_static("x-remote-user");
                headers.append(name, HeaderValue::from_bytes(value).expect("a value"));
            }
            assert_eq!(of(&settings, peer.parse().ok(), &headers), expected, "{title}");
            assert_eq!(of(&Settings::default(), peer.parse().ok(), &headers), Said::Nothing, "{title}: not configured");
        }
    }
}
