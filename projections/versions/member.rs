//! A name in a collection, with everything that ever stood there: one row.
//!
//! Its lists are blobs, so that a change is one row on one page. `occupants` are the identities of the objects and files that
//! were stored there, 16 bytes each, the last one at the end. `versions` is a list of numbers as [`push`](varint::push) writes
//! them: the distance from the position of the version before it, times four, plus its [kind](Version); a version that came
//! from elsewhere is followed by how far back its content and its creation are. `notes` are the positions of changes of the
//! ACL and of properties, in order, by their distances.

use rusqlite::{Connection, OptionalExtension, params};

use crate::varint::{self, damaged};

/// Bytes of an identity.
const ID_BYTES: usize = 16;
/// The kinds of versions: an event stored a content here; nothing is here any more; a resource came here.
const STORED: u64 = 0;
const GONE: u64 = 1;
const CAME: u64 = 2;
const KINDS: u64 = 4;

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
    pub notes: Vec<u8>,
}

impl Member {
    /// Returns the row of a name, an empty one if there is none.
    pub(super) fn load(rows: &Connection, collection: i64, name: &str) -> rusqlite::Result<Self> {
        let name = varint::packed(name);
        let sql = "SELECT occupants, versions, notes FROM member WHERE collection = ? AND name = ?";
        let found = rows.prepare_cached(sql)?.query_row(params![collection, name], |row| {
            Ok(Self { collection, name: vec![], occupants: row.get(0)?, versions: row.get(1)?, notes: row.get(2)? })
        });
        let found = found.optional()?.unwrap_or(Self { collection, ..Self::default() });
        Ok(Self { name, ..found })
    }

    pub(super) fn save(&self, rows: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO member (collection, name, occupants, versions, notes) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET occupants = excluded.occupants, versions = excluded.versions, notes = excluded.notes";
        let values = params![self.collection, self.name, self.occupants, self.versions, self.notes];
        rows.prepare_cached(sql)?.execute(values).map(drop)
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

    /// Makes an object or file the last one that was stored there.
    pub(super) fn occupy(&mut self, id: &[u8; ID_BYTES]) {
        if !self.is_occupied_by(id) {
            let others: Vec<_> = self.occupants.chunks(ID_BYTES).filter(|known| known != id).collect();
            self.occupants = [&others.concat()[..], &id[..]].concat();
        }
    }

    /// An event at `since` stored a content.
    pub(super) fn store(&mut self, since: u64) -> rusqlite::Result<()> {
        self.push(since, STORED, &[])
    }

    /// Nothing is there any more.
    pub(super) fn leave(&mut self, since: u64) -> rusqlite::Result<()> {
        self.push(since, GONE, &[])
    }

    /// A resource came from elsewhere.
    pub(super) fn arrive(&mut self, since: u64, from: Version) -> rusqlite::Result<()> {
        self.push(since, CAME, &[since.saturating_sub(from.content), since.saturating_sub(from.born)])
    }

    fn push(&mut self, since: u64, kind: u64, back: &[u64]) -> rusqlite::Result<()> {
        let last = self.last()?.map_or(0, |version| version.since);
        varint::push(&mut self.versions, since.saturating_sub(last) * KINDS + kind);
        for distance in back {
            varint::push(&mut self.versions, *distance);
        }
        Ok(())
    }

    pub(super) fn note(&mut self, position: u64) -> rusqlite::Result<()> {
        let mut known = varint::ascending(&self.notes)?;
        if let Err(at) = known.binary_search(&position) {
            known.insert(at, position);
            self.notes = varint::distances(known);
        }
        Ok(())
    }
}

/// Returns the identities of those that were ever stored at a name, the last one at the end.
pub(super) fn occupants(bytes: &[u8]) -> rusqlite::Result<Vec<[u8; ID_BYTES]>> {
    let (ids, rest) = bytes.as_chunks();
    if rest.is_empty() { Ok(ids.to_vec()) } else { Err(damaged("an identity has a wrong length")) }
}

/// Reads a list of versions, oldest first. If two have the same position, the second one is valid.
pub(super) fn versions(bytes: &[u8]) -> Versions<'_> {
    Versions { bytes, last: Version { since: 0, content: 0, born: 0 } }
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
    fn each_occupant_stands_once_and_the_last_one_at_the_end() {
        let mut member = Member::default();
        for id in [[1; 16], [2; 16], [1; 16], [1; 16]] {
            member.occupy(&id);
            assert!(member.is_occupied_by(&id));
        }
        assert_eq!(occupants(&member.occupants).unwrap(), [[2; 16], [1; 16]]);
        occupants(&[1; 17]).unwrap_err();
    }

    #[test]
    fn damaged_versions_are_an_error_and_end() {
        for bytes in [&[3_u8][..], &[2], &[2, 1], &[0x80]] {
            let read: Vec<_> = versions(bytes).collect();
            assert!(read.len() == 1 && read[0].is_err(), "{bytes:?}");
        }
    }
}
