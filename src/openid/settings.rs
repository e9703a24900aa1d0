//! Which provider is trusted, and how its tokens name people.

use std::{path::PathBuf, time::Duration};

use peer::Secret;
use reqwest::Url;

/// Everything a client needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider's identity, a URL: exactly as it stands in its tokens.
    pub issuer: String,
    /// Our name at the provider.
    pub client_id: String,
    /// `None`: a public client, which PKCE alone protects.
    pub secret: Option<Secret>,
    /// To which the provider sends people back.
    pub redirect_url: String,
    /// To which it sends them after they logged out there.
    pub home_url: String,
    /// What is asked for besides `openid`, separated by blanks.
    pub scopes: String,
    /// The claim that names the account: a name or a mail address here.
    pub account_claim: String,
    /// The claim that holds the groups of a person; empty: groups are not looked at.
    pub groups_claim: String,
    /// The audience of bearer tokens; `None`: there are none.
    pub audience: Option<String>,
    /// PEM file of the authorities that signed the provider's certificate.
    pub ca_file: PathBuf,
    /// How far the provider's clock may differ from ours.
    pub skew: Duration,
    /// How long each question to the provider may take.
    pub timeout: Duration,
}

/// Reads the URL of a provider or of one of its endpoints. `Err`: it is none, or others could read
/// what is sent to it.
pub fn check_url(text: &str) -> Result<(), &'static str> {
    safe_url(text).map(drop)
}

pub(crate) fn safe_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is no URL; write https://HOST/")?;
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("has no host, or more than a scheme, a host, a path and a query");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if peer::is_this_machine(host) => Ok(url),
        _ => Err("begins with something else than https://, which only a provider on this machine may"),
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
