//! The login of a person at the provider: the authorization code flow (OpenID Connect Core 1.0
//! §3.1) with PKCE (RFC 7636).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Url;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    claims::{Claims, Identity},
    failure::{Failure, Rejected, Unfit},
    fetch::{Fetch, unusable},
    metadata::Metadata,
    settings::Settings,
};

/// The maximum number of characters of the provider's error code that are shown.
const MAX_WORD_LENGTH: usize = 60;

/// The secrets of one login that has begun. The provider receives `state` and `nonce` with the
/// request of the browser, and `verifier` only from this server, with the authorization code.
#[derive(Clone)]
pub struct Begun {
    /// The `state` of the request. The answer must repeat it, so that another site cannot inject an
    /// answer into the browser (RFC 6749 §10.12).
    pub state: String,
    /// The `nonce` of the request. The ID token must contain it, so that the token of another login
    /// is refused (OpenID Connect Core 1.0 §15.5.2).
    pub nonce: String,
    /// The code verifier of PKCE, without which a stolen authorization code is useless (RFC 7636
    /// §4.1): 43 to 128 letters, digits, `-`, `.`, `_` and `~`.
    pub verifier: String,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Begun { .. }")
    }
}

/// The answer of the provider to a login, which the browser delivers with a redirection.
#[derive(Clone)]
pub struct Returned {
    /// The authorization code, which is exchanged for tokens.
    pub code: String,
    /// The issuer that the answer names (`iss`, RFC 9207 §2); `None` if it names none.
    pub issuer: Option<String>,
}

impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Returned { .. }")
    }
}

/// The tokens that were obtained for an authorization code.
pub(crate) struct Tokens {
    pub id: String,
    access: Option<String>,
}

/// Returns the URL of the provider's login page, with the parameters of this login.
pub(crate) fn address(settings: &Settings, metadata: &Metadata, begun: &Begun) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&begun.verifier));
    let scope = format!("openid {}", settings.scopes);
    let mut url = metadata.authorization.clone();
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &settings.client_id),
        ("redirect_uri", &settings.redirect_url),
        ("scope", scope.trim()),
        ("state", &begun.state),
        ("nonce", &begun.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    url.into()
}

/// Returns the URL at which a person logs out of the provider (OpenID Connect RP-Initiated Logout
/// 1.0 §2); `None` if the provider has none. The request has no `id_token_hint`, because the server
/// does not keep the ID token.
pub(crate) fn logout_address(settings: &Settings, metadata: &Metadata) -> Option<String> {
    let mut url: Url = metadata.end_session.clone()?;
    url.query_pairs_mut()
        .extend_pairs([("client_id", &settings.client_id), ("post_logout_redirect_uri", &settings.home_url)]);
    Some(url.into())
}

/// Checks the issuer that the answer to a login names (RFC 9207 §2.4). An answer that names none
/// passes, unless the provider's metadata say that every answer names it.
pub(crate) fn check_issuer(settings: &Settings, metadata: &Metadata, returned: &Returned) -> Result<(), Unfit> {
    match &returned.issuer {
        Some(issuer) if *issuer == settings.issuer => Ok(()),
        None if !metadata.names_issuer => Ok(()),
        _ => Err(Unfit::Issuer),
    }
}

/// Exchanges an authorization code for tokens (RFC 6749 §4.1.3).
pub(crate) async fn tokens(
    fetch: &Fetch,
    settings: &Settings,
    metadata: &Metadata,
    code: &str,
    begun: &Begun,
) -> Result<Tokens, Rejected> {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &settings.redirect_url),
        ("code_verifier", &begun.verifier),
    ];
    let mut basic = None;
    let secret = settings.secret.as_ref().map(peer::Secret::reveal);
    let (name, encoded) = (encoded(&settings.client_id), secret.map(encoded));
    match (&encoded, secret) {
        (Some(encoded), _) if metadata.takes_basic => basic = Some((name.as_str(), encoded.as_str())),
        (_, Some(secret)) => fields.extend([("client_id", settings.client_id.as_str()), ("client_secret", secret)]),
        (_, None) => fields.push(("client_id", &settings.client_id)),
    }
    let answer = fetch.form(&metadata.token, &fields, basic).await?;
    let text = |name: &str| answer.document.get(name).and_then(Value::as_str);
    if answer.status != 200 {
        return Err(match text("error") {
            Some(word) => Rejected::Refused(shown(word)),
            None => Failure::Refused { url: metadata.token.to_string(), status: answer.status }.into(),
        });
    }
    let id = text("id_token").ok_or_else(|| unusable(&metadata.token, "the answer has no ID token"))?.to_owned();
    Ok(Tokens { id, access: text("access_token").map(str::to_owned) })
}

/// Returns the identity that the ID token names. If the account is missing in it or is an
/// unverified mail address, or if groups are used and missing, these claims are read from the
/// userinfo endpoint, if the provider has one and sent an access token (OpenID Connect Core 1.0
/// §5.3).
pub(crate) async fn identity(
    fetch: &Fetch,
    settings: &Settings,
    metadata: &Metadata,
    claims: &Claims,
    tokens: &Tokens,
) -> Result<Identity, Rejected> {
    let mut said = (claims.account(settings), claims.groups(settings));
    let is_missing = said.0.is_err() || (said.1.is_none() && !settings.groups_claim.is_empty());
    if let (true, Some(url), Some(access)) = (is_missing, &metadata.userinfo, &tokens.access) {
        let Value::Object(more) = fetch.document_with(url, access).await? else {
            return Err(unusable(url, "the answer is not a JSON object").into());
        };
        let more = Claims(more);
        // OpenID Connect Core 1.0 §5.3.2: `sub` must be equal in the ID token and in the answer of
        // the userinfo endpoint, because the answer may be about another person.
        if more.text("sub") != claims.text("sub") {
            return Err(unusable(url, "the answer has another `sub` than the ID token, or none").into());
        }
        said = (said.0.or_else(|_| more.account(settings)), said.1.or_else(|| more.groups(settings)));
    }
    Ok(Identity { account: said.0?, groups: said.1, expires: 0 })
}

/// Encodes the client id or the secret for Basic authentication at the provider (RFC 6749 §2.3.1).
fn encoded(text: &str) -> String {
    let mut url = Url::parse("https://none.invalid/").expect("a URL");
    url.query_pairs_mut().append_key_only(text);
    url.query().unwrap_or_default().to_owned()
}

/// Returns an error code of the provider in a form that is safe to show and to log: only `a` to `z`
/// and `_`, at most 60 characters.
pub fn shown(word: &str) -> String {
    word.chars().filter(|letter| letter.is_ascii_lowercase() || *letter == '_').take(MAX_WORD_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_words_are_sent_and_shown_without_other_signs() {
        assert_eq!(encoded("a b:c/ü"), "a+b%3Ac%2F%C3%BC");
        assert_eq!(shown("access_denied"), "access_denied");
        assert_eq!(shown("<b>\nNo"), "bo");
        assert_eq!(shown(&"a".repeat(100)).len(), MAX_WORD_LENGTH);
    }
}
