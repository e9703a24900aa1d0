//! Signed notes (C2SP `signed-note`): a text followed by lines with signatures.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::key::{KeyHash, SignerKey, VerifierKey};

/// The text before each signature.
const MARK: &str = "— ";

/// A text with signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The signed text, which ends with a line break.
    pub text: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    name: String,
    hash: KeyHash,
    bytes: Vec<u8>,
}

/// The reason for which a note is not validly signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The text does not have the form of a signed note.
    #[error("the text is not a signed head: it does not have the form of a signed note")]
    Malformed,
    /// The note has no signature by one of the given keys.
    #[error("the signed head has no signature by a known key, only by {0}; name the public key of {0} with --key")]
    UnknownKeys(String),
    /// A signature by one of the given keys is wrong.
    #[error("the signature by {0} is wrong: the text was changed, or signed by another key")]
    Wrong(String),
}

impl Note {
    /// Signs a text with each of the keys. The text must end with a line break.
    pub fn sign(text: String, keys: &[&SignerKey]) -> Self {
        let signature = |key: &&SignerKey| {
            let VerifierKey { name, .. } = key.verifier();
            Signature { name, hash: key.verifier().hash(), bytes: key.sign(&text) }
        };
        let signatures = keys.iter().map(signature).collect();
        Self { text, signatures }
    }

    /// Parses a note without verifying it.
    pub fn parse(note: &str) -> Result<Self, NotSigned> {
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(NotSigned::Malformed)?;
        let signatures: Option<Vec<Signature>> = signatures.lines().map(signature).collect();
        let signatures = signatures.filter(|signatures| !signatures.is_empty()).ok_or(NotSigned::Malformed)?;
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// Returns those of the given `keys` that signed the text, at least one. Signatures by other
    /// keys are ignored. An error if none of them signed it, or if a signature by one of them is
    /// wrong.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, NotSigned> {
        let mut by = vec![];
        for Signature { name, hash, bytes } in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.name == *name && key.hash() == *hash) else { continue };
            if !key.verifies(&self.text, bytes) {
                return Err(NotSigned::Wrong(name.clone()));
            }
            by.push(key);
        }
        if by.is_empty() {
            let named: Vec<&str> = self.signatures.iter().map(|signature| signature.name.as_str()).collect();
            return Err(NotSigned::UnknownKeys(named.join(", ")));
        }
        Ok(by)
    }

    /// Returns the note with its signatures as text.
    pub fn to_text(&self) -> String {
        let line = |Signature { name, hash, bytes }: &Signature| {
            let data: Vec<u8> = hash.iter().chain(bytes).copied().collect();
            format!("{MARK}{name} {}\n", STANDARD.encode(data))
        };
        format!("{}\n{}", self.text, self.signatures.iter().map(line).collect::<String>())
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, data) = line.strip_prefix(MARK)?.split_once(' ')?;
    let data = STANDARD.decode(data).ok()?;
    let (hash, bytes) = data.split_at_checked(4)?;
    Some(Signature { name: name.to_owned(), hash: hash.try_into().ok()?, bytes: bytes.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example from golang.org/x/mod/sumdb/note, with which other programs are tested too.
    const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SIGNED: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
                          — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_of_another_program_is_verified_and_written_as_it_was() {
        let note = Note::parse(SIGNED).unwrap();
        let key = VerifierKey::parse(VERIFIER).unwrap();
        assert_eq!(key.to_string(), VERIFIER);
        assert_eq!(note.verify(std::slice::from_ref(&key)).unwrap(), [&key]);
        assert_eq!(note.to_text(), SIGNED);
        let other = Note::parse(&SIGNED.replace("problem is", "problem was")).unwrap();
        assert_eq!(other.verify(&[key]), Err(NotSigned::Wrong("PeterNeumann".to_owned())));
    }

    #[test]
    fn keys_are_written_and_read_back_and_sign() {
        let (old, new) = (SignerKey::of("log", [7; 32]).unwrap(), SignerKey::of("log", [8; 32]).unwrap());
        let read = SignerKey::parse(&old.to_text()).unwrap();
        assert_eq!(read.verifier(), old.verifier());
        let note = Note::sign("text\n".to_owned(), &[&old, &new]);
        let keys = [old.verifier(), new.verifier()];
        assert_eq!(Note::parse(&note.to_text()).unwrap().verify(&keys).unwrap().len(), 2);
        assert_eq!(note.verify(&keys[1..]).unwrap(), [&keys[1]]);
        assert!(matches!(note.verify(&[]), Err(NotSigned::UnknownKeys(_))));
        for wrong in ["", "log", "log+00000000+AQ==", &keys[0].to_string().replace("log", "lag")] {
            assert!(VerifierKey::parse(wrong).is_err(), "{wrong}");
        }
        assert!(SignerKey::of("a b", [7; 32]).is_err());
    }
}
