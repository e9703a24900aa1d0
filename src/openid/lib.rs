//! The client of an OpenID Connect provider, at which the people of an organisation log in.
//!
//! [`Provider`] is the interface to other crates: it returns the address of the login page, checks
//! the answer of a login, and checks the bearer tokens of programs. docs/openid.md is the guide,
//! docs/adr/0036-openid.md gives the reasons for the design.
//!
//! The modules, from the network inwards:
//!
//! - `fetch` sends the requests to the provider, limits the size and the time of each answer, and
//!   follows no redirection;
//! - `knowledge` caches the provider's `metadata` (OpenID Connect Discovery 1.0) and `keys` (RFC
//!   7517);
//! - `token` checks a JWT (RFC 7519) with these keys, `signature` makes `ring` verify the
//!   signatures for the JWT library, and `claims` reads the content of the JWT;
//! - `login` is the authorization code flow (OpenID Connect Core 1.0 §3.1) with PKCE (RFC 7636).
//!
//! **Invariant:** only asymmetric signatures by a key that the provider publishes are accepted.
//! Errors and the log contain neither tokens nor authorization codes.

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

/// Checks an access token against an issuer, an audience and a JSON Web Key Set, and returns true
/// if it is accepted. For fuzzing and property tests. `now`: in seconds since the epoch.
#[doc(hidden)]
pub fn accepts(token: &str, keys: &str, (issuer, audience): (&str, &str), now: i64) -> bool {
    signature::install();
    let keys = serde_json::from_str(keys).ok().and_then(|keys| keys::Keys::read(&keys).ok());
    let expected = token::Expected { issuer, audience, kind: token::Kind::Access, now, skew: 0 };
    keys.is_some_and(|keys| token::verify(token, &keys, &expected).is_ok())
}
