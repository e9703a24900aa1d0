//! Keys for signed notes (C2SP `signed-note`), in the text form that other programs also read.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest, Sha256};

/// The number of the Ed25519 algorithm in signed notes.
const ED25519_KEY: u8 = 1;
/// The prefix of a private key.
const PRIVATE: &str = "PRIVATE+KEY+";

/// The id of a key in a signature: the first four bytes of a hash over its name and its public
/// part.
pub type KeyHash = [u8; 4];

/// The error that a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a {0} key for signed notes")]
pub struct NotAKey(&'static str);

/// The public part of a key, in text form `NAME+HASH+BASE64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    /// The name of the key, which is the origin of the log.
    pub name: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// Parses a public key. Returns an error if the form is wrong, or if the hash does not fit the
    /// key.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let wrong = || NotAKey("public");
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(hash), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let data = STANDARD.decode(data).map_err(|_| wrong())?;
        let public = data.strip_prefix(&[ED25519_KEY]).and_then(|public| public.try_into().ok()).ok_or_else(wrong)?;
        let key = Self { name: name.to_owned(), public };
        if is_name(name) && key.hex() == hash { Ok(key) } else { Err(wrong()) }
    }

    /// Returns the hash by which signatures identify the key.
    pub fn hash(&self) -> KeyHash {
        let mut sha = Sha256::new();
        sha.update(self.name.as_bytes());
        sha.update([b'\n', ED25519_KEY]);
        sha.update(self.public);
        let digest: [u8; 32] = sha.finalize().into();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    fn hex(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.hash()))
    }

    pub(super) fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data: Vec<u8> = [ED25519_KEY].into_iter().chain(self.public).collect();
        write!(f, "{}+{}+{}", self.name, self.hex(), STANDARD.encode(data))
    }
}

/// A private key, in text form `PRIVATE+KEY+NAME+HASH+BASE64`.
pub struct SignerKey {
    name: String,
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl SignerKey {
    /// Creates the key from a seed, which must be random and secret.
    ///
    /// Returns an error if the name is empty, or contains a blank or a plus sign.
    pub fn of(name: &str, seed: [u8; 32]) -> Result<Self, NotAKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| NotAKey("private"))?;
        if is_name(name) { Ok(Self { name: name.to_owned(), seed, pair }) } else { Err(NotAKey("private")) }
    }

    /// Parses a private key in the form that [`Self::to_text`] writes.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let wrong = || NotAKey("private");
        let mut parts = text.trim().strip_prefix(PRIVATE).ok_or_else(wrong)?.splitn(3, '+');
        let (Some(name), Some(hash), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong());
        };
        let data = STANDARD.decode(data).map_err(|_| wrong())?;
        let seed = data.strip_prefix(&[ED25519_KEY]).and_then(|seed| seed.try_into().ok()).ok_or_else(wrong)?;
        let key = Self::of(name, seed)?;
        if key.verifier().hex() == hash { Ok(key) } else { Err(wrong()) }
    }

    /// Returns the private key as text. Keep it secret: anybody who has it can sign heads.
    pub fn to_text(&self) -> String {
        let data: Vec<u8> = [ED25519_KEY].into_iter().chain(self.seed).collect();
        format!("{PRIVATE}{}+{}+{}\n", self.name, self.verifier().hex(), STANDARD.encode(data))
    }

    /// Returns the public part of the key.
    pub fn verifier(&self) -> VerifierKey {
        let mut public = [0; 32];
        public.copy_from_slice(self.pair.public_key().as_ref());
        VerifierKey { name: self.name.clone(), public }
    }

    pub(super) fn sign(&self, text: &str) -> Vec<u8> {
        self.pair.sign(text.as_bytes()).as_ref().to_vec()
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.verifier())
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|character: char| character == '+' || character.is_whitespace())
}
