//! Objects of a shared calendar as a sharee stores them: their own data apart from the owner's
//! object (caldav-sharing §5.5.4).
//!
//! **Invariant:** the object of the owner is stored first, as that may be refused. The entity tag
//! that the sharee sees names both, and both are compared before either is stored.

use std::sync::Arc;

use calendar::{
    Refusal, Require, Tags,
    object::{Object, Resource, SameMeeting},
    share::{
        Command,
        personal::{self, Split},
    },
};
use ical::repair::{Repair, RepairKind};
use projections::Viewed;
use schemas::{
    ObjectId, PrincipalId, ShareId,
    object::Place,
    share::{PersonalData, SharePersonalDataChanged},
};

use crate::{
    Service,
    clock::Stamp,
    error::Error,
    freshness::Subject,
    objects::{Put, Read, Source, Written, uid},
};

/// A `PUT` into a calendar of somebody else, in the home of a sharee.
#[derive(Debug, Clone)]
pub struct PutShared {
    pub share: ShareId,
    pub sharee: PrincipalId,
    /// The stamp of what is the sharee's own.
    pub own: Stamp,
    /// Whether they may change the object.
    pub may_change: bool,
    /// Bytes that the request then removes from the home of the owner; `None` unless it copies or
    /// moves.
    pub frees: Option<usize>,
}

/// The object at a place, and what the sharee keeps of their own for it.
struct Known {
    id: ObjectId,
    uid: String,
    object: Option<Arc<Object>>,
    data: Vec<PersonalData>,
    /// The end of the entity tag that the sharee sees; empty if they never kept any data.
    tag: String,
}

impl Known {
    fn resource(&self, place: &Place) -> Option<&Resource> {
        self.object.as_ref()?.at(place)
    }

    fn text(&self, place: &Place) -> Option<&str> {
        self.resource(place).map(|resource| resource.content.ics.as_str())
    }

    /// Checks the conditions of a request, and returns them as they are compared with the owner's
    /// object.
    ///
    /// A sharee who may not change the object needs its current tag, as nothing is merged for them.
    fn conditions(&self, put: &Put, may_change: bool) -> Result<Require, Refusal> {
        let require = as_of_owner(put.require.clone(), &self.tag);
        let resource = self.resource(&put.place);
        if may_change {
            require.check(resource)?;
        } else {
            let content = resource.map(|resource| &resource.content);
            let schedule_tag = content.and_then(|content| content.schedule_tag.as_deref());
            require.check_tags(content.map(|content| content.etag.as_str()), schedule_tag)?;
        }
        Ok(require)
    }
}

impl Service {
    /// Stores an object as a sharee sends it: what is personal is kept apart, the rest is a `PUT`
    /// of the owner's object unless it equals that.
    ///
    /// Returns `None` if the object would change and the sharee may not change it.
    pub async fn put_shared(&self, stamp: &Stamp, put: Put, shared: PutShared) -> Result<Option<Written>, Error> {
        let _share = self.shares.lock(shared.share).await;
        self.fresh(Subject::Home(shared.sharee)).await?;
        // The owner's alarms are put back as they are now.
        let home = self.lock_home(put.home).await?;
        let read = Read::of(&put.ics, &put.source, stamp.metadata.at, self.limits())?;
        let known = self.known_to_sharee(&put, uid(&read.document), shared.share).await?;
        let require = known.conditions(&put, shared.may_change)?;
        let Split { data, changed } = personal::split(known.text(&put.place), &known.data, &read.document)?;
        if changed.is_some() && !shared.may_change {
            return Ok(None);
        }
        self.has_room_for_personal_data(shared.sharee, &known.data, &data)?;
        let (place, sent) = (put.place.clone(), matches!(put.source, Source::Body).then(|| put.ics.clone()));
        let mut created = false;
        if let Some(text) = changed {
            let put = parted(Put { require, ..put }, read.document.as_str(), text);
            let (frees, same_meeting) =
                shared.frees.map_or((0, SameMeeting::Moves), |frees| (frees, SameMeeting::Conflicts));
            created = self.put_locked(stamp, put, frees, same_meeting).await?.created;
        }
        drop(home);
        if data != known.data {
            let Known { id: object, uid, .. } = known;
            let changed = SharePersonalDataChanged { object, place: place.clone(), uid, data };
            self.keep(&shared, changed).await?;
        }
        self.as_seen(&place, (shared.share, created), sent).map(Some)
    }

    /// Returns the conditions of a request as they are compared with the owner's object: a sharee's
    /// entity tags also name their own data.
    pub fn as_of_owner(&self, place: &Place, share: ShareId, require: Require) -> Result<Require, Error> {
        let Some(object) = self.object_at(place)? else { return Ok(require) };
        let kept = self.models.personal_data(place.collection, object, share)?;
        Ok(as_of_owner(require, kept.as_ref().map_or("", |(_, tag)| tag)))
    }

    async fn known_to_sharee(&self, put: &Put, uid: String, share: ShareId) -> Result<Known, Error> {
        let id = ObjectId::derive(put.home, &uid);
        if self.object_at(&put.place)? != Some(id) {
            return Ok(Known { id, uid, object: None, data: vec![], tag: String::new() });
        }
        let object = Some(self.store.load::<Object>(id).await?.state);
        let kept = self.models.personal_data(put.place.collection, id, share)?;
        let (data, tag) = kept.unwrap_or_default();
        Ok(Known { id, uid, object, data, tag })
    }

    async fn keep(&self, shared: &PutShared, changed: SharePersonalDataChanged) -> Result<(), Error> {
        let _home = self.lock_home(shared.sharee).await?;
        let stamp = shared.own.next("personal-data").dated_now();
        let command = Command::KeepPersonalData(changed);
        self.execute_share(&stamp, shared.sharee, shared.share, &command).await.map(drop)
    }

    /// Checks that the data fits into the quota of the sharee.
    fn has_room_for_personal_data(
        &self,
        sharee: PrincipalId,
        known: &[PersonalData],
        data: &[PersonalData],
    ) -> Result<(), Error> {
        let Some(limit_bytes) = self.quota(sharee) else { return Ok(()) };
        let bytes = |data: &[PersonalData]| data.iter().map(personal::bytes).sum::<usize>();
        let grown = bytes(data).saturating_sub(bytes(known)) as u64;
        if grown > limit_bytes.saturating_sub(self.models.size(sharee, "")?) {
            return Err(Refusal::QuotaExceeded { limit_bytes }.into());
        }
        Ok(())
    }

    /// Returns what was written, as the sharee sees it.
    fn as_seen(
        &self,
        place: &Place,
        (share, created): (ShareId, bool),
        sent: Option<String>,
    ) -> Result<Written, Error> {
        let seen = self.models.member_with_body(Viewed::by_sharee(place.collection, share), &place.name)?;
        let (member, body) = seen.ok_or(Refusal::NotFound)?;
        let as_sent = sent.is_some_and(|sent| sent == body);
        Ok(Written { created, etag: member.etag, schedule_tag: member.schedule_tag, as_sent })
    }
}

/// Returns the command that stores the owner's part of a text. A text without personal data is
/// stored as it was sent.
fn parted(put: Put, read: &str, text: String) -> Put {
    if text == read { put } else { Put { ics: text, source: Source::Parted, ..put } }
}

/// The edit that is recorded where a sharee's own data was taken out.
pub(crate) fn kept_apart() -> Repair {
    Repair { kind: RepairKind::PersonalDataKeptApart, path: String::new() }
}

/// Takes the end off the entity tags that name the data of the sharee. A tag that names another
/// state of it matches nothing.
fn as_of_owner(require: Require, tag: &str) -> Require {
    let tags = |tags: Option<Tags>| match tags {
        Some(Tags::Listed(tags)) => {
            Some(Tags::Listed(tags.iter().filter_map(|etag| etag.strip_suffix(tag)).map(str::to_owned).collect()))
        }
        other => other,
    };
    Require { if_match: tags(require.if_match), if_none_match: tags(require.if_none_match), ..require }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_a_sharee_is_compared_without_its_end() {
        let listed = |tags: &[&str]| Tags::Listed(tags.iter().map(ToString::to_string).collect());
        let rows = [
            ("no data", "", listed(&["e1", "e1-7"]), listed(&["e1", "e1-7"])),
            ("the current data", "-7", listed(&["e1-7"]), listed(&["e1"])),
            ("an earlier object", "-7", listed(&["e0-7"]), listed(&["e0"])),
            ("earlier data", "-7", listed(&["e1-6", "e1"]), listed(&[])),
            ("any", "-7", Tags::Any, Tags::Any),
        ];
        for (title, tag, sent, expected) in rows {
            let require = Require { if_match: Some(sent), ..Require::default() };
            assert_eq!(as_of_owner(require, tag).if_match, Some(expected), "{title}");
        }
    }
}
