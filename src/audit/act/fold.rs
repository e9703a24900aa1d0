//! Groups events into acts.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{Event, ObjectEvent, PrincipalId, Recorded};
use uuid::Uuid;

use super::{Act, consequences, deed, summary};
use crate::{Entry, agent, calendars, sentence::Context, state::Step};

/// An event with its report entry, and with the content before and after it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActEvent<'a> {
    pub recorded: &'a Recorded,
    pub entry: &'a Entry,
    pub step: &'a Step<'a>,
}

impl<'a> ActEvent<'a> {
    /// Returns the event of a calendar object; `None` for an erased event, and for one of another
    /// stream.
    pub(super) fn object(&self) -> Option<&'a ObjectEvent> {
        match &self.recorded.event {
            Event::Object(event) => Some(event),
            Event::File(_)
            | Event::Share(_)
            | Event::Principal(_)
            | Event::Collection(_)
            | Event::Access(_)
            | Event::Server(_)
            | Event::Erased(_) => None,
        }
    }

    /// Returns true for an event that no other event caused: the request stored it directly.
    pub(super) fn is_direct(&self) -> bool {
        self.recorded.metadata.causation.is_none()
    }
}

/// Returns the acts in the order of their first events. All events that one request led to are one
/// act.
pub(crate) fn fold(context: &Context<'_>, event: &[(Entry, Step<'_>)]) -> Vec<Act> {
    let mut order: Vec<Uuid> = vec![];
    let mut groups: BTreeMap<Uuid, Vec<ActEvent<'_>>> = BTreeMap::new();
    for (recorded, (entry, step)) in context.evidence.events.iter().zip(event) {
        let group = groups.entry(recorded.metadata.correlation).or_default();
        if group.is_empty() {
            order.push(recorded.metadata.correlation);
        }
        group.push(ActEvent { recorded, entry, step });
    }
    order.iter().filter_map(|correlation| act(context, groups.get(correlation)?)).collect()
}

fn act(context: &Context<'_>, group: &[ActEvent<'_>]) -> Option<Act> {
    let first = group.iter().find(|event| event.is_direct()).or(group.first())?;
    let metadata = &first.recorded.metadata;
    let direct: Vec<ActEvent<'_>> = group.iter().filter(|event| event.is_direct()).copied().collect();
    let deed = deed::of(context, &direct);
    let (mut details, mut server) = summary::of(context, &direct);
    details.extend(direct.iter().flat_map(|event| calendars::details(context, event.recorded)));
    let consequences = consequences::of(context, group);
    server.extend(consequences.server);
    let changes: Vec<_> =
        direct.iter().filter(|event| is_content(event)).flat_map(|event| &event.entry.changes).collect();
    let mut instances: Vec<String> = vec![];
    for change in &changes {
        let instance = change.instance.as_ref().map(ToString::to_string).unwrap_or_default();
        if !instances.contains(&instance) {
            instances.push(instance);
        }
    }
    Some(Act {
        position: first.recorded.position,
        at: metadata.at,
        request: metadata.request,
        actor: context.actor(first.recorded),
        by: metadata.actor.into_iter().chain(metadata.on_behalf_of).collect(),
        people: people(context, group),
        via: metadata.client.via.clone(),
        program: agent::program(&metadata.client.agent),
        address: metadata.client.address.clone(),
        right: first.entry.right.clone().filter(|right| right.as_str() != "as the owner"),
        is_answer: deed.is_answer,
        deed: deed.words,
        instances,
        details: if deed.is_answer { vec![] } else { details },
        changes: changes.into_iter().cloned().collect(),
        server,
        notified: consequences.notified,
        not_notified: consequences.not_notified,
        events: group.iter().map(|event| event.recorded.position).collect(),
        altered: group
            .iter()
            .filter(|event| event.entry.fault.is_some())
            .map(|event| event.recorded.position)
            .collect(),
    })
}

/// Returns true for an event that stores the text of a copy. A suppressed message also has changes,
/// but its text was not stored in a copy.
pub(super) fn is_content(event: &ActEvent<'_>) -> bool {
    matches!(event.object(), Some(ObjectEvent::Put(_) | ObjectEvent::Revised(_)))
}

fn people(context: &Context<'_>, group: &[ActEvent<'_>]) -> Vec<PrincipalId> {
    let mut people = BTreeSet::new();
    for ActEvent { recorded, .. } in group {
        people.extend(recorded.metadata.actor);
        people.extend(recorded.metadata.on_behalf_of);
        people.extend(context.homes.get(&recorded.stream));
        people.extend(calendars::people(context, recorded));
        if let Event::Object(ObjectEvent::MessageIssued(issued)) = &recorded.event {
            people.extend(issued.recipients.iter().filter_map(|to| to.principal));
        }
        if let Event::Object(ObjectEvent::MessageSuppressed(suppressed)) = &recorded.event {
            people.extend(suppressed.recipients.iter().filter_map(|to| to.principal));
        }
    }
    people.into_iter().collect()
}
