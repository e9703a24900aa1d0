//! Decides on taking over a meeting whose organizer leaves (RFC 5546 §3.2.2.4).

use ical::{Address, Document, validate};
use schemas::{ObjectEvent, PrincipalId, object::Place};

use super::{
    DecisionContext, NameHolder, Object, put, scheduling,
    stored::{Origin, Target, stored},
};
use crate::Refusal;

/// Makes the owner of a home the organizer of a meeting whose organizer leaves.
#[derive(Debug)]
pub struct TakeOver<'a> {
    /// The predecessor's object.
    pub object: &'a Document,
    /// The former organizer, who leaves.
    pub predecessor: PrincipalId,
    /// The successor's name in the messages; may be empty.
    pub name: &'a str,
    /// The place for the object, unless the home already has a copy.
    pub place: Place,
    /// The object that has a resource at `place` now.
    pub name_holder: NameHolder,
}

/// Returns the events that store the meeting in the successor's home and notify its attendees;
/// empty if the home already organizes it. Returns an error if the place is not free (see
/// [`is_free`]), if the successor has no address, if neither they nor the predecessor organizes the
/// meeting, or if the object is invalid or exceeds a limit.
pub(super) fn decide(
    object: &Object,
    take: &TakeOver<'_>,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    if object.organized().is_some() {
        return Ok(vec![]);
    }
    let known = object.scheduled();
    if known.is_none() {
        is_free(object, take)?;
    }
    let address = context.address_book.address_of(context.home).ok_or(Refusal::NotFound)?;
    let summary = validate::calendar_object(take.object).map_err(|error| put::invalid(&error))?;
    let own = known.map(scheduling::document).transpose()?;
    let is_predecessor = |address: &Address| context.address_book.principal(address) == Some(take.predecessor);
    let successor = itip::Owner { address: &address, name: take.name };
    let change = scheduling::with_itip_context(context, |itip| {
        itip::organizer::take_over(take.object, own.as_ref(), successor, &is_predecessor, itip)
    });
    let change = change.ok_or(Refusal::NotFound)?;
    let predecessor = take.object.root().components().find_map(ical::Component::organizer);
    let plan = scheduling::handed_over(change, &summary.uid, (&address, predecessor), context);
    let place = known.map_or(&take.place, |known| &known.place);
    let target = Target { known, place, uid: &summary.uid, component: &summary.component };
    stored(&target, Origin::default(), take.object, plan, context)
}

/// Checks that the home has no resource with this UID, and that no resource with another UID is at
/// the place.
fn is_free(object: &Object, take: &TakeOver<'_>) -> Result<(), Refusal> {
    let own = object.resources.first().map(|resource| &resource.place);
    match own.or((take.name_holder == NameHolder::Another).then_some(&take.place)) {
        Some(place) => Err(Refusal::UidConflict { by: place.clone() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use schemas::{
        CollectionId,
        object::{Content, Role},
    };
    use uuid::Uuid;

    use super::*;
    use crate::object::{Resource, earlier_texts::EarlierTexts};

    fn place(name: &str) -> Place {
        Place { collection: CollectionId(Uuid::from_u128(1)), name: name.to_owned() }
    }

    #[test]
    fn a_meeting_is_taken_over_where_neither_its_uid_nor_its_name_is_in_use() {
        let object = Document::parse("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n").unwrap();
        let content = Content { ics: String::new(), etag: String::new(), schedule_tag: None, role: Role::default() };
        let private = Resource {
            place: place("own.ics"),
            component: "VEVENT".to_owned(),
            content,
            entries: vec![],
            properties: vec![],
            earlier_etags: vec![],
            earlier_texts: EarlierTexts::default(),
            is_as_imported: false,
        };
        let rows = [
            ("nothing is there", None, NameHolder::Own, None),
            ("a private resource with the UID", Some(private.clone()), NameHolder::Own, Some("own.ics")),
            ("another UID at the name", None, NameHolder::Another, Some("new.ics")),
            ("both", Some(private), NameHolder::Another, Some("own.ics")),
        ];
        for (title, resource, name_holder, expected) in rows {
            let known = Object { resources: resource.into_iter().collect(), ..Object::default() };
            let predecessor = PrincipalId(Uuid::from_u128(2));
            let take = TakeOver { object: &object, predecessor, name: "", place: place("new.ics"), name_holder };
            let expected = expected.map_or(Ok(()), |name| Err(Refusal::UidConflict { by: place(name) }));
            assert_eq!(is_free(&known, &take), expected, "{title}");
        }
    }
}
