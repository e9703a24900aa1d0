//! Restores a resource, a collection or a home to an earlier state.
//!
//! **Invariant:** history is never rewritten. A restore is a list of ordinary commands, decided by the current rules. They
//! send the same messages as commands of clients.

use projections::{Collection, SEPARATOR};
use schemas::{
    PrincipalId,
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
    /// Returns the commands of a restore without executing them. Inboxes and outboxes are not restored.
    pub fn plan_restore(&self, then: &View, restore: &Restore) -> Result<Vec<Step>, Error> {
        let (before, now) = (wanted(&then.service, restore)?, wanted(self, restore)?);
        let mut steps = vec![];
        for old in &before {
            let today = now.iter().find(|today| today.name == old.name);
            if today.is_none() {
                steps.push(Step::Create(old.name.clone()));
            }
            let known = today.map(|today| tags(self, today, restore)).transpose()?.unwrap_or_default();
            let wanted = tags(&then.service, old, restore)?;
            let is_same = |tag: &(String, String)| known.contains(tag);
            steps.extend(wanted.iter().filter(|tag| !is_same(tag)).map(|(name, _)| Step::Put(path(old, name))));
            let is_new = |name: &String| wanted.iter().all(|(old, _)| old != name);
            steps.extend(known.iter().filter(|(name, _)| is_new(name)).map(|(name, _)| Step::Delete(path(old, name))));
        }
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

/// Names and entity tags of the resources of a collection.
fn tags(service: &Service, collection: &Collection, restore: &Restore) -> Result<Vec<(String, String)>, Error> {
    let mut tags: Vec<(String, String)> = vec![];
    loop {
        let after = tags.last().map(|(name, _)| name.clone());
        let page = service.models().members(collection.id, after.as_deref(), PAGE)?;
        let is_last = page.len() < PAGE;
        tags.extend(page.into_iter().map(|member| (member.name, member.etag)));
        if is_last {
            break;
        }
    }
    tags.retain(|(name, _)| restore.name.as_ref().is_none_or(|wanted| wanted == name));
    Ok(tags)
}

fn path(collection: &Collection, name: &str) -> String {
    if collection.name.is_empty() { name.to_owned() } else { format!("{}{SEPARATOR}{name}", collection.name) }
}
