//! Tests that a new version is built while the old version is still served.

use std::{cell::Cell, path::Path, sync::Arc};

use rusqlite::{Connection, Transaction, params};
use schemas::{Event, FileId, Hash, Metadata, Position, Recorded, Revision, Stream, event::Nothing};
use uuid::Uuid;

use super::*;
use crate::{BatchError, Condition, Projection, readers::Readers, status::Status, wal::WalCheckpointer};

/// A read model that sums the positions of events, multiplied by its version.
struct Sum<const VERSION: u32>;

impl<const V: u32> Projection for Sum<V> {
    const NAME: &'static str = "sum";
    const VERSION: u32 = V;

    fn serves(&self, version: u32) -> bool {
        version == 1
    }

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch("CREATE TABLE sum (value INTEGER NOT NULL); INSERT INTO sum VALUES (0);")
    }

    fn handles(&self, _: &Event) -> bool {
        true
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        let value = i64::try_from(recorded.position.0).unwrap() * i64::from(V);
        rows.execute("UPDATE sum SET value = value + ?", params![value]).map(drop)
    }
}

struct Opened {
    projector: Projector,
    readers: Readers,
}

impl Opened {
    fn with(folder: &Path, fold: &dyn Fn() -> Box<dyn Fold>) -> Self {
        let mut projector = Projector::default();
        let readers = Self::add(&mut projector, folder, fold);
        Self { projector, readers }
    }

    fn add(projector: &mut Projector, folder: &Path, fold: &dyn Fn() -> Box<dyn Fold>) -> Readers {
        let status = Status::new("sum", true);
        let readers = Readers::new(Arc::clone(&status));
        let wal = Arc::new(WalCheckpointer::start(vec![]).unwrap());
        projector.add(folder, fold, &Shared { order: 0, status, readers: readers.clone(), wal }).unwrap();
        readers
    }

    fn condition(&self) -> Condition {
        self.readers.status().condition()
    }

    /// Returns the version that is being built, and its position.
    fn building(&self) -> Option<(u32, Position)> {
        self.condition().building.map(|building| (building.version, building.position))
    }

    /// Restarts with an empty file what readers found damaged.
    fn damaged(&mut self, until: Position) -> Follower {
        self.readers.status().report_damage("a page of it");
        self.projector.release_damaged(until).pop().unwrap().0
    }

    fn sum(&self) -> i64 {
        self.readers.ask(|rows| Ok(rows.query_row("SELECT value FROM sum", [], |row| row.get(0))?)).unwrap()
    }
}

fn events(count: u64) -> Vec<Recorded> {
    let recorded = |number| Recorded {
        position: Position(number),
        stream: Stream::File(FileId(Uuid::from_u128(number.into()))),
        revision: Revision(0),
        id: Uuid::from_u128(number.into()),
        event: Event::Principal(schemas::PrincipalEvent::Disabled(Nothing {})),
        metadata: Metadata::default(),
        hash: Hash::default(),
    };
    (1..=count).map(recorded).collect()
}

/// Builds version 1 of the read model from three events.
fn build_version_1(folder: &Path) {
    Opened::with(folder, &|| Box::new(Sum::<1>)).projector.apply(&events(3)).unwrap();
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".sqlite")).collect();
    names.sort();
    names
}

#[test]
fn an_older_version_serves_until_the_new_one_is_built_and_is_removed_then() {
    let folder = tempfile::tempdir().unwrap();
    build_version_1(folder.path());

    let mut opened = Opened::with(folder.path(), &|| Box::new(Sum::<2>));
    assert_eq!((opened.condition().version, opened.building()), (1, Some((2, Position::START))));
    assert_eq!(opened.sum(), 6, "the old version answers");
    opened.projector.apply(&events(2)).unwrap();
    assert_eq!((opened.condition().version, opened.building()), (1, Some((2, Position(2)))));
    assert_eq!((opened.sum(), opened.condition().position), (6, Position(3)));
    drop(opened);

    let mut opened = Opened::with(folder.path(), &|| Box::new(Sum::<2>));
    assert_eq!(opened.building(), Some((2, Position(2))), "it goes on after a restart");
    let held = opened.readers.freeze().unwrap();
    opened.projector.apply(&events(4)).unwrap();
    assert_eq!((opened.condition().version, opened.building()), (2, None));
    assert_eq!((opened.sum(), opened.condition().position), (20, Position(4)));
    assert_eq!(files(folder.path()), ["sum.v2.sqlite"]);
    let seen: i64 = held.query_row("SELECT value FROM sum", [], |row| row.get(0)).unwrap();
    assert_eq!(seen, 6, "a long answer ends as it began");
}

#[test]
fn the_new_version_is_built_by_itself_while_the_old_one_is_kept_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    build_version_1(folder.path());

    let mut opened = Opened::with(folder.path(), &|| Box::new(Sum::<2>));
    let mut follower = opened.projector.release_behind(Position(3)).pop().unwrap();
    assert!(opened.projector.apply_or_release(&events(4)).is_empty());
    assert_eq!(opened.condition().position, Position(4), "the old version is kept up to date");
    follower.apply(&events(3), Position(4)).unwrap();
    opened.projector.take_back(follower);
    assert_eq!(opened.projector.checkpoint(), Position(3));
    assert_eq!(opened.condition().version, 1, "the new version does not show everything yet");
    assert!(opened.projector.apply_or_release(&events(4)).is_empty());
    assert_eq!((opened.condition().version, opened.sum()), (2, 20));
}

#[test]
fn an_old_version_that_is_rebuilt_more_slowly_than_the_new_one_is_built_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    build_version_1(folder.path());

    let mut opened = Opened::with(folder.path(), &|| Box::new(Sum::<2>));
    let mut old = opened.damaged(Position(3));
    opened.projector.apply(&events(2)).unwrap();
    assert!(opened.condition().unavailable.is_some(), "queries have seen more than the new version shows");
    opened.projector.apply(&events(3)).unwrap();
    assert!(old.is_superseded());
    old.trouble(Some(Trouble::Retrying("the disk".to_owned())));
    old.apply(&events(4), Position(4)).unwrap();
    old.apply(&events(4), Position(4)).unwrap();
    assert_eq!((opened.condition().version, opened.condition().complaint()), (2, None));
    assert_eq!((opened.sum(), opened.condition().position), (12, Position(3)));
    opened.projector.take_back(old);
    assert_eq!(opened.projector.checkpoints().len(), 1);
    assert_eq!(files(folder.path()), ["sum.v2.sqlite"]);
}

#[test]
fn a_new_version_that_is_already_built_is_served_at_once() {
    let folder = tempfile::tempdir().unwrap();
    build_version_1(folder.path());
    let file = folder.path().join("sum.v1.sqlite");
    let kept = folder.path().join("kept");
    std::fs::copy(&file, &kept).unwrap();
    let mut new = Opened::with(folder.path(), &|| Box::new(Sum::<2>));
    new.projector.apply(&events(3)).unwrap();
    drop(new);
    std::fs::rename(&kept, &file).unwrap();

    let opened = Opened::with(folder.path(), &|| Box::new(Sum::<2>));
    assert_eq!((opened.condition().version, opened.building(), opened.sum()), (2, None, 12));
    assert_eq!(files(folder.path()), ["sum.v2.sqlite"]);
}

#[test]
fn a_problem_of_the_build_is_not_one_of_the_served_version() {
    let folder = tempfile::tempdir().unwrap();
    build_version_1(folder.path());

    let mut opened = Opened::with(folder.path(), &|| Box::new(Sum::<2>));
    let mut new = opened.projector.release_behind(Position(3)).pop().unwrap();
    new.apply(&events(1), Position(3)).unwrap();
    new.trouble(Some(Trouble::WithoutRoom("the disk is full".to_owned())));
    let complaints = (opened.condition().complaint(), opened.condition().complaint_of_build());
    let build = "version 2 of the read model `sum` cannot be built after position 1: the disk is full; version 1 still \
                 answers";
    assert_eq!(complaints, (None, Some(build.to_owned())));
    new.apply(&events(2), Position(3)).unwrap();
    assert!(opened.condition().complaint_of_build().is_some(), "a step alone does not end it");
    new.trouble(None);
    assert_eq!(opened.condition().complaint_of_build(), None);
}

/// A read model that fails at its first event, or when it begins to be served.
struct Failing {
    name_and_version: (&'static str, u32),
    fails_at: Option<&'static str>,
}

impl Fold for Failing {
    fn name(&self) -> &'static str {
        self.name_and_version.0
    }

    fn version(&self) -> u32 {
        self.name_and_version.1
    }

    fn is_required(&self) -> bool {
        false
    }

    fn may_lag(&self) -> bool {
        false
    }

    fn table(&self) -> Option<&'static str> {
        None
    }

    fn serves(&self, version: u32) -> bool {
        version < self.version()
    }

    fn create(&self, _: &Connection) -> rusqlite::Result<()> {
        Ok(())
    }

    fn handles(&self, _: &Event) -> bool {
        true
    }

    fn apply_all(&self, _: &Transaction<'_>, batch: &[&Recorded]) -> Result<(), BatchError> {
        if self.fails_at == Some("event") { Err((batch[0].position, rusqlite::Error::InvalidQuery)) } else { Ok(()) }
    }

    fn digest(&self, _: &Connection) -> rusqlite::Result<Option<[u8; 32]>> {
        Ok(None)
    }

    fn prepare(&self, _: &[Recorded]) {}

    fn committed(&self, _: &Connection) -> Result<(), Failure> {
        Ok(())
    }

    fn replaced(&self, _: &Connection) -> Result<(), Failure> {
        if self.fails_at == Some("switch") { Err(Failure::Damaged("the switch failed".to_owned())) } else { Ok(()) }
    }
}

#[test]
fn a_new_version_that_cannot_be_served_does_not_hide_the_failure_of_another_read_model() {
    let failing =
        |name_and_version, fails_at| move || -> Box<dyn Fold> { Box::new(Failing { name_and_version, fails_at }) };
    let outcome = |events_fail: bool| {
        let folder = tempfile::tempdir().unwrap();
        drop(Opened::with(folder.path(), &failing(("one", 1), None)));
        let mut projector = Projector::default();
        let of_event = events_fail.then_some("event");
        Opened::add(&mut projector, folder.path(), &failing(("other", 1), of_event));
        // The first fold serves the old version, the second builds the new one.
        let made = Cell::new(0);
        Opened::add(&mut projector, folder.path(), &|| {
            made.set(made.get() + 1);
            failing(("one", 2), (made.get() == 2).then_some("switch"))()
        });
        projector.apply(&events(1)).unwrap_err().to_string()
    };
    assert!(outcome(true).contains("`other` could not apply the event at position 1"), "{}", outcome(true));
    assert!(outcome(false).contains("the switch failed"), "{}", outcome(false));
}
