//! Reads shares from the access control lists of a home.

use std::{collections::BTreeSet, sync::Arc};

use projections::{Collection, Entry, ReadModels};
use schemas::PrincipalId;

use super::{
    OUTBOX, Share,
    entries::{Somebody, granted, has_others, level, other_privileges, sends},
    is_shareable,
};
use crate::error::Error;

/// Maximum number of collections that are searched for shares with a person. Further ones are left
/// out.
const MAX_RECEIVED: usize = 1_000;

/// Returns the shares that an owner has granted to named principals. Those of the home come first.
pub fn given(models: &ReadModels, owner: PrincipalId) -> Result<Vec<Share>, Error> {
    let home = models.home(owner)?;
    let outbox = home.iter().find(|on| on.name == OUTBOX).map(|outbox| outbox.acl.clone()).unwrap_or_default();
    let mut shares = vec![];
    for on in home.into_iter().filter(is_shareable).map(Arc::new) {
        for to in granted(&on.acl).into_iter().filter(|to| is_present(models, *to)) {
            let identities = models.directory().identities_of(to);
            let somebody = Somebody { id: to, identities: &identities };
            if let Some(level) = level(&on.acl, somebody) {
                shares.push(Share { owner, to, on: Arc::clone(&on), level, sends: sends(&outbox, somebody) });
            }
        }
    }
    Ok(shares)
}

/// Entries of an access control list (ACL) that are no shares.
#[derive(Debug, Clone)]
pub struct OtherEntries {
    /// Calendar or home whose ACL has these entries.
    pub on: Collection,
    /// Principal that the entries name, with the privileges that they grant. `None`: other entries,
    /// which deny privileges, are inverted or name no principal.
    pub to: Option<(PrincipalId, Vec<String>)>,
}

/// Returns the entries in the ACLs of a home that are no shares. Those of the home itself come
/// first.
pub fn other_entries(models: &ReadModels, owner: PrincipalId) -> Result<Vec<OtherEntries>, Error> {
    let mut found = vec![];
    for on in models.home(owner)?.into_iter().filter(is_shareable) {
        for id in granted(&on.acl).into_iter().filter(|to| is_present(models, *to)) {
            let identities = models.directory().identities_of(id);
            let privileges = other_privileges(&on.acl, Somebody { id, identities: &identities });
            found.extend(privileges.map(|privileges| OtherEntries { on: on.clone(), to: Some((id, privileges)) }));
        }
        if has_others(&on.acl) {
            found.push(OtherEntries { on, to: None });
        }
    }
    Ok(found)
}

/// Returns the shares that other owners have granted to a person or to groups of that person.
/// `identities`: the person and these groups.
pub fn received(models: &ReadModels, identities: &BTreeSet<PrincipalId>) -> Result<Vec<Share>, Error> {
    let mut shares = vec![];
    for id in models.granted_to(identities, MAX_RECEIVED)? {
        let Some(on) = models.outline_by_id(id)?.filter(is_shareable).map(Arc::new) else { continue };
        let owner = on.home;
        if !is_present(models, owner) || identities.contains(&owner) {
            continue;
        }
        let outbox = models.outline(owner, OUTBOX)?.map(|outbox| outbox.acl).unwrap_or_default();
        let somebody = |id: &PrincipalId| Somebody { id: *id, identities };
        let sends = identities.iter().any(|to| sends(&outbox, somebody(to)));
        for to in identities {
            if let Some(level) = level(&on.acl, somebody(to)) {
                shares.push(Share { owner, to: *to, on: Arc::clone(&on), level, sends });
            }
        }
    }
    Ok(shares)
}

fn is_present(models: &ReadModels, id: PrincipalId) -> bool {
    models.directory().by_id(id).is_some_and(Entry::is_present)
}
