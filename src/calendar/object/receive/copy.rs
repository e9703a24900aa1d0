//! The copy of a meeting to which a message is applied.

use std::{cell::RefCell, rc::Rc};

use ical::Document;
use schemas::object::{Place, Role};

use super::super::{DecisionContext, Object, Resource, scheduling};
use crate::Refusal;

/// The copy that was parsed last. The copies of one meeting often have the same text, which is then
/// parsed once for several recipients.
#[derive(Debug, Default)]
pub struct LastCopy(RefCell<Option<Rc<Document>>>);

impl LastCopy {
    /// Returns the parsed text; an error if it cannot be parsed.
    fn document(&self, text: &str) -> Result<Rc<Document>, Refusal> {
        let mut last = self.0.borrow_mut();
        if let Some(document) = last.as_ref().filter(|last| last.as_str() == text) {
            return Ok(Rc::clone(document));
        }
        Ok(Rc::clone(last.insert(Rc::new(scheduling::parsed(text.to_owned())?))))
    }
}

/// The parts of a stored copy of a meeting that a message reads or changes.
pub(super) struct Copy {
    pub place: Place,
    pub schedule_tag: Option<String>,
    pub role: Role,
    pub document: Rc<Document>,
}

/// Returns the copy that a message concerns: the scheduling object resource, or, for a REQUEST, a
/// resource that names the organizer of the REQUEST and the owner of the home. Other resources with
/// the same UID belong to their owner alone. `None` if there is no copy.
///
/// Returns an error if the copy cannot be parsed.
pub(super) fn copy(
    object: &Object,
    message: &itip::inbound::Message<'_>,
    last: &LastCopy,
    context: &DecisionContext<'_>,
) -> Result<Option<Copy>, Refusal> {
    let may_adopt = |resource: &&Resource| {
        let Ok(document) = last.document(&resource.content.ics) else { return false };
        scheduling::with_itip_context(context, |itip| message.may_adopt(&document, itip))
    };
    let Some(resource) = object.scheduled().or_else(|| object.resources.iter().find(may_adopt)) else {
        return Ok(None);
    };
    let (place, schedule_tag) = (resource.place.clone(), resource.content.schedule_tag.clone());
    Ok(Some(Copy { place, schedule_tag, role: resource.content.role, document: last.document(&resource.content.ics)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_in_a_row_are_parsed_once() {
        let text = |summary| specimens::event("1", &format!("DTSTART:20260105T120000Z\nSUMMARY:{summary}"));
        let last = LastCopy::default();
        let documents = ["Lunch", "Lunch", "Supper"].map(|summary| last.document(&text(summary)).expect("well-formed"));
        assert!(Rc::ptr_eq(&documents[0], &documents[1]));
        assert_eq!(documents[2].as_str(), text("Supper"));
        assert!(last.document("no calendar").is_err());
        assert_eq!(last.document(&text("Lunch")).expect("well-formed").as_str(), text("Lunch"));
    }
}
