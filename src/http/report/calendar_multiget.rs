//! `CALDAV:calendar-multiget` (RFC 4791 §7.9): returns the calendar objects at given hrefs.

use std::collections::{HashMap, HashSet};

use actix_web::HttpResponse;
use dav::{Privilege, Status, request::CalendarMultiget};
use projections::SEPARATOR;

use crate::{
    answer::{CollectionView, Listing, stream},
    call::Call,
    reader::Reader,
    refusal::Refusal,
    resource::{AS_REQUESTED, Path, Resource},
    response,
};

/// Maximum number of hrefs in one request.
const MAX_HREFS: usize = 20_000;

/// An href of the request, and the member that it names: the index of its collection in the list of
/// views, and the member's name. `place` is `None` if the href names no member.
struct RequestedHref {
    href: String,
    place: Option<(usize, String)>,
}

/// The resource that an href names, to detect that a request names it twice.
#[derive(PartialEq, Eq, Hash)]
enum Named {
    Member((usize, String)),
    Href(String),
}

pub(super) async fn answer(call: &Call, multiget: CalendarMultiget) -> Result<HttpResponse, Refusal> {
    if multiget.hrefs.len() > MAX_HREFS {
        return Err(Refusal::forbidden(
            "the request has more hrefs than max-multiget-hrefs allows, 20000; send several requests",
        ));
    }
    let (reader, hrefs) = (call.reader(), multiget.hrefs);
    let listing = Listing::of(call, multiget.wanted)?;
    stream::answer(call, response::multistatus(), move |chunks| {
        let (views, requested) = places(&reader, hrefs)?;
        let snapshot = listing.snapshot()?;
        let mut writing = listing.begin();
        let is_past = reader.when.is_some();
        for RequestedHref { href, place } in &requested {
            let view = place.as_ref().and_then(|(view, name)| Some((views.get(*view)?, name)));
            let found = match view {
                None => None,
                Some((view, name)) if writing.wants_bodies() => {
                    let found = snapshot.member_with_body(&view.collection, name)?;
                    found.map(|(member, body)| (view, member, Some(body)))
                }
                Some((view, name)) => snapshot.member(&view.collection, name)?.map(|member| (view, member, None)),
            };
            match found {
                Some((view, member, body)) if writing.shows(view, &member) => {
                    writing.member(view, &member, body.as_deref());
                }
                // A member that the caller may not read is reported as missing.
                Some(_) | None if is_past => writing.out.status(&format!("{AS_REQUESTED}{href}"), Status::NOT_FOUND),
                Some(_) | None => writing.out.status(href, Status::NOT_FOUND),
            }
            writing.flush(chunks)?;
        }
        Ok(writing.out.finish())
    })
    .await
}

/// Finds the collection and the member that each href names. An href matches no member if it lies
/// outside the requested resource, or in a collection that the caller may not read.
fn places(reader: &Reader, hrefs: Vec<String>) -> Result<(Vec<CollectionView>, Vec<RequestedHref>), Refusal> {
    let mut views = Vec::new();
    let mut known: HashMap<(String, String), Option<usize>> = HashMap::new();
    let mut requested = Vec::with_capacity(hrefs.len());
    let mut seen = HashSet::new();
    for href in hrefs {
        // RFC 4791 §7.9: an href must name the requested resource or a resource inside it.
        let path = Path::of_href_in(reader.when.as_deref(), &href);
        let place = match path.filter(|path| *path == reader.path || path.is_below(&reader.path)) {
            Some(Path::Inside { owner, within, name }) => place(reader, &mut views, &mut known, &owner, within, name)?,
            _ => None,
        };
        // If hrefs name the same member, in any spelling, the response contains the member once.
        // Therefore repeated hrefs of a member do not make the response longer.
        let is_new = match &place {
            Some(place) => seen.insert(Named::Member(place.clone())),
            None => seen.insert(Named::Href(href.clone())),
        };
        if is_new {
            requested.push(RequestedHref { href, place });
        }
    }
    Ok((views, requested))
}

/// Returns the index in `views` of the collection that an href names, and the name of a member in
/// it, which need not exist. `None` if the href lies in no collection with calendar objects that
/// the caller may read.
///
/// The name of a member may contain a slash, and some clients do not encode it in hrefs. A calendar
/// contains no collections, so all segments after a calendar form the member's name.
fn place(
    reader: &Reader,
    views: &mut Vec<CollectionView>,
    known: &mut HashMap<(String, String), Option<usize>>,
    owner: &str,
    mut within: String,
    mut name: String,
) -> Result<Option<(usize, String)>, Refusal> {
    loop {
        let key = (owner.to_owned(), within.clone());
        let view = if let Some(view) = known.get(&key) {
            *view
        } else {
            let opened = collection(reader, owner, &within)?.map(|view| {
                views.push(view);
                views.len() - 1
            });
            known.insert(key, opened);
            opened
        };
        if let Some(view) = view {
            return Ok(Some((view, name)));
        }
        let Some((above, last)) = within.rsplit_once(SEPARATOR) else { return Ok(None) };
        name = format!("{last}{SEPARATOR}{name}");
        within = above.to_owned();
    }
}

/// Returns the view of a collection. `None` if the collection does not exist or cannot contain
/// calendar objects, or if the caller may not read it.
fn collection(reader: &Reader, owner: &str, collection: &str) -> Result<Option<CollectionView>, Refusal> {
    match reader.access().resource(&Path::of_collection(owner, collection), Privilege::Read) {
        // A plain collection contains files, which are not calendar objects.
        Ok(Resource::Collection { collection, .. }) if collection.kind.holds_anything() => Ok(None),
        Ok(Resource::Collection { owner, collection }) => {
            CollectionView::of(&reader.person, owner, *collection).map(Some)
        }
        Ok(_) | Err(Refusal::NotFound | Refusal::Condition(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
