//! Forgets the texts that a report of acts does not need: a meeting of hundreds of people has
//! thousands of versions that only the server stored.

use std::collections::BTreeMap;

use schemas::{
    Event, ObjectEvent, Recorded,
    object::{Content, Place},
};

/// Forgets texts of the events of one stream, which must be complete and in order. Keeps those that
/// are compared or give the meeting its title: what people and operators stored, what was there
/// before, and the last text at each place.
pub(super) fn texts_of_consequences(stream: &mut [Recorded]) {
    // For each place, true if the next text there was stored by the server.
    let mut later: BTreeMap<Place, bool> = BTreeMap::new();
    for recorded in stream.iter_mut().rev() {
        let is_consequence = recorded.metadata.causation.is_some();
        let Event::Object(event) = &mut recorded.event else { continue };
        match event {
            ObjectEvent::Put(put) => forget(&mut later, &put.place, &mut put.content, is_consequence),
            ObjectEvent::Revised(revised) => forget(&mut later, &revised.place, &mut revised.content, is_consequence),
            ObjectEvent::Moved(moved) => {
                let next = later.remove(&moved.to);
                later.extend(next.map(|next| (moved.from.clone(), next)));
            }
            ObjectEvent::Removed(removed) => drop(later.remove(&removed.place)),
            _ => {}
        }
    }
}

/// Forgets the texts of inbox items. The timeline shows the messages themselves.
pub(super) fn texts_of_inbox_items(events: &mut [Recorded]) {
    for recorded in events {
        if let Event::Object(ObjectEvent::MessageReceived(received)) = &mut recorded.event
            && let Some(item) = &mut received.item
        {
            item.ics = String::new();
        }
    }
}

fn forget(later: &mut BTreeMap<Place, bool>, place: &Place, content: &mut Content, is_consequence: bool) {
    if later.insert(place.clone(), is_consequence) == Some(true) && is_consequence {
        content.ics = String::new();
    }
}

#[cfg(test)]
mod tests {
    use schemas::{
        CollectionId, Hash, Metadata, ObjectId, Position, PrincipalId, Revision, Stream,
        object::{ObjectMoved, ObjectPut, Role},
    };
    use uuid::Uuid;

    use super::*;

    fn place(name: &str) -> Place {
        Place { collection: CollectionId::home(PrincipalId(Uuid::nil())), name: name.to_owned() }
    }

    /// Reads events: `put a` is of a person, `revised a` of the server, `moved a b` moves a copy.
    fn stream(events: &[&str]) -> Vec<Recorded> {
        let event = |(number, text): (usize, &&str)| {
            let mut words = text.split(' ').skip(1).map(place);
            let (here, is_direct) = (words.next().unwrap(), !text.starts_with("revised"));
            let event = match words.next() {
                Some(to) => {
                    let moved = ObjectMoved { home: None, uid: None, from: here, to, schedule_tag: None };
                    ObjectEvent::Moved(moved)
                }
                None => ObjectEvent::Put(ObjectPut {
                    home: PrincipalId(Uuid::nil()),
                    place: here,
                    uid: "1".to_owned(),
                    component: "VEVENT".to_owned(),
                    content: Content {
                        ics: number.to_string(),
                        etag: String::new(),
                        schedule_tag: None,
                        role: Role::Attendee,
                    },
                    sent: None,
                    edits: vec![],
                    imported: None,
                    copied: None,
                }),
            };
            Recorded {
                position: Position(number as u64 + 1),
                stream: Stream::Object(ObjectId(Uuid::nil())),
                revision: Revision(number as u64),
                id: Uuid::from_u128(number as u128),
                event: Event::Object(event),
                metadata: Metadata { causation: (!is_direct).then(Uuid::nil), ..Metadata::default() },
                hash: Hash::default(),
            }
        };
        events.iter().enumerate().map(event).collect()
    }

    #[test]
    fn what_people_stored_what_was_before_and_the_last_texts_are_kept() {
        let rows: [(&[&str], &str); 5] = [
            (&["revised a", "revised a", "revised a", "put a", "revised a", "revised a"], "2 3 5"),
            (&["put a", "put a"], "0 1"),
            (&["revised a", "revised b", "revised a", "revised b"], "2 3"),
            (&["revised a", "moved a b", "put b"], "0 2"),
            (&["revised a", "moved a b", "revised b", "revised a"], "2 3"),
        ];
        for (events, expected) in rows {
            let mut events = stream(events);
            texts_of_consequences(&mut events);
            let kept = events.iter().filter_map(|recorded| match &recorded.event {
                Event::Object(ObjectEvent::Put(put)) => Some(put.content.ics.as_str()).filter(|ics| !ics.is_empty()),
                _ => None,
            });
            assert_eq!(kept.collect::<Vec<_>>().join(" "), expected);
        }
    }
}
