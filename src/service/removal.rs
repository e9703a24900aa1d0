//! Removes a collection with all its members (RFC 4918 §9.6.1).
//!
//! Members that send no messages are removed in large groups of appends. A meeting is removed like
//! by a separate `DELETE`, with the same messages (RFC 6638 §3.2.1.3, §3.2.2.4). The collection
//! itself is removed last, so an interrupted removal can be repeated.

use calendar::{
    Refusal,
    collection::{self, Collection, IsDefault},
    file::{self, File},
    object::{Command, Object, Remove},
};
use itip::ScheduleReply;
use projections::Member;
use schemas::{CollectionId, FileId, ObjectId, Position, PrincipalId, object::Place};

use crate::{
    Delete, Require, Service,
    clock::Stamp,
    collections::Conditions,
    error::Error,
    freshness::Subject,
    store::{Aggregate, decision},
};

/// Maximum number of members that are read and removed as one group.
const PAGE: usize = 500;

impl Service {
    /// Removes a collection and all collections below it (`DELETE`). `reply`: whether the
    /// organizers of the removed meetings are notified (RFC 6638 §8.1).
    pub async fn delete_collection(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        id: CollectionId,
        reply: ScheduleReply,
        conditions: &Conditions<'_>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(home).await?;
        conditions()?;
        self.may_remove(home, id).await?;
        let root = self.collection_of(home, id)?;
        // Ordered by name, a collection precedes those below it, so they are removed in reverse
        // order.
        let below = self.models.home(home)?.into_iter().filter(|below| root.is_above(below)).rev();
        for below in below.collect::<Vec<_>>() {
            self.remove_collection(&stamp.next(&below.id.to_string()), &below, reply).await?;
        }
        self.remove_collection(stamp, &root, reply).await
    }

    /// Checks that a collection may be removed. These may not: a home, an inbox, an outbox, the
    /// default calendar, and a collection above the default calendar (RFC 6638 §4.3).
    pub async fn may_remove(&self, home: PrincipalId, id: CollectionId) -> Result<(), Error> {
        let root = self.collection_of(home, id)?;
        let default = self.default_calendar(home)?;
        let is_default = if default.is_some_and(|default| default.id == id || root.is_above(&default)) {
            IsDefault::Yes
        } else {
            IsDefault::No
        };
        let known = self.store.load::<Collection>(id).await?;
        collection::decide(&known.state, &collection::Command::Remove { is_default })?;
        Ok(())
    }

    async fn remove_collection(
        &self,
        stamp: &Stamp,
        collection: &projections::Collection,
        reply: ScheduleReply,
    ) -> Result<(), Error> {
        loop {
            let members = self.models.members(collection.id, None, PAGE)?;
            if members.is_empty() {
                break;
            }
            self.remove_members(stamp, collection, members, reply).await?;
        }
        self.take_back_all(stamp, collection.id).await?;
        // `may_remove` has checked that the collection is not the default calendar.
        let command = collection::Command::Remove { is_default: IsDefault::No };
        self.execute_collection(stamp, collection.home, collection.id, &command).await
    }

    async fn remove_members(
        &self,
        stamp: &Stamp,
        collection: &projections::Collection,
        members: Vec<Member>,
        reply: ScheduleReply,
    ) -> Result<(), Error> {
        let home = collection.home;
        let (meetings, others): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|member| member.schedule_tag.is_some());
        let others = others.into_iter().map(|member| (member.object, place(collection, member)));
        if collection.kind.holds_anything() {
            let files = others.map(|(_, place)| (FileId::derive(&place), place)).collect();
            let decide = |file: &File, _: &Stamp, place: &Place| {
                let command = file::Command::Remove { place: place.clone(), require: Require::default() };
                Ok(file::decide(file, &command)?)
            };
            self.remove_together(stamp, home, files, decide).await?;
        } else {
            let decide = |object: &Object, stamp: &Stamp, place: &Place| {
                let remove = Remove { place: place.clone(), require: Require::default(), reply };
                self.decide_object(stamp, home, &Command::Remove(&remove), object)
            };
            self.remove_together::<Object>(stamp, home, others.collect::<Vec<(ObjectId, _)>>(), decide).await?;
        }
        for member in meetings {
            let place = place(collection, member);
            let stamp = stamp.next(&place.name);
            let delete = Delete { home, place, require: Require::default(), reply };
            self.delete_locked(&stamp, delete).await?;
        }
        Ok(())
    }

    /// Removes members with one group of appends. `decide` is called for each member separately.
    async fn remove_together<A: Aggregate>(
        &self,
        stamp: &Stamp,
        home: PrincipalId,
        places: Vec<(A::Id, Place)>,
        decide: impl Fn(&A, &Stamp, &Place) -> Result<Vec<A::Event>, Error>,
    ) -> Result<(), Error> {
        if places.is_empty() {
            return Ok(());
        }
        let mut members = Vec::with_capacity(places.len());
        for (id, place) in places {
            members.push((id, place, self.store.load::<A>(id).await?));
        }
        let directory = self.store.directory_unchanged().await?;
        let mut decisions = Vec::with_capacity(members.len());
        for (id, place, loaded) in members {
            let stamp = stamp.next(&place.name);
            let basis = self.store.basis();
            let events = decide(&loaded.state, &stamp, &place)?;
            let decision = decision(Subject::Home(home), id, loaded, &stamp, events).resting_on(basis);
            decisions.push((decision, stamp, place));
        }
        let writes = decisions.iter().map(|(decision, ..)| decision.write()).collect();
        let answers = self.store.append_many(writes).await;
        let mut last = Position::START;
        for ((decision, stamp, place), answer) in decisions.into_iter().zip(answers) {
            let again = |state: &A| match decide(state, &stamp, &place) {
                // A concurrent request removed the member first.
                Err(Error::Refused(Refusal::NotFound)) => Ok(vec![]),
                decided => decided,
            };
            let executed = self.store.conclude(decision, answer, &stamp, again).await?;
            last = last.max(executed.position);
        }
        drop(directory);
        self.applied(last).await
    }
}

fn place(collection: &projections::Collection, member: Member) -> Place {
    Place { collection: collection.id, name: member.name }
}
