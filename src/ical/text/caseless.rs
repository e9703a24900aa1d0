//! Texts as people compare them when they look for something.

use unicode_normalization::UnicodeNormalization;

/// Returns a text without differences of case, in one normal form (NFC): `GRÖSSE`, `Größe` and the
/// `größe` that has its diaeresis apart are one.
pub fn caseless(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // ẞ has no capital, and the capital of ß is SS.
    let small = text.nfc().flat_map(char::to_lowercase);
    small.flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_word_are_one() {
        let rows = [
            ("größe", &["GRÖSSE", "Größe", "gro\u{308}ße", "GRÖẞE"][..]),
            ("Σίσυφος", &["ΣΊΣΥΦΟΣ", "σίσυφοσ"]),
            ("lunch", &["LUNCH", "Lunch"]),
        ];
        for (one, others) in rows {
            for other in others {
                assert_eq!(caseless(one), caseless(other), "{one} {other}");
            }
        }
        assert_ne!(caseless("größe"), caseless("grosse"));
    }
}
