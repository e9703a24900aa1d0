//! Decoding of octets as UTF-8, with a repair of folds inside a character.
//!
//! **Invariant:** only folds inside a character change. The unfolded octets stay the same.

use super::error::{Cause, SyntaxError};
use std::string::FromUtf8Error;

/// The possible beginnings of a text in UTF-16 or UTF-32: a byte order mark, or the first letter of
/// `BEGIN` or an empty line before it.
const UTF_16: [&[u8]; 7] = [b"\xff\xfe", b"\xfe\xff", b"B\0", b"b\0", b"\r\0", b"\n\0", b"\0"];

/// True if octets begin as a text in UTF-16 or UTF-32.
pub fn is_utf16(octets: &[u8]) -> bool {
    UTF_16.iter().any(|sign| octets.starts_with(sign))
}

/// A decoded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) is_as_sent: bool,
}

/// Decodes octets as UTF-8. A fold inside a character moves behind the character.
///
/// Returns an error if the octets are not UTF-8.
pub(crate) fn decode(octets: Vec<u8>) -> Result<Decoded, SyntaxError> {
    if is_utf16(&octets) {
        return Err(SyntaxError { line: 1, column: 1, path: String::new(), cause: Cause::Utf16 });
    }
    match String::from_utf8(octets) {
        Ok(text) => Ok(Decoded { text, is_as_sent: true }),
        Err(error) => {
            let text = String::from_utf8(moved_folds(error.as_bytes())).map_err(|error| not_utf8(&error))?;
            Ok(Decoded { text, is_as_sent: false })
        }
    }
}

fn not_utf8(error: &FromUtf8Error) -> SyntaxError {
    let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let line = memchr::memchr_iter(b'\n', valid).count() + 1;
    let column = valid.len() - memchr::memrchr(b'\n', valid).map_or(0, |at| at + 1) + 1;
    SyntaxError { line, column, path: String::new(), cause: Cause::NotUtf8 }
}

/// Returns the octets with the fold inside a character moved after that character. Of several folds
/// inside one character, the last one is kept.
fn moved_folds(bytes: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&lead) = bytes.get(at) {
        at += 1;
        mended.push(lead);
        let mut missing = continuation_octets(lead);
        let mut fold: Option<&[u8]> = None;
        while missing > 0 {
            let cut = fold_at(&bytes[at..]);
            match bytes.get(at + cut) {
                Some(&octet) if is_continuation(octet) => {
                    if cut > 0 {
                        fold = Some(&bytes[at..at + cut]);
                    }
                    mended.push(octet);
                    at += cut + 1;
                    missing -= 1;
                }
                Some(_) | None => break, // the octets are not UTF-8, which the caller reports
            }
        }
        mended.extend_from_slice(fold.unwrap_or_default());
    }
    mended
}

fn continuation_octets(lead: u8) -> usize {
    match lead {
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => 0,
    }
}

fn is_continuation(octet: u8) -> bool {
    octet & 0xc0 == 0x80
}

/// Returns the length of the fold (line end and blank) at the start of these octets; 0 if there is
/// none.
fn fold_at(bytes: &[u8]) -> usize {
    let line_end = usize::from(bytes.first() == Some(&b'\r'));
    match bytes.get(line_end..line_end + 2) {
        Some([b'\n', b' ' | b'\t']) => line_end + 2,
        Some(_) | None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_inside_a_character_moves_behind_it() {
        let rows: [(&str, &[u8], &[u8]); 6] = [
            ("two octets", b"A:\xc3\r\n \xa4x", b"A:\xc3\xa4\r\n x"),
            ("three octets, bare LF", b"A:\xe2\x82\n\t\xacx", b"A:\xe2\x82\xac\n\tx"),
            ("four octets, twice cut", b"\xf0\x9f\r\n \x98\r\n \x80x", b"\xf0\x9f\x98\x80\r\n x"),
            ("a fold between characters stays", b"\xc3\xa4\r\n \xc3\xa4", b"\xc3\xa4\r\n \xc3\xa4"),
            ("Latin-1 stays unchanged", b"A:\xe4\r\n x", b"A:\xe4\r\n x"),
            ("the text ends", b"A:\xc3", b"A:\xc3"),
        ];
        for (title, bytes, expected) in rows {
            assert_eq!(moved_folds(bytes), expected, "{title}");
        }
    }
}
