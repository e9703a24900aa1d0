//! `PROPPATCH` (RFC 4918 §9.2): carries out all instructions of a request, or none.

use actix_web::{HttpResponse, http::StatusCode, web::Payload};
use dav::{Detail, MultiStatus, QName, Status, request};
use projections::Collection;
use schemas::object::Place;
use service::MemberKind;

use super::conditions;
use crate::{
    call::Call,
    property::{ChangeTarget, Changes, Context, Outcome, PropertyRefusal},
    refusal::Refusal,
    resource::{Kind, ResourceView},
    response,
};

pub(crate) async fn proppatch(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let found = call.access().resource(&call.path, dav::Privilege::WriteProperties)?;
    conditions::check(call, &found)?;
    let resource = call.view(&found)?;
    let body = call.xml(payload).await?;
    let updates = request::proppatch(&body, &call.xml_limits())?;
    let target = ChangeTarget { kind: resource.kind(), owner: resource.owner(), is_new: false };
    let verdicts: Vec<_> = match Changes::of(&Context::of(call), target, &updates)? {
        Outcome::Accepted(changes) => {
            store(call, &resource, changes).await?;
            if call.prefer().is_minimal() {
                // RFC 8144 §2.2: the minimal response to a successful request has no body.
                return Ok(response::empty(StatusCode::OK));
            }
            updates.iter().map(|update| (update.name(), None)).collect()
        }
        Outcome::Refused(verdicts) => {
            failed(verdicts).into_iter().map(|(name, refused)| (name, Some(refused))).collect()
        }
    };
    let mut multistatus = MultiStatus::new(Detail::Full);
    let mut response = multistatus.response(&resource.href());
    for (name, refused) in verdicts {
        match refused {
            Some(PropertyRefusal { status, condition }) => response.refuse(name, status, condition),
            None => response.name(name),
        }
    }
    response.finish();
    Ok(response::multistatus().body(multistatus.finish()))
}

async fn store(call: &Call, resource: &ResourceView<'_>, changes: Changes) -> Result<(), Refusal> {
    let Changes { set, removed, settings, members, .. } = changes;
    let (service, again) = (call.service(), conditions::Again::of(call));
    let still = || again.hold();
    match resource {
        ResourceView::Collection { collection: Collection { shared_as: Some(shared), .. }, .. } => {
            let stamp = call.stamp(shared.sharee);
            let changes = (set, removed, settings);
            service.change_shared_properties(&stamp, shared.sharee, shared.id, changes, &still).await?;
        }
        ResourceView::Home { owner, home: collection } | ResourceView::Collection { owner, collection } => {
            let (stamp, changes) = (call.stamp(owner.id), (set, removed, settings));
            service.change_properties(&stamp, collection.id, changes, &still).await?;
        }
        ResourceView::Member { owner, collection, member, .. } => {
            let place = Place { collection: collection.id, name: member.name.clone() };
            let require = conditions::of(call, collection, &member.name)?;
            let require = conditions::as_of_owner(call, collection, &place, require)?;
            let stamp = call.stamp(owner.id);
            let kind = if resource.kind() == Kind::File { MemberKind::File } else { MemberKind::Object };
            service.change_member_properties(&stamp, owner.id, (kind, place, require), set, removed).await?;
        }
        ResourceView::Principal(entry) => {
            service.change_principal_properties(&call.stamp(entry.id), entry.id, set, removed).await?;
        }
        ResourceView::Delegates { owner, delegation } => {
            let (owner, delegation, members) = (owner.id, *delegation, members.unwrap_or_default());
            let stamp = call.stamp(owner);
            call.command(None, move |service| async move {
                service.set_delegates(&stamp, owner, delegation, &members).await
            })
            .await?;
        }
        // Clients cannot set properties on the root and on the collections of principals and of
        // homes.
        ResourceView::Root | ResourceView::Principals | ResourceView::Homes => {}
    }
    Ok(())
}

/// Gives the status 424 (Failed Dependency) to instructions that would have succeeded alone (RFC
/// 4918 §9.2.1).
pub(crate) fn failed(verdicts: Vec<(&QName, Option<PropertyRefusal>)>) -> Vec<(&QName, PropertyRefusal)> {
    const DEPENDENT: PropertyRefusal = PropertyRefusal { status: Status::FAILED_DEPENDENCY, condition: None };
    verdicts.into_iter().map(|(name, refused)| (name, refused.unwrap_or(DEPENDENT))).collect()
}
