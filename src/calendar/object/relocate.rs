//! `MOVE` within a home. It causes no scheduling message.

use schemas::{
    ObjectEvent,
    object::{ObjectMoved, Place},
};

use super::{
    DecisionContext, Object,
    put::{NameHolder, accepted},
};
use crate::{Refusal, Require, tag};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    Allowed,
    /// `Overwrite: F` (RFC 4918 §10.6).
    Forbidden,
}

#[derive(Debug, Clone)]
pub struct Relocate {
    pub from: Place,
    pub to: Place,
    pub overwrite: Overwrite,
    pub require: Require,
    /// The components that the target collection accepts; empty if it accepts all.
    pub components: Vec<String>,
    pub name_holder: NameHolder,
}

pub(super) fn decide(
    object: &Object,
    relocate: &Relocate,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let Relocate { from, to, .. } = relocate;
    let resource = object.at(from).ok_or(Refusal::NotFound)?;
    relocate.require.check(Some(resource))?;
    if from == to {
        return Ok(vec![]);
    }
    let is_renamed = from.collection == to.collection;
    accepted(&relocate.components, &resource.component, Some(resource).filter(|_| is_renamed))?;
    let taken = relocate.name_holder == NameHolder::Another || object.at(to).is_some();
    if taken && relocate.overwrite == Overwrite::Forbidden {
        return Err(Refusal::Exists);
    }
    if relocate.name_holder == NameHolder::Another {
        // RFC 4791 §5.3.2.1: a resource with another UID must not overwrite the one at the target.
        return Err(Refusal::UidDiffers { at: to.clone() });
    }
    let twin = |place: &Place| place.collection == to.collection && place != from && place != to;
    match object.resources.iter().find(|other| twin(&other.place)) {
        Some(other) => Err(Refusal::UidConflict { by: other.place.clone() }),
        // RFC 6638 §3.2.10: every direct change by HTTP changes the Schedule-Tag.
        None => Ok(vec![ObjectEvent::Moved(ObjectMoved {
            home: Some(context.home),
            uid: Some(object.uid.clone()),
            from: from.clone(),
            to: to.clone(),
            schedule_tag: resource.content.schedule_tag.as_ref().map(|_| tag::schedule_tag(context.act)),
        })]),
    }
}
