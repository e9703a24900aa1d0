//! Shares: calendars that are offered to a sharee, and how they appear in the sharee's home.

use rusqlite::{Connection, OptionalExtension, Row, params};
use schemas::{
    CollectionId, Position, PrincipalId, ShareId, Timestamp,
    collection::{Property, Settings, Transparency},
    share::ShareAccess,
};
use uuid::Uuid;

use super::{Collection, rows};
use crate::{Failure, ReadModels, Snapshot};

/// A calendar that its owner offers to a sharee.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferedCalendar {
    pub id: ShareId,
    pub calendar: CollectionId,
    pub owner: PrincipalId,
    pub sharee: PrincipalId,
    /// The id of the invitation.
    pub invitation: Uuid,
    pub access: ShareAccess,
    /// The owner's text about the offer; empty if there is none.
    pub summary: String,
    pub answer: InvitationAnswer,
    pub modified: Timestamp,
    /// Position of the last change of the offer, the answer, or the sharee's name, properties or
    /// personal data for the calendar.
    pub changed: Position,
}

/// The answer of a sharee to an offer.
#[derive(Debug, Clone, PartialEq)]
pub enum InvitationAnswer {
    None,
    Declined,
    /// The sharee accepted: the calendar is in their home.
    Accepted(Accepted),
}

/// A shared calendar in the home of a sharee.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    pub name: String,
    /// Dead properties that the sharee set, and that only they see.
    pub properties: Vec<Property>,
    pub settings: Settings,
    /// Position since which the shared calendar has had its name in the sharee's home.
    pub born: Position,
}

/// The place at which a shared calendar appears in the home of a sharee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedAs {
    pub id: ShareId,
    pub sharee: PrincipalId,
    /// The sharee's short name, which is the name of their home in paths.
    pub home: String,
    pub name: String,
}

impl OfferedCalendar {
    /// Returns the name and properties of the calendar in the sharee's home; `None` unless they
    /// accepted.
    pub fn accepted(&self) -> Option<&Accepted> {
        match &self.answer {
            InvitationAnswer::Accepted(accepted) => Some(accepted),
            InvitationAnswer::None | InvitationAnswer::Declined => None,
        }
    }

    /// Returns the calendar as it appears in the sharee's home. `home` is the sharee's short name.
    /// Properties that the sharee set replace the owner's (caldav-sharing §5.5.3).
    ///
    /// Returns `None` unless the sharee accepted.
    pub fn shown(self, calendar: Collection, home: &str) -> Option<Collection> {
        let InvitationAnswer::Accepted(Accepted { name, properties: own, settings, born }) = self.answer else {
            return None;
        };
        let mut properties = calendar.properties;
        Property::change(&mut properties, &own, &[]);
        let settings = Settings {
            // A shared calendar does not make the sharee busy unless they choose that
            // (caldav-sharing §5.5.5).
            transparency: settings.transparency.or(Some(Transparency::Transparent)),
            time_zone: settings.time_zone.or(calendar.settings.time_zone),
            default_calendar: None,
        };
        Some(Collection {
            properties,
            settings,
            modified: calendar.modified.max(self.modified),
            born: calendar.born.max(born),
            changed: calendar.changed.max(self.changed),
            shared_as: Some(Box::new(SharedAs { id: self.id, sharee: self.sharee, home: home.to_owned(), name })),
            ..calendar
        })
    }
}

const COLUMNS: &str = "id, calendar, owner, home, invitation, access, summary, declined, name, properties, settings, modified, born, changed";

fn read(row: &Row<'_>) -> rusqlite::Result<OfferedCalendar> {
    let id = |column| row.get(column).map(Uuid::from_bytes);
    let answer = match (row.get::<_, Option<String>>(8)?, row.get(7)?) {
        (Some(name), _) => InvitationAnswer::Accepted(Accepted {
            name,
            properties: rows::json(row, 9)?,
            settings: rows::json(row, 10)?,
            born: rows::position(row, 12)?,
        }),
        (None, true) => InvitationAnswer::Declined,
        (None, false) => InvitationAnswer::None,
    };
    Ok(OfferedCalendar {
        id: ShareId(id(0)?),
        calendar: CollectionId(id(1)?),
        owner: PrincipalId(id(2)?),
        sharee: PrincipalId(id(3)?),
        invitation: id(4)?,
        access: rows::json(row, 5)?,
        summary: row.get(6)?,
        answer,
        modified: Timestamp(row.get(11)?),
        changed: rows::position(row, 13)?,
    })
}

pub(super) fn by_id(connection: &Connection, id: ShareId) -> rusqlite::Result<Option<OfferedCalendar>> {
    let sql = format!("SELECT {COLUMNS} FROM share WHERE id = ?");
    connection.prepare_cached(&sql)?.query_row(params![id.0.as_bytes()], read).optional()
}

fn named(connection: &Connection, home: PrincipalId, name: &str) -> Result<Option<OfferedCalendar>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM share WHERE home = ? AND name = ? ORDER BY id LIMIT 1");
    Ok(connection.prepare_cached(&sql)?.query_row(params![home.0.as_bytes(), name], read).optional()?)
}

fn accepted_in(connection: &Connection, home: PrincipalId) -> Result<Vec<OfferedCalendar>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM share WHERE home = ? AND name IS NOT NULL ORDER BY name, id");
    let mut query = connection.prepare_cached(&sql)?;
    let found = query.query_map(params![home.0.as_bytes()], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn invitation(
    connection: &Connection,
    home: PrincipalId,
    invitation: Uuid,
) -> Result<Option<OfferedCalendar>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM share WHERE home = ? AND invitation = ?");
    let values = params![home.0.as_bytes(), invitation.as_bytes()];
    Ok(connection.prepare_cached(&sql)?.query_row(values, read).optional()?)
}

fn offered_to(connection: &Connection, home: PrincipalId) -> Result<Vec<OfferedCalendar>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM share WHERE home = ? ORDER BY id");
    let mut query = connection.prepare_cached(&sql)?;
    let found = query.query_map(params![home.0.as_bytes()], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn of_calendar(connection: &Connection, calendar: CollectionId) -> Result<Vec<OfferedCalendar>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM share WHERE calendar = ? ORDER BY id");
    let mut query = connection.prepare_cached(&sql)?;
    let found = query.query_map(params![calendar.0.as_bytes()], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

impl ReadModels {
    /// Returns the offer with this id; `None` if there is none.
    pub fn offered(&self, id: ShareId) -> Result<Option<OfferedCalendar>, Failure> {
        self.ask::<super::Collections, _>(|rows| Ok(by_id(rows, id)?))
    }

    /// Returns the offer with this invitation id to a sharee; `None` if there is none.
    pub fn invited(&self, home: PrincipalId, invitation: Uuid) -> Result<Option<OfferedCalendar>, Failure> {
        self.ask::<super::Collections, _>(|rows| self::invitation(rows, home, invitation))
    }

    /// Returns the shared calendar with this name in a sharee's home; `None` if there is none.
    pub fn shared_calendar(&self, home: PrincipalId, name: &str) -> Result<Option<OfferedCalendar>, Failure> {
        self.ask::<super::Collections, _>(|rows| named(rows, home, name))
    }

    /// Returns the shared calendars in a sharee's home, ordered by name.
    pub fn shared_calendars(&self, home: PrincipalId) -> Result<Vec<OfferedCalendar>, Failure> {
        self.ask::<super::Collections, _>(|rows| accepted_in(rows, home))
    }

    /// Returns all offers to a sharee, ordered by id.
    pub fn offers_to(&self, sharee: PrincipalId) -> Result<Vec<OfferedCalendar>, Failure> {
        self.ask::<super::Collections, _>(|rows| offered_to(rows, sharee))
    }

    /// Returns all offers of a calendar, one for each sharee.
    pub fn sharees(&self, calendar: CollectionId) -> Result<Vec<OfferedCalendar>, Failure> {
        self.ask::<super::Collections, _>(|rows| of_calendar(rows, calendar))
    }
}

impl Snapshot {
    /// Returns the shared calendars in a sharee's home, ordered by name.
    pub fn shared_calendars(&self, home: PrincipalId) -> Result<Vec<OfferedCalendar>, Failure> {
        self.reader.ask(|rows| accepted_in(rows, home))
    }
}
