//! Makes password hashes with argon2, and compares passwords with hashes, including imported ones.

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{
        SaltString,
        rand_core::{OsRng, RngCore as _},
    },
};

use super::foreign::{self, ForeignHash};
use crate::error::Error;

/// Returns true if a stored hash was made from the password; compares them on a thread for blocking
/// work.
pub(super) async fn spawn_check(phc: String, password: String) -> Result<bool, Error> {
    tokio::task::spawn_blocking(move || matches(&phc, &password)).await.map_err(Error::failed)
}

/// Returns true if the hash was made from the password as it was given, or from its Unicode
/// Normalization Form C, from which new hashes are made. Other systems and earlier versions may
/// have hashed a password that was not normalized.
pub(super) fn matches(phc: &str, password: &str) -> bool {
    let composed = ical::nfc(password);
    is_hash_of(phc, password) || (composed != password && is_hash_of(phc, &composed))
}

fn is_hash_of(phc: &str, password: &str) -> bool {
    if let Some(foreign) = ForeignHash::read(phc) {
        return foreign.matches(password);
    }
    PasswordHash::new(phc).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Returns true if the hash has a known form other than argon2, so another system made it. The
/// first right login then replaces it.
pub(crate) fn is_foreign(phc: &str) -> bool {
    ForeignHash::read(phc).is_some()
}

/// Returns the form in which an imported hash is stored. `None`: its form is not known, it is too
/// long, or a check would take too long.
pub(crate) fn importable(hash: &str) -> Option<String> {
    foreign::argon2(hash).or_else(|| ForeignHash::read(hash).map(|_| hash.trim().to_owned()))
}

/// Returns random bytes for a secret.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// Hashes a password with a random salt. Returns a PHC string.
pub(super) fn hash(password: &[u8]) -> Result<String, Error> {
    let salt = SaltString::generate(&mut OsRng);
    match Argon2::default().hash_password(password, &salt) {
        Ok(hash) => Ok(hash.to_string()),
        Err(error) => Err(Error::failed(std::io::Error::other(error.to_string()))),
    }
}
