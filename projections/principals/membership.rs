//! Maintains for each principal the position of the last event that changed its groups, direct or
//! through other groups, or that retired or enabled one of them.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{Position, PrincipalId};

/// Returns the stored members of a group; empty for any other principal.
pub(super) fn members(rows: &Connection, group: PrincipalId) -> rusqlite::Result<BTreeSet<PrincipalId>> {
    let mut query = rows.prepare_cached("SELECT members FROM principal WHERE id = ?")?;
    let held = query.query_row(params![group.0.as_bytes()], |row| row.get::<_, String>(0)).optional()?;
    Ok(held.and_then(|held| serde_json::from_str(&held).ok()).unwrap_or_default())
}

/// Returns the principals that the `new` list of members adds to a group or removes from it.
pub(super) fn difference(
    rows: &Connection,
    group: PrincipalId,
    new: &[PrincipalId],
) -> rusqlite::Result<BTreeSet<PrincipalId>> {
    let (before, after) = (members(rows, group)?, new.iter().copied().collect());
    Ok(before.symmetric_difference(&after).copied().collect())
}

/// Records that the groups of these principals changed at `position`. If some are groups, their
/// direct and indirect members are included.
pub(super) fn changed(
    rows: &Connection,
    position: Position,
    mut concerned: BTreeSet<PrincipalId>,
) -> rusqlite::Result<()> {
    let mut open: Vec<_> = concerned.iter().copied().collect();
    while let Some(id) = open.pop() {
        open.extend(members(rows, id)?.into_iter().filter(|member| concerned.insert(*member)));
    }
    let mut update = rows.prepare_cached("UPDATE principal SET groups_since = ?2 WHERE id = ?1")?;
    for id in concerned {
        update.execute(params![id.0.as_bytes(), position.0.cast_signed()])?;
    }
    Ok(())
}
