//! Checks that the read models are equal to new ones that are built from the journal.

use projections::{Failure, ReadModels};
use schemas::Recorded;

use crate::simulation::life::place;
use crate::simulation::people::{EVERYBODY, MEETINGS, id, uid};

pub(super) fn check(journal: &[Recorded], models: &ReadModels) -> Result<(), String> {
    let folder = place();
    let (fresh, mut projector) = ReadModels::open(folder.path()).map_err(|failure| failure.to_string())?;
    projector.apply(journal).map_err(|failure| failure.to_string())?;
    let (live, fresh) = (visible(models), visible(&fresh));
    let (live, fresh) = (live.map_err(|failure| failure.to_string())?, fresh.map_err(|failure| failure.to_string())?);
    match live.iter().zip(&fresh).find(|(live, fresh)| live != fresh) {
        Some((live, fresh)) => Err(format!("the read models say\n{live}\na rebuild says\n{fresh}")),
        None if live.len() != fresh.len() => Err("the read models do not hold as much as a rebuild".to_owned()),
        None => Ok(()),
    }
}

/// Returns everything that clients can see, as texts to compare.
fn visible(models: &ReadModels) -> Result<Vec<String>, Failure> {
    let mut visible = vec![];
    for who in EVERYBODY {
        for collection in models.home(id(who))? {
            let snapshot = models.snapshot()?;
            if collection.kind.holds_anything() {
                for member in models.members(collection.id, None, usize::from(u8::MAX))? {
                    let file = models.file(collection.id, &member.name)?;
                    visible.push(format!("{member:?} {file:?}"));
                }
            } else {
                snapshot.members_with_bodies(collection.id, |member, body| {
                    visible.push(format!("{member:?} {body}"));
                    Ok::<_, Failure>(())
                })?;
            }
            let changes = snapshot.changes(collection.id, schemas::Position::START, usize::from(u16::MAX))?;
            visible.push(format!("{collection:?} {changes:?}"));
        }
    }
    for meeting in 0..MEETINGS.len() {
        visible.push(format!("{:?}", models.streams_of_uid(&uid(meeting))?));
    }
    Ok(visible)
}
