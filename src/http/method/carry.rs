//! `COPY` and `MOVE` between calendars and plain collections: what arrives is stored as by a `PUT` with every rule of
//! its new place, and what leaves is removed as by a `DELETE` (RFC 6638 §3.2.3).

use actix_web::HttpResponse;
use dav::Condition;
use projections::{Collection, Member};
use schemas::{PrincipalId, collection::CollectionKind, object::Place};
use service::{Delete, Error, Overwrite, Put, PutFile, Refusal, Require, ScheduleReply, Tags, Written};

use super::{file, get, put, transfer};
use crate::{call::Call, header, no::No, path::Path};

/// Whether the source stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Stays,
    Goes,
}

/// What is carried, as it was when it was read.
struct Load {
    media_type: String,
    data: Vec<u8>,
    etag: String,
}

pub(super) async fn carry(
    call: &Call,
    from: (PrincipalId, &Collection, &Member),
    to: &Path,
    (target_home, target): (PrincipalId, &Collection),
    source: Source,
) -> Result<HttpResponse, No> {
    let Path::Object { name, .. } = to else {
        return Err(No::forbidden("the Destination is no member of a collection"));
    };
    let (home, collection, member) = from;
    let load = read(call, collection, member)?;
    let conditions = header::require(call.headers())?;
    conditions.check_tags(Some(&load.etag), member.schedule_tag.as_deref()).map_err(Error::from)?;
    let require = match header::overwrite(call.headers())? {
        Overwrite::Allowed => Require::default(),
        // RFC 4918 §10.6
        Overwrite::Forbidden => Require { if_none_match: Some(Tags::Any), ..Require::default() },
    };
    let etag = load.etag.clone();
    let place = Place { collection: target.id, name: name.clone() };
    let written = store(call, target_home, target.kind, place, load, require).await.map_err(in_the_way)?;
    if source == Source::Goes {
        // What changed since it was read stays where it is.
        let require = Require { if_match: Some(Tags::Listed(vec![etag])), ..Require::default() };
        remove(call, home, collection, member.name.clone(), require).await?;
    }
    Ok(transfer::done(&written, to))
}

/// The only condition that is put to the target is `Overwrite: F`.
fn in_the_way(no: No) -> No {
    match no {
        No::Service(Error::Refused(Refusal::Precondition { .. })) => No::from(Error::from(Refusal::Exists)),
        no => no,
    }
}

fn read(call: &Call, collection: &Collection, member: &Member) -> Result<Load, No> {
    if collection.kind == CollectionKind::Plain {
        let (file, data) = call.models().file(collection.id, &member.name)?.ok_or(No::NotFound)?;
        return Ok(Load { media_type: file.media_type.unwrap_or_default(), data, etag: file.etag });
    }
    let found = call.models().member_with_body(collection.id, &member.name)?;
    let (object, ics) = found.ok_or(No::NotFound)?;
    Ok(Load { media_type: get::CALENDAR.to_owned(), data: ics.into_bytes(), etag: object.etag })
}

async fn store(
    call: &Call,
    home: PrincipalId,
    kind: CollectionKind,
    place: Place,
    load: Load,
    require: Require,
) -> Result<Written, No> {
    let stamp = call.stamp(home);
    let Load { media_type, data, .. } = load;
    match kind {
        CollectionKind::Plain => {
            Ok(call.service().put_file(&stamp, PutFile { home, place, media_type, data, require }).await?)
        }
        CollectionKind::Calendar => {
            put::is_calendar(Some(&media_type))?;
            let ics = put::text(data)?;
            Ok(call.service().put(&stamp, Put { home, place, ics, require }).await?)
        }
        CollectionKind::Home | CollectionKind::Inbox | CollectionKind::Outbox => {
            Err(No::unmet(Condition::SupportedCalendarData, "nothing can be stored here"))
        }
    }
}

async fn remove(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    name: String,
    require: Require,
) -> Result<(), No> {
    if collection.kind == CollectionKind::Plain {
        return file::remove(call, home, collection, name, require).await;
    }
    let place = Place { collection: collection.id, name };
    let delete = Delete { home, place, require, reply: ScheduleReply::Send };
    Ok(call.service().delete(&call.stamp(home), delete).await?)
}
