//! Reads the acts on the calendars of a meeting while it was in them: they were moved, renamed or
//! shared, or a share or an ACL changed.
//!
//! **Invariant:** these events are found when a report is made, in the streams of the calendars.
//! These acts write nothing to the streams of the objects.

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
    // ACL events of collections above are not shown as acts, but a sentence may mention their
    // positions. They are therefore verified too.
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

/// Returns true for the events of a calendar that a timeline shows: changes of its path, display
/// name and access control list, and offers of shares with their answers, moves and ends.
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
