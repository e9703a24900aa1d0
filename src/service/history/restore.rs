//! Restores a resource, a collection or a home to an earlier state.
//!
//! **Invariant:** history is never rewritten. A restore is a list of ordinary commands, decided by the current rules. They
//! send the same messages as commands of clients.

use std::collections::BTreeSet;

use projections::{Collection, Member, SEPARATOR};
use schemas::{
    ObjectId, PrincipalId,
    collection::{CollectionCreated, CollectionKind},
    object::Place,
};

use super::View;
use crate::{
    Delete, Put, PutFile, ScheduleReply, Service, Source,
    clock::{Sending, Stamp},
    error::Error,
};

/// What to restore.
#[derive(Debug, Clone)]
pub struct Restore {
    /// The owner of the home.
    pub home: PrincipalId,
    /// Path of the collection below the home; empty: the home with everything in it.
    pub collection: String,
    /// The name of a resource in it; `None`: everything in the collection and below.
    pub name: Option<String>,
}

/// One command of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The collection is gone, and is created again.
    Create(String),
    /// The resource has another content, or is gone.
    Put(String),
    /// The resource came later.
    Delete(String),
}

impl Step {
    /// Returns the path below the home.
    pub fn path(&self) -> &str {
        match self {
            Self::Create(path) | Self::Put(path) | Self::Delete(path) => path,
        }
    }
}

/// Whether a restore sends scheduling messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Sends messages, as after a change by a client.
    Tell,
    /// Refuses each command that would send a message.
    Silently,
}

/// Members read at a time.
const PAGE: usize = 500;

impl Service {
    /// Returns the commands of a restore without executing them. Inboxes and outboxes are not restored. A collection that was
    /// created later is emptied and stays. An object that was moved stays where it is: a home has no two objects with one UID,
    /// so it cannot be stored at its old place, and it is not deleted at the new one.
    pub fn plan_restore(&self, then: &View, restore: &Restore) -> Result<Vec<Step>, Error> {
        let (before, now) = (wanted(&then.service, restore)?, wanted(self, restore)?);
        let (mut steps, mut put, mut deleted) = (vec![], vec![], vec![]);
        for old in &before {
            let today = now.iter().find(|today| today.name == old.name);
            if today.is_none() {
                steps.push(Step::Create(old.name.clone()));
            }
            let known = today.map(|today| standing(self, today, restore)).transpose()?.unwrap_or_default();
            let wanted = standing(&then.service, old, restore)?;
            let is_new = |one: &&Standing| wanted.iter().all(|old| old.name != one.name);
            deleted.extend(known.iter().filter(is_new).map(|one| (one.object, path(old, &one.name))));
            put.extend(wanted.iter().filter(|one| !known.contains(one)).map(|one| (one.object, path(old, &one.name))));
        }
        for later in now.iter().filter(|today| before.iter().all(|old| old.name != today.name)) {
            let standing = standing(self, later, restore)?;
            deleted.extend(standing.iter().map(|one| (one.object, path(later, &one.name))));
        }
        let moved: BTreeSet<ObjectId> = put.iter().map(|(object, _)| *object).collect();
        deleted.retain(|(object, _)| !moved.contains(object));
        steps.extend(put.into_iter().map(|(_, path)| Step::Put(path)));
        steps.extend(deleted.into_iter().map(|(_, path)| Step::Delete(path)));
        Ok(steps)
    }

    /// Executes one step of a restore.
    pub async fn restore(
        &self,
        stamp: &Stamp,
        then: &View,
        (home, step): (PrincipalId, &Step),
        telling: Telling,
    ) -> Result<(), Error> {
        let mut stamp = stamp.next(step.path());
        let mut reply = ScheduleReply::Send;
        if telling == Telling::Silently {
            stamp.sending = Sending { invitations: false, replies: false };
            reply = ScheduleReply::Suppress;
        }
        match step {
            Step::Create(name) => self.create_again(&stamp, then, home, name).await,
            Step::Delete(path) => {
                let (collection, name) = self.located(home, path)?;
                let place = Place { collection: collection.id, name };
                let require = crate::Require::default();
                if collection.kind.holds_anything() {
                    return self.delete_file(&stamp, home, place, require).await;
                }
                self.delete(&stamp, Delete { home, place, require, reply }).await
            }
            Step::Put(path) => self.put_back(&stamp, then, home, path).await,
        }
    }

    async fn create_again(&self, stamp: &Stamp, then: &View, home: PrincipalId, name: &str) -> Result<(), Error> {
        let old = then.service.models().collection(home, name)?.ok_or(crate::Refusal::NotFound)?;
        let Collection { kind, components, properties, settings, .. } = old;
        let created = CollectionCreated { home, name: name.to_owned(), kind, components, properties, settings };
        self.create_collection(stamp, created).await.map(drop)
    }

    async fn put_back(&self, stamp: &Stamp, then: &View, home: PrincipalId, path: &str) -> Result<(), Error> {
        let (old, name) = then.service.located(home, path)?;
        let (today, _) = self.located(home, path)?;
        let place = Place { collection: today.id, name: name.clone() };
        let require = crate::Require::default();
        if old.kind.holds_anything() {
            let (member, data) = then.service.models().file(old.id, &name)?.ok_or(crate::Refusal::NotFound)?;
            let media_type = member.media_type.unwrap_or_default();
            let put = PutFile { home, place, media_type, data, require, frees: 0 };
            return self.put_file(stamp, put).await.map(drop);
        }
        let (_, ics) = then.service.models().member_with_body(old.id, &name)?.ok_or(crate::Refusal::NotFound)?;
        self.put(stamp, Put { home, place, ics, source: Source::Copy, require }).await.map(drop)
    }

    /// Returns the parent collection of a path below the home, and the last segment.
    fn located(&self, home: PrincipalId, path: &str) -> Result<(Collection, String), Error> {
        let (within, name) = path.rsplit_once(SEPARATOR).unwrap_or(("", path));
        let collection = self.models().collection(home, within)?.ok_or(crate::Refusal::NotFound)?;
        Ok((collection, name.to_owned()))
    }
}

/// The collections that a restore concerns, those above first.
fn wanted(service: &Service, restore: &Restore) -> Result<Vec<Collection>, Error> {
    let all = service.models().home(restore.home)?;
    let root = all.iter().find(|collection| collection.name == restore.collection).cloned();
    let Some(root) = root else { return Ok(vec![]) };
    let is_meant = |collection: &Collection| {
        let is_below = restore.name.is_none() && root.is_above(collection);
        (collection.id == root.id || is_below)
            && !matches!(collection.kind, CollectionKind::Inbox | CollectionKind::Outbox)
    };
    Ok(all.into_iter().filter(is_meant).collect())
}

/// A resource at its place.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    object: ObjectId,
    name: String,
    etag: String,
}

/// Returns the resources of a collection that a restore concerns.
fn standing(service: &Service, collection: &Collection, restore: &Restore) -> Result<Vec<Standing>, Error> {
    let mut all: Vec<Standing> = vec![];
    loop {
        let after = all.last().map(|one| one.name.clone());
        let page = service.models().members(collection.id, after.as_deref(), PAGE)?;
        let is_last = page.len() < PAGE;
        all.extend(page.into_iter().map(|Member { object, name, etag, .. }| Standing { object, name, etag }));
        if is_last {
            break;
        }
    }
    all.retain(|one| restore.name.as_ref().is_none_or(|wanted| *wanted == one.name));
    Ok(all)
}

fn path(collection: &Collection, name: &str) -> String {
    if collection.name.is_empty() { name.to_owned() } else { format!("{}{SEPARATOR}{name}", collection.name) }
}
