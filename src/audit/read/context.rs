//! Reads the context of a report: the collections that contain the resources, and the names of that
//! time.

use std::collections::BTreeSet;

use ical::Address;
use journal::Journal;
use projections::{ReadModels, SEPARATOR};
use schemas::{
    CollectionEvent, CollectionId, Event, ObjectEvent, PrincipalId, Recorded, ShareEvent, Stream,
    access::{AccessControlEntry, Grantee},
    object::{Place, Recipient},
};

use super::{Unreadable, streams::Read};
use crate::Names;

/// Reads the streams of all collections that the events mention, and of all collections that were
/// ever above them.
pub(super) async fn collections(
    journal: &dyn Journal,
    models: &ReadModels,
    events: &[Recorded],
) -> Result<Read, Unreadable> {
    let named: BTreeSet<CollectionId> = events.iter().flat_map(named).collect();
    let mut read = Read::default();
    for id in &named {
        read.whole(journal, Stream::Collection(*id)).await?;
    }
    for id in above(models, &read.events)?.difference(&named) {
        read.whole(journal, Stream::Collection(*id)).await?;
    }
    read.events.sort_by_key(|recorded| recorded.position);
    Ok(read)
}

/// Returns the homes of the collections, and all other collections that were ever above them.
fn above(models: &ReadModels, collections: &[Recorded]) -> Result<BTreeSet<CollectionId>, Unreadable> {
    let mut above = BTreeSet::new();
    for recorded in collections {
        let (Stream::Collection(id), Event::Collection(CollectionEvent::Created(created))) =
            (recorded.stream, &recorded.event)
        else {
            continue;
        };
        above.insert(CollectionId::home(created.home));
        for name in models.names_of(id)?.into_iter().filter_map(|(_, name)| name) {
            for (end, _) in name.match_indices(SEPARATOR) {
                above.extend(models.collections_ever_called(created.home, &name[..end])?);
            }
        }
    }
    Ok(above)
}

/// Reads the streams of the shares of the collections.
pub(super) async fn shares(
    journal: &dyn Journal,
    models: &ReadModels,
    collections: &[Recorded],
) -> Result<Read, Unreadable> {
    let calendar = |recorded: &Recorded| match recorded.stream {
        Stream::Collection(id) => Some(id),
        _ => None,
    };
    let calendars: BTreeSet<_> = collections.iter().filter_map(calendar).collect();
    let mut read = Read::default();
    for calendar in calendars {
        for share in models.shares_of(calendar)? {
            read.whole(journal, Stream::Share(share)).await?;
        }
    }
    read.events.sort_by_key(|recorded| recorded.position);
    Ok(read)
}

/// Returns the collections that an event mentions.
fn named(recorded: &Recorded) -> Vec<CollectionId> {
    let own = match (recorded.stream, &recorded.event) {
        (Stream::Collection(id), _) => Some(id),
        (_, Event::Share(ShareEvent::Offered(offered))) => Some(offered.calendar),
        _ => None,
    };
    places(&recorded.event).into_iter().map(|place| place.collection).chain(own).collect()
}

fn places(event: &Event) -> Vec<&Place> {
    match event {
        Event::Object(event) => match event {
            ObjectEvent::Put(put) => vec![&put.place],
            ObjectEvent::Revised(revised) => vec![&revised.place],
            ObjectEvent::Moved(moved) => vec![&moved.from, &moved.to],
            ObjectEvent::Removed(removed) => vec![&removed.place],
            ObjectEvent::AclChanged(changed) => vec![&changed.place],
            ObjectEvent::PropertiesChanged(changed) => vec![&changed.place],
            ObjectEvent::InboxItemRemoved(removed) => vec![&removed.place],
            ObjectEvent::MessageReceived(received) => received.item.iter().map(|item| &item.place).collect(),
            ObjectEvent::MessageIssued(_)
            | ObjectEvent::MessageSuppressed(_)
            | ObjectEvent::MessageWithdrawn(_)
            | ObjectEvent::DeliveryReported(_) => {
                vec![]
            }
        },
        Event::File(event) => match event {
            schemas::FileEvent::Stored(stored) => vec![&stored.place],
            schemas::FileEvent::AclChanged(changed) => vec![&changed.place],
            schemas::FileEvent::PropertiesChanged(changed) => vec![&changed.place],
            schemas::FileEvent::Removed(removed) => vec![&removed.place],
        },
        Event::Share(ShareEvent::PersonalDataChanged(changed)) => vec![&changed.place],
        Event::Share(_)
        | Event::Principal(_)
        | Event::Collection(_)
        | Event::Access(_)
        | Event::Server(_)
        | Event::Erased(_) => vec![],
    }
}

/// Reads the names of all principals in the events, from the principals' streams.
pub(super) async fn names(
    journal: &dyn Journal,
    models: &ReadModels,
    events: &[Recorded],
) -> Result<Names, Unreadable> {
    let directory = models.directory();
    let mut names = Names::of(&directory);
    let mut people: BTreeSet<PrincipalId> = events.iter().flat_map(people).collect();
    let addressed = events.iter().flat_map(addresses).filter_map(|address| Address::parse(&address));
    let addressed: BTreeSet<PrincipalId> =
        addressed.filter_map(|address| Some(directory.by_address(&address)?.id)).collect();
    people.extend(addressed);
    for id in people {
        let mut read = Read::default();
        read.whole(journal, Stream::Principal(id)).await?;
        names.learn(&read.events);
    }
    Ok(names)
}

/// Returns the principals in whose homes the messages of an event may have arrived.
pub(super) fn homes(recorded: &Recorded) -> Vec<PrincipalId> {
    match &recorded.event {
        Event::Object(ObjectEvent::MessageIssued(issued)) => {
            issued.recipients.iter().filter_map(|to| to.principal).collect()
        }
        _ => vec![],
    }
}

fn people(recorded: &Recorded) -> Vec<PrincipalId> {
    let mut people: Vec<PrincipalId> =
        recorded.metadata.actor.into_iter().chain(recorded.metadata.on_behalf_of).collect();
    if let Event::Collection(schemas::CollectionEvent::Created(created)) = &recorded.event {
        people.push(created.home);
    }
    if let Event::Share(ShareEvent::Offered(offered)) = &recorded.event {
        people.extend([offered.home, offered.owner]);
    }
    people.extend(grantees(&recorded.event));
    if let Event::Object(event) = &recorded.event {
        people.extend(event.home());
        match event {
            ObjectEvent::MessageIssued(issued) => {
                people.extend(issued.recipients.iter().filter_map(|to: &Recipient| to.principal));
            }
            ObjectEvent::MessageSuppressed(suppressed) => {
                people.extend(suppressed.recipients.iter().filter_map(|to: &Recipient| to.principal));
            }
            _ => {}
        }
    }
    people
}

fn grantees(event: &Event) -> Vec<PrincipalId> {
    let entries = match event {
        Event::Collection(schemas::CollectionEvent::AclChanged(changed)) => &changed.entries,
        Event::Object(ObjectEvent::AclChanged(changed)) => &changed.entries,
        Event::File(schemas::FileEvent::AclChanged(changed)) => &changed.entries,
        _ => return vec![],
    };
    let principal = |entry: &AccessControlEntry| match entry.to {
        Grantee::Principal(id) => Some(id),
        Grantee::All | Grantee::Authenticated | Grantee::Unauthenticated | Grantee::Owner => None,
    };
    entries.iter().filter_map(principal).collect()
}

fn addresses(recorded: &Recorded) -> Vec<String> {
    let Event::Object(ObjectEvent::Put(put)) = &recorded.event else { return vec![] };
    let Ok(document) = ical::Document::parse(put.content.ics.as_str()) else { return vec![] };
    let components = document.root().components();
    let lines = components.flat_map(|component| {
        component.properties_named("ATTENDEE").chain(component.properties_named("ORGANIZER")).collect::<Vec<_>>()
    });
    lines.map(|line| line.value().to_owned()).collect()
}
