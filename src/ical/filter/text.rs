//! Text in a query: a substring, beginning, end or all of it by a collation (RFC 4791 §7.5, §9.7.5).

use crate::query::{Collation, TextMatch};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

pub(super) fn matches(text: &str, wanted: &TextMatch) -> bool {
    let (text, needle) = (keys(text, wanted.collation), keys(&wanted.text, wanted.collation));
    wanted.match_type.holds(&text, &needle) != wanted.negate
}

/// What is compared in the place of a text.
fn keys(text: &str, collation: Collation) -> Cow<'_, str> {
    match collation {
        Collation::Octet => Cow::Borrowed(text),
        // RFC 4790 §9.2.1
        Collation::AsciiCasemap => Cow::Owned(text.to_ascii_uppercase()),
        // RFC 5051 §2, with the full mapping to capitals: ß is SS.
        Collation::UnicodeCasemap if text.is_ascii() => Cow::Owned(text.to_ascii_uppercase()),
        Collation::UnicodeCasemap => Cow::Owned(text.to_uppercase().nfkd().collect()),
    }
}
