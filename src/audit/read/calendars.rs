//! What happened to the calendars of a meeting while it was in them: they were moved, renamed,
//! shared, and taken back.
//!
//! **Invariant:** it is found when somebody asks, by the streams of these calendars. A change of a
//! calendar writes nothing for the objects in it.

use journal::Journal;
use projections::ReadModels;
use schemas::{CollectionEvent, Event, Recorded, Stream};

use super::{Unreadable, check, context};
use crate::{
    Evidence,
    calendars::{self, Membership},
};

/// Adds the acts on calendars to the events of a meeting.
pub(super) async fn join(
    journal: &dyn Journal,
    models: &ReadModels,
    evidence: &mut Evidence,
) -> Result<(), Unreadable> {
    let shares = context::shares(journal, models, &evidence.collections).await?;
    evidence.shares = shares.events;
    let membership = Membership::of(evidence);
    let all = evidence.collections.iter().chain(&evidence.shares);
    let mut told: Vec<Recorded> =
        all.filter(|recorded| is_act(recorded) && membership.concerns(recorded)).cloned().collect();
    told.sort_by_key(|recorded| recorded.position);
    // Events of the access control lists above are not shown, but their positions may be named:
    // they are checked too.
    let all = evidence.collections.iter().chain(&told);
    let mut links: Vec<_> = all.map(|recorded| (recorded.position, check::Link::of(recorded))).collect();
    links.sort_by_key(|(position, _)| *position);
    links.dedup_by_key(|(position, _)| *position);
    let links: Vec<_> = links.into_iter().map(|(_, link)| link).collect();
    let mut faults = check::against_the_chain(journal, &links).await?;
    faults.extend(shares.faults);
    let is_news = !told.is_empty();
    evidence.add(told, faults);
    if is_news {
        evidence.names = context::names(journal, models, &evidence.events).await?;
    }
    Ok(())
}

/// Returns true for the events of a calendar that a timeline shows: those of its name, access
/// control list and shares.
fn is_act(recorded: &Recorded) -> bool {
    match (&recorded.event, recorded.stream) {
        (Event::Collection(event), Stream::Collection(_)) => match event {
            CollectionEvent::Moved(_) | CollectionEvent::AclChanged(_) => true,
            CollectionEvent::PropertiesChanged(changed) => calendars::is_titled(changed),
            CollectionEvent::Created(_) | CollectionEvent::Removed(_) => false,
        },
        (Event::Share(event), _) => event.is_of_offer(),
        _ => false,
    }
}
