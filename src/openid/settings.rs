//! The settings for the provider: its address, the client's credentials, and the claims that are
//! used.

use std::{path::PathBuf, time::Duration};

use peer::Secret;
use reqwest::Url;

/// The settings of the client of one provider.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The issuer identifier of the provider, a URL, exactly as the tokens contain it.
    pub issuer: String,
    /// The client id of this server at the provider.
    pub client_id: String,
    /// The client secret; `None` for a public client, which only PKCE protects.
    pub secret: Option<Secret>,
    /// The URL to which the provider sends a browser after a login.
    pub redirect_url: String,
    /// The URL to which the provider sends a browser after a logout.
    pub home_url: String,
    /// The scopes that are requested in addition to `openid`, separated by spaces.
    pub scopes: String,
    /// The claim that names the account on this server, by short name or mail address.
    pub account_claim: String,
    /// The claim that contains the groups of a person; empty if groups are not used.
    pub groups_claim: String,
    /// The audience that bearer tokens must have; `None` if bearer tokens are not accepted.
    pub audience: Option<String>,
    /// The PEM file of the certificate authorities that are trusted to sign the provider's
    /// certificate.
    pub ca_file: PathBuf,
    /// The maximum difference between the provider's clock and the clock of this server.
    pub skew: Duration,
    /// The maximum time of each request to the provider.
    pub timeout: Duration,
}

/// Checks the URL of a provider or of one of its endpoints. The error says what is wrong: the text
/// is not a plain URL, or requests to it would leave this machine unencrypted.
pub fn check_url(text: &str) -> Result<(), &'static str> {
    safe_url(text).map(drop)
}

pub(crate) fn safe_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "must be a URL such as https://HOST/")?;
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("must name a host, and have no user name, password or fragment");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if peer::is_this_machine(host) => Ok(url),
        _ => Err("must begin with https://, unless its host is this machine"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_without_tls() {
        let rows = [
            ("https://login.example.com/realms/staff", true),
            ("http://127.0.0.1:8080/", true),
            ("http://localhost:8080/", true),
            ("http://[::1]:8080/", true),
            ("http://login.example.com/", false),
            ("ldaps://login.example.com/", false),
            ("login.example.com", false),
            ("https://anna:secret@login.example.com/", false),
            ("https://login.example.com/#part", false),
            ("https:///", false),
        ];
        for (url, expected) in rows {
            assert_eq!(check_url(url).is_ok(), expected, "{url}");
        }
    }
}
