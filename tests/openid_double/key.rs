//! The key of the provider, for ES256: ECDSA with P-256 (RFC 7518 §3.4).

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

/// A private and a public key, with the number that becomes the key id.
#[derive(Debug, Clone)]
pub struct Key {
    pub(crate) number: usize,
    pair: Arc<EcdsaKeyPair>,
}

impl Key {
    /// Generates a new key.
    ///
    /// # Panics
    /// If the operating system has no random numbers.
    pub fn new(number: usize) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
        Self { number, pair: Arc::new(pair) }
    }

    /// Returns the public key as a JSON Web Key (RFC 7518 §6.2).
    pub(crate) fn shown(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let encoded = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        json!({ "kty": "EC", "use": "sig", "crv": "P-256", "kid": self.name(), "x": encoded(&point[1..33]),
            "y": encoded(&point[33..]) })
    }

    fn name(&self) -> String {
        format!("key {}", self.number)
    }

    /// Returns a signed JWT with these claims. The members of `header` replace those of the default
    /// header.
    ///
    /// # Panics
    /// If the operating system has no random numbers.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let mut head = json!({ "alg": "ES256", "kid": self.name() });
        for (name, value) in header.as_object().into_iter().flatten() {
            head[name] = value.clone();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&head), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}
