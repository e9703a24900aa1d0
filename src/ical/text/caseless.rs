//! A form of texts in which case makes no difference, for searches by people.

use unicode_normalization::UnicodeNormalization;

/// Returns the text in lower case and in Unicode normal form NFC: `GRÖSSE` and `Größe` give the
/// same result, and so does `größe` written with a separate combining diaeresis.
pub fn caseless(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Lower case first, because `to_uppercase` keeps ẞ. Then upper case, because ß becomes SS.
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
