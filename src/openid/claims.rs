//! The claims about a person, as a token or the userinfo endpoint of the provider states them.

use serde_json::{Map, Value};

use crate::{failure::Unfit, settings::Settings};

/// The name of the claim that is true if the provider has checked that the mail address belongs to
/// the person (OpenID Connect Core 1.0 §5.1).
const VERIFIED: &str = "email_verified";
/// The name of the claim that holds the person's mail address.
const MAIL: &str = "email";

/// The person whom the provider has authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The short name or the mail address of the person's account on this server.
    pub account: String,
    /// The groups of the person; `None` if the claims do not state them or the settings do not ask
    /// for them.
    pub groups: Option<Vec<String>>,
    /// The time at which the token expires, in seconds since the epoch; 0 for a login.
    pub(crate) expires: i64,
}

/// The claims of a token, or of the userinfo endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Claims(pub Map<String, Value>);

impl Claims {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns the time that the claim `name` states, in seconds since the epoch (RFC 7519 §2,
    /// `NumericDate`). `None` if the claim is absent; `Unfit::Malformed` if it is not a number.
    pub(crate) fn time(&self, name: &str) -> Result<Option<i64>, Unfit> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a time outside of the range of `i64` becomes its nearest end"
        )]
        let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
        seconds.map(Some).ok_or(Unfit::Malformed)
    }

    /// Returns the strings of the claim `name`, which may be one string or a list of them, such as
    /// the audience (RFC 7519 §4.1.3). Empty if its type is another one; `None` if the claim is
    /// absent.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        match self.at(name)? {
            Value::Array(values) => Some(values.iter().filter_map(Value::as_str).collect()),
            value => Some(value.as_str().into_iter().collect()),
        }
    }

    /// Returns the claim whose name is `name`. If there is none, reads `name` as a path into nested
    /// objects, with dots between the names: `realm_access.roles`. `None` if that leads to no claim
    /// either.
    fn at(&self, name: &str) -> Option<&Value> {
        let below = || {
            let mut names = name.split('.');
            let first = self.0.get(names.next()?)?;
            names.try_fold(first, |value, name| value.get(name))
        };
        self.0.get(name).or_else(below)
    }

    /// Returns the account that the claims name. An error comes back if that claim is missing or
    /// empty, or if it is `email` and the provider has not verified the address.
    pub(crate) fn account(&self, settings: &Settings) -> Result<String, Unfit> {
        let name = settings.account_claim.as_str();
        let account = self.text(name).filter(|account| !account.is_empty()).ok_or(Unfit::Account)?;
        // At some providers people can enter any mail address, so that an unverified one proves
        // nothing (OpenID Connect Core 1.0 §5.7).
        let is_verified =
            || matches!(self.0.get(VERIFIED), Some(Value::Bool(true))) || self.text(VERIFIED) == Some("true");
        if name == MAIL && !is_verified() {
            return Err(Unfit::Unverified);
        }
        Ok(account.to_owned())
    }

    /// Returns the groups of the person; `None` if the settings name no claim for groups, or the
    /// claim is absent.
    pub(crate) fn groups(&self, settings: &Settings) -> Option<Vec<String>> {
        let claim = Some(settings.groups_claim.as_str()).filter(|claim| !claim.is_empty())?;
        Some(self.texts(claim)?.into_iter().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        let Value::Object(claims) = value else { panic!("no object") };
        Claims(claims)
    }

    #[test]
    fn claims_are_read_in_each_form_that_providers_give_them() {
        let claims = claims(json!({
            "one": "a", "list": ["a", 7, "b"], "deep": { "roles": ["x"] }, "https://example.com/roles": "y",
            "whole": 12, "part": 12.9, "late": 1e300, "text": "12",
        }));
        assert_eq!(claims.texts("one"), Some(vec!["a"]));
        assert_eq!(claims.texts("list"), Some(vec!["a", "b"]));
        assert_eq!(claims.texts("deep.roles"), Some(vec!["x"]));
        assert_eq!(claims.texts("https://example.com/roles"), Some(vec!["y"]));
        assert_eq!((claims.texts("deep.other"), claims.texts("none")), (None, None));
        let times = ["whole", "part", "late", "text", "none"].map(|name| claims.time(name));
        assert_eq!(times, [Ok(Some(12)), Ok(Some(12)), Ok(Some(i64::MAX)), Err(Unfit::Malformed), Ok(None)]);
    }
}
