//! Stores objects of a shared calendar for a sharee: the sharee's personal data is stored apart
//! from the owner's object (caldav-sharing §5.5.4).
//!
//! **Invariant:** the owner's object is stored first, because it may be refused. The entity tag
//! that the sharee sees covers the object and the personal data. Both are compared before either is
//! stored.

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

/// A `PUT` by a sharee into a shared calendar in their own home.
#[derive(Debug, Clone)]
pub struct PutShared {
    pub share: ShareId,
    pub sharee: PrincipalId,
    /// Stamp for storing the sharee's personal data.
    pub own: Stamp,
    /// True if the sharee may change the owner's object.
    pub may_change: bool,
    /// Number of bytes that the request then removes from the home of the owner. `None` unless the
    /// request is a COPY or MOVE.
    pub frees: Option<usize>,
}

/// The owner's object at a place, and the sharee's personal data for it.
struct Known {
    id: ObjectId,
    uid: String,
    object: Option<Arc<Object>>,
    data: Vec<PersonalData>,
    /// Suffix of the entity tag that the sharee sees; empty if the sharee never had personal data
    /// for the object.
    tag: String,
}

impl Known {
    fn resource(&self, place: &Place) -> Option<&Resource> {
        self.object.as_ref()?.at(place)
    }

    fn text(&self, place: &Place) -> Option<&str> {
        self.resource(place).map(|resource| resource.content.ics.as_str())
    }

    /// Checks the preconditions of a sharee's request. Returns them converted for the comparison
    /// with the owner's object.
    ///
    /// For a sharee who may not change the object, an earlier entity tag in `If-Match` is refused.
    /// For others it is accepted, and the attendees' answers since then are merged.
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
    /// Stores an object that a sharee sends. Personal data is stored apart. The rest is a `PUT` of
    /// the owner's object, unless it equals that object.
    ///
    /// Returns `None` if the object would change and the sharee may not change it.
    pub async fn put_shared(&self, stamp: &Stamp, put: Put, shared: PutShared) -> Result<Option<Written>, Error> {
        let _share = self.shares.lock(shared.share).await;
        self.fresh(Subject::Home(shared.sharee)).await?;
        // Locks the owner's home before the sharee's personal data is split from the object: the
        // split inserts the owner's present alarms, which must not change until the object is
        // stored.
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
        // The access control list and the dead properties are changed even if the text stays the
        // same.
        let is_given = shared.may_change && !put.attributes.is_empty();
        let changed = changed.or_else(|| known.text(&put.place).filter(|_| is_given).map(str::to_owned));
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

    /// Returns the preconditions of a sharee's request, converted for the comparison with the
    /// owner's object: a sharee's entity tags also cover their personal data.
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

    /// Checks that the sharee's quota has room for the personal data.
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

    /// Returns the description of the stored resource, as the sharee sees it. `sent`: the body of
    /// the request; `None` if the text is not the body unchanged.
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

/// Returns the command that stores `text`, the owner's part of the text `read`. A text without
/// personal data is stored as it was sent.
fn parted(put: Put, read: &str, text: String) -> Put {
    if text == read { put } else { Put { ics: text, source: Source::Parted, ..put } }
}

/// Returns the repair that records that a sharee's personal data was removed from a text.
pub(crate) fn kept_apart() -> Repair {
    Repair { kind: RepairKind::PersonalDataKeptApart, path: String::new() }
}

/// Removes the suffix for the sharee's personal data from entity tags. An entity tag without this
/// suffix is dropped, because it covers another state of the data.
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
