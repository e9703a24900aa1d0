//! Reads shares from the access control lists of a home.

use std::collections::BTreeSet;

use projections::{Entry, ReadModels};
use schemas::PrincipalId;

use super::{
    OUTBOX, Share,
    entries::{granted, level, sends},
    is_shareable,
};
use crate::error::Error;

/// Collections in which somebody is looked for by name. Further ones are left out.
const MAX_RECEIVED: usize = 1_000;

/// Returns what an owner shares by name; the home comes first.
pub fn given(models: &ReadModels, owner: PrincipalId) -> Result<Vec<Share>, Error> {
    let home = models.home(owner)?;
    let outbox = home.iter().find(|on| on.name == OUTBOX).map(|outbox| outbox.acl.clone()).unwrap_or_default();
    let mut shares = vec![];
    for on in home.into_iter().filter(is_shareable) {
        for to in granted(&on.acl).into_iter().filter(|to| is_present(models, *to)) {
            if let Some(level) = level(&on.acl, to) {
                shares.push(Share { owner, to, on: on.clone(), level, sends: sends(&outbox, to) });
            }
        }
    }
    Ok(shares)
}

/// Returns what is shared by name with these principals, who are one person and their groups.
pub fn received(models: &ReadModels, identities: &BTreeSet<PrincipalId>) -> Result<Vec<Share>, Error> {
    let mut shares = vec![];
    for id in models.granted_to(identities, MAX_RECEIVED)? {
        let Some(on) = models.outline_by_id(id)?.filter(is_shareable) else { continue };
        let owner = on.home;
        if !is_present(models, owner) || identities.contains(&owner) {
            continue;
        }
        let outbox = models.outline(owner, OUTBOX)?.map(|outbox| outbox.acl).unwrap_or_default();
        let sends = identities.iter().any(|to| sends(&outbox, *to));
        for to in identities {
            if let Some(level) = level(&on.acl, *to) {
                shares.push(Share { owner, to: *to, on: on.clone(), level, sends });
            }
        }
    }
    Ok(shares)
}

fn is_present(models: &ReadModels, id: PrincipalId) -> bool {
    models.directory().by_id(id).is_some_and(Entry::is_present)
}
