//! What becomes of the meetings that somebody who leaves has organized.

use calendar::Require;
use ical::{Component, Document};
use projections::Member;
use schemas::{
    CollectionId, PrincipalId,
    collection::CollectionKind,
    object::{Place, Role},
};

use crate::{
    Service,
    clock::Stamp,
    error::Error,
    objects::{Put, Source},
};

/// How many meetings of a leaver were cancelled, and how many could not be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cancelled {
    pub done: usize,
    pub failed: usize,
}

/// A meeting that is not over, in its organizer's calendar.
#[derive(Debug)]
struct Ahead {
    place: Place,
    ics: String,
}

impl Service {
    /// Returns how many meetings that the owner of a home has organized are not over and not cancelled.
    pub fn meetings_ahead(&self, home: PrincipalId, now: i64) -> Result<usize, Error> {
        Ok(self.ahead(home, now)?.len())
    }

    /// Cancels the meetings that the owner of a home has organized, as far as they are not over: each stays in the calendar
    /// with `STATUS:CANCELLED`, and its attendees are told (RFC 5546 §3.2.5, RFC 6638 §3.2.1). Harmless twice.
    pub async fn cancel_meetings(&self, stamp: &Stamp, home: PrincipalId) -> Result<Cancelled, Error> {
        let mut cancelled = Cancelled::default();
        for Ahead { place, ics } in self.ahead(home, stamp.metadata.at.seconds())? {
            let stamp = stamp.in_home(home).next(&place.name);
            let put = Put { home, place: place.clone(), ics, source: Source::Copy, require: Require::default() };
            match self.put(&stamp, put).await {
                Ok(_) => cancelled.done += 1,
                Err(Error::Refused(why)) => {
                    tracing::warn!(%why, %home, name = place.name, "a meeting of a leaver is not cancelled");
                    cancelled.failed += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(cancelled)
    }

    /// The meetings with the text of their cancellation.
    fn ahead(&self, home: PrincipalId, now: i64) -> Result<Vec<Ahead>, Error> {
        let snapshot = self.models.snapshot()?;
        let mut found = vec![];
        for collection in snapshot.home(home)? {
            if collection.kind != CollectionKind::Calendar {
                continue;
            }
            snapshot.overlapping(collection.id, Some(now), None, |member, body| {
                found.extend(ahead(collection.id, &member, body));
                Ok::<_, Error>(())
            })?;
        }
        Ok(found)
    }
}

fn ahead(collection: CollectionId, member: &Member, body: &str) -> Option<Ahead> {
    let ics = Some(body).filter(|_| member.role == Role::Organizer).and_then(cancelled)?;
    Some(Ahead { place: Place { collection, name: member.name.clone() }, ics })
}

/// The object with all its components cancelled; `None` if they are already.
fn cancelled(body: &str) -> Option<String> {
    // What is stored was readable once.
    let document = Document::parse(body.to_owned()).ok()?;
    let mut edit = document.edit();
    let is_scheduled = |component: &Component<'_>| component.property("ORGANIZER").is_some();
    for component in document.root().components().filter(is_scheduled) {
        match component.property("STATUS") {
            Some(status) if status.value().eq_ignore_ascii_case("CANCELLED") => {}
            Some(status) => edit.set_value(status.id(), "CANCELLED"),
            None => edit.append_property(component.id(), "STATUS:CANCELLED"),
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instance_is_cancelled_once() {
        let event =
            |lines: &str| format!("BEGIN:VEVENT\r\nUID:a\r\nORGANIZER:mailto:a@example.com\r\n{lines}END:VEVENT\r\n");
        let object = |first: &str, second: &str| {
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}{}END:VCALENDAR\r\n", event(first), event(second))
        };
        let text = object("STATUS:CONFIRMED\r\n", "RECURRENCE-ID:20260105T100000Z\r\n");
        let expected = object("STATUS:CANCELLED\r\n", "RECURRENCE-ID:20260105T100000Z\r\nSTATUS:CANCELLED\r\n");
        assert_eq!(cancelled(&text).as_deref(), Some(expected.as_str()));
        assert_eq!(cancelled(&expected), None);
    }
}
