//! The names of collections below a home over time: of the home's own collections, and of the
//! shared calendars that its owner accepted.

use rusqlite::{Connection, params};
use schemas::{CollectionId, Position, PrincipalId, ShareEvent, ShareId};
use uuid::Uuid;

use super::Versions;
use crate::{Failure, ReadModels, position};

/// A time during which a path below a home led to a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The owner of the collection.
    pub home: PrincipalId,
    /// The collection. If `share` has a value, the collection is in another home.
    pub collection: CollectionId,
    /// The share by which the collection was there; `None` for the home's own collection.
    pub share: Option<ShareId>,
    /// Position of the event that began this time.
    pub since: Position,
    /// Position of the event that ended this time; `None` if it has not ended.
    pub until: Option<Position>,
}

impl Shown {
    /// Returns true if the path led to the collection after the event at a position.
    pub fn holds(&self, at: Position) -> bool {
        self.since <= at && self.until.is_none_or(|until| at < until)
    }
}

pub(super) fn apply(rows: &Connection, id: ShareId, event: &ShareEvent, since: i64) -> rusqlite::Result<()> {
    let name = match event {
        ShareEvent::Offered(offered) => {
            let sql = "INSERT OR IGNORE INTO share (id, home, calendar) VALUES (?, ?, ?)";
            let (home, calendar) = (offered.home.0.as_bytes(), offered.calendar.0.as_bytes());
            return rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), home, calendar]).map(drop);
        }
        ShareEvent::Accepted(accepted) => Some(&accepted.name),
        ShareEvent::Moved(moved) => Some(&moved.name),
        ShareEvent::Declined(_) | ShareEvent::Withdrawn(_) => None,
        ShareEvent::PropertiesChanged(_) | ShareEvent::PersonalDataChanged(_) => return Ok(()),
    };
    let sql = "INSERT OR REPLACE INTO shared_name (share, since, name) SELECT key, ?2, ?3 FROM share WHERE id = ?1";
    rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), since, name]).map(drop)
}

impl ReadModels {
    /// Returns the collections, own and shared, that ever had this name in a home, each with the
    /// time; latest first.
    pub fn ever_shown(&self, home: PrincipalId, name: &str) -> Result<Vec<Shown>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let sql = "SELECT id, NULL, since, home,
                    (SELECT min(later.since) FROM name AS later WHERE later.collection = key AND later.since > name.since)
                FROM collection JOIN name ON name.collection = key WHERE home = ?1 AND name.name = ?2
                UNION ALL
                SELECT calendar, share.id, since, collection.home, (
                    SELECT min(later.since) FROM shared_name AS later WHERE later.share = share.key AND later.since > shared.since
                )
                FROM share JOIN shared_name AS shared ON shared.share = share.key
                JOIN collection ON collection.id = share.calendar WHERE share.home = ?1 AND shared.name = ?2
                ORDER BY since DESC";
            let mut query = rows.prepare_cached(sql)?;
            let found = query.query_map(params![home.0.as_bytes(), name], |row| {
                let share: Option<[u8; 16]> = row.get(1)?;
                Ok(Shown {
                    home: PrincipalId(Uuid::from_bytes(row.get(3)?)),
                    collection: CollectionId(Uuid::from_bytes(row.get(0)?)),
                    share: share.map(|id| ShareId(Uuid::from_bytes(id))),
                    since: position::read(row, 2)?,
                    until: row.get::<_, Option<i64>>(4)?.map(|number| Position(number.unsigned_abs())),
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Returns all offers of a calendar that there ever were, in the order in which they were made.
    pub fn shares_of(&self, calendar: CollectionId) -> Result<Vec<ShareId>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let mut query = rows.prepare_cached("SELECT id FROM share WHERE calendar = ? ORDER BY key")?;
            let found = query.query_map([calendar.0.as_bytes()], |row| Ok(ShareId(Uuid::from_bytes(row.get(0)?))))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Returns the paths that a collection ever had below its home, with the position from which
    /// each applies; `None` means that it was removed.
    pub fn names_of(&self, collection: CollectionId) -> Result<Vec<(Position, Option<String>)>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let sql = "SELECT since, name FROM name WHERE collection = (SELECT key FROM collection WHERE id = ?)
                ORDER BY since";
            let mut query = rows.prepare_cached(sql)?;
            let found = query.query_map([collection.0.as_bytes()], |row| Ok((position::read(row, 0)?, row.get(1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}
