//! Extracts the words by which a meeting is found from its text.

use ical::{Document, bounds};

/// Maximum number of characters of an indexed word; a longer word is cut.
const MAX_WORD_CHARACTERS: usize = 40;
/// Maximum number of words of one text that are indexed, the first ones in alphabetical order.
const MAX_WORDS: usize = 1_000;
/// Maximum number of characters of a title that search results show. The limit does not apply to
/// the words by which the title is found. It exists because each act writes the meeting's row,
/// which contains the title.
const MAX_TITLE_CHARACTERS: usize = 500;

/// The values that the search index stores of one calendar object: the title, organizer, time and
/// words that [`read`] found in its text.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub title: String,
    pub organizer: String,
    pub begins: Option<i64>,
    pub ends: Option<i64>,
    pub words: Vec<String>,
}

/// Reads the titles, places, people and time in a text; `None` if it cannot be parsed.
pub(super) fn read(ics: &str) -> Option<Said> {
    let document = Document::parse(ics).ok()?;
    let bounds = bounds::of(&document);
    let mut said = Said { begins: bounds.first, ends: bounds.last, ..Said::default() };
    for component in document.root().components().filter(|component| !component.is("VTIMEZONE")) {
        for property in component.properties() {
            if property.is("SUMMARY") {
                let title = property.text();
                if said.title.is_empty() {
                    said.title = shown(&title);
                }
                said.words.extend(split(&title));
            } else if property.is("LOCATION") {
                said.words.extend(split(&property.text()));
            } else if property.is("ATTENDEE") || property.is("ORGANIZER") {
                let address = property.value();
                if property.is("ORGANIZER") && said.organizer.is_empty() {
                    address.clone_into(&mut said.organizer);
                }
                said.words.push(mailbox(address));
                said.words.extend(property.param("CN").iter().flat_map(|name| split(name)));
            }
        }
    }
    said.words.sort_unstable();
    said.words.dedup();
    said.words.truncate(MAX_WORDS);
    Some(said)
}

/// Returns the title, cut to the limit. An ellipsis at its end shows that it was cut.
fn shown(title: &str) -> String {
    match title.char_indices().nth(MAX_TITLE_CHARACTERS) {
        Some((end, _)) => format!("{}…", &title[..end]),
        None => title.to_owned(),
    }
}

/// Returns an address as one word: in lower case, without `mailto:`, and cut if it is too long.
pub(super) fn mailbox(address: &str) -> String {
    let lower = address.trim().to_lowercase();
    cut(lower.strip_prefix("mailto:").unwrap_or(&lower)).to_owned()
}

/// Returns the words of a text, which are sequences of letters and digits. They are normalised so
/// that case and Unicode normal form do not matter.
pub(super) fn split(text: &str) -> Vec<String> {
    let caseless = ical::caseless(text);
    let words = caseless.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| cut(word).to_owned()).collect()
}

fn cut(word: &str) -> &str {
    if word.len() <= MAX_WORD_CHARACTERS {
        return word;
    }
    word.char_indices().nth(MAX_WORD_CHARACTERS).map_or(word, |(end, _)| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(title: &str) -> Said {
        read(&specimens::event("1", &format!("DTSTART:20260107T120000Z\nSUMMARY:{title}"))).unwrap()
    }

    #[test]
    fn a_title_is_shown_up_to_the_limit_and_found_by_all_of_its_words() {
        let longest = format!("{} end", "ü".repeat(MAX_TITLE_CHARACTERS - 4));
        assert_eq!(said(&longest).title, longest);
        let longer = said(&format!("{longest}s"));
        assert_eq!(longer.title, format!("{longest}…"));
        assert!(longer.words.contains(&"ends".to_owned()));
    }

    #[test]
    fn words_are_cut_at_the_limit_and_the_first_ones_are_kept() {
        let long = "w".repeat(MAX_WORD_CHARACTERS + 1);
        assert!(said(&long).words.contains(&long[1..].to_owned()));
        let many: Vec<String> = (0..=MAX_WORDS).map(|number| format!("w{number:05}")).collect();
        let words = said(&many.join(" ")).words;
        assert_eq!((words.len(), words.contains(&many[MAX_WORDS])), (MAX_WORDS, false));
    }
}
