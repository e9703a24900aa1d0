//! Refuses members by which a group would contain itself.

use anyhow::{Result, bail};
use projections::Directory;
use schemas::{PrincipalId, principal::PrincipalKind};
use service::principals::Registration;

use crate::nesting::{self, Nesting};

/// Returns an error that names the circle if a group would contain itself after `changes`: groups
/// with their new members. `name` returns the name of a group, which may be new.
pub(super) fn check(
    directory: &Directory,
    changes: &[(PrincipalId, &[PrincipalId])],
    name: impl Fn(PrincipalId) -> String,
) -> Result<()> {
    let mut nesting = Nesting::of(changes.iter().map(|(group, members)| (*group, members.to_vec())));
    // Only the groups that the changed ones contain after the changes can be in a circle with them.
    let mut open: Vec<_> = changes.iter().flat_map(|(_, members)| *members).copied().collect();
    while let Some(id) = open.pop() {
        let entry = directory.by_id(id).filter(|entry| entry.kind == PrincipalKind::Group && entry.is_present());
        if let Some(group) = entry.filter(|_| !nesting.has(&id)) {
            nesting.set(id, group.members.clone());
            open.extend(&group.members);
        }
    }
    match changes.iter().find_map(|(group, _)| nesting.circle_of(group)) {
        Some(circle) => bail!(nesting::sentence(&circle.into_iter().map(name).collect::<Vec<_>>())),
        None => Ok(()),
    }
}

/// Returns the groups whose members the registrations change, with their new members.
pub(super) fn changes<'a>(
    directory: &Directory,
    registrations: &'a [Registration],
) -> Vec<(PrincipalId, &'a [PrincipalId])> {
    let is_changed = |new: &&Registration| {
        let before = directory.by_id(new.id).map(|entry| entry.members.as_slice()).unwrap_or_default();
        new.kind == PrincipalKind::Group && before != new.members
    };
    registrations.iter().filter(is_changed).map(|new| (new.id, new.members.as_slice())).collect()
}
