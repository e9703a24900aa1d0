//! Describes in words the acts on a calendar that contained the meeting.

use schemas::{
    CollectionEvent, CollectionId, Event, Position, PrincipalId, Recorded, ShareEvent, ShareId, Stream,
    access::{AccessControlEntry, Grantee},
    collection::{CollectionPropertiesChanged, DISPLAY_NAME, Property},
};

use super::Standing;
use crate::{
    act::ActEvent,
    foreign, permissions,
    reasons::list,
    sentence::{self, Context},
};

/// Returns the act as a phrase that follows its actor; `None` for an event that is neither of a
/// collection nor of a share.
pub(crate) fn deed(context: &Context<'_>, recorded: &Recorded) -> Option<String> {
    match (&recorded.event, recorded.stream) {
        (Event::Collection(event), Stream::Collection(id)) => Some(collection(context, event, id, recorded)),
        (Event::Share(event), Stream::Share(id)) => Some(share(context, event, id, recorded)),
        _ => None,
    }
}

fn collection(context: &Context<'_>, event: &CollectionEvent, id: CollectionId, recorded: &Recorded) -> String {
    let (names, before) = (context.names(recorded), recorded.position.previous());
    let calendar = context.places.collection(id, &names, before);
    match event {
        CollectionEvent::Moved(moved) => {
            let (from, to) = (context.places.name(id, before).unwrap_or_default(), foreign::quoted(&moved.name));
            let from = foreign::quoted(from);
            let from = if calendar.ends_with(&from) { String::new() } else { format!(" from {from}") };
            format!("moved {calendar}{from} to {to}{}", also(context, ", and this meeting with it"))
        }
        CollectionEvent::AclChanged(_) => {
            format!("changed who may use {calendar}{}", also(context, ", which contains this meeting"))
        }
        CollectionEvent::PropertiesChanged(changed) if is_titled(changed) => {
            let now = context.places.collection(id, &names, recorded.position);
            match Property::text(&changed.set, DISPLAY_NAME) {
                Some(title) => {
                    let title = foreign::quoted(&title);
                    format!("renamed {calendar} to {title}{}", also(context, ", which contains this meeting"))
                }
                None => format!("removed the display name of {calendar}, which is shown as {now} now"),
            }
        }
        CollectionEvent::PropertiesChanged(changed) => {
            let set = changed.set.iter().map(|property| property.name.local.as_str());
            let all = set.chain(changed.removed.iter().map(|name| name.local.as_str()));
            let all: Vec<String> = all.map(foreign::identifier).collect();
            let which = if all.is_empty() { String::new() } else { format!(": {}", list(&all)) };
            format!("changed properties of {calendar}{which}")
        }
        CollectionEvent::Created(_) => {
            let now = context.places.collection(id, &names, recorded.position);
            format!("created {now}{}", sentence::as_it_was(recorded.metadata.restored))
        }
        CollectionEvent::Removed(_) => format!("removed {calendar} with everything in it"),
    }
}

/// Returns `words`, which say what an act on a calendar means for a meeting in it. Returns an empty
/// text if the report is not about a meeting.
fn also(context: &Context<'_>, words: &'static str) -> &'static str {
    if context.evidence.uid.is_empty() { "" } else { words }
}

/// Returns true if `DAV:displayname` was set or removed.
pub(crate) fn is_titled(changed: &CollectionPropertiesChanged) -> bool {
    let names = changed.set.iter().map(|property| &property.name).chain(&changed.removed);
    names.into_iter().any(|name| (name.namespace.as_str(), name.local.as_str()) == DISPLAY_NAME)
}

fn share(context: &Context<'_>, event: &ShareEvent, id: ShareId, recorded: &Recorded) -> String {
    let (names, position) = (context.names(recorded), recorded.position);
    let Some(offer) = context.offers.get(id) else { return "changed a share".to_owned() };
    let calendar = context.places.collection(offer.calendar, &names, position);
    let sharee = names.person(offer.sharee);
    let is_sharee = recorded.metadata.actor == Some(offer.sharee);
    match event {
        ShareEvent::Offered(_) => format!("shared {calendar} with {sharee}, {}", offer.may(position)),
        ShareEvent::Accepted(accepted) => {
            let name = foreign::quoted(&accepted.name);
            if context.evidence.names.is_group(offer.sharee) {
                format!("put {calendar} into the home of each member of {sharee}, without an invitation")
            } else if is_sharee {
                format!("accepted {calendar}, which is now in their home as {name}")
            } else {
                format!("put {calendar} into the home of {sharee}, as {name}")
            }
        }
        ShareEvent::Declined(_) => {
            let before = offer.at(position.previous());
            match before {
                Some(Standing::Accepted(_)) => {
                    format!(
                        "removed {calendar} from the home of {sharee}{}",
                        also(context, ", and this meeting with it")
                    )
                }
                _ => format!("declined {calendar}, which was offered to {sharee}"),
            }
        }
        ShareEvent::Moved(moved) => {
            format!("renamed {calendar} in the home of {sharee} to {}", foreign::quoted(&moved.name))
        }
        ShareEvent::Withdrawn(_) => match offer.at(position.previous()) {
            Some(Standing::Accepted(_)) => {
                format!("withdrew the share of {calendar} from {sharee}{}", also(context, ", and this meeting with it"))
            }
            _ => format!("withdrew the offer of {calendar} to {sharee}"),
        },
        ShareEvent::PropertiesChanged(_) => {
            format!("changed properties of {calendar} that only {sharee} sees")
        }
        ShareEvent::PersonalDataChanged(changed) => context.personal_data(changed, recorded),
    }
}

/// Returns the added and removed entries of an access control list, marked with `+` and `-`; empty
/// for an event that changes no list of a collection.
pub(crate) fn details(context: &Context<'_>, recorded: &Recorded) -> Vec<String> {
    let Event::Collection(CollectionEvent::AclChanged(changed)) = &recorded.event else { return vec![] };
    let (before, names) = (list_before(context, recorded.stream, recorded.position), context.names(recorded));
    let marked = |mark: char, words: Vec<String>| words.into_iter().map(move |words| format!("{mark} {words}"));
    let came = permissions::without(&changed.entries, &before, &names);
    let went = permissions::without(&before, &changed.entries, &names);
    marked('+', came).chain(marked('-', went)).collect()
}

/// Returns the access control list of a collection just before an event.
pub(crate) fn list_before(context: &Context<'_>, stream: Stream, position: Position) -> Vec<AccessControlEntry> {
    let own = context.evidence.collections.iter().filter(|earlier| earlier.stream == stream);
    let last = own.filter(|earlier| earlier.position < position).filter_map(|earlier| match &earlier.event {
        Event::Collection(CollectionEvent::AclChanged(changed)) => Some(changed.entries.as_slice()),
        // A collection that is created again begins without access control entries.
        Event::Collection(CollectionEvent::Created(_)) => Some(&[][..]),
        _ => None,
    });
    last.last().unwrap_or_default().to_vec()
}

/// Returns true for an event that changes the ACL of a calendar, if the same act offers or
/// withdraws a share of this calendar: the share shows the change.
pub(crate) fn is_shown_by_a_share(context: &Context<'_>, recorded: &Recorded, act: &[ActEvent<'_>]) -> bool {
    let (Stream::Collection(list), Event::Collection(CollectionEvent::AclChanged(_))) =
        (recorded.stream, &recorded.event)
    else {
        return false;
    };
    act.iter().any(|event| match (&event.recorded.event, event.recorded.stream) {
        (Event::Share(ShareEvent::Offered(_) | ShareEvent::Withdrawn(_)), Stream::Share(id)) => {
            context.offers.get(id).is_some_and(|offer| offer.calendar == list)
        }
        _ => false,
    })
}

/// Returns the people whom an act on a collection or share concerns; empty for other events.
pub(crate) fn people(context: &Context<'_>, recorded: &Recorded) -> Vec<PrincipalId> {
    match (&recorded.event, recorded.stream) {
        (Event::Share(_), Stream::Share(id)) => {
            context.offers.get(id).map(|offer| vec![offer.owner, offer.sharee]).unwrap_or_default()
        }
        (Event::Collection(CollectionEvent::AclChanged(changed)), Stream::Collection(id)) => {
            let before = list_before(context, recorded.stream, recorded.position);
            let came = changed.entries.iter().filter(|entry| !before.contains(entry));
            let went = before.iter().filter(|entry| !changed.entries.contains(entry));
            let named = came.chain(went).filter_map(|entry| match entry.to {
                Grantee::Principal(id) => Some(id),
                Grantee::All | Grantee::Authenticated | Grantee::Unauthenticated | Grantee::Owner => None,
            });
            named.chain(context.places.home(id)).collect()
        }
        (Event::Collection(_), Stream::Collection(id)) => context.places.home(id).into_iter().collect(),
        _ => vec![],
    }
}
