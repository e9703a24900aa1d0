//! Text in a query: a substring by a collation (RFC 4791 §7.5, §9.7.5; RFC 4790 §9; RFC 5051).

use crate::query::{Collation, TextMatch};
use std::borrow::Cow;

pub(super) fn matches(text: &str, wanted: &TextMatch) -> bool {
    let (text, needle) = (fold(text, wanted.collation), fold(&wanted.text, wanted.collation));
    text.contains(&*needle) != wanted.negate
}

fn fold(text: &str, collation: Collation) -> Cow<'_, str> {
    match collation {
        Collation::Octet => Cow::Borrowed(text),
        Collation::AsciiCasemap => Cow::Owned(text.to_ascii_uppercase()),
        // RFC 5051 maps to title case and decomposes; what both sides lose by lower case they lose alike.
        Collation::UnicodeCasemap => Cow::Owned(text.to_uppercase().to_lowercase()),
    }
}
