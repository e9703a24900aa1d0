//! Normalization of texts, so that canonically equivalent texts have the same characters (Unicode
//! Standard Annex 15).

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Returns a text in Unicode Normalization Form C (NFC).
pub fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_composed() {
        assert_eq!(nfc("u\u{308}ber"), "\u{fc}ber");
        assert!(matches!(nfc("\u{fc}ber alles"), Cow::Borrowed(_)));
    }
}
