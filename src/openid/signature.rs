//! Makes the JWT library, which is built without cryptography, use `ring`.
//!
//! **Invariant:** this module verifies signatures and cannot create any.

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind, new_error},
    signature::{self, Verifier},
};
use ring::signature as ring_signature;

static RING: CryptoProvider =
    CryptoProvider { signer_factory: no_signer, verifier_factory: verifier, key_utils: KeyUtils::new_unimplemented() };

/// Installs `ring` in the JWT library, for the whole process. No other crate uses the JWT library.
pub(crate) fn install() {
    // The call returns an error if `ring` is installed already, which is no problem.
    let _ = RING.install_default();
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the library asks for this form")]
fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Err(new_error(ErrorKind::UnsupportedAlgorithm))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the library asks for this form")]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    if key.family() != algorithm.family() {
        return Err(new_error(ErrorKind::InvalidAlgorithm));
    }
    Ok(Box::new(Check { algorithm: *algorithm, key: key.clone() }))
}

/// A verifier for one algorithm and one key.
struct Check {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Check {
    fn is_right(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        match self.key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                let key = ring_signature::RsaPublicKeyComponents { n, e };
                key.verify(rsa(self.algorithm)?, message, signature).ok()
            }
            DecodingKeyKind::SecretOrDer(point) => {
                let key = ring_signature::UnparsedPublicKey::new(curve(self.algorithm)?, point);
                key.verify(message, signature).ok()
            }
        }
    }
}

/// Returns `ring`'s parameters for an RSA algorithm (RFC 7518 §3.3, §3.5); `None` for other
/// algorithms. `ring` accepts keys of 2,048 to 8,192 bits, rounded up to whole bytes; both sections
/// require at least 2,048 bits.
fn rsa(algorithm: Algorithm) -> Option<&'static ring_signature::RsaParameters> {
    match algorithm {
        Algorithm::RS256 => Some(&ring_signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Some(&ring_signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Some(&ring_signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Some(&ring_signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Some(&ring_signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Some(&ring_signature::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

/// Returns `ring`'s parameters for an elliptic curve algorithm (RFC 7518 §3.4, RFC 8037 §3.1);
/// `None` for other algorithms.
fn curve(algorithm: Algorithm) -> Option<&'static dyn ring_signature::VerificationAlgorithm> {
    match algorithm {
        Algorithm::ES256 => Some(&ring_signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Some(&ring_signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Some(&ring_signature::ED25519),
        _ => None,
    }
}

impl Verifier<Vec<u8>> for Check {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.is_right(message, signature).ok_or_else(signature::Error::new)
    }
}

impl JwtVerifier for Check {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
