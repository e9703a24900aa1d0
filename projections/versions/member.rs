//! A name in a collection, with the latest versions of the resources that had it. Each name is one
//! row.
//!
//! The lists of a name are blobs, so that a change writes one row on one page. A list of
//! [`LIST_BYTES`] is full: it is moved to a separate row, and the name's row begins a new part of
//! the list. A change therefore writes as much after ten thousand changes as after ten. Each part
//! can be read without the parts before it.
//!
//! The list `occupants` has the ids of the objects and files that had the name, 16 bytes each; an
//! id is added when it differs from the last one. The list `versions` has numbers in the form of
//! [`push`](varint::push). The first number of a version is the difference from the position of the
//! version before it (from 0 for the first version of a part), times four, plus its
//! [kind](Version). Two more numbers follow for a version that was moved here: how far its content
//! and its creation are before it. A part begins with [`EARLIER`] if a full part precedes it; a
//! stored version that begins such a part is encoded as if it was moved here.

use rusqlite::{Connection, OptionalExtension, params};

use crate::varint::{self, LIST_BYTES, damaged};

/// Length of an id in bytes.
const ID_BYTES: usize = 16;
/// Kind of a version: an event stored content under the name.
const STORED: u64 = 0;
/// Kind of a version: the resource left the name or was removed.
const GONE: u64 = 1;
/// Kind of a version: a resource was moved to the name.
const CAME: u64 = 2;
/// Factor by which a distance is multiplied before the kind is added to it.
const KINDS: u64 = 4;
/// The first byte of a part that continues a full one. No version is encoded with this byte first.
const EARLIER: u8 = 3;

/// The version of a name from a position on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub since: u64,
    /// Position of the event that stored the content; 0 if there is no resource any more.
    pub content: u64,
    /// Position of the event that created the resource, wherever it was then; 0 if there is no
    /// resource any more.
    pub born: u64,
}

impl Version {
    pub(super) fn is_gone(&self) -> bool {
        self.content == 0
    }
}

/// The row of a name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    pub collection: i64,
    pub name: Vec<u8>,
    pub occupants: Vec<u8>,
    pub versions: Vec<u8>,
    /// The part of `occupants` that became full and is not saved yet, with the position at which
    /// the next part began.
    full_occupants: Option<(u64, Vec<u8>)>,
    /// The part of `versions` that became full and is not saved yet, with the position of its first
    /// version.
    full_versions: Option<(u64, Vec<u8>)>,
}

impl Member {
    /// Creates the member from the column values of its row.
    pub(super) fn of(collection: i64, name: Vec<u8>, occupants: Vec<u8>, versions: Vec<u8>) -> Self {
        Self { collection, name, occupants, versions, ..Self::default() }
    }

    /// Reads the row of an encoded name; the value is empty if there is no row.
    pub(super) fn load(rows: &Connection, collection: i64, name: &[u8]) -> rusqlite::Result<Self> {
        let sql = "SELECT occupants, versions FROM member WHERE collection = ? AND name = ?";
        let mut query = rows.prepare_cached(sql)?;
        let found = query.query_row(params![collection, name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (occupants, versions) = found.unwrap_or_default();
        Ok(Self::of(collection, name.to_vec(), occupants, versions))
    }

    /// Writes the row, and the parts of its lists that became full.
    pub(super) fn save(&mut self, rows: &Connection) -> rusqlite::Result<()> {
        let full = [
            (
                self.full_occupants.take(),
                "INSERT INTO full_occupants (collection, name, until, occupants) VALUES (?, ?, ?, ?)",
            ),
            (
                self.full_versions.take(),
                "INSERT INTO full_versions (collection, name, first, versions) VALUES (?, ?, ?, ?)",
            ),
        ];
        for (part, sql) in full {
            if let Some((position, part)) = part {
                let values = params![self.collection, self.name, position.cast_signed(), part];
                rows.prepare_cached(sql)?.execute(values)?;
            }
        }
        let sql = "INSERT INTO member (collection, name, occupants, versions) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET occupants = excluded.occupants, versions = excluded.versions";
        let values = params![self.collection, self.name, self.occupants, self.versions];
        rows.prepare_cached(sql)?.execute(values).map(drop)
    }

    /// Returns true if a part of a list became full. It must be saved before another part becomes
    /// full.
    pub(super) fn is_full(&self) -> bool {
        self.full_occupants.is_some() || self.full_versions.is_some()
    }

    /// Returns the last version; `None` if there never was one.
    pub(super) fn last(&self) -> rusqlite::Result<Option<Version>> {
        let mut last = None;
        for version in versions(&self.versions) {
            last = Some(version?);
        }
        Ok(last)
    }

    /// Returns the resource that has this name now; `None` if there is none.
    pub(super) fn standing(&self) -> rusqlite::Result<Option<Version>> {
        Ok(self.last()?.filter(|version| !version.is_gone()))
    }

    /// Returns true if this object or file was the last one with the name.
    pub(super) fn is_occupied_by(&self, id: &[u8; ID_BYTES]) -> bool {
        self.occupants.ends_with(id)
    }

    /// Records that an event at `position` gave the name to an object or file.
    pub(super) fn occupy(&mut self, position: u64, id: &[u8; ID_BYTES]) {
        if self.is_occupied_by(id) {
            return;
        }
        if self.occupants.len() >= LIST_BYTES {
            self.full_occupants = Some((position, std::mem::take(&mut self.occupants)));
        }
        self.occupants.extend(id);
    }

    /// Records that the event at `since` stored a content.
    pub(super) fn store(&mut self, since: u64) -> rusqlite::Result<()> {
        let last = self.last()?;
        let born = last.filter(|last| !last.is_gone()).map_or(since, |last| last.born);
        self.push(last, STORED, Version { since, content: since, born })
    }

    /// Records that the resource left or was removed at `since`.
    pub(super) fn leave(&mut self, since: u64) -> rusqlite::Result<()> {
        self.push(self.last()?, GONE, Version { since, content: 0, born: 0 })
    }

    /// Records that a resource was moved here at `since`. `from` is its last version under the old
    /// name.
    pub(super) fn arrive(&mut self, since: u64, from: Version) -> rusqlite::Result<()> {
        self.push(self.last()?, CAME, Version { since, ..from })
    }

    fn push(&mut self, last: Option<Version>, kind: u64, version: Version) -> rusqlite::Result<()> {
        let Version { since, content, born } = version;
        let (mut before, mut kind) = (last.map_or(0, |last| last.since), kind);
        if self.versions.len() >= LIST_BYTES {
            let full = std::mem::replace(&mut self.versions, vec![EARLIER]);
            let first = versions(&full).next().transpose()?.map_or(0, |first| first.since);
            self.full_versions = Some((first, full));
            (before, kind) = (0, if kind == STORED { CAME } else { kind });
        }
        varint::push(&mut self.versions, since.saturating_sub(before) * KINDS + kind);
        if kind == CAME {
            varint::push(&mut self.versions, since.saturating_sub(content));
            varint::push(&mut self.versions, since.saturating_sub(born));
        }
        Ok(())
    }
}

/// Decodes a part of the list of occupants, the last one at the end.
pub(super) fn occupants(bytes: &[u8]) -> rusqlite::Result<Vec<[u8; ID_BYTES]>> {
    let (ids, rest) = bytes.as_chunks();
    if rest.is_empty() { Ok(ids.to_vec()) } else { Err(damaged("a stored id of a resource has a wrong length")) }
}

/// Decodes a part of the list of versions, oldest first. If two versions have the same position,
/// the second one counts.
pub(super) fn versions(bytes: &[u8]) -> Versions<'_> {
    let bytes = bytes.strip_prefix(&[EARLIER]).unwrap_or(bytes);
    Versions { bytes, last: Version { since: 0, content: 0, born: 0 } }
}

/// Returns the version at a position from one part of the list; `None` if the part begins later or
/// is empty.
pub(super) fn as_of(bytes: &[u8], at: u64) -> rusqlite::Result<Option<Version>> {
    let mut then = None;
    for version in versions(bytes) {
        let version = version?;
        if version.since > at {
            break;
        }
        then = Some(version);
    }
    Ok(then)
}

/// Returns true if a full part precedes this one.
pub(super) fn is_continued(bytes: &[u8]) -> bool {
    bytes.first() == Some(&EARLIER)
}

pub(super) struct Versions<'a> {
    bytes: &'a [u8],
    last: Version,
}

impl Versions<'_> {
    fn read(&mut self) -> rusqlite::Result<Version> {
        let number = varint::take(&mut self.bytes)?;
        let since = self.last.since.saturating_add(number / KINDS);
        self.last = match number % KINDS {
            STORED => Version { since, content: since, born: if self.last.is_gone() { since } else { self.last.born } },
            GONE => Version { since, content: 0, born: 0 },
            CAME => {
                let (content, born) = (varint::take(&mut self.bytes)?, varint::take(&mut self.bytes)?);
                Version { since, content: since.saturating_sub(content), born: since.saturating_sub(born) }
            }
            _ => return Err(damaged("a stored version of a resource has an unknown kind")),
        };
        Ok(self.last)
    }
}

impl Iterator for Versions<'_> {
    type Item = rusqlite::Result<Version>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.bytes = &[];
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(member: &Member) -> Vec<(u64, u64, u64)> {
        versions(&member.versions).map(|version| version.map(|it| (it.since, it.content, it.born)).unwrap()).collect()
    }

    #[test]
    fn versions_come_back_as_they_happened() {
        let mut member = Member::default();
        assert_eq!(member.last().unwrap(), None);
        member.store(1_000).unwrap();
        member.store(1_500).unwrap();
        member.leave(1_501).unwrap();
        member.arrive(1_501, Version { since: 9, content: 7, born: 3 }).unwrap();
        member.store(2_000).unwrap();
        member.leave(2_001).unwrap();
        member.store(2_002).unwrap();
        let expected = [
            (1_000, 1_000, 1_000),
            (1_500, 1_500, 1_000),
            (1_501, 0, 0),
            (1_501, 7, 3),
            (2_000, 2_000, 3),
            (2_001, 0, 0),
            (2_002, 2_002, 2_002),
        ];
        assert_eq!(all(&member), expected);
    }

    #[test]
    fn an_occupant_is_noted_when_it_is_another_one_than_before() {
        let mut member = Member::default();
        for (position, id) in [(1, [1; 16]), (2, [2; 16]), (3, [1; 16]), (4, [1; 16])] {
            member.occupy(position, &id);
            assert!(member.is_occupied_by(&id));
        }
        assert_eq!(occupants(&member.occupants).unwrap(), [[1; 16], [2; 16], [1; 16]]);
        occupants(&[1; 17]).unwrap_err();
    }

    #[test]
    fn a_full_list_is_a_part_of_its_own_and_the_next_part_is_read_without_it() {
        let mut member = Member::default();
        let mut position = 1_000;
        while member.full_versions.is_none() {
            position += 1_000;
            member.store(position).unwrap();
        }
        let (first, full) = member.full_versions.take().unwrap();
        assert!((LIST_BYTES..LIST_BYTES + 32).contains(&full.len()), "{}", full.len());
        assert_eq!((first, is_continued(&full), is_continued(&member.versions)), (2_000, false, true));
        assert_eq!(all(&member), [(position, position, 2_000)]);
        assert_eq!(as_of(&full, position).unwrap().unwrap().since, position - 1_000);
        assert_eq!(as_of(&member.versions, position - 1).unwrap(), None);
        member.store(position + 1).unwrap();
        assert_eq!(member.last().unwrap(), Some(Version { since: position + 1, content: position + 1, born: 2_000 }));
    }

    #[test]
    fn damaged_versions_are_an_error_and_end() {
        for bytes in [&[3_u8, 3][..], &[2], &[2, 1], &[0x80]] {
            let read: Vec<_> = versions(bytes).collect();
            assert!(read.len() == 1 && read[0].is_err(), "{bytes:?}");
        }
    }
}
