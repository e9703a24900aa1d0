//! The metadata of the provider (OpenID Connect Discovery 1.0 §3).

use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    failure::Failure,
    fetch::unusable,
    settings::{Settings, safe_url},
};

/// The path of the discovery document, relative to the issuer's URL (OpenID Connect Discovery 1.0
/// §4.1).
const PATH: &str = "/.well-known/openid-configuration";

/// The endpoints and abilities of a provider.
#[derive(Debug, Clone)]
pub(crate) struct Metadata {
    pub authorization: Url,
    pub token: Url,
    pub keys: Url,
    /// The userinfo endpoint; `None` if the provider has none, so that only the ID token has
    /// claims.
    pub userinfo: Option<Url>,
    /// The endpoint that logs people out; `None` if the provider has none.
    pub end_session: Option<Url>,
    /// True if the client secret is sent by Basic authentication, false if it is sent in the form.
    pub takes_basic: bool,
    /// True if every answer to a login names the issuer (RFC 9207 §3).
    pub names_issuer: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Returns the URL of the discovery document; an error if that is not a safe URL.
pub(crate) fn url(settings: &Settings) -> Result<Url, Failure> {
    let text = format!("{}{PATH}", settings.issuer.trim_end_matches('/'));
    safe_url(&text).map_err(|why| Failure::Url { issuer: settings.issuer.clone(), why })
}

impl Metadata {
    /// Reads the discovery document that was fetched from `url`. An error comes back if it lacks a
    /// required endpoint, or names another issuer or an endpoint that is not a safe URL.
    pub(crate) fn read(settings: &Settings, url: &Url, document: Value) -> Result<Self, Failure> {
        let document: Document = serde_json::from_value(document).map_err(|error| unusable(url, error.to_string()))?;
        if document.issuer != settings.issuer {
            return Err(Failure::Issuer { url: url.to_string(), found: document.issuer });
        }
        let endpoint = |text: &str| safe_url(text).map_err(|why| unusable(url, format!("the endpoint {text} {why}")));
        let optional = |text: Option<String>| text.as_deref().map(endpoint).transpose();
        // OpenID Connect Discovery 1.0 §3: without `token_endpoint_auth_methods_supported`, the
        // method is `client_secret_basic`.
        let methods = document.token_endpoint_auth_methods_supported;
        let takes_basic = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        Ok(Self {
            authorization: endpoint(&document.authorization_endpoint)?,
            token: endpoint(&document.token_endpoint)?,
            keys: endpoint(&document.jwks_uri)?,
            userinfo: optional(document.userinfo_endpoint)?,
            end_session: optional(document.end_session_endpoint)?,
            takes_basic,
            names_issuer: document.authorization_response_iss_parameter_supported,
        })
    }
}
