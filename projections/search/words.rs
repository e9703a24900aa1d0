//! The words of a text by which a meeting is found.

use std::collections::BTreeSet;

use ical::{Document, bounds};

/// Longer words are cut.
const MAX_WORD_CHARACTERS: usize = 40;
/// Words of one text that are indexed, in alphabetical order.
const MAX_WORDS: usize = 1_000;

/// The words and numbers of a text that are indexed.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub title: String,
    pub organizer: String,
    pub begins: Option<i64>,
    pub ends: Option<i64>,
    pub words: BTreeSet<String>,
}

/// Reads titles, places, categories and people of a text; `None` if it is not iCalendar.
pub(super) fn read(ics: &str) -> Option<Said> {
    let document = Document::parse(ics).ok()?;
    let bounds = bounds::of(&document);
    let mut said = Said { begins: bounds.first, ends: bounds.last, ..Said::default() };
    for component in document.root().components().filter(|component| !component.is("VTIMEZONE")) {
        for property in component.properties() {
            if property.is("SUMMARY") {
                let title = property.text();
                if said.title.is_empty() {
                    said.title = title.to_string();
                }
                said.words.extend(split(&title));
            } else if property.is("LOCATION") {
                said.words.extend(split(&property.text()));
            } else if property.is("ATTENDEE") || property.is("ORGANIZER") {
                let address = property.value();
                if property.is("ORGANIZER") && said.organizer.is_empty() {
                    address.clone_into(&mut said.organizer);
                }
                said.words.insert(mailbox(address));
                said.words.extend(property.param("CN").iter().flat_map(|name| split(name).collect::<Vec<_>>()));
            }
        }
    }
    while said.words.len() > MAX_WORDS {
        said.words.pop_last();
    }
    Some(said)
}

/// Returns an address as one word: lower case, without its scheme.
pub(super) fn mailbox(address: &str) -> String {
    let lower = address.trim().to_lowercase();
    lower.strip_prefix("mailto:").unwrap_or(&lower).chars().take(MAX_WORD_CHARACTERS).collect()
}

/// Returns the words of a text in lower case: sequences of letters and digits.
pub(super) fn split(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.to_lowercase().chars().take(MAX_WORD_CHARACTERS).collect())
}
