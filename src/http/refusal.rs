//! The one table from the domain's refusals to statuses and conditions. No `_` arm.

use actix_web::http::StatusCode;
use dav::{Condition, Privilege};
use schemas::object::{Place, Role};
use service::Refusal;

use crate::{
    access,
    auth::Person,
    href::{self, OUTBOX},
    no::{No, Unmet},
    node::Node,
    server::State,
};

/// What `who` hears of it: a resource in the way is named to those who may read it.
pub(crate) fn no(refusal: Refusal, state: &State, who: Option<&Person>) -> No {
    let why = refusal.to_string();
    let unmet = |condition| No::unmet(condition, why.clone());
    let in_the_way = |status, condition, place: Option<&Place>| {
        let href = place.zip(who).and_then(|(place, who)| readable(place, state, who));
        No::Unmet(Box::new(Unmet { status, condition, href, privilege: None, why: why.clone() }))
    };
    match refusal {
        Refusal::NotFound => No::NotFound,
        // RFC 4791 §5.3.2.1
        Refusal::NotCalendarData { .. } => unmet(Condition::ValidCalendarData),
        Refusal::NotCalendarObject { .. } => unmet(Condition::ValidCalendarObjectResource),
        Refusal::UnsupportedComponent { .. } => unmet(Condition::SupportedCalendarComponent),
        // RFC 7529 §10
        Refusal::UnsupportedScale { .. } => unmet(Condition::SupportedRscale),
        // RFC 4791 §1.3: 409, for the client can resolve it: the resource in the way is named.
        Refusal::UidConflict { by } => in_the_way(StatusCode::CONFLICT, Condition::NoUidConflict, by.as_ref()),
        Refusal::TooLarge { .. } => unmet(Condition::MaxResourceSize),
        Refusal::QuotaExceeded { .. } => {
            No::unmet_as(StatusCode::INSUFFICIENT_STORAGE, Condition::QuotaNotExceeded, why)
        }
        Refusal::TooManyInstances { .. } => unmet(Condition::MaxInstances),
        Refusal::TooManyAttendees { .. } => unmet(Condition::MaxAttendeesPerInstance),
        // RFC 6638 §3.2.4.1
        Refusal::SchedulingObjectNotUnique { by } => {
            in_the_way(StatusCode::FORBIDDEN, Condition::UniqueSchedulingObjectResource, Some(&by))
        }
        Refusal::Scheduling(refusal) => {
            let name = refusal.condition.as_str();
            match Condition::ALL.iter().find(|condition| condition.local() == name) {
                Some(condition) => No::unmet(*condition, why),
                None => No::plain(StatusCode::FORBIDDEN, why),
            }
        }
        // RFC 9110 §13; RFC 4918 §9.8.4, §9.9.3: `Overwrite: F`
        Refusal::Precondition { .. } | Refusal::Exists => No::plain(StatusCode::PRECONDITION_FAILED, why),
        Refusal::BadName { .. } | Refusal::Protected => No::plain(StatusCode::FORBIDDEN, why),
        // RFC 6638 §4.3
        Refusal::MayNotSend { home, role } => {
            let directory = state.service.models().directory();
            let owner = directory.by_id(home).map(|owner| owner.short_name.as_str()).unwrap_or_default();
            let privilege = match role {
                Role::Organizer | Role::None => Privilege::ScheduleSendInvite,
                Role::Attendee => Privilege::ScheduleSendReply,
            };
            No::lacking(href::collection(owner, OUTBOX), privilege)
        }
        Refusal::DefaultCalendarNeeded => unmet(Condition::DefaultCalendarNeeded),
        Refusal::NotADefaultCalendar => unmet(Condition::ValidScheduleDefaultCalendarUrl),
        Refusal::BadPrincipalName { .. } | Refusal::BadPrincipalAddress { .. } => No::plain(StatusCode::FORBIDDEN, why),
        Refusal::PrincipalExists { .. } | Refusal::PrincipalFixed { .. } => No::plain(StatusCode::CONFLICT, why),
    }
}

fn readable(place: &Place, state: &State, who: &Person) -> Option<String> {
    let models = state.service.models();
    let collection = models.outline_by_id(place.collection).ok().flatten()?;
    let member = models.member(place.collection, &place.name).ok().flatten()?;
    let owner = who.directory.by_id(collection.home)?;
    let node = Node::Member { owner, collection: &collection, member: &member, body: None };
    access::may(who, &node, Privilege::Read).then(|| node.href())
}
