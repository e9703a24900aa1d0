//! The witness: a small file that records the end of the journal (its head) that was acknowledged
//! last.
//!
//! SQLite reads a write-ahead log up to the first damaged frame and ignores the rest. Acknowledged
//! events could thus be lost without an error. The witness is written after a group is durable and
//! before its appends are acknowledged. A journal that ends before its witness has therefore lost
//! events.
//!
//! **Invariant:** the witness is never ahead of the durable journal. It is not synced with each
//! group, so after a power failure it may be behind the journal, which is harmless.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use schemas::{Hash, Position};
use sha2::{Digest as _, Sha256};

use super::lock::{MODE, with_suffix};
use crate::chain::Head;

/// The name of the format of a witness's line. All lines of this format have the same length.
const FORMAT: &str = "daybook-end-2";
/// The name of the format in which earlier versions wrote a witness's line, without a checksum.
const FORMAT_1: &str = "daybook-end-1";
/// Bytes of the checksum: enough to detect accidental damage, not an attack.
const CHECK_BYTES: usize = 8;
/// Ending of the name of a witness file.
const ENDING: &str = "-end";

/// The witness file, open for overwriting; `None` if it could not be opened.
#[derive(Debug)]
pub(super) struct Witness {
    file: Option<File>,
}

impl Witness {
    /// Opens the witness file, creates it if it is missing, and writes `head` to it. If that fails,
    /// for example on a full disk, logs a warning, so that the journal can at least be read.
    pub(super) fn open(journal: &Path, head: &Head) -> Self {
        let file = File::options().write(true).create(true).truncate(false).mode(MODE).open(path(journal));
        let witness = Self { file: file.inspect_err(warn).ok() };
        witness.write(head);
        witness
    }

    /// Overwrites the witness's line in place, without waiting for the disk. A failure is only
    /// logged.
    pub(super) fn write(&self, head: &Head) {
        let written = self.file.as_ref().map(|file| file.write_all_at(line(head).as_bytes(), 0));
        drop(written.transpose().inspect_err(warn));
    }

    /// Syncs the witness file to the disk.
    pub(super) fn sync(&self) {
        drop(self.file.as_ref().map(File::sync_data).transpose().inspect_err(warn));
    }
}

fn warn(cause: &io::Error) {
    tracing::warn!(%cause, "the file that records the journal's end (beside the journal, its name ends in `-end`) \
        could not be written, so the loss of the last events would not be noticed; check its permissions and its \
        disk");
}

/// Returns the path of the witness of a journal.
pub(super) fn path(journal: &Path) -> PathBuf {
    with_suffix(journal, ENDING)
}

/// Reads the last acknowledged head. Returns `None` if the file is missing, cannot be read, or is
/// damaged; damage is only logged, because it does not mean that the journal is damaged.
pub(super) fn read(journal: &Path) -> Option<Head> {
    let path = path(journal);
    let read = fs::read(&path).ok()?;
    let known = std::str::from_utf8(&read).ok().and_then(parse);
    if known.is_none() {
        tracing::warn!(
            file = %path.display(),
            "the file that records the journal's end is damaged, so the loss of the last events would not be \
             noticed; the server makes the file again when it starts"
        );
    }
    known
}

/// Returns true if the witness of a journal can be read, but not parsed. A running server may be
/// writing it at this moment, so it is read up to three times.
pub(super) fn is_damaged(journal: &Path) -> bool {
    const READ_AT_MOST: usize = 3;
    let path = path(journal);
    (0..READ_AT_MOST)
        .all(|_| fs::read(&path).is_ok_and(|read| std::str::from_utf8(&read).ok().and_then(parse).is_none()))
}

fn line(head: &Head) -> String {
    let Head { events, position, hash } = head;
    let said = format!("{FORMAT} {events:020} {:020} {hash}", position.0);
    let check = check(&said);
    format!("{said} {check}\n")
}

/// Returns the checksum of a line; `said` is the line without it. It distinguishes a damaged
/// witness from a journal that lost its end.
fn check(said: &str) -> String {
    hex::encode(&Sha256::digest(said)[..CHECK_BYTES])
}

/// Parses the first line; returns `None` if it is damaged. The rest is ignored: an earlier version
/// that overwrites a longer line leaves the end of that line in the file.
fn parse(text: &str) -> Option<Head> {
    let (line, _) = text.split_once('\n')?;
    match line.rsplit_once(' ')? {
        _ if line.starts_with(FORMAT_1) => fields(line, FORMAT_1),
        (said, value) if value == check(said) => fields(said, FORMAT),
        _ => None,
    }
}

fn fields(said: &str, format: &str) -> Option<Head> {
    let mut fields = said.split(' ');
    let is_ours = fields.next()? == format;
    let (events, position) = (fields.next()?.parse().ok()?, Position(fields.next()?.parse().ok()?));
    let hash = Hash(hex::decode(fields.next()?).ok()?.try_into().ok()?);
    (is_ours && fields.next().is_none()).then_some(Head { events, position, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_anything_else_is_no_witness() {
        let head = Head { events: 7, position: Position(9), hash: Hash([0xab; 32]) };
        assert_eq!(parse(&line(&head)), Some(head));
        assert_eq!(line(&head).len(), line(&Head { events: u64::MAX, ..head }).len());
        let whole = line(&head);
        for spoilt in ["", "\n", &whole[1..], &whole[..whole.len() - 2], &whole.replace('a', "x")] {
            assert_eq!(parse(spoilt), None, "{spoilt:?}");
        }
        for at in 0..whole.len() {
            let mut flipped = whole.clone().into_bytes();
            flipped[at] ^= 1;
            assert_eq!(std::str::from_utf8(&flipped).ok().and_then(parse), None, "byte {at}");
        }
    }

    #[test]
    fn the_form_of_earlier_versions_is_read_also_with_the_rest_of_a_longer_line_behind_it() {
        let head = Head { events: 7, position: Position(9), hash: Hash([0xab; 32]) };
        let first = format!("daybook-end-1 {:020} {:020} {}\n", 7, 9, head.hash);
        assert_eq!(parse(&first), Some(head));
        assert_eq!(parse(&format!("{first}{}", &line(&head)[first.len()..])), Some(head));
    }

    #[test]
    fn a_witness_that_cannot_be_written_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.sqlite");
        std::fs::create_dir(path(&journal)).unwrap();
        let witness = Witness::open(&journal, &Head::default());
        witness.write(&Head::default());
        witness.sync();
        assert_eq!(read(&journal), None);
    }
}
