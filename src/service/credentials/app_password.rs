//! The text of an app password: 24 letters and digits, shown as six groups.
//!
//! The first eight characters identify the app password among those of the account, so that a login
//! checks only one hash. The other sixteen are the secret: 80 random bits.

use schemas::PasswordId;

/// Letters and digits that people do not mistake for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Number of letters and digits in an app password.
const LENGTH: usize = 24;
/// Number of letters and digits in a group.
const GROUP: usize = 4;
/// Number of bytes of the password's id that the text contains.
const HANDLE: usize = 5;
/// Number of bits that one letter or digit encodes.
const BITS: usize = 5;

/// The part of an app password's id that the text of the app password contains.
pub(crate) type Handle = [u8; HANDLE];

/// Returns the handle of a password: the last bytes of its id, which are random.
pub(crate) fn handle(id: PasswordId) -> Handle {
    id.0.as_bytes().last_chunk().copied().unwrap_or_default()
}

/// Returns the text of the app password with this id and secret, without hyphens.
pub(crate) fn write(id: PasswordId, secret: [u8; 10]) -> String {
    let bytes = [&handle(id)[..], &secret].concat();
    let bits = bytes.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let symbol = |index: usize| {
        let digit = (bits >> (BITS * (LENGTH - 1 - index))) & 31;
        char::from(ALPHABET[usize::try_from(digit).unwrap_or_default()])
    };
    (0..LENGTH).map(symbol).collect()
}

/// Returns the text of an app password in groups for people: `abcd-efgh-…`.
pub(crate) fn grouped(text: &str) -> String {
    let groups: Vec<_> = text.as_bytes().chunks(GROUP).map(String::from_utf8_lossy).collect();
    groups.join("-")
}

/// Parses an app password as a person typed it. Returns its handle and the text that is hashed.
/// `None`: the input does not have the form of an app password.
pub(crate) fn read(typed: &str) -> Option<(Handle, String)> {
    let text: String =
        typed.chars().filter(|c| *c != '-' && !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    if text.chars().count() != LENGTH {
        return None;
    }
    let digit = |c: u8| ALPHABET.iter().position(|known| *known == c);
    let bits = text.bytes().try_fold(0_u128, |bits, c| Some((bits << BITS) | digit(c)? as u128))?;
    let [_, bytes @ ..] = bits.to_be_bytes();
    let (handle, _) = bytes.split_first_chunk()?;
    Some((*handle, text))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_was_written_is_read_in_any_spelling() {
        let id = PasswordId(Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef));
        let text = write(id, [0xff; 10]);
        assert_eq!(
            (text.as_str(), grouped(&text).as_str()),
            ("n8e4zvrr9999999999999999", "n8e4-zvrr-9999-9999-9999-9999")
        );
        for typed in [text.clone(), grouped(&text), grouped(&text).to_uppercase(), format!(" {} ", grouped(&text))] {
            assert_eq!(read(&typed), Some((handle(id), text.clone())), "{typed}");
        }
        for typed in ["", "secret", &text[1..], &text.replace('9', "0"), &format!("{text}9")] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }
}
