//! A name in a collection, with the end of what ever stood there: one row.
//!
//! Its lists are blobs, so that a change is one row on one page. A list of [`LIST_BYTES`] is full:
//! it goes to a row of its own, and the member's row begins the next part. So a change writes as
//! much after ten thousand changes as after ten. Each part can be read without those before it.
//!
//! `occupants` are the identities of the objects and files that were stored there, 16 bytes each,
//! whenever another one than before was. `versions` is a list of numbers as [`push`](varint::push)
//! writes them: the distance from the position of the version before it, 0 in front of the first
//! one, times four, plus its [kind](Version); a version that came from elsewhere, and the first one
//! of a part, is followed by how far back its content and its creation are. A part begins with
//! [`EARLIER`] if there is a full one before it.

use rusqlite::{Connection, OptionalExtension, params};

use crate::varint::{self, LIST_BYTES, damaged};

/// Bytes of an identity.
const ID_BYTES: usize = 16;
/// The kinds of versions: an event stored a content here; nothing is here any more; a resource came
/// here.
const STORED: u64 = 0;
const GONE: u64 = 1;
const CAME: u64 = 2;
const KINDS: u64 = 4;
/// The first byte of a part that goes on where a full one ended: no version is written so.
const EARLIER: u8 = 3;

/// The version at a name from a position on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub since: u64,
    /// The event with the content; 0: nothing is there any more.
    pub content: u64,
    /// The event that created the resource, wherever it lay then; 0: nothing is there.
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
    /// Parts that became full, each with the position by which its row is ordered.
    full_occupants: Option<(u64, Vec<u8>)>,
    full_versions: Option<(u64, Vec<u8>)>,
}

impl Member {
    /// Returns a row that was read.
    pub(super) fn of(collection: i64, name: Vec<u8>, occupants: Vec<u8>, versions: Vec<u8>) -> Self {
        Self { collection, name, occupants, versions, ..Self::default() }
    }

    /// Returns the row of a packed name, an empty one if there is none.
    pub(super) fn load(rows: &Connection, collection: i64, name: &[u8]) -> rusqlite::Result<Self> {
        let sql = "SELECT occupants, versions FROM member WHERE collection = ? AND name = ?";
        let mut query = rows.prepare_cached(sql)?;
        let found = query.query_row(params![collection, name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (occupants, versions) = found.unwrap_or_default();
        Ok(Self::of(collection, name.to_vec(), occupants, versions))
    }

    /// Writes the row, and the parts that became full.
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

    /// True if a part became full and has to be saved before another one does.
    pub(super) fn is_full(&self) -> bool {
        self.full_occupants.is_some() || self.full_versions.is_some()
    }

    /// Returns the last version; `None` if nothing ever was there.
    pub(super) fn last(&self) -> rusqlite::Result<Option<Version>> {
        let mut last = None;
        for version in versions(&self.versions) {
            last = Some(version?);
        }
        Ok(last)
    }

    /// Returns the resource at this name; `None` if there is none.
    pub(super) fn standing(&self) -> rusqlite::Result<Option<Version>> {
        Ok(self.last()?.filter(|version| !version.is_gone()))
    }

    /// Returns true if this object or file was stored there last.
    pub(super) fn is_occupied_by(&self, id: &[u8; ID_BYTES]) -> bool {
        self.occupants.ends_with(id)
    }

    /// Makes an object or file the last one that was stored there, by an event at `position`.
    pub(super) fn occupy(&mut self, position: u64, id: &[u8; ID_BYTES]) {
        if self.is_occupied_by(id) {
            return;
        }
        if self.occupants.len() >= LIST_BYTES {
            self.full_occupants = Some((position, std::mem::take(&mut self.occupants)));
        }
        self.occupants.extend(id);
    }

    /// An event at `since` stored a content.
    pub(super) fn store(&mut self, since: u64) -> rusqlite::Result<()> {
        let last = self.last()?;
        let born = last.filter(|last| !last.is_gone()).map_or(since, |last| last.born);
        self.push(last, STORED, Version { since, content: since, born })
    }

    /// Notes that the resource is gone.
    pub(super) fn leave(&mut self, since: u64) -> rusqlite::Result<()> {
        self.push(self.last()?, GONE, Version { since, content: 0, born: 0 })
    }

    /// A resource came from elsewhere.
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

/// Returns the identities of a part of the occupants, the last one at the end.
pub(super) fn occupants(bytes: &[u8]) -> rusqlite::Result<Vec<[u8; ID_BYTES]>> {
    let (ids, rest) = bytes.as_chunks();
    if rest.is_empty() { Ok(ids.to_vec()) } else { Err(damaged("an identity has a wrong length")) }
}

/// Reads a part of a list of versions, oldest first. If two have the same position, the second one
/// is valid.
pub(super) fn versions(bytes: &[u8]) -> Versions<'_> {
    let bytes = bytes.strip_prefix(&[EARLIER]).unwrap_or(bytes);
    Versions { bytes, last: Version { since: 0, content: 0, born: 0 } }
}

/// Returns the version as of a position that a part has, `None` if it begins later.
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

/// Returns true if there is a full part before this one.
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
            _ => return Err(damaged("a version has an unknown kind")),
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
