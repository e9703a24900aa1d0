//! The copy of a meeting to which a message is applied.

use ical::Document;
use itip::inbound;
use schemas::object::{Content, Place, Role};

use super::super::{AddressBook, DecisionContext, Object, Resource, scheduling};
use crate::Refusal;

/// The text of an object's scheduling object resource. It is parsed once for several homes whose
/// copies have the same text.
#[derive(Debug)]
pub struct CopyText(Document);

impl CopyText {
    /// Parses the text; `None` if the object has no scheduling object resource, or if the text
    /// cannot be parsed.
    pub fn of(object: &Object) -> Option<Self> {
        scheduling::parsed(object.scheduled()?.content.ics.clone()).ok().map(Self)
    }

    /// Reads the copy with the canonical addresses of the book.
    pub fn read(&self, address_book: &dyn AddressBook) -> ReadCopy<'_> {
        inbound::Copy::read(&self.0, &|address| address_book.canonical(address))
    }
}

/// A copy that was read for several homes.
pub type ReadCopy<'a> = inbound::Copy<'a>;

/// The parts of a stored copy of a meeting that a message reads or changes.
pub(super) struct Copy<'r> {
    pub place: Place,
    pub schedule_tag: Option<String>,
    pub role: Role,
    pub text: Text<'r>,
}

/// The text of a copy.
#[derive(Debug)]
pub(super) enum Text<'r> {
    /// The text that was read for several recipients.
    Shared(&'r ReadCopy<'r>),
    /// Another text.
    Own(Document),
}

/// Returns the copy that a message concerns: the scheduling object resource, or, for a REQUEST, a
/// resource that names the organizer of the REQUEST and the owner of the home. Other resources with
/// the same UID belong to their owner alone. `None` if there is no copy. The text of the copy is
/// not parsed if it is that of `read`.
///
/// Returns an error if the copy cannot be parsed.
pub(super) fn copy<'r>(
    object: &Object,
    message: &inbound::Message<'_>,
    read: Option<&'r ReadCopy<'r>>,
    context: &DecisionContext<'_>,
) -> Result<Option<Copy<'r>>, Refusal> {
    let may_adopt = |resource: &&Resource| {
        let Ok(document) = scheduling::parsed(resource.content.ics.clone()) else { return false };
        scheduling::with_itip_context(context, |itip| message.may_adopt(&document, itip))
    };
    let Some(resource) = object.scheduled().or_else(|| object.resources.iter().find(may_adopt)) else {
        return Ok(None);
    };
    let Content { schedule_tag, role, ics, .. } = &resource.content;
    let (place, text) = (resource.place.clone(), Text::of(ics, read)?);
    Ok(Some(Copy { place, schedule_tag: schedule_tag.clone(), role: *role, text }))
}

impl<'r> Text<'r> {
    /// Parses a text unless it is that of `read`.
    fn of(ics: &str, read: Option<&'r ReadCopy<'r>>) -> Result<Self, Refusal> {
        match read {
            Some(read) if read.document().as_str() == ics => Ok(Self::Shared(read)),
            _ => scheduling::parsed(ics.to_owned()).map(Self::Own),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_read_for_several_homes_is_not_parsed_again() {
        let text = |summary| specimens::event("1", &format!("DTSTART:20260105T120000Z\nSUMMARY:{summary}"));
        let read = Document::parse(text("Lunch")).expect("well-formed");
        let read = inbound::Copy::read(&read, &ical::Address::clone);
        assert!(matches!(Text::of(&text("Lunch"), Some(&read)), Ok(Text::Shared(_))));
        let other = Text::of(&text("Supper"), Some(&read));
        assert!(matches!(&other, Ok(Text::Own(document)) if document.as_str() == text("Supper")), "{other:?}");
        assert!(Text::of("no calendar", Some(&read)).is_err());
    }
}
