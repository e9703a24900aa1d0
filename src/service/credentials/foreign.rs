//! Imported password hashes, which other systems made: Django, Nextcloud, LDAP servers and
//! `crypt(3)`.
//!
//! **Invariant:** pure. The cost of a hash is limited when the hash is read, so that a check takes
//! at most a few seconds.

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

/// Maximum cost of bcrypt, the binary logarithm of its rounds: a check takes about three seconds.
const MAX_BCRYPT_COST: u32 = 15;
/// Maximum number of rounds of SHA-crypt: a check takes about a second.
const MAX_SHA_CRYPT_ROUNDS: u32 = 1_000_000;
/// Maximum number of iterations of PBKDF2: a check takes about two seconds.
const MAX_PBKDF2_ITERATIONS: u32 = 2_000_000;
/// Maximum product of memory (in KiB) and iterations of argon2: a check takes about two seconds.
const MAX_ARGON2_WORK: u64 = 1_048_576;
/// Number of rounds of SHA-crypt if the hash does not state it.
const SHA_CRYPT_ROUNDS: u32 = 5_000;
/// Maximum length of a hash, in bytes.
const MAX_HASH_BYTES: usize = 1_024;

/// A password hash of another form than argon2, which another system made.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ForeignHash {
    /// bcrypt in the modular crypt format, `$2b$…`.
    Bcrypt(String),
    /// Django's variant: bcrypt of the password's SHA-256 in hexadecimal.
    BcryptSha256(String),
    /// SHA-crypt: `$5$…` (SHA-256) or `$6$…` (SHA-512), see crypt(5).
    ShaCrypt(String),
    Pbkdf2 {
        hash: Function,
        iterations: u32,
        salt: Vec<u8>,
        derived: Vec<u8>,
    },
    /// One application of a hash function to password and salt: `{SSHA}…` and the like (RFC 2307).
    Salted {
        hash: Function,
        digest: Vec<u8>,
        salt: Vec<u8>,
    },
}

/// A hash function that imported hashes use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Sha1,
    Sha256,
    Sha512,
}

impl std::fmt::Debug for ForeignHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ForeignHash { .. }")
    }
}

/// Decoder of standard base64, with or without padding.
const EITHER: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl ForeignHash {
    /// Reads a hash in the form in which the system that made it stores it. `None`: the form is not
    /// known, the text is too long, or checking the hash would take too long.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_HASH_BYTES {
            return None;
        }
        let text = without_wrapping(text.trim());
        let (scheme, rest) = labelled(text).or_else(|| text.trim_start_matches('$').split_once('$'))?;
        match scheme.to_ascii_lowercase().as_str() {
            "2a" | "2b" | "2y" => bcrypt(text).map(Self::Bcrypt),
            "bcrypt" => bcrypt(rest).map(Self::Bcrypt),
            "bcrypt_sha256" => bcrypt(rest).map(Self::BcryptSha256),
            "5" | "6" => sha_crypt(text).map(Self::ShaCrypt),
            "pbkdf2_sha1" => django(Function::Sha1, rest),
            "pbkdf2_sha256" => django(Function::Sha256, rest),
            "pbkdf2_sha512" => django(Function::Sha512, rest),
            "pbkdf2" | "pbkdf2-sha1" => passlib(Function::Sha1, rest),
            "pbkdf2-sha256" => passlib(Function::Sha256, rest),
            "pbkdf2-sha512" => passlib(Function::Sha512, rest),
            "sha" | "ssha" => salted(Function::Sha1, rest),
            "sha256" | "ssha256" => salted(Function::Sha256, rest),
            "sha512" | "ssha512" => salted(Function::Sha512, rest),
            _ => None,
        }
    }

    /// Returns the class of the hash by its cost: checks of all hashes of a class take about
    /// equally long.
    pub(crate) fn class(&self) -> String {
        match self {
            Self::Bcrypt(hash) | Self::BcryptSha256(hash) => hash.get(1..6).unwrap_or_default().to_owned(),
            Self::ShaCrypt(hash) => {
                let rounds = hash.split('$').nth(2).filter(|part| part.starts_with("rounds="));
                format!("{}{}", &hash[..3], rounds.unwrap_or_default())
            }
            Self::Pbkdf2 { hash, iterations, .. } => format!("pbkdf2 {hash:?} {iterations}"),
            Self::Salted { .. } => "salted".to_owned(),
        }
    }

    /// Returns true if the hash was made from this password.
    pub(crate) fn matches(&self, password: &str) -> bool {
        match self {
            Self::Bcrypt(hash) => bcrypt::verify(password, hash).unwrap_or(false),
            Self::BcryptSha256(hash) => bcrypt::verify(hex(&Sha256::digest(password)), hash).unwrap_or(false),
            Self::ShaCrypt(hash) if hash.starts_with("$5$") => sha_crypt::sha256_check(password, hash).is_ok(),
            Self::ShaCrypt(hash) => sha_crypt::sha512_check(password, hash).is_ok(),
            Self::Pbkdf2 { hash, iterations, salt, derived } => {
                let mut own = vec![0; derived.len()];
                let password = password.as_bytes();
                match hash {
                    Function::Sha1 => pbkdf2_hmac::<Sha1>(password, salt, *iterations, &mut own),
                    Function::Sha256 => pbkdf2_hmac::<Sha256>(password, salt, *iterations, &mut own),
                    Function::Sha512 => pbkdf2_hmac::<Sha512>(password, salt, *iterations, &mut own),
                }
                own.ct_eq(derived).into()
            }
            Self::Salted { hash, digest, salt } => hash.of(&[password.as_bytes(), salt]).ct_eq(digest).into(),
        }
    }
}

impl Function {
    fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        let whole = parts.concat();
        match self {
            Self::Sha1 => Sha1::digest(whole).to_vec(),
            Self::Sha256 => Sha256::digest(whole).to_vec(),
            Self::Sha512 => Sha512::digest(whole).to_vec(),
        }
    }
}

/// Removes the prefix that a system adds to a hash of a common scheme: `{CRYPT}` of LDAP, the
/// version and `|` of Nextcloud.
fn without_wrapping(text: &str) -> &str {
    let bare = match text.split_once('|') {
        Some((version, hash)) if !version.is_empty() && version.bytes().all(|c| c.is_ascii_digit()) => hash,
        _ => text,
    };
    match bare.get(..7) {
        Some(label) if label.eq_ignore_ascii_case("{crypt}") => &bare[7..],
        _ => bare,
    }
}

/// Splits `{SCHEME}rest`. `None`: there is no scheme in braces.
fn labelled(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('{')?.split_once('}')
}

/// Returns an imported argon2 hash as a PHC string. `None`: the text is not such a hash, or
/// checking it would take too long.
pub(crate) fn argon2(text: &str) -> Option<String> {
    let text = without_wrapping(text.trim());
    let phc =
        if let Some(of_django) = text.strip_prefix("argon2$") { format!("${of_django}") } else { text.to_owned() };
    let hash = argon2::PasswordHash::new(&phc).ok()?;
    let parameters = argon2::Params::try_from(&hash).ok()?;
    let work = u64::from(parameters.m_cost()) * u64::from(parameters.t_cost());
    (phc.starts_with("$argon2") && work <= MAX_ARGON2_WORK).then_some(phc)
}

fn bcrypt(text: &str) -> Option<String> {
    let hash: bcrypt::HashParts = text.parse().ok()?;
    (hash.get_cost() <= MAX_BCRYPT_COST).then(|| text.to_owned())
}

fn sha_crypt(text: &str) -> Option<String> {
    let mut parts = text.split('$').skip(2);
    let first = parts.next()?;
    let rounds = match first.strip_prefix("rounds=") {
        Some(rounds) => rounds.parse().ok()?,
        None => SHA_CRYPT_ROUNDS,
    };
    (rounds <= MAX_SHA_CRYPT_ROUNDS && parts.next().is_some()).then(|| text.to_owned())
}

/// Reads a PBKDF2 hash in Django's form `iterations$salt$hash`: the salt is plain text, the hash is
/// in base64. `None`: the text has another form, or checking the hash would take too long.
fn django(hash: Function, rest: &str) -> Option<ForeignHash> {
    let mut parts = rest.split('$');
    let (iterations, salt, derived) = (parts.next()?, parts.next()?, parts.next()?);
    pbkdf2(hash, iterations, salt.as_bytes().to_vec(), STANDARD.decode(derived).ok()?)
}

/// Reads a PBKDF2 hash in passlib's form `iterations$salt$hash`: salt and hash are in base64 with
/// `.` for `+` and without padding. The iterations may also have the PHC form `i=…,l=…`. `None`:
/// the text has another form, or checking the hash would take too long.
fn passlib(hash: Function, rest: &str) -> Option<ForeignHash> {
    let mut parts = rest.split('$');
    let (iterations, salt, derived) = (parts.next()?, parts.next()?, parts.next()?);
    let iterations = iterations.split(',').find_map(|part| part.strip_prefix("i=")).unwrap_or(iterations);
    let decoded = |text: &str| EITHER.decode(text.replace('.', "+")).ok();
    pbkdf2(hash, iterations, decoded(salt)?, decoded(derived)?)
}

fn pbkdf2(hash: Function, iterations: &str, salt: Vec<u8>, derived: Vec<u8>) -> Option<ForeignHash> {
    let iterations = iterations.parse().ok()?;
    let is_whole = derived.len() == hash.length();
    (is_whole && (1..=MAX_PBKDF2_ITERATIONS).contains(&iterations)).then_some(ForeignHash::Pbkdf2 {
        hash,
        iterations,
        salt,
        derived,
    })
}

/// Reads the base64 of a digest that is followed by its salt. `None`: the text is not base64, or
/// too short for a digest.
fn salted(hash: Function, rest: &str) -> Option<ForeignHash> {
    let decoded = EITHER.decode(rest).ok()?;
    let (digest, salt) = decoded.split_at_checked(hash.length())?;
    Some(ForeignHash::Salted { hash, digest: digest.to_vec(), salt: salt.to_vec() })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes of `Hello world!`, made by libxcrypt, OpenSSL and Python.
    const HASHES: [(&str, &str); 17] = [
        ("bcrypt", "$2b$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK"),
        ("bcrypt of Nextcloud", "1|$2y$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK"),
        ("bcrypt of Django", "bcrypt$$2b$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK"),
        ("bcrypt of Django's SHA-256", "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuujHVoeP9WaZckmPP2WP6Es0I/deC9yYa"),
        ("SHA-256-crypt", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
        (
            "SHA-512-crypt of LDAP",
            concat!(
                "{CRYPT}$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJu",
                "esI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
            ),
        ),
        ("PBKDF2 of Django", "pbkdf2_sha256$1000$seasalt$Ef3RYVahgD/fiuZm7bxL8BcLo5iWEoR4WjUZyeOSdgg="),
        ("PBKDF2 of Django with SHA-1", "pbkdf2_sha1$1000$seasalt$ro5zH0ZKBrtgZ6gCvh7g4js7E+E="),
        ("PBKDF2 of passlib", "$pbkdf2-sha256$1000$c2Vhc2FsdA$Ef3RYVahgD/fiuZm7bxL8BcLo5iWEoR4WjUZyeOSdgg"),
        ("PBKDF2 as PHC", "$pbkdf2-sha256$i=1000,l=32$c2Vhc2FsdA$Ef3RYVahgD/fiuZm7bxL8BcLo5iWEoR4WjUZyeOSdgg"),
        ("PBKDF2 of LDAP", "{PBKDF2}1000$c2Vhc2FsdA$ro5zH0ZKBrtgZ6gCvh7g4js7E.E"),
        (
            "PBKDF2 of LDAP with SHA-512",
            concat!(
                "{PBKDF2-SHA512}1000$c2Vhc2FsdA$2QHIW0yB66QfmCX2MVn8xTKzKJYCiJmSKelwghiPoepLpsq7CKUgHn5yFLB.FdNxI",
                "JG6cjFaG3g0gMrrZEhNxQ"
            ),
        ),
        ("SSHA", "{SSHA}XB28/VAf+1ugxITmbGEhTAHzBVBzZWFzYWx0"),
        ("SHA", "{SHA}00hq6RNueFa8QiEjhep5cJRHWAI="),
        ("SSHA256", "{SSHA256}s5kZ8hvvZ2mi8YTfsWl8u2trFgFUR7CqivHug2vsSKVzZWFzYWx0"),
        (
            "SSHA512",
            concat!(
                "{ssha512}nqy3pDpr59WAZTabXB2CAD3TCDZ5ydUTAm+wKtvcz+nkqViyTz0g5PfeR4KmpuV2O2spyV5y4i8F2lQY6Ob",
                "L4nNlYXNhbHQ="
            ),
        ),
        (
            "SHA512",
            concat!(
                "{SHA512}9s3ioPgZMUzd5V/CJ9jX2uPSjMVWIioKitZtkcytSq1glPUXohgjYMmqz2o9wyMWLLb9jN/+2w/gOPVehf+1",
                "tg=="
            ),
        ),
    ];

    #[test]
    fn hashes_of_other_systems_match_their_password_only() {
        for (title, hash) in HASHES {
            let read = ForeignHash::read(hash).unwrap_or_else(|| panic!("{title} cannot be read"));
            assert!(read.matches("Hello world!"), "{title}");
            assert!(!read.matches("Hello world?") && !read.matches(""), "{title}");
        }
    }

    #[test]
    fn argon2_of_others_becomes_a_phc_string() {
        let phc = "$argon2id$v=19$m=65536,t=4,p=1$c29tZXNhbHQ$UcBv2bEV5kNpCvQ4hKfuVdDCyqPZRbpNlhAsLpyZ3QE";
        for text in [phc.to_owned(), format!("3|{phc}"), format!("argon2{phc}"), format!("{{CRYPT}}{phc}")] {
            assert_eq!(argon2(&text).as_deref(), Some(phc), "{text}");
        }
        assert_eq!(argon2(&phc.replace("m=65536", "m=4194304")), None, "it needs too much memory");
        assert_eq!(argon2("$2b$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK"), None);
    }

    #[test]
    fn what_is_unknown_damaged_or_too_expensive_is_not_read() {
        let rows = [
            "",
            "secret",
            "$1$salt$hash",
            "{MD5}X03MO1qnZdYdgyfeuILPmQ==",
            "$2b$16$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK",
            "$2b$04$abc",
            "$6$rounds=9999999$saltstring$hash",
            "$6$salt",
            "pbkdf2_sha256$9999999$seasalt$Ef3RYVahgD/fiuZm7bxL8BcLo5iWEoR4WjUZyeOSdgg=",
            "pbkdf2_sha256$0$seasalt$Ef3RYVahgD/fiuZm7bxL8BcLo5iWEoR4WjUZyeOSdgg=",
            "pbkdf2_sha256$1000$seasalt$Ef3RYQ==",
            "{SSHA}c2hvcnQ=",
            "{SSHA}***",
        ];
        for hash in rows {
            assert_eq!(ForeignHash::read(hash), None, "{hash}");
        }
        let of_length = |bytes: usize| format!("{{SHA}}{}", "A".repeat(bytes - "{SHA}".len()));
        assert!(ForeignHash::read(&of_length(MAX_HASH_BYTES)).is_some());
        assert_eq!(ForeignHash::read(&of_length(MAX_HASH_BYTES + 1)), None);
    }
}
