//! Taking over a meeting whose organizer leaves (RFC 5546 §3.2.2.4).

use ical::{Address, Document, validate};
use schemas::{
    ObjectEvent, PrincipalId,
    object::{Place, Role},
};

use super::{DecisionContext, NameHolder, Object, put, scheduling};
use crate::Refusal;

/// Organize a meeting in the place of somebody who leaves.
#[derive(Debug)]
pub struct TakeOver<'a> {
    /// The object of the predecessor.
    pub object: &'a Document,
    /// Who leaves.
    pub predecessor: PrincipalId,
    /// The name that the messages give the successor; may be empty.
    pub name: &'a str,
    /// The path of the object, unless the home already has a copy.
    pub place: Place,
    /// Which object holds the name of `place`.
    pub name_holder: NameHolder,
}

/// Stores the meeting in the successor's home, and notifies its attendees. Empty if the home
/// already organizes it.
pub(super) fn decide(
    object: &Object,
    take: &TakeOver<'_>,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let known = object.scheduled();
    if known.is_some_and(|known| known.content.role == Role::Organizer) {
        return Ok(vec![]);
    }
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
    let target = put::Target { known, place, uid: &summary.uid, component: &summary.component };
    put::stored(&target, put::Origin::default(), take.object, plan, context)
}

/// Checks that the home has no private resource with this UID, and none of another UID at the place.
fn is_free(object: &Object, take: &TakeOver<'_>) -> Result<(), Refusal> {
    let own = object.resources.first().map(|resource| &resource.place);
    match own.or((take.name_holder == NameHolder::Another).then_some(&take.place)) {
        Some(place) => Err(Refusal::UidConflict { by: place.clone() }),
        None => Ok(()),
    }
}
