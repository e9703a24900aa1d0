//! `PROPPATCH` (RFC 4918 §9.2): all instructions or none.

use actix_web::{HttpResponse, http::StatusCode, web::Payload};
use dav::{Detail, MultiStatus, QName, Status, request};

use crate::{
    access, answer,
    call::Call,
    no::No,
    property::{Changes, Refused, Target},
};

pub(crate) async fn proppatch(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let found = access::found(call, dav::Privilege::WriteProperties)?;
    let node = access::lent(call, &found)?;
    let body = call.xml(payload).await?;
    let updates = request::proppatch(&body, &call.xml_limits())?;
    let target = Target { kind: node.kind(), owner: node.owner(), is_new: false };
    let verdicts: Vec<_> = match Changes::of(&call.context(), target, &updates)? {
        Ok(changes) => {
            if let (Some(owner), Some(collection)) = (node.owner(), node.collection()) {
                let Changes { set, removed, settings, .. } = changes;
                let stamp = call.stamp(owner.id);
                call.service().change_properties(&stamp, collection.id, set, removed, settings).await?;
            }
            if call.prefer().is_minimal() {
                // RFC 8144 §2.2: all went well, and nothing else is to be said.
                return Ok(answer::empty(StatusCode::OK));
            }
            updates.iter().map(|update| (update.name(), None)).collect()
        }
        Err(verdicts) => failed(verdicts),
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

/// RFC 4918 §9.2.1: what would have been right fails with the rest.
pub(crate) fn failed(verdicts: Vec<(&QName, Option<Refused>)>) -> Vec<(&QName, Option<Refused>)> {
    const DEPENDENT: Refused = Refused { status: Status::FAILED_DEPENDENCY, condition: None };
    verdicts.into_iter().map(|(name, refused)| (name, Some(refused.unwrap_or(DEPENDENT)))).collect()
}
