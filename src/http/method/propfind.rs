//! `PROPFIND` (RFC 4918 §9.1).

use actix_web::{HttpResponse, web::Payload};
use dav::{Condition, MultiStatus, Privilege, request};

use crate::{
    answer::{CollectionView, Listing, children, stream},
    call::Call,
    header::Depth,
    property::{Context, Selection},
    reader::Reader,
    refusal::Refusal,
    resource::{Kind, Resource, ResourceView, privileges},
    response,
};

pub(crate) async fn propfind(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = call.xml(payload).await?;
    let wanted = request::propfind(&body, &call.xml_limits())?;
    let depth = Depth::of(call.headers(), Depth::Infinity)?;
    let found = call.access().resource(&call.path, Privilege::Read)?;
    let kind = call.view(&found)?.kind();
    match (kind, depth) {
        (Kind::Principal, Depth::One | Depth::Infinity) => {
            with_children(call, found, !call.prefer().without_root, wanted).await
        }
        // A resource without members has the same response for every depth.
        (Kind::Delegates | Kind::Object | Kind::SchedulingMessage | Kind::File, _) | (_, Depth::Zero) => {
            let (reader, resource) = (call.reader(), call.view(&found)?);
            let mut multistatus = MultiStatus::new(reader.detail);
            one(&reader, &resource, &Selection::of(&wanted), &mut multistatus);
            Ok(response::multistatus().body(multistatus.finish()))
        }
        (_, Depth::Infinity) => Err(Refusal::condition(
            Condition::PropfindFiniteDepth,
            "the Depth of PROPFIND on a collection must be 0 or 1",
        )),
        (_, Depth::One) => {
            let with_root = !call.prefer().without_root;
            match &found {
                Resource::Home { owner, home: collection } | Resource::Collection { owner, collection } => {
                    let below = children(call.access(), &call.view(&found)?)?;
                    let root = CollectionView::of(&call.person, *owner, (**collection).clone())?;
                    let below = below.into_iter().filter_map(|found| match found {
                        Resource::Collection { owner, collection } => {
                            Some(CollectionView::of(&call.person, owner, call.person.sees(*collection)))
                        }
                        _ => None,
                    });
                    let shown = Shown { with_root, below: below.collect::<Result<_, _>>()?, root };
                    members(call, Listing::of(call, wanted)?, shown).await
                }
                _ => with_children(call, found, with_root, wanted).await,
            }
        }
    }
}

/// Writes the response for the root, the collection of principals, the collection of homes or a
/// principal, and for the resources directly below it. None of these contains calendar objects or
/// files.
async fn with_children(
    call: &Call,
    found: Resource,
    with_root: bool,
    wanted: request::Wanted,
) -> Result<HttpResponse, Refusal> {
    let reader = call.reader();
    stream::answer(call, response::multistatus(), move |chunks| {
        let (lookup, selection) = (reader.access().lookup, Selection::of(&wanted));
        let mut multistatus = MultiStatus::new(reader.detail);
        let below = children(reader.access(), &lookup.view(&found)?)?;
        for found in with_root.then_some(&found).into_iter().chain(&below) {
            one(&reader, &lookup.view(found)?, &selection, &mut multistatus);
            chunks.flush(multistatus.pending(), || multistatus.take())?;
        }
        Ok(multistatus.finish())
    })
    .await
}

/// Writes one resource; writes nothing if the caller may not read the resource.
fn one(reader: &Reader, resource: &ResourceView<'_>, selection: &Selection<'_>, out: &mut MultiStatus) {
    if privileges::allows(&reader.person, resource, Privilege::Read) {
        let mut response = out.response(&resource.href());
        selection.write(&Context::of_reader(reader), resource, &mut response);
        response.finish();
    }
}

/// A collection and its child collections, as a PROPFIND with depth 1 returns them.
struct Shown {
    with_root: bool,
    root: CollectionView,
    below: Vec<CollectionView>,
}

/// Writes the response for a collection (unless the client leaves it out by `depth-noroot`), its
/// child collections and its members. The members are read from one snapshot.
async fn members(
    call: &Call,
    listing: Listing,
    Shown { with_root, root, below }: Shown,
) -> Result<HttpResponse, Refusal> {
    stream::answer(call, response::multistatus(), move |chunks| {
        let snapshot = listing.snapshot()?;
        let mut writing = listing.begin();
        if with_root {
            writing.collection(&root);
        }
        for view in &below {
            writing.collection(view);
            writing.flush(chunks)?;
        }
        snapshot.members(&root.collection, |member| {
            writing.member(&root, &member, None);
            writing.flush(chunks)
        })?;
        Ok(writing.out.finish())
    })
    .await
}
