//! `CALDAV:calendar-multiget` (RFC 4791 §7.9): these objects, and what is to be shown of them.

use std::collections::HashMap;

use actix_web::HttpResponse;
use dav::{Privilege, Status, href::Href, request::CalendarMultiget};

use crate::{
    access, answer,
    call::Call,
    listing::{Listing, Shelf},
    no::No,
    node::Found,
    path::Path,
    stream,
};

/// Objects asked for in one request.
const MAX_HREFS: usize = 20_000;

/// An href of the request, and where it points: a shelf by its number, and a name there.
struct Asked {
    href: String,
    place: Option<(usize, String)>,
}

pub(super) async fn answer(call: &Call, multiget: CalendarMultiget) -> Result<HttpResponse, No> {
    if multiget.hrefs.len() > MAX_HREFS {
        return Err(No::forbidden("more hrefs than max-multiget-hrefs, 20000"));
    }
    let (shelves, asked) = places(call, multiget.hrefs)?;
    let listing = Listing::of(call, multiget.wanted)?;
    stream::answer(answer::multistatus(), move |outlet| {
        let snapshot = listing.snapshot()?;
        let mut writing = listing.begin();
        for Asked { href, place } in &asked {
            let shelf = place.as_ref().and_then(|(shelf, name)| Some((shelves.get(*shelf)?, name)));
            let found = match shelf {
                None => None,
                Some((shelf, name)) if writing.wants_bodies() => {
                    let found = snapshot.member_with_body(shelf.collection.id, name)?;
                    found.map(|(member, body)| (shelf, member, Some(body)))
                }
                Some((shelf, name)) => snapshot.member(shelf.collection.id, name)?.map(|member| (shelf, member, None)),
            };
            match found {
                Some((shelf, member, body)) if writing.shows(shelf, &member) => {
                    writing.member(shelf, &member, body.as_deref());
                }
                // What may not be read is not there.
                Some(_) | None => writing.out.status(href, Status::NOT_FOUND),
            }
            writing.pass(outlet)?;
        }
        Ok(writing.out.finish())
    })
    .await
}

/// Where the hrefs point; what lies outside the request's resource, or may not be read, is not there.
fn places(call: &Call, hrefs: Vec<String>) -> Result<(Vec<Shelf>, Vec<Asked>), No> {
    let mut shelves = Vec::new();
    let mut known: HashMap<(String, String), Option<usize>> = HashMap::new();
    let mut asked = Vec::with_capacity(hrefs.len());
    for href in hrefs {
        // RFC 4791 §7.9: the request's resource itself, or below it.
        let path = Href::parse(&href).ok().and_then(|href| Path::of(href.path));
        let place = match path.filter(|path| *path == call.path || path.is_below(&call.path)) {
            Some(Path::Inside { owner, within, name }) => {
                let key = (owner, within);
                let shelf = if let Some(shelf) = known.get(&key) {
                    *shelf
                } else {
                    let opened = open(call, &key.0, &key.1)?.map(|shelf| {
                        shelves.push(shelf);
                        shelves.len() - 1
                    });
                    known.insert(key, opened);
                    opened
                };
                shelf.map(|shelf| (shelf, name))
            }
            _ => None,
        };
        asked.push(Asked { href, place });
    }
    Ok((shelves, asked))
}

fn open(call: &Call, owner: &str, collection: &str) -> Result<Option<Shelf>, No> {
    match access::found_at(call, &Path::of_collection(owner, collection), Privilege::Read) {
        // Files are no calendar objects.
        Ok(Found::Collection { collection, .. }) if collection.kind.holds_anything() => Ok(None),
        Ok(Found::Collection { owner, collection }) => Shelf::of(&call.person, owner, *collection).map(Some),
        Ok(_) | Err(No::NotFound | No::Unmet(_)) => Ok(None),
        Err(no) => Err(no),
    }
}
