//! Matching of texts by a collation: contains, starts with, ends with, equals (RFC 4791 §7.5,
//! §9.7.5).

use crate::query::{Collation, TextMatch};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

pub(super) fn matches(text: &str, wanted: &TextMatch) -> bool {
    let (text, needle) = (keys(text, wanted.collation), keys(&wanted.text, wanted.collation));
    wanted.match_type.holds(&text, &needle) != wanted.negate
}

/// Returns the collation key of a text: texts that the collation regards as equal have the same
/// key.
fn keys(text: &str, collation: Collation) -> Cow<'_, str> {
    match collation {
        Collation::Octet => Cow::Borrowed(text),
        // The collation key of `i;ascii-casemap` is in upper case (RFC 4790 §9.2.1).
        Collation::AsciiCasemap => Cow::Owned(text.to_ascii_uppercase()),
        Collation::UnicodeCasemap if text.is_ascii() => Cow::Owned(text.to_ascii_uppercase()),
        // The collation key of `i;unicode-casemap` is in titlecase and decomposed (RFC 5051 §2).
        Collation::UnicodeCasemap => Cow::Owned(text.chars().map(titlecase).nfkd().collect()),
    }
}

/// Returns the simple titlecase mapping of UnicodeData.txt, which maps one character to one, so
/// that ß stays ß. It is the simple uppercase mapping, except for the characters handled in this
/// function.
fn titlecase(character: char) -> char {
    match character {
        '\u{1C4}'..='\u{1C6}' => '\u{1C5}',
        '\u{1C7}'..='\u{1C9}' => '\u{1C8}',
        '\u{1CA}'..='\u{1CC}' => '\u{1CB}',
        '\u{1F1}'..='\u{1F3}' => '\u{1F2}',
        // Georgian letters have no titlecase.
        '\u{10D0}'..='\u{10FF}' => character,
        // For Greek letters with ypogegrammeni, the standard library has only the mapping to two
        // capitals.
        '\u{1F80}'..='\u{1F87}' | '\u{1F90}'..='\u{1F97}' | '\u{1FA0}'..='\u{1FA7}' => moved(character, 8),
        '\u{1FB3}' | '\u{1FC3}' | '\u{1FF3}' => moved(character, 9),
        _ => {
            let mut capitals = character.to_uppercase();
            capitals.next().filter(|_| capitals.next().is_none()).unwrap_or(character)
        }
    }
}

fn moved(character: char, by: u32) -> char {
    char::from_u32(u32::from(character) + by).unwrap_or(character)
}
