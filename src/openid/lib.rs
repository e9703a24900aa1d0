//! The client of an OpenID Connect provider, with which an organisation says who its people are.
//!
//! [`Provider`] is all that others see: where a person logs in, who came back from there, and whose
//! bearer token a program sends. docs/openid.md is the guide, docs/adr/0036-openid.md says why it
//! is built so.
//!
//! From the network inwards:
//!
//! - `fetch` asks the provider, within a size and a time, and follows no redirection;
//! - `knowledge` keeps what the provider says of itself: `metadata` (OpenID Connect Discovery 1.0)
//!   and `keys` (RFC 7517);
//! - `token` checks a JWT (RFC 7519) with them, `signature` lends `ring` to its library, `claims`
//!   reads what it says;
//! - `login` is the authorization code flow (OpenID Connect Core 1.0 §3.1) with PKCE (RFC 7636).
//!
//! **Invariant:** no signature is accepted but an asymmetric one of a key that the provider shows.
//! Neither a token nor a code stands in an error or in the log.

mod claims;
mod failure;
mod fetch;
mod keys;
mod knowledge;
mod login;
mod metadata;
mod provider;
mod settings;
mod signature;
mod token;

pub use claims::Identity;
pub use failure::{Failure, Rejected, Unfit};
pub use login::{Begun, Returned, shown};
pub use peer::Secret;
pub use provider::Provider;
pub use settings::{Settings, check_url};

/// Returns whether an access token is accepted that this issuer gave for this audience, signed by
/// one of these keys (a JSON Web Key Set). For tests of any input. `now`: seconds since the epoch.
#[doc(hidden)]
pub fn accepts(token: &str, keys: &str, (issuer, audience): (&str, &str), now: i64) -> bool {
    signature::install();
    let keys = serde_json::from_str(keys).ok().and_then(|keys| keys::Keys::read(&keys).ok());
    let expected = token::Expected { issuer, audience, kind: token::Kind::Access, now, skew: 0 };
    keys.is_some_and(|keys| token::verify(token, &keys, &expected).is_ok())
}
