//! `PROPFIND` (RFC 4918 §9.1).

use actix_web::{HttpResponse, web::Payload};
use dav::{Condition, MultiStatus, Privilege, request};

use crate::{
    access, answer,
    call::Call,
    header::Depth,
    listing::{self, Listing, Shelf},
    no::No,
    node::{Found, Kind},
    property::Selection,
    stream,
};

pub(crate) async fn propfind(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let body = call.xml(payload).await?;
    let wanted = request::propfind(&body, &call.xml_limits())?;
    let depth = Depth::of(call.headers(), Depth::Infinity)?;
    let found = access::found(call, Privilege::Read)?;
    let kind = access::lent(call, &found)?.kind();
    match (kind, depth) {
        // Without members every depth is the same.
        (Kind::Object | Kind::Item | Kind::File, _) | (_, Depth::Zero) => some(call, &[found], &wanted),
        (_, Depth::Infinity) => {
            Err(No::unmet(Condition::PropfindFiniteDepth, "the Depth of PROPFIND on a collection is 0 or 1"))
        }
        (_, Depth::One) => {
            let below = listing::children(call, &access::lent(call, &found)?)?;
            let with_root = !call.prefer().without_root;
            match found {
                Found::Home { owner, home: collection } | Found::Collection { owner, collection } => {
                    let root = Shelf::of(&call.person, owner, *collection)?;
                    let below = below.into_iter().filter_map(|found| match found {
                        Found::Collection { owner, collection } => Some(Shelf::of(&call.person, owner, *collection)),
                        _ => None,
                    });
                    let shown = Shown { with_root, below: below.collect::<Result<_, _>>()?, root };
                    members(Listing::of(call, wanted)?, shown).await
                }
                found => {
                    let root = with_root.then_some(found);
                    some(call, &root.into_iter().chain(below).collect::<Vec<_>>(), &wanted)
                }
            }
        }
    }
}

/// A few resources, written at once.
fn some(call: &Call, shown: &[Found], wanted: &request::Wanted) -> Result<HttpResponse, No> {
    let context = call.context();
    let selection = Selection::of(wanted);
    let mut multistatus = MultiStatus::new(call.detail());
    for found in shown {
        let node = access::lent(call, found)?;
        // What may not be read is not there.
        if !access::may(&call.person, &node, Privilege::Read) {
            continue;
        }
        let mut response = multistatus.response(&node.href());
        selection.write(&context, &node, &mut response);
        response.finish();
    }
    Ok(answer::multistatus().body(multistatus.finish()))
}

/// A collection, the collections in it, its members.
struct Shown {
    with_root: bool,
    root: Shelf,
    below: Vec<Shelf>,
}

/// A collection with all that is in it, the members from one snapshot.
async fn members(listing: Listing, Shown { with_root, root, below }: Shown) -> Result<HttpResponse, No> {
    stream::answer(answer::multistatus(), move |outlet| {
        let snapshot = listing.snapshot()?;
        let mut writing = listing.begin();
        if with_root {
            writing.collection(&root);
        }
        for shelf in &below {
            writing.collection(shelf);
            writing.pass(outlet)?;
        }
        snapshot.members(root.collection.id, |member| {
            writing.member(&root, &member, None);
            writing.pass(outlet)
        })?;
        Ok(writing.out.finish())
    })
    .await
}
