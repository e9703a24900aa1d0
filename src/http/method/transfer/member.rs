//! `COPY` and `MOVE` of one calendar object or file.
//!
//! From calendar to calendar, and within one, `service` copies or moves the object, and sends its
//! scheduling messages. If the source or the destination lies directly in a home, in a plain
//! collection, or in a calendar at its path in a sharee's home (except for a `MOVE` within that
//! calendar), the transfer is instead a `PUT` at the destination, under all its rules, and for
//! `MOVE` a `DELETE` of the source (RFC 6638 §3.2.3).

use dav::Condition;
use projections::{Collection, Member};
use schemas::{
    PrincipalId,
    collection::{CollectionKind, PropertyName},
    object::Place,
};
use service::{Attributes, Error, Overwrite, Put, PutFile, Require, Source, Tags, Transfer, Written};

use super::super::{put, sharee};
use super::target::{Operation, Target, remove};
use crate::{
    call::Call,
    refusal::Refusal,
    resource::{Path, Resource, representation},
};

/// The member to copy or move, and the collection that contains it.
#[derive(Debug, Clone, Copy)]
pub(super) struct MemberSource<'a> {
    pub home: PrincipalId,
    pub collection: &'a Collection,
    pub member: &'a Member,
}

/// The content of the source, and the entity tag that it had when it was read.
struct Content {
    media_type: String,
    data: Vec<u8>,
    etag: String,
}

pub(super) async fn copy_member(
    call: &Call,
    from: MemberSource<'_>,
    to: &Path,
    target: &Target,
    operation: Operation,
    (overwrite, require): (Overwrite, Require),
) -> Result<Written, Refusal> {
    let Path::Inside { name, .. } = to else {
        return Err(Refusal::forbidden("the Destination must be a member of a collection"));
    };
    let place = Place { collection: target.collection.id, name: name.clone() };
    // If an object moves within one calendar, the personal data of sharees stays with the object.
    let is_within = operation == Operation::Move && from.collection.id == target.collection.id;
    let is_shared = from.collection.shared_as.is_some() || target.collection.shared_as.is_some();
    let holds_anything = from.collection.kind.holds_anything() || target.collection.kind.holds_anything();
    if holds_anything || (is_shared && !is_within) {
        return store_as_new(call, from, place, target, operation, (overwrite, require)).await;
    }
    let transfer = Transfer {
        home: from.home,
        from: Place { collection: from.collection.id, name: from.member.name.clone() },
        to_home: target.home,
        to: place,
        overwrite,
        require,
        reply: target.reply,
    };
    if operation == Operation::Copy {
        let stamp = call.stamp(target.home);
        return Ok(call.command(None, move |service| async move { service.copy(&stamp, transfer).await }).await?);
    }
    let mut stamp = call.stamp(from.home);
    // A MOVE can send scheduling messages in the names of both homes' owners, so the caller needs
    // the privileges for both.
    stamp.sending = stamp.sending.and(call.access().sending(target.home));
    Ok(call.command(None, move |service| async move { service.relocate(&stamp, transfer).await }).await?)
}

async fn store_as_new(
    call: &Call,
    from: MemberSource<'_>,
    place: Place,
    target: &Target,
    operation: Operation,
    (overwrite, conditions): (Overwrite, Require),
) -> Result<Written, Refusal> {
    let content = read(call, from.collection, from.member)?;
    // For an object of a shared calendar, the conditions were already checked against the sharee's
    // view.
    if from.collection.shared_as.is_none() {
        conditions.check_tags(Some(&content.etag), from.member.schedule_tag.as_deref()).map_err(Error::from)?;
    }
    let require = match overwrite {
        Overwrite::Allowed => Require::default(),
        // RFC 4918 §10.6: with `Overwrite: F`, the destination must not exist.
        Overwrite::Forbidden => Require { if_none_match: Some(Tags::Any), ..Require::default() },
    };
    let etag = content.etag.clone();
    let stays_in_home = operation == Operation::Move && from.home == target.home;
    let frees = if stays_in_home { content.data.len() } else { 0 };
    let attributes = attributes(from.member, target, operation);
    let written = store(call, target, place, content, (require, frees, attributes)).await?;
    if operation == Operation::Move {
        // If the source has changed since it was read, it is not removed.
        let require = Require { if_match: Some(Tags::Listed(vec![etag])), ..Require::default() };
        remove(call, from.home, from.collection, from.member.name.clone(), (require, target.reply)).await?;
    }
    Ok(written)
}

/// Returns the refusal for a write to the target. `Overwrite: F` is its only condition, so a false
/// precondition means that the target exists.
fn refused_by_target(error: Error) -> Refusal {
    match error {
        Error::Refused(service::Refusal::Precondition { .. }) => service::Refusal::Exists.into(),
        error => error.into(),
    }
}

fn read(call: &Call, collection: &Collection, member: &Member) -> Result<Content, Refusal> {
    if collection.kind.holds_anything() {
        let (file, data) = call.models().file(collection.id, &member.name)?.ok_or(Refusal::NotFound)?;
        return Ok(Content { media_type: file.media_type.unwrap_or_default(), data, etag: file.etag });
    }
    let found = call.models().member_with_body(collection, &member.name)?;
    let (object, ics) = found.ok_or(Refusal::NotFound)?;
    Ok(Content { media_type: representation::CALENDAR.to_owned(), data: ics.into_bytes(), etag: object.etag })
}

async fn store(
    call: &Call,
    target: &Target,
    place: Place,
    content: Content,
    (require, frees, attributes): (Require, usize, Attributes),
) -> Result<Written, Refusal> {
    let (home, stamp) = (target.home, call.stamp(target.home));
    let Content { media_type, data, .. } = content;
    match target.collection.kind {
        CollectionKind::Plain | CollectionKind::Home => {
            let put = PutFile { home, place, media_type, data, require, frees, attributes };
            call.service().put_file(&stamp, put).await.map_err(refused_by_target)
        }
        CollectionKind::Calendar => {
            put::is_calendar(Some(&media_type))?;
            // The source must be text: a calendar object, or a file that becomes a calendar object.
            let (ics, _) = put::text(data)?;
            let put = Put { home, place, ics, source: Source::Copy, require, attributes };
            let may = sharee::MayChange { object: true, frees: Some(frees) };
            let stored = sharee::store(call, &target.collection, put, may).await.map_err(refused_by_target)?;
            stored.ok_or(Refusal::NotFound)
        }
        CollectionKind::Inbox | CollectionKind::Outbox => Err(Refusal::condition(
            Condition::SupportedCalendarData,
            "clients cannot store resources in an inbox or outbox",
        )),
    }
}

/// Returns the dead properties of the source, which replace those of an overwritten resource (RFC
/// 4918 §9.8.2), and the access control list.
///
/// MOVE keeps the ACL (RFC 3744 §7.3). After COPY, the ACL is as after a `PUT` (§7.4): none for a
/// new resource, unchanged for an overwritten one.
fn attributes(member: &Member, target: &Target, operation: Operation) -> Attributes {
    let replaced = match &target.replaced {
        Some(Resource::Member { member, .. }) => Some(&**member),
        _ => None,
    };
    let set = member.properties.clone();
    let is_replaced = |name: &PropertyName| set.iter().any(|new| new.name == *name);
    let known = replaced.into_iter().flat_map(|member| &member.properties).map(|property| &property.name);
    let removed: Vec<_> = known.filter(|name| !is_replaced(name)).cloned().collect();
    let acl = (operation == Operation::Move).then(|| member.acl.clone());
    Attributes { acl, set, removed }
}
