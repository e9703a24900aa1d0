//! `POST`: adds an object to a calendar (RFC 5995), sends a free-busy request to an outbox (RFC
//! 6638 §5), shares a calendar, or answers an invitation to a shared calendar (caldav-sharing §5.3,
//! §5.4).

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_TYPE, HeaderValue, LOCATION},
    web::Payload,
};
use dav::Privilege;
use projections::Collection;
use schemas::{PrincipalId, collection::CollectionKind, object::Place};
use service::{Attributes, Put, Require, clock};

use super::table::not_allowed;
use super::{conditions, outbox, preference, put, sharee, sharing};
use crate::{
    call::Call,
    refusal::Refusal,
    resource::{Kind, Path, Resource, href, privileges, representation},
};

pub(crate) async fn post(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let path = match &call.path {
        Path::Inside { owner, within, name } if name == representation::ADD_MEMBER => {
            Path::of_collection(owner, within)
        }
        path => path.clone(),
    };
    let found = call.access().resource(&path, needed(call, &path)?)?;
    if is_posted_to(call, &found) {
        // RFC 9110 §13.2.1: conditions are evaluated only if the request, apart from its content,
        // would succeed without them. The add-member path has no resource of its own.
        if path == call.path { conditions::check(call, &found)? } else { conditions::check_missing(call)? }
    }
    match found {
        Resource::Collection { owner, collection } => match collection.kind {
            CollectionKind::Calendar if is_about_sharing(call, &path, &collection) => {
                sharing::share(call, &collection, payload).await
            }
            CollectionKind::Calendar => add_member(call, owner, &collection, payload).await,
            CollectionKind::Outbox => outbox::ask(call, owner, payload).await,
            CollectionKind::Home | CollectionKind::Inbox | CollectionKind::Plain => Err(not_allowed(call, &call.path)),
        },
        // Only the sharee and administrators may answer an invitation for the sharee.
        Resource::Home { owner, .. } if privileges::owns_or_administers(&call.person, owner) => {
            sharing::reply(call, owner, payload).await
        }
        Resource::Home { .. } => Err(Refusal::needs_privilege(call.path.href(), Privilege::All)),
        Resource::Root
        | Resource::Principals
        | Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Member { .. } => Err(not_allowed(call, &call.path)),
    }
}

/// Returns the privilege that the caller needs for a POST to this path.
fn needed(call: &Call, path: &Path) -> Result<Privilege, Refusal> {
    Ok(match call.lookup().at(path)? {
        Some(Resource::Collection { collection, .. }) if collection.kind == CollectionKind::Outbox => {
            // RFC 6638 §6.2.4: a free-busy request needs a privilege on the outbox.
            Privilege::ScheduleSendFreebusy
        }
        // Sharing a calendar changes its ACL.
        Some(Resource::Collection { collection, .. }) if is_about_sharing(call, path, &collection) => {
            Privilege::WriteAcl
        }
        // RFC 3744 §3.9: adding a member needs DAV:bind, but not DAV:read.
        Some(Resource::Collection { .. } | Resource::Home { .. }) => Privilege::Bind,
        Some(
            Resource::Root
            | Resource::Principals
            | Resource::Homes
            | Resource::Principal(_)
            | Resource::Delegates(..)
            | Resource::Member { .. },
        )
        | None => Privilege::Read,
    })
}

/// Returns true if there is a calendar at `path`, not directly in a home, that the caller may read,
/// or in which they may create objects.
pub(super) fn has_calendar(call: &Call, path: &Path) -> bool {
    let Path::Inside { within, .. } = path else { return false };
    if within.is_empty() {
        return false;
    }
    let Ok(Some(found)) = call.lookup().summary_at(path) else { return false };
    let Ok(view) = call.lookup().view(&found) else { return false };
    let may = |privilege| privileges::allows(&call.person, &view, privilege);
    view.kind() == Kind::Calendar && (may(Privilege::Read) || may(Privilege::Bind))
}

/// Returns true if the resource supports POST by this caller.
fn is_posted_to(call: &Call, found: &Resource) -> bool {
    match found {
        Resource::Collection { collection, .. } => {
            matches!(collection.kind, CollectionKind::Calendar | CollectionKind::Outbox)
        }
        Resource::Home { owner, .. } => privileges::owns_or_administers(&call.person, *owner),
        Resource::Root
        | Resource::Principals
        | Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Member { .. } => false,
    }
}

/// Returns true if the request shares a calendar: its `Content-Type` is XML and its path is the
/// calendar, not the add-member path.
fn is_about_sharing(call: &Call, path: &Path, collection: &Collection) -> bool {
    let is_xml = call.header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.to_ascii_lowercase().contains("xml"));
    collection.kind == CollectionKind::Calendar && *path == call.path && is_xml
}

/// Stores a new object under a name that the server chooses (RFC 5995 §3).
async fn add_member(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    payload: &mut Payload,
) -> Result<HttpResponse, Refusal> {
    let owner = call.path.owner().unwrap_or_default().to_owned();
    let name = format!("{}.ics", clock::new_id());
    let path = Path::Inside { owner, within: href::name_in_home(collection).to_owned(), name: name.clone() };
    put::target(call, &path, put::OVERWRITTEN)?;
    put::is_calendar(call.header(CONTENT_TYPE.as_str()))?;
    let (ics, source) = put::read(call, payload).await?;
    let place = Place { collection: collection.id, name };
    let put = Put { home, place, ics, source, require: Require::default(), attributes: Attributes::default() };
    let written = sharee::store(call, collection, put, sharee::MayChange::OBJECT).await?.ok_or(Refusal::NotFound)?;
    let mut response = put::answer(&written);
    if let Ok(location) = HeaderValue::from_str(&path.href()) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(preference::stored(call, &path, response))
}
