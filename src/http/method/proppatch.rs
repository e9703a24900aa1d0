//! `PROPPATCH` (RFC 4918 §9.2): all instructions or none.

use actix_web::{HttpResponse, http::StatusCode, web::Payload};
use dav::{Detail, MultiStatus, QName, Status, request};
use schemas::object::Place;

use super::conditions;
use crate::{
    access, answer,
    call::Call,
    no::No,
    node::{Kind, Node},
    property::{Changes, Refused, Target},
};

pub(crate) async fn proppatch(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let found = access::found(call, dav::Privilege::WriteProperties)?;
    conditions::hold(call, &found)?;
    let node = access::lent(call, &found)?;
    let body = call.xml(payload).await?;
    let updates = request::proppatch(&body, &call.xml_limits())?;
    let target = Target { kind: node.kind(), owner: node.owner(), is_new: false };
    let verdicts: Vec<_> = match Changes::of(&call.context(), target, &updates)? {
        Ok(changes) => {
            keep(call, &node, changes).await?;
            if call.prefer().is_minimal() {
                // RFC 8144 §2.2: all went well, and nothing else is to be said.
                return Ok(answer::empty(StatusCode::OK));
            }
            updates.iter().map(|update| (update.name(), None)).collect()
        }
        Err(verdicts) => failed(verdicts).into_iter().map(|(name, refused)| (name, Some(refused))).collect(),
    };
    let mut multistatus = MultiStatus::new(Detail::Full);
    let mut response = multistatus.response(&node.href());
    for (name, refused) in verdicts {
        match refused {
            Some(Refused { status, condition }) => response.refuse(name, status, condition),
            None => response.name(name),
        }
    }
    response.finish();
    Ok(answer::multistatus().body(multistatus.finish()))
}

async fn keep(call: &Call, node: &Node<'_>, changes: Changes) -> Result<(), No> {
    let Changes { set, removed, settings, .. } = changes;
    let service = call.service();
    match node {
        Node::Home { owner, home: collection } | Node::Collection { owner, collection } => {
            service.change_properties(&call.stamp(owner.id), collection.id, set, removed, settings).await?;
        }
        Node::Member { owner, collection, member, .. } => {
            let place = Place { collection: collection.id, name: member.name.clone() };
            let stamp = call.stamp(owner.id);
            if node.kind() == Kind::File {
                service.change_file_properties(&stamp, owner.id, place, set, removed).await?;
            } else {
                service.change_object_properties(&stamp, owner.id, place, set, removed).await?;
            }
        }
        Node::Principal(entry) => {
            service.change_principal_properties(&call.stamp(entry.id), entry.id, set, removed).await?;
        }
        // These keep none: nothing was to be changed.
        Node::Root | Node::Principals | Node::Homes => {}
    }
    Ok(())
}

/// RFC 4918 §9.2.1: what would have been right fails with the rest.
pub(crate) fn failed(verdicts: Vec<(&QName, Option<Refused>)>) -> Vec<(&QName, Refused)> {
    const DEPENDENT: Refused = Refused { status: Status::FAILED_DEPENDENCY, condition: None };
    verdicts.into_iter().map(|(name, refused)| (name, refused.unwrap_or(DEPENDENT))).collect()
}
