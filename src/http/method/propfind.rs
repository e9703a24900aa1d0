//! `PROPFIND` (RFC 4918 §9.1).

use actix_web::{HttpResponse, web::Payload};
use dav::{Condition, MultiStatus, Privilege, request};

use crate::{
    answer::{CollectionView, Listing, children, stream},
    call::Call,
    header::Depth,
    property::{Context, Selection},
    refusal::Refusal,
    resource::{Kind, Resource, privileges},
    response,
};

pub(crate) async fn propfind(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = call.xml(payload).await?;
    let wanted = request::propfind(&body, &call.xml_limits())?;
    let depth = Depth::of(call.headers(), Depth::Infinity)?;
    let found = call.access().resource(&call.path, Privilege::Read)?;
    let kind = call.view(&found)?.kind();
    match (kind, depth) {
        // For a resource without members the depth does not matter.
        (Kind::Principal | Kind::Object | Kind::SchedulingMessage | Kind::File, _) | (_, Depth::Zero) => {
            some(call, &[found], &wanted)
        }
        (_, Depth::Infinity) => Err(Refusal::condition(
            Condition::PropfindFiniteDepth,
            "the Depth of PROPFIND on a collection must be 0 or 1",
        )),
        (_, Depth::One) => {
            let below = children(call, &call.view(&found)?)?;
            let with_root = !call.prefer().without_root;
            match found {
                Resource::Home { owner, home: collection } | Resource::Collection { owner, collection } => {
                    let root = CollectionView::of(&call.person, owner, *collection)?;
                    let below = below.into_iter().filter_map(|found| match found {
                        Resource::Collection { owner, collection } => {
                            Some(CollectionView::of(&call.person, owner, *collection))
                        }
                        _ => None,
                    });
                    let shown = Shown { with_root, below: below.collect::<Result<_, _>>()?, root };
                    members(call, Listing::of(call, wanted)?, shown).await
                }
                found => {
                    let root = with_root.then_some(found);
                    some(call, &root.into_iter().chain(below).collect::<Vec<_>>(), &wanted)
                }
            }
        }
    }
}

/// Answers about a few resources, without streaming.
fn some(call: &Call, shown: &[Resource], wanted: &request::Wanted) -> Result<HttpResponse, Refusal> {
    let context = Context::of(call);
    let selection = Selection::of(wanted);
    let mut multistatus = MultiStatus::new(call.detail());
    for found in shown {
        let resource = call.view(found)?;
        // A resource that the caller may not read is left out.
        if !privileges::allows(&call.person, &resource, Privilege::Read) {
            continue;
        }
        let mut response = multistatus.response(&resource.href());
        selection.write(&context, &resource, &mut response);
        response.finish();
    }
    Ok(response::multistatus().body(multistatus.finish()))
}

/// A collection and the collections in it.
struct Shown {
    with_root: bool,
    root: CollectionView,
    below: Vec<CollectionView>,
}

/// Answers about a collection and everything directly in it, with the members from one snapshot.
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
        snapshot.members(root.collection.id, |member| {
            writing.member(&root, &member, None);
            writing.flush(chunks)
        })?;
        Ok(writing.out.finish())
    })
    .await
}
