//! Restores a resource, a collection or a home to an earlier state.
//!
//! **Invariant:** history is never rewritten. A restore is a list of ordinary commands, decided by
//! the current rules. Unless the restore is silent ([`Telling`]), they send the same messages as
//! commands of clients.

mod one;
mod plan;

use ical::Document;
use projections::{Collection, Member};
use schemas::{
    CollectionId, ObjectId, PrincipalId,
    collection::{CollectionCreated, CollectionKind},
    object::{Place, Role},
};

pub use self::plan::{Spot, Step};
use self::{
    one::{Home, Moment},
    plan::{Holding, Paths, Resource},
};
use super::View;
use crate::{
    Attributes, Delete, Overwrite, Put, PutFile, ScheduleReply, Service, Source, Transfer,
    clock::{Sending, Stamp},
    collections::unconditional,
    error::Error,
    sharing::readers,
};

/// Selection of what is restored: a home, a collection or a resource.
#[derive(Debug, Clone)]
pub struct Restore {
    /// Owner of the home in which something is restored.
    pub home: PrincipalId,
    /// Path of the collection below the home; empty: the home with everything in it.
    pub collection: String,
    /// Name of a resource in the collection. `None`: everything in the collection and below it.
    pub name: Option<String>,
}

/// Choice of whether a restore sends scheduling messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// The restore sends messages, like changes by a client.
    Tell,
    /// The restore sends no messages: a deletion sends no reply, and each command that would send
    /// another message is refused.
    Silently,
}

/// Maximum number of members that are read at a time.
const PAGE: usize = 500;

impl Service {
    /// Returns the commands of a restore without executing them. Inboxes and outboxes are not
    /// restored.
    pub fn plan_restore(&self, then: &View, restore: &Restore) -> Result<Vec<Step>, Error> {
        let (meant, beside) = wanted(&then.service, restore, &[])?;
        let (meant_now, beside_now) = wanted(self, restore, &paths(&meant))?;
        let name = restore.name.as_deref();
        let (before, now) = match name {
            Some(name) => {
                one::holdings(moment(&then.service, &meant, &beside), moment(self, &meant_now, &beside_now), name)?
            }
            None => (holding(&then.service, &meant, &beside)?, holding(self, &meant_now, &beside_now)?),
        };
        Ok(plan::steps(&before, now, name))
    }

    /// Executes one step of a restore.
    pub async fn restore(
        &self,
        stamp: &Stamp,
        then: &View,
        (home, step): (PrincipalId, &Step),
        telling: Telling,
    ) -> Result<(), Error> {
        let mut stamp = stamp.next(&step.to_string());
        let mut reply = ScheduleReply::Send;
        if telling == Telling::Silently {
            stamp.sending = Sending { invitations: false, replies: false };
            reply = ScheduleReply::Suppress;
        }
        let require = crate::Require::default();
        match step {
            Step::Create(name) => self.create_again(&stamp, then, home, name).await,
            Step::Rename { from, to } => {
                let found = self.models().collection(home, from)?.ok_or(crate::Refusal::NotFound)?;
                self.rename_collection(&stamp, found.id, to.clone(), &unconditional).await
            }
            Step::Move { from, to } => {
                let (from, to) = (self.located(home, from)?.1, self.located(home, to)?.1);
                let overwrite = Overwrite::Forbidden;
                let transfer = Transfer { home, from, to_home: home, to, overwrite, require, reply };
                self.relocate(&stamp, transfer).await.map(drop)
            }
            Step::Delete(spot) => {
                let (collection, place) = self.located(home, spot)?;
                if collection.kind.holds_anything() {
                    return self.delete_file(&stamp, home, place, require).await;
                }
                self.delete(&stamp, Delete { home, place, require, reply }).await
            }
            Step::Put(spot) => self.put_back(&stamp, then, home, spot).await,
            Step::Keep { .. } => Ok(()),
        }
    }

    async fn create_again(&self, stamp: &Stamp, then: &View, home: PrincipalId, name: &str) -> Result<(), Error> {
        let old = then.service.models().collection(home, name)?.ok_or(crate::Refusal::NotFound)?;
        let Collection { kind, components, properties, settings, acl, .. } = old;
        // The room for the ACL is checked before the collection is created: without its ACL the
        // collection would be open to principals whom the ACL denies.
        self.has_room_for_entries(home, acl.len())?;
        let created = CollectionCreated { home, name: name.to_owned(), kind, components, properties, settings };
        let id = self.create_collection(stamp, created).await?;
        if acl.is_empty() {
            return Ok(());
        }
        let listed = self.change_acl(&stamp.next("acl"), id, acl, &unconditional).await;
        if listed.is_err() {
            // Without the collection, its members are not restored either, so that nobody can read
            // them.
            self.delete_collection(&stamp.next("undone"), home, id, ScheduleReply::Suppress, &unconditional).await?;
        }
        listed
    }

    /// Returns the principals with whom the calendar that this step creates again was shared. Its
    /// ACL is restored, but it appears in their homes only after its owner shares it again. Empty
    /// for any other step.
    pub fn not_offered_again(
        &self,
        then: &View,
        (home, step): (PrincipalId, &Step),
    ) -> Result<Vec<PrincipalId>, Error> {
        let Step::Create(name) = step else { return Ok(vec![]) };
        let old = then.service.models().collection(home, name)?;
        Ok(old.filter(|old| old.kind == CollectionKind::Calendar).map(|old| readers(&old)).unwrap_or_default())
    }

    /// Returns true if a step puts an attendee's copy back that is cancelled today and was not
    /// then: the organizer cancelled the meeting since, so the copy stays cancelled. False for an
    /// organizer's object: its meeting takes place again.
    pub fn stays_cancelled(&self, then: &View, (home, step): (PrincipalId, &Step)) -> Result<bool, Error> {
        let Step::Put(spot) = step else { return Ok(false) };
        let [Some(old), Some(new)] = [
            then.service.models().collection(home, &spot.collection)?,
            self.models().collection(home, &spot.collection)?,
        ] else {
            return Ok(false);
        };
        if old.kind.holds_anything() {
            return Ok(false);
        }
        let is_cancelled = |service: &Self, id| -> Result<bool, Error> {
            let found = service.models().member_with_body(id, &spot.name)?;
            let copy = found.filter(|(member, _)| member.role == Role::Attendee);
            let document = copy.and_then(|(_, ics)| Document::parse(ics).ok());
            Ok(document.is_some_and(|document| document.is_cancelled()))
        };
        Ok(is_cancelled(self, new.id)? && !is_cancelled(&then.service, old.id)?)
    }

    async fn put_back(&self, stamp: &Stamp, then: &View, home: PrincipalId, spot: &Spot) -> Result<(), Error> {
        let (old, _) = then.service.located(home, spot)?;
        let (_, place) = self.located(home, spot)?;
        let name = &spot.name;
        let known = then.service.models().member(old.id, name)?.ok_or(crate::Refusal::NotFound)?;
        // A resource that exists now keeps its present access control list and properties.
        let is_gone = self.models().member(place.collection, name)?.is_none();
        let attributes = if is_gone { of_member(known) } else { Attributes::default() };
        self.has_room_for_entries(home, attributes.acl.as_ref().map_or(0, Vec::len))?;
        self.put_text_back(stamp, then, home, (&old, place, attributes)).await
    }

    async fn put_text_back(
        &self,
        stamp: &Stamp,
        then: &View,
        home: PrincipalId,
        (old, place, attributes): (&Collection, Place, Attributes),
    ) -> Result<(), Error> {
        let (require, name) = (crate::Require::default(), &place.name.clone());
        if old.kind.holds_anything() {
            let (member, data) = then.service.models().file(old.id, name)?.ok_or(crate::Refusal::NotFound)?;
            let media_type = member.media_type.unwrap_or_default();
            let put = PutFile { home, place, media_type, data, require, frees: 0, attributes };
            return self.put_file(stamp, put).await.map(drop);
        }
        let (_, ics) = then.service.models().member_with_body(old.id, name)?.ok_or(crate::Refusal::NotFound)?;
        self.put(stamp, Put { home, place, ics, source: Source::Copy, require, attributes }).await.map(drop)
    }

    /// Returns the collection of a resource, and the place of the resource in it.
    fn located(&self, home: PrincipalId, spot: &Spot) -> Result<(Collection, Place), Error> {
        let collection = self.models().collection(home, &spot.collection)?.ok_or(crate::Refusal::NotFound)?;
        let place = Place { collection: collection.id, name: spot.name.clone() };
        Ok((collection, place))
    }
}

/// Returns the access control list and the dead properties that a resource had.
fn of_member(Member { acl, properties, .. }: Member) -> Attributes {
    Attributes { acl: (!acl.is_empty()).then_some(acl), set: properties, removed: vec![] }
}

/// Returns the collections that a restore concerns, parents first, and the other collections of the
/// home. `others`: the collections that the restore concerns at the earlier time; they are
/// concerned whatever their paths are now. Inboxes and outboxes are left out.
fn wanted(
    service: &Service,
    restore: &Restore,
    others: &[(CollectionId, String)],
) -> Result<(Vec<Collection>, Vec<Collection>), Error> {
    let all = service.models().home(restore.home)?;
    let root = all.iter().find(|collection| collection.name == restore.collection).cloned();
    let is_below =
        |collection: &Collection| restore.name.is_none() && root.as_ref().is_some_and(|root| root.is_above(collection));
    let is_meant = |collection: &Collection| {
        let is_root = root.as_ref().is_some_and(|root| root.id == collection.id);
        let is_other = others.iter().any(|(id, _)| *id == collection.id);
        is_root || is_other || is_below(collection)
    };
    let is_kept = |collection: &Collection| !matches!(collection.kind, CollectionKind::Inbox | CollectionKind::Outbox);
    let (meant, beside): (Vec<_>, Vec<_>) = all.iter().filter(|one| is_kept(one)).partition(|one| is_meant(one));
    Ok((meant.into_iter().cloned().collect(), beside.into_iter().cloned().collect()))
}

fn moment<'a>(service: &'a Service, meant: &[Collection], beside: &[Collection]) -> Moment<'a, Service> {
    Moment { home: service, collections: paths(meant), other_collections: paths(beside) }
}

fn paths(collections: &[Collection]) -> Paths {
    collections.iter().map(|collection| (collection.id, collection.name.clone())).collect()
}

impl Home for Service {
    type Error = Error;

    fn at(&self, collection: CollectionId, name: &str) -> Result<Option<Resource>, Error> {
        let Some(on) = self.models().collection_by_id(collection)? else { return Ok(None) };
        Ok(self.models().member(collection, name)?.map(|member| resource(&on, member)))
    }

    fn places(&self, object: ObjectId) -> Result<Vec<(CollectionId, String)>, Error> {
        let places = self.models().object_places(object)?;
        Ok(places.into_iter().map(|place| (place.collection, place.name)).collect())
    }
}

/// Reads the resources of the collections that a restore concerns (`meant`), and of the other
/// collections of the home (`beside`).
fn holding(service: &Service, meant: &[Collection], beside: &[Collection]) -> Result<Holding, Error> {
    Ok(Holding {
        collections: paths(meant),
        resources: members(service, meant)?,
        other_collections: paths(beside),
        other_resources: members(service, beside)?,
    })
}

/// Reads the resources of collections.
fn members(service: &Service, collections: &[Collection]) -> Result<Vec<Resource>, Error> {
    let mut resources = vec![];
    for collection in collections {
        let mut last: Option<String> = None;
        loop {
            let page = service.models().members(collection.id, last.as_deref(), PAGE)?;
            let is_last = page.len() < PAGE;
            last = page.last().map(|member| member.name.clone());
            resources.extend(page.into_iter().map(|member| resource(collection, member)));
            if is_last {
                break;
            }
        }
    }
    Ok(resources)
}

fn resource(on: &Collection, member: Member) -> Resource {
    let spot = Spot { collection: on.name.clone(), name: member.name };
    Resource { spot, object: member.object, etag: member.etag, is_file: on.kind.holds_anything() }
}
