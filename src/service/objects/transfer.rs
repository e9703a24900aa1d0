//! Copies and moves calendar objects.

use calendar::{
    Refusal, Require,
    object::{Command, Object, Overwrite, Relocate, Remove, SameMeeting},
};
use itip::ScheduleReply;
use schemas::{PrincipalId, access::AccessControlEntry, object::Place};

use super::{Delete, Put, Source, Written, name_holder, written};
use crate::{Service, attributes::Attributes, clock::Stamp, error::Error};

/// A `COPY` or a `MOVE` of a calendar object.
#[derive(Debug, Clone)]
pub struct Transfer {
    pub home: PrincipalId,
    pub from: Place,
    pub to_home: PrincipalId,
    pub to: Place,
    pub overwrite: Overwrite,
    pub require: Require,
    /// Choice of whether the organizer is notified that an attendee's copy is removed from the home
    /// (RFC 6638 §8.1).
    pub reply: ScheduleReply,
}

impl Service {
    /// Moves an object (`MOVE`). Within a home the object keeps its id. A move to another home
    /// stores the object in that home and removes it from this one.
    pub async fn relocate(&self, stamp: &Stamp, transfer: Transfer) -> Result<Written, Error> {
        if transfer.home != transfer.to_home {
            return self.move_to_other_home(stamp, transfer).await;
        }
        let _home = self.lock_home(transfer.home).await?;
        let id = self.object_at(&transfer.from)?.ok_or(Refusal::NotFound)?;
        let Transfer { home, from, to, overwrite, require, .. } = transfer;
        let components = self.accepted(home, &to)?;
        let name_holder = name_holder(self.object_at(&to)?, id);
        let relocate = Relocate { from, to, overwrite, require, components, name_holder };
        let meeting = self.lock_meeting_of(id, home).await?;
        let stamp = &stamp.dated_now();
        let executed = self.execute_object(stamp, home, id, &Command::Relocate(&relocate)).await?;
        let created = executed.before.at(&relocate.to).is_none();
        let content = executed.after.at(&relocate.to).map(|resource| resource.content.clone());
        self.finish(stamp, &executed, meeting).await?;
        let content = content.ok_or(Refusal::NotFound)?;
        Ok(written(&content, created, &content.ics))
    }

    /// Moves an object to another home. Before the object is stored in that home, its removal from
    /// this one is decided on trial: if that is refused, nothing is stored.
    async fn move_to_other_home(&self, stamp: &Stamp, transfer: Transfer) -> Result<Written, Error> {
        let Transfer { home, from, require, reply, to_home, .. } = transfer.clone();
        let id = self.object_at(&from)?.ok_or(Refusal::NotFound)?;
        let leaving = self.store.load::<Object>(id).await?;
        let remove = Remove { place: from.clone(), require: require.clone(), reply };
        self.decide_object(stamp, home, &Command::Remove(&remove), &leaving.state)?;
        // RFC 3744 §7.3: MOVE keeps the access control list.
        let acl = leaving.state.at(&from).map(|resource| resource.entries.clone());
        let written = self.copy_with(&stamp.in_home(to_home), transfer, acl).await?;
        self.delete(stamp, Delete { home, place: from, require, reply }).await?;
        Ok(written)
    }

    /// Copies an object with its dead properties (`COPY`). The rules of `PUT` apply.
    pub async fn copy(&self, stamp: &Stamp, transfer: Transfer) -> Result<Written, Error> {
        self.copy_with(stamp, transfer, None).await
    }

    async fn copy_with(
        &self,
        stamp: &Stamp,
        transfer: Transfer,
        acl: Option<Vec<AccessControlEntry>>,
    ) -> Result<Written, Error> {
        let Transfer { from, to_home: home, to: place, overwrite, require, .. } = transfer;
        let id = self.object_at(&from)?.ok_or(Refusal::NotFound)?;
        let source = self.store.load::<Object>(id).await?;
        let source = source.state.at(&from).ok_or(Refusal::NotFound)?;
        require.check(Some(source))?;
        let _home = self.lock_home(home).await?;
        let replaced = self.models.member(place.collection, &place.name)?;
        if overwrite == Overwrite::Forbidden && replaced.is_some() {
            return Err(Refusal::Exists.into());
        }
        let (ics, require) = (source.content.ics.clone(), Require::default());
        // RFC 4918 §9.8.2: the dead properties of the source replace those of the resource that was
        // there.
        let set = source.properties.clone();
        let removed: Vec<_> = replaced.into_iter().flat_map(|member| member.properties).map(|old| old.name).collect();
        let removed = removed.into_iter().filter(|name| set.iter().all(|new| new.name != *name)).collect();
        let attributes = Attributes { acl, set, removed };
        let put = Put { home, place, ics, source: Source::Copy, require, attributes };
        self.put_locked(stamp, put, 0, SameMeeting::Conflicts).await
    }
}
