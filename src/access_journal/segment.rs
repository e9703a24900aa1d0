//! The files of the access journal: one for each week, named after its Monday.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Days, NaiveDate};
use schemas::{AccessId, Timestamp};
use uuid::Uuid;

use crate::Error;

/// Extension of a segment's database file.
const EXTENSION: &str = "sqlite";
/// Extensions of all files that belong to a segment.
const COMPANIONS: [&str; 5] = ["sqlite", "sqlite-wal", "sqlite-shm", "sqlite-lock", "sqlite-end"];
/// Part of the name of a damaged segment that was set aside. A number follows it:
/// `2026-11-30.damaged-1.sqlite`.
const DAMAGED: &str = ".damaged-";
/// Name of the file that contains the id of the access journal.
const IDENTITY: &str = "id";

/// Settings of the access journal: which events are recorded, and how long they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// True if reads are recorded: served versions, and free-busy requests.
    pub reads: bool,
    /// Minimum number of days for which events are kept. The start of a recorder removes segments
    /// whose last day is older, except the newest segment. 0: segments are never removed.
    pub retention_days: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { reads: true, retention_days: 180 }
    }
}

/// One segment: the first day of its week, and the path of its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Segment {
    monday: NaiveDate,
    pub path: PathBuf,
}

impl Segment {
    /// Returns the segment that contains a point in time. A time that cannot be converted to a date
    /// belongs to the week of 1970-01-01.
    pub(crate) fn at(folder: &Path, time: Timestamp) -> Self {
        let day = DateTime::from_timestamp(time.seconds(), 0).map(|time| time.date_naive()).unwrap_or_default();
        let monday = day.week(chrono::Weekday::Mon).checked_first_day().unwrap_or(day);
        Self::of(folder, monday)
    }

    fn of(folder: &Path, monday: NaiveDate) -> Self {
        Self { monday, path: folder.join(format!("{monday}.{EXTENSION}")) }
    }

    /// Returns the name of the segment: the date of its first day, for example `2026-11-23`.
    pub(crate) fn name(&self) -> String {
        self.monday.to_string()
    }

    fn is_set_aside(&self) -> bool {
        self.path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains(DAMAGED))
    }

    /// Returns true if all days of the segment lie more than `days` days before the day of `now`.
    fn is_older_than(&self, days: u64, now: Timestamp) -> bool {
        let today = DateTime::from_timestamp(now.seconds(), 0).map(|now| now.date_naive());
        let oldest = today.and_then(|today| today.checked_sub_days(Days::new(days)));
        let end = self.monday.checked_add_days(Days::new(u64::from(chrono::Weekday::Sun.num_days_from_monday())));
        matches!((oldest, end), (Some(oldest), Some(end)) if end < oldest)
    }

    /// Removes the segment's files: the database, its WAL and shared memory, the lock, and the
    /// recorded end.
    fn remove(&self) -> std::io::Result<()> {
        for companion in COMPANIONS {
            match fs::remove_file(self.path.with_extension(companion)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Renames all files of a damaged segment. Returns the new path of the database; `None` if there
/// was no file.
pub(crate) fn set_aside(file: &Path) -> std::io::Result<Option<PathBuf>> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let free = |aside: &PathBuf| COMPANIONS.iter().all(|companion| !aside.with_extension(companion).exists());
    let asides = (1_u32..).map(|number| file.with_file_name(format!("{name}{DAMAGED}{number}.{EXTENSION}")));
    let Some(aside) = asides.into_iter().find(free) else { return Ok(None) };
    let mut has_moved = false;
    for companion in COMPANIONS {
        match fs::rename(file.with_extension(companion), aside.with_extension(companion)) {
            Ok(()) => has_moved = true,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(has_moved.then_some(aside))
}

/// Returns the segments of a folder, oldest first, without the damaged ones that were set aside.
/// Empty if the folder does not exist.
pub(crate) fn all(folder: &Path) -> Result<Vec<Segment>, Error> {
    listed(folder, str::parse)
}

/// Returns the damaged segments that were set aside, oldest first.
pub(crate) fn all_set_aside(folder: &Path) -> Result<Vec<Segment>, Error> {
    listed(folder, |stem| stem.split_once(DAMAGED).map_or(stem, |(monday, _)| monday).parse())
        .map(|segments| segments.into_iter().filter(Segment::is_set_aside).collect())
}

/// Returns the segments in a folder. `monday` parses the first day of a segment from the stem of a
/// file's name; files for which it fails are left out.
fn listed(folder: &Path, monday: impl Fn(&str) -> chrono::ParseResult<NaiveDate>) -> Result<Vec<Segment>, Error> {
    let failed = |cause| Error::Folder { folder: folder.to_owned(), cause };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries.map_err(failed)?,
    };
    let mut segments = vec![];
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let is_segment = path.extension().is_some_and(|extension| extension == EXTENSION);
        let monday = path.file_stem().and_then(|name| name.to_str()).and_then(|name| monday(name).ok());
        if let (true, Some(monday)) = (is_segment, monday) {
            segments.push(Segment { monday, path });
        }
    }
    segments.sort_unstable();
    Ok(segments)
}

/// Removes the segments whose retention is over, also damaged ones that were set aside, but keeps
/// the newest segment. Returns the names of the removed segments.
pub(crate) fn purge(folder: &Path, settings: &Settings, now: Timestamp) -> Result<Vec<String>, Error> {
    let mut segments = all(folder)?;
    segments.pop();
    segments.extend(all_set_aside(folder)?);
    segments.retain(|segment| settings.retention_days > 0 && segment.is_older_than(settings.retention_days, now));
    for segment in &segments {
        segment.remove().map_err(|cause| Error::Folder { folder: folder.to_owned(), cause })?;
    }
    Ok(segments.iter().map(Segment::name).collect())
}

/// Returns true if the retention of the segment with this name is over.
pub(crate) fn is_expired(name: &str, settings: &Settings, now: Timestamp) -> bool {
    let monday = name.parse().ok().map(|monday| Segment::of(Path::new(""), monday));
    settings.retention_days > 0 && monday.is_some_and(|segment| segment.is_older_than(settings.retention_days, now))
}

/// Returns the id of the access journal in a folder. Creates the folder if it does not exist, and
/// the id if it does not exist or is malformed.
pub(crate) fn identity(folder: &Path, new: impl FnOnce() -> Uuid) -> Result<AccessId, Error> {
    let failed = |cause| Error::Folder { folder: folder.to_owned(), cause };
    fs::create_dir_all(folder).map_err(failed)?;
    if let Some(known) = id(folder) {
        return Ok(known);
    }
    let id = new();
    fs::write(folder.join(IDENTITY), format!("{id}\n")).map_err(failed)?;
    Ok(AccessId(id))
}

/// Returns the id of the access journal in a folder; `None` if the file of the id is missing or
/// malformed.
pub fn id(folder: &Path) -> Option<AccessId> {
    fs::read_to_string(folder.join(IDENTITY)).ok()?.trim().parse().ok().map(AccessId)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        let day: NaiveDate = day.parse().expect("a day");
        Timestamp::from_seconds(day.and_hms_opt(12, 0, 0).expect("noon").and_utc().timestamp())
    }

    #[test]
    fn a_segment_is_named_after_the_monday_of_its_week() {
        let name = |day| Segment::at(Path::new("x"), at(day)).name();
        assert_eq!((name("2026-11-29"), name("2026-11-30")), ("2026-11-23".to_owned(), "2026-11-30".to_owned()));
    }

    #[test]
    fn a_segment_goes_when_its_last_day_is_too_old_and_the_newest_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        for day in ["2026-01-05", "2026-05-18", "2026-05-25", "2026-06-01"] {
            fs::write(Segment::at(folder.path(), at(day)).path, "").expect("written");
        }
        fs::write(folder.path().join("2026-01-05.sqlite-wal"), "").expect("written");
        let settings = Settings::default();
        let gone = purge(folder.path(), &settings, at("2026-11-28")).expect("purged");
        assert_eq!(gone, ["2026-01-05", "2026-05-18", "2026-05-25"], "the last day of the third is 181 days old");
        assert!(!folder.path().join("2026-01-05.sqlite-wal").exists());
        assert!(purge(folder.path(), &settings, at("2030-01-01")).expect("purged").is_empty());
        assert_eq!(all(folder.path()).expect("listed").len(), 1);
    }

    #[test]
    fn the_identity_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = identity(folder.path(), || Uuid::from_u128(1)).expect("an identity");
        assert_eq!(identity(folder.path(), || Uuid::from_u128(2)).expect("an identity"), first);
    }
}
