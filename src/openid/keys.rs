//! The public keys of the provider, with which the signatures of tokens are checked (RFC 7517).

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde_json::Value;

/// The maximum number of keys in the provider's key set.
const MAX_KEYS: usize = 64;

/// The accepted algorithms, all of which use a private and a public key. With a shared secret this
/// server could sign tokens as well, and with `none` anybody could (RFC 8725 §3.1).
const ACCEPTED: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

pub(crate) fn is_accepted(algorithm: Algorithm) -> bool {
    ACCEPTED.contains(&algorithm)
}

/// The keys of one provider that can verify tokens.
#[derive(Debug, Clone)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    /// The only algorithm for which the key may be used; `None`: any algorithm of the key's family.
    algorithm: Option<KeyAlgorithm>,
    public: DecodingKey,
}

impl Keys {
    /// Reads a JSON Web Key Set. Keys that cannot be read, and keys that are not for signatures by
    /// an accepted algorithm, are left out. An error comes back if the document has no list of
    /// keys, too many keys, or none that can be used.
    pub(crate) fn read(document: &Value) -> Result<Self, &'static str> {
        let all = document.get("keys").and_then(Value::as_array).ok_or("the answer has no list of keys")?;
        if all.len() > MAX_KEYS {
            return Err("the answer has more than 64 keys");
        }
        let keys: Vec<_> = all.iter().filter_map(Key::read).collect();
        if keys.is_empty() {
            Err("the answer has no key for a signature algorithm that this server accepts")
        } else {
            Ok(Self(keys))
        }
    }

    /// Returns the keys that may have signed a token whose header has this key id (`kid`) and
    /// algorithm. If the token or a key has no key id, only the algorithm is compared.
    pub(crate) fn fitting<'a>(
        &'a self,
        id: Option<&'a str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'a DecodingKey> {
        let fits = move |key: &&Key| {
            let is_named = id.is_none() || key.id.is_none() || key.id.as_deref() == id;
            is_named && key.public.family() == algorithm.family() && key.is_for(algorithm)
        };
        self.0.iter().filter(fits).map(|key| &key.public)
    }
}

impl Key {
    fn read(value: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        let is_for_signatures = jwk.common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature);
        let public = DecodingKey::from_jwk(&jwk).ok().filter(|_| is_for_signatures)?;
        let is_asymmetric = ACCEPTED.iter().any(|algorithm| algorithm.family() == public.family());
        let (id, algorithm) = (jwk.common.key_id, jwk.common.key_algorithm);
        is_asymmetric.then_some(Self { id, algorithm, public })
    }

    fn is_for(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|own| own.to_string() == format!("{algorithm:?}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(id: &str, more: &[(&str, &str)]) -> Value {
        let mut key = json!({ "kty": "RSA", "kid": id, "n": "AQAB", "e": "AQAB" });
        for (name, value) in more {
            key[*name] = Value::from(*value);
        }
        key
    }

    #[test]
    fn a_key_fits_by_its_name_its_family_and_its_algorithm() {
        let keys = json!({ "keys": [
            rsa("one", &[("use", "sig")]),
            rsa("two", &[("alg", "PS256")]),
            rsa("other", &[("use", "enc")]),
            { "kty": "oct", "kid": "shared", "k": "c2VjcmV0" },
            { "kty": "something", "kid": "new" },
            { "kty": "OKP", "crv": "Ed25519", "kid": "three", "x": "AQAB" },
        ] });
        let keys = Keys::read(&keys).unwrap();
        let fitting = |id, algorithm| keys.fitting(id, algorithm).count();
        assert_eq!(keys.0.len(), 3);
        assert_eq!((fitting(Some("one"), Algorithm::RS256), fitting(Some("one"), Algorithm::ES256)), (1, 0));
        assert_eq!((fitting(Some("two"), Algorithm::RS256), fitting(Some("two"), Algorithm::PS256)), (0, 1));
        assert_eq!((fitting(None, Algorithm::PS256), fitting(Some("four"), Algorithm::PS256)), (2, 0));
        assert_eq!(fitting(Some("shared"), Algorithm::HS256), 0);
    }

    #[test]
    fn a_set_has_keys_and_not_too_many() {
        let many = |count: usize| json!({ "keys": vec![rsa("one", &[]); count] });
        assert!(Keys::read(&many(MAX_KEYS)).is_ok());
        assert!(Keys::read(&many(MAX_KEYS + 1)).unwrap_err().contains("more than 64"));
        assert!(Keys::read(&many(0)).unwrap_err().contains("no key"));
        assert!(Keys::read(&json!([])).unwrap_err().contains("no list"));
    }
}
