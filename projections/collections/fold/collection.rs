//! Folds the events of collections into their rows.

use rusqlite::{OptionalExtension, params};
use schemas::{
    CollectionId, PrincipalId,
    collection::{CollectionAclChanged, CollectionCreated, CollectionPropertiesChanged, Property, Settings},
};

use super::{
    super::{Collection, queries, rows::text},
    At,
    member::Size,
};
use crate::names::free;

/// Applies an event of the collection `id` to its rows.
pub(super) struct CollectionFold<'a> {
    pub at: At<'a>,
    pub id: CollectionId,
}

impl CollectionFold<'_> {
    pub(super) fn create(&self, created: &CollectionCreated) -> rusqlite::Result<()> {
        let name = self.free_name(created.home, &created.name)?;
        let sql = "INSERT INTO collection
            (id, home, name, kind, components, properties, settings, created, modified, born, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?9)";
        self.at.rows.prepare_cached(sql)?.execute(params![
            self.id.0.as_bytes(),
            created.home.0.as_bytes(),
            name,
            text(&created.kind)?,
            text(&created.components)?,
            text(&created.properties)?,
            text(&created.settings)?,
            self.at.time.0,
            self.at.position(),
        ])?;
        Ok(())
    }

    pub(super) fn change_properties(&self, changed: &CollectionPropertiesChanged) -> rusqlite::Result<()> {
        let Some(known) = queries::collection_row(self.at.rows, self.id)? else { return Ok(()) };
        let mut properties = known.properties;
        Property::change(&mut properties, &changed.set, &changed.removed);
        let settings = Settings {
            transparency: changed.settings.transparency.or(known.settings.transparency),
            time_zone: changed.settings.time_zone.clone().or(known.settings.time_zone),
            default_calendar: changed.settings.default_calendar.clone().or(known.settings.default_calendar),
        };
        let sql = "UPDATE collection SET properties = ?2, settings = ?3, modified = ?4, changed = ?5 WHERE id = ?1";
        let (properties, settings) = (text(&properties)?, text(&settings)?);
        let values = params![self.id.0.as_bytes(), properties, settings, self.at.time.0, self.at.position()];
        self.at.rows.prepare_cached(sql)?.execute(values).map(drop)
    }

    pub(super) fn change_acl(&self, changed: &CollectionAclChanged) -> rusqlite::Result<()> {
        let sql = "UPDATE collection SET acl = ?2, modified = ?3, changed = ?4 WHERE id = ?1";
        let values = params![self.id.0.as_bytes(), text(&changed.entries)?, self.at.time.0, self.at.position()];
        self.at.rows.prepare_cached(sql)?.execute(values).map(drop)
    }

    /// Renames the collection and all collections below it. Those below are named after the name
    /// that the collection got ([`free`]).
    pub(super) fn rename(&self, name: &str) -> rusqlite::Result<()> {
        let Some(known) = queries::collection_row(self.at.rows, self.id)? else { return Ok(()) };
        let below = self.below(&known)?;
        let name = self.rename_alone(known.home, name)?;
        for (id, old) in below {
            let name = format!("{name}{}", &old[known.name.len()..]);
            CollectionFold { at: self.at, id }.rename_alone(known.home, &name)?;
        }
        Ok(())
    }

    /// Returns the name that the collection got.
    fn rename_alone(&self, home: PrincipalId, name: &str) -> rusqlite::Result<String> {
        self.add_tombstone()?;
        let name = self.free_name(home, name)?;
        // Earlier sync tokens of the new name belong to another collection. `born` is therefore set
        // to the position of this event.
        let sql = "UPDATE collection SET name = ?2, modified = ?3, born = ?4, changed = ?4 WHERE id = ?1";
        let values = params![self.id.0.as_bytes(), name, self.at.time.0, self.at.position()];
        self.at.rows.prepare_cached(sql)?.execute(values)?;
        Ok(name)
    }

    /// Removes the collection and all collections below it.
    pub(super) fn remove(&self) -> rusqlite::Result<()> {
        let Some(known) = queries::collection_row(self.at.rows, self.id)? else { return Ok(()) };
        for (id, _) in self.below(&known)? {
            CollectionFold { at: self.at, id }.remove_alone()?;
        }
        self.remove_alone()
    }

    /// Returns the collections below this one, with their names.
    fn below(&self, known: &Collection) -> rusqlite::Result<Vec<(CollectionId, String)>> {
        let (after, before) = queries::below(&known.name);
        let sql = "SELECT id, name FROM collection WHERE home = ? AND name > ? AND name < ? ORDER BY name";
        let mut query = self.at.rows.prepare_cached(sql)?;
        let found = query.query_map(params![known.home.0.as_bytes(), after, before], |row| {
            Ok((CollectionId(uuid::Uuid::from_bytes(row.get(0)?)), row.get(1)?))
        })?;
        found.collect()
    }

    fn remove_alone(&self) -> rusqlite::Result<()> {
        let Some(key) = self.at.key_of(self.id)? else { return Ok(()) };
        self.add_tombstone()?;
        let texts = self.at.texts_in(key)?;
        for sql in [
            "DELETE FROM body WHERE key IN (SELECT key FROM member WHERE collection = ?)",
            "DELETE FROM span WHERE low >= ?1 AND high <= ?1",
            "DELETE FROM member WHERE collection = ?",
            "DELETE FROM personal WHERE collection = ?",
            "DELETE FROM busy WHERE collection = ?",
            "DELETE FROM unclear WHERE collection = ?",
            "DELETE FROM tombstone WHERE collection = ?",
            "DELETE FROM collection WHERE key = ?",
        ] {
            self.at.rows.prepare_cached(sql)?.execute(params![key])?;
        }
        texts.into_iter().try_for_each(|key| self.at.release_text(Some(key)))
    }

    /// Returns `wanted`, or another name if another collection has that name ([`free`]).
    fn free_name(&self, home: PrincipalId, wanted: &str) -> rusqlite::Result<String> {
        free(wanted, |name| {
            let sql = "SELECT 1 FROM collection WHERE home = ? AND name = ? AND id <> ?";
            let values = params![home.0.as_bytes(), name, self.id.0.as_bytes()];
            let taken = self.at.rows.prepare_cached(sql)?.query_row(values, |_| Ok(())).optional()?;
            Ok(taken.is_some())
        })
    }

    /// Records that the collection no longer has its name in its home. The record remains when
    /// another collection gets the name.
    fn add_tombstone(&self) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO gone (home, name, changed)
            SELECT home, name, ?2 FROM collection WHERE id = ?1";
        self.at.rows.prepare_cached(sql)?.execute(params![self.id.0.as_bytes(), self.at.position()]).map(drop)
    }
}

impl At<'_> {
    /// Returns the key of a collection in the tables; `None` if the collection was removed.
    pub(super) fn key_of(&self, id: CollectionId) -> rusqlite::Result<Option<i64>> {
        let mut query = self.rows.prepare_cached("SELECT key FROM collection WHERE id = ?")?;
        query.query_row(params![id.0.as_bytes()], |row| row.get(0)).optional()
    }

    /// Updates a collection after a change of a member: its ctag, its time of modification, and its
    /// size, which changes by `grown`.
    pub(super) fn touch(&self, key: i64, grown: Size) -> rusqlite::Result<()> {
        let sql = "UPDATE collection SET changed = ?2, modified = ?3, bytes = bytes + ?4,
            properties_bytes = properties_bytes + ?5 WHERE key = ?1";
        let values = params![key, self.position(), self.time.0, grown.body, grown.properties];
        self.rows.prepare_cached(sql)?.execute(values).map(drop)
    }
}
