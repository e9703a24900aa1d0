//! Cancels or hands over the meetings of an organizer who leaves.

use calendar::{
    Refusal, Require,
    object::{Command, TakeOver},
};
use ical::{Component, Document};
use projections::Member;
use schemas::{
    CollectionId, ObjectId, PrincipalId,
    collection::CollectionKind,
    object::{Place, Role},
};

use crate::{
    Attributes, Service,
    clock::Stamp,
    collections,
    error::Error,
    objects::{Put, Source, name_holder, uid},
};

/// Numbers of meetings of one organizer that were cancelled or handed over, and of those for which
/// that was refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    pub done: usize,
    pub failed: usize,
}

/// Organizer's object of a meeting that is neither over nor cancelled.
#[derive(Debug)]
struct Ahead {
    place: Place,
    component: String,
    document: Document,
}

impl Service {
    /// Returns the number of meetings that the owner of a home organizes and that are neither over
    /// nor cancelled. `now`: seconds since the epoch.
    pub fn meetings_ahead(&self, home: PrincipalId, now: i64) -> Result<usize, Error> {
        Ok(self.ahead(home, now)?.len())
    }

    /// Cancels the meetings that the owner of a home organizes and that are not over. Each stays in
    /// the calendar with `STATUS:CANCELLED`, and its attendees are notified (RFC 5546 §3.2.5, RFC
    /// 6638 §3.2.1). Idempotent.
    pub async fn cancel_meetings(&self, stamp: &Stamp, home: PrincipalId) -> Result<Settled, Error> {
        let mut settled = Settled::default();
        for Ahead { place, document, .. } in self.ahead(home, stamp.metadata.at.seconds())? {
            let ics = cancelled(&document);
            let stamp = stamp.in_home(home).next(&place.name);
            let (require, attributes) = (Require::default(), Attributes::default());
            let put = Put { home, place: place.clone(), ics, source: Source::Copy, require, attributes };
            let done = self.put(&stamp, put).await.map(|_| ());
            settled.count(done, home, &place)?;
        }
        Ok(settled)
    }

    /// Makes `successor` the organizer of the meetings that the owner of a home organizes and that
    /// are not over. Each is stored in the successor's calendar, and its attendees are notified
    /// (RFC 5546 §3.2.2.4). The former organizer's objects stay for the record. Idempotent.
    pub async fn hand_over_meetings(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        successor: PrincipalId,
    ) -> Result<Settled, Error> {
        let mut settled = Settled::default();
        for meeting in self.ahead(home, stamp.metadata.at.seconds())? {
            let stamp = stamp.in_home(successor).next(&meeting.place.name);
            let done = self.hand_over(&stamp, home, successor, &meeting).await;
            settled.count(done, home, &meeting.place)?;
        }
        Ok(settled)
    }

    async fn hand_over(
        &self,
        stamp: &Stamp,
        predecessor: PrincipalId,
        successor: PrincipalId,
        meeting: &Ahead,
    ) -> Result<(), Error> {
        let Ahead { place: from, component, document: object, .. } = meeting;
        let uid = uid(object);
        let id = ObjectId::derive(successor, &uid);
        let _home = self.lock_home(successor).await?;
        let calendars = collections::default_calendars(&self.models, successor)?;
        let collection = calendars.place_for(component).ok_or(Refusal::NotFound)?;
        let place = Place { collection, name: from.name.clone() };
        self.has_room(successor, &place, object.as_str().len(), 0)?;
        let directory = self.models.directory();
        let name = directory.by_id(successor).map(|entry| entry.display_name.as_str()).unwrap_or_default();
        let name_holder = name_holder(self.object_at(&place)?, id);
        let take = TakeOver { object, predecessor, name, place, name_holder };
        let lock = self.lock_meeting(&uid, successor).await?;
        let stamp = &stamp.dated_now();
        let executed = self.execute_object(stamp, successor, id, &Command::TakeOver(&take)).await?;
        self.finish(stamp, &executed, lock).await
    }

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

impl Settled {
    /// Counts the result for one meeting. A refusal is logged and counted; any other error is
    /// returned.
    fn count(&mut self, done: Result<(), Error>, home: PrincipalId, place: &Place) -> Result<(), Error> {
        match done {
            Ok(()) => self.done += 1,
            Err(Error::Refused(why)) => {
                tracing::warn!(%why, %home, name = place.name, "a meeting of a person who left could not be \
                    cancelled or handed over, and stays unchanged");
                self.failed += 1;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn ahead(collection: CollectionId, member: &Member, body: &str) -> Option<Ahead> {
    // A text that cannot be parsed is not expected: it was valid when it was stored.
    let document = Document::parse(body.to_owned()).ok().filter(|_| member.role == Role::Organizer)?;
    live(&document).next()?;
    let place = Place { collection, name: member.name.clone() };
    Some(Ahead { place, component: member.component.clone(), document })
}

/// Returns the components of a meeting that have an ORGANIZER and are not cancelled.
fn live(document: &Document) -> impl Iterator<Item = Component<'_>> {
    let scheduled = document.root().components().filter(|component| component.property("ORGANIZER").is_some());
    scheduled.filter(|component| !component.is_cancelled())
}

/// Returns the text of a meeting with STATUS:CANCELLED in each component that has an ORGANIZER.
fn cancelled(document: &Document) -> String {
    let mut edit = document.edit();
    for component in live(document) {
        match component.property("STATUS") {
            Some(status) => edit.set_value(status.id(), "CANCELLED"),
            None => edit.append_property(component.id(), "STATUS:CANCELLED"),
        }
    }
    edit.finish()
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
        let document = |text: &str| Document::parse(text.to_owned()).expect("iCalendar");
        assert_eq!(cancelled(&document(&text)), expected);
        assert!(live(&document(&expected)).next().is_none());
    }
}
