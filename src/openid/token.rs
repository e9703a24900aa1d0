//! Checks of a token (RFC 7519): its signature, issuer, audience, purpose and times.

use jsonwebtoken::{DecodingKey, Header, TokenData, Validation, decode, decode_header, errors::ErrorKind};
use serde_json::{Map, Value};

use crate::{
    claims::Claims,
    failure::Unfit,
    keys::{Keys, is_accepted},
};

/// The maximum size of a token.
pub(crate) const MAX_TOKEN_BYTES: usize = 16_384;
/// The accepted values of the header `typ` for ID tokens. The header may also be absent.
const PLAIN: [&str; 1] = ["jwt"];
/// The accepted values of the header `typ` for access tokens, for which RFC 9068 §2.1 defines
/// `at+jwt`. The header may also be absent.
const ACCESS: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// The values that a token must have to be accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
    pub kind: Kind,
    /// The current time, in seconds since the epoch.
    pub now: i64,
    /// The accepted difference between the clocks, in seconds.
    pub skew: i64,
}

/// The purpose of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An ID token, which names the person who logged in (OpenID Connect Core 1.0 §2).
    Id,
    /// An access token, with which a program uses this server in the name of a person (RFC 6749
    /// §1.4).
    Access,
}

/// Checks a token against `expected`. Returns its claims, or the reason why it is refused. The
/// caller checks the nonce and the account.
pub(crate) fn verify(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, Unfit> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Unfit::TooLong);
    }
    let header = decode_header(token).map_err(|_| Unfit::Malformed)?;
    if !is_accepted(header.alg) {
        return Err(Unfit::Algorithm);
    }
    if !is_of(&header, expected.kind) {
        return Err(Unfit::Type);
    }
    let mut found = Err(Unfit::Key);
    for key in keys.fitting(header.kid.as_deref(), header.alg) {
        found = signed(token, &header, key, expected);
        // If several keys fit, the signature may be by the next one.
        if !matches!(found, Err(Unfit::Signature)) {
            break;
        }
    }
    let claims = found?;
    timely(&claims, expected)?;
    fitting(&claims, expected)?;
    Ok(claims)
}

fn is_of(header: &Header, kind: Kind) -> bool {
    let types: &[&str] = if kind == Kind::Id { &PLAIN } else { &ACCESS };
    header.typ.as_ref().is_none_or(|own| types.iter().any(|known| own.eq_ignore_ascii_case(known)))
}

/// Checks the signature, the issuer and the audience. `timely` checks the times, because the
/// library would compare them with the clock of the system instead of `expected.now`.
fn signed(token: &str, header: &Header, key: &DecodingKey, expected: &Expected<'_>) -> Result<Claims, Unfit> {
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    let decoded = decode::<Map<String, Value>>(token, key, &validation);
    let TokenData { claims, .. } = decoded.map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => Unfit::Signature,
        ErrorKind::InvalidIssuer => Unfit::Issuer,
        ErrorKind::InvalidAudience => Unfit::Audience,
        _ => Unfit::Malformed,
    })?;
    let claims = Claims(claims);
    // The library also accepts a list of issuers that contains the expected one; this server does
    // not.
    if claims.text("iss") == Some(expected.issuer) { Ok(claims) } else { Err(Unfit::Issuer) }
}

fn timely(claims: &Claims, expected: &Expected<'_>) -> Result<(), Unfit> {
    let Expected { now, skew, .. } = *expected;
    let expires = claims.time("exp")?.ok_or(Unfit::Malformed)?;
    if now.saturating_sub(skew) >= expires {
        return Err(Unfit::Expired);
    }
    for name in ["nbf", "iat"] {
        if claims.time(name)?.is_some_and(|from| from.saturating_sub(skew) > now) {
            return Err(Unfit::Early);
        }
    }
    Ok(())
}

fn fitting(claims: &Claims, expected: &Expected<'_>) -> Result<(), Unfit> {
    match expected.kind {
        // OpenID Connect Core 1.0 §3.1.3.7, steps 4 and 5: `azp` must name this client, and must be
        // there if the token has several audiences.
        Kind::Id => {
            let is_shared = claims.texts("aud").is_some_and(|audience| audience.len() > 1);
            let is_ours = claims.text("azp").map(|party| party == expected.audience);
            if is_ours.unwrap_or(!is_shared) { Ok(()) } else { Err(Unfit::Audience) }
        }
        Kind::Access if claims.has("cnf") => Err(Unfit::Bound),
        Kind::Access => Ok(()),
    }
}

/// Returns the claims of a token without checking it; `None` if the token is too long or cannot be
/// read.
pub(crate) fn unchecked(token: &str) -> Option<Claims> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    jsonwebtoken::dangerous::insecure_decode_claims(token).ok().map(Claims)
}
