//! `COPY` and `MOVE` of one object or file: between calendars with what that means for meetings, to and from other
//! collections as a `PUT` with every rule of the new place and a `DELETE` here (RFC 6638 §3.2.3).

use dav::Condition;
use projections::{Collection, Member};
use schemas::{
    PrincipalId,
    collection::{CollectionKind, PropertyName},
    object::Place,
};
use service::{Error, Overwrite, Put, PutFile, Refusal, Require, Tags, Transfer, Written};

use super::{
    get, put,
    transfer::{Source, Target, remove},
};
use crate::{access, call::Call, no::No, node::Found, path::Path};

/// A resource and where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried<'a> {
    pub home: PrincipalId,
    pub collection: &'a Collection,
    pub member: &'a Member,
}

/// Its bytes, as they were when they were read.
struct Load {
    media_type: String,
    data: Vec<u8>,
    etag: String,
}

pub(super) async fn carry(
    call: &Call,
    from: Carried<'_>,
    to: &Path,
    target: &Target,
    source: Source,
    (overwrite, require): (Overwrite, Require),
) -> Result<Written, No> {
    let Path::Inside { name, .. } = to else {
        return Err(No::forbidden("the Destination is no member of a collection"));
    };
    let place = Place { collection: target.collection.id, name: name.clone() };
    if from.collection.kind.holds_anything() || target.collection.kind.holds_anything() {
        return stored_anew(call, from, place, target, source, (overwrite, require)).await;
    }
    let transfer = Transfer {
        home: from.home,
        from: Place { collection: from.collection.id, name: from.member.name.clone() },
        to_home: target.home,
        to: place,
        overwrite,
        require,
    };
    if source == Source::Stays {
        return Ok(call.service().copy(&call.stamp(target.home), transfer).await?);
    }
    let mut stamp = call.stamp(from.home);
    // Both homes may have something to tell.
    stamp.sending = stamp.sending.and(access::sending(call, target.home));
    Ok(call.service().relocate(&stamp, transfer).await?)
}

async fn stored_anew(
    call: &Call,
    from: Carried<'_>,
    place: Place,
    target: &Target,
    source: Source,
    (overwrite, conditions): (Overwrite, Require),
) -> Result<Written, No> {
    let load = read(call, from.collection, from.member)?;
    conditions.check_tags(Some(&load.etag), from.member.schedule_tag.as_deref()).map_err(Error::from)?;
    let require = match overwrite {
        Overwrite::Allowed => Require::default(),
        // RFC 4918 §10.6
        Overwrite::Forbidden => Require { if_none_match: Some(Tags::Any), ..Require::default() },
    };
    let etag = load.etag.clone();
    let goes_within = source == Source::Goes && from.home == target.home;
    let frees = if goes_within { load.data.len() } else { 0 };
    let written = store(call, target, place.clone(), load, (require, frees)).await.map_err(in_the_way)?;
    beside(call, from.member, target, place, source).await?;
    if source == Source::Goes {
        // What changed since it was read stays where it is.
        let require = Require { if_match: Some(Tags::Listed(vec![etag])), ..Require::default() };
        remove(call, from.home, from.collection, from.member.name.clone(), require).await?;
    }
    Ok(written)
}

/// The only condition that is put to the target is `Overwrite: F`.
fn in_the_way(no: No) -> No {
    match no {
        No::Service(Error::Refused(Refusal::Precondition { .. })) => No::from(Error::from(Refusal::Exists)),
        no => no,
    }
}

fn read(call: &Call, collection: &Collection, member: &Member) -> Result<Load, No> {
    if collection.kind.holds_anything() {
        let (file, data) = call.models().file(collection.id, &member.name)?.ok_or(No::NotFound)?;
        return Ok(Load { media_type: file.media_type.unwrap_or_default(), data, etag: file.etag });
    }
    let found = call.models().member_with_body(collection.id, &member.name)?;
    let (object, ics) = found.ok_or(No::NotFound)?;
    Ok(Load { media_type: get::CALENDAR.to_owned(), data: ics.into_bytes(), etag: object.etag })
}

async fn store(
    call: &Call,
    target: &Target,
    place: Place,
    load: Load,
    (require, frees): (Require, usize),
) -> Result<Written, No> {
    let (home, stamp) = (target.home, call.stamp(target.home));
    let Load { media_type, data, .. } = load;
    match target.collection.kind {
        CollectionKind::Plain | CollectionKind::Home => {
            let put = PutFile { home, place, media_type, data, require, frees };
            Ok(call.service().put_file(&stamp, put).await?)
        }
        CollectionKind::Calendar => {
            put::is_calendar(Some(&media_type))?;
            let ics = put::text(data)?;
            Ok(call.service().put_freeing(&stamp, Put { home, place, ics, require }, frees).await?)
        }
        CollectionKind::Inbox | CollectionKind::Outbox => {
            Err(No::unmet(Condition::SupportedCalendarData, "nothing can be stored here"))
        }
    }
}

/// What belongs to a resource beside its bytes: its properties take the place of those that were there (RFC 4918 §9.8.2),
/// and its list goes with it where it goes (RFC 3744 §7.3); a copy has the list of what is new (§7.4).
async fn beside(call: &Call, member: &Member, target: &Target, place: Place, source: Source) -> Result<(), No> {
    let replaced = match &target.replaced {
        Some(Found::Member { member, .. }) => Some(&**member),
        _ => None,
    };
    let set = member.properties.clone();
    let is_kept = |name: &PropertyName| set.iter().any(|new| new.name == *name);
    let known = replaced.into_iter().flat_map(|member| &member.properties).map(|property| &property.name);
    let removed: Vec<_> = known.filter(|name| !is_kept(name)).cloned().collect();
    let is_file = target.collection.kind.holds_anything();
    let (service, home) = (call.service(), target.home);
    if !set.is_empty() || !removed.is_empty() {
        let (stamp, place) = (call.stamp(home), place.clone());
        if is_file {
            service.change_file_properties(&stamp, home, place, set, removed).await?;
        } else {
            service.change_object_properties(&stamp, home, place, set, removed).await?;
        }
    }
    let entries = if source == Source::Goes { member.acl.clone() } else { vec![] };
    let has_entries = replaced.is_some_and(|member| !member.acl.is_empty());
    if (source == Source::Goes && has_entries) || !entries.is_empty() {
        let stamp = call.stamp(home);
        if is_file {
            service.change_file_acl(&stamp, home, place, entries).await?;
        } else {
            service.change_object_acl(&stamp, home, place, entries).await?;
        }
    }
    Ok(())
}
