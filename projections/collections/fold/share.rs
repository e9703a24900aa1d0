//! Folds the events of shares: calendars that are offered to a sharee.

use rusqlite::params;
use schemas::{
    ShareEvent, ShareId,
    collection::{DISPLAY_NAME, Property, Settings},
    share::{ShareAccepted, ShareOffered, SharePersonalDataChanged, SharePropertiesChanged},
};

use super::{
    super::{rows::text, share},
    At,
};

/// Applies an event of the share `id` to its row.
pub(super) struct ShareFold<'a> {
    pub at: At<'a>,
    pub id: ShareId,
}

impl ShareFold<'_> {
    pub(super) fn apply(&self, event: &ShareEvent) -> rusqlite::Result<()> {
        match event {
            ShareEvent::Offered(offered) => self.offer(offered),
            ShareEvent::Accepted(accepted) => self.accept(accepted),
            ShareEvent::Declined(_) => {
                self.leave_home()?;
                self.forget_personal_data()?;
                self.update("name = NULL, declined = 1", &[])
            }
            ShareEvent::Moved(moved) => {
                self.leave_home()?;
                self.enter_home(&moved.name)
            }
            ShareEvent::PropertiesChanged(changed) => self.change_properties(changed),
            ShareEvent::PersonalDataChanged(changed) => self.keep_personal_data(changed),
            ShareEvent::Withdrawn(_) => {
                self.leave_home()?;
                self.forget_personal_data()?;
                let sql = "DELETE FROM share WHERE id = ?";
                self.at.rows.prepare_cached(sql)?.execute(params![self.id.0.as_bytes()]).map(drop)
            }
        }
    }

    /// Stores a new or changed offer. An acceptance stays in force; a sharee who declined is asked
    /// again.
    fn offer(&self, offered: &ShareOffered) -> rusqlite::Result<()> {
        let sql = "INSERT INTO share (id, calendar, owner, home, invitation, access, summary, modified, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (id) DO UPDATE SET invitation = ?5, access = ?6, summary = ?7, declined = 0, modified = ?8, changed = ?9";
        self.at.rows.prepare_cached(sql)?.execute(params![
            self.id.0.as_bytes(),
            offered.calendar.0.as_bytes(),
            offered.owner.0.as_bytes(),
            offered.home.0.as_bytes(),
            offered.invitation.as_bytes(),
            text(&offered.access)?,
            offered.summary,
            self.at.time.0,
            self.at.position(),
        ])?;
        Ok(())
    }

    fn accept(&self, accepted: &ShareAccepted) -> rusqlite::Result<()> {
        let name = (!accepted.summary.is_empty()).then(|| Property::of_text(DISPLAY_NAME, &accepted.summary));
        let properties: Vec<_> = name.into_iter().collect();
        self.update(
            "declined = 0, properties = ?4, settings = ?5",
            &[&text(&properties)?, &text(&Settings::default())?],
        )?;
        self.enter_home(&accepted.name)
    }

    fn change_properties(&self, changed: &SharePropertiesChanged) -> rusqlite::Result<()> {
        let known = share::by_id(self.at.rows, self.id)?;
        let Some(known) = known.as_ref().and_then(share::OfferedCalendar::accepted) else { return Ok(()) };
        let mut properties = known.properties.clone();
        Property::change(&mut properties, &changed.set, &changed.removed);
        let settings = Settings {
            transparency: changed.settings.transparency.or(known.settings.transparency),
            time_zone: changed.settings.time_zone.clone().or(known.settings.time_zone.clone()),
            default_calendar: None,
        };
        self.update("properties = ?4, settings = ?5", &[&text(&properties)?, &text(&settings)?])
    }

    /// Stores the personal data of the sharee for an object, unless the calendar no longer has the
    /// object, or is not in the sharee's home.
    fn keep_personal_data(&self, changed: &SharePersonalDataChanged) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO personal (collection, object, share, data, modified, changed)
            SELECT member.collection, member.object, share.id, ?3, ?4, ?5 FROM share
            JOIN collection ON collection.id = share.calendar
            JOIN member ON member.collection = collection.key AND member.object = ?2
            WHERE share.id = ?1 AND share.name IS NOT NULL";
        self.at.rows.prepare_cached(sql)?.execute(params![
            self.id.0.as_bytes(),
            changed.object.0.as_bytes(),
            text(&changed.data)?,
            self.at.time.0,
            self.at.position(),
        ])?;
        self.touch()
    }

    fn forget_personal_data(&self) -> rusqlite::Result<()> {
        let sql = "DELETE FROM personal WHERE share = ?";
        self.at.rows.prepare_cached(sql)?.execute(params![self.id.0.as_bytes()]).map(drop)
    }

    fn touch(&self) -> rusqlite::Result<()> {
        let sql = "UPDATE share SET modified = ?2, changed = ?3 WHERE id = ?1";
        let values = params![self.id.0.as_bytes(), self.at.time.0, self.at.position()];
        self.at.rows.prepare_cached(sql)?.execute(values).map(drop)
    }

    fn update(&self, set: &str, values: &[&String]) -> rusqlite::Result<()> {
        let sql = format!("UPDATE share SET modified = ?2, changed = ?3, {set} WHERE id = ?1");
        let (id, time, position) = (self.id.0.as_bytes(), self.at.time.0, self.at.position());
        let mut all: Vec<&dyn rusqlite::ToSql> = vec![id, &time, &position];
        all.extend(values.iter().map(|value| *value as &dyn rusqlite::ToSql));
        self.at.rows.prepare_cached(&sql)?.execute(all.as_slice()).map(drop)
    }

    /// Gives the shared calendar a name in the sharee's home. `born` is set to the position of this
    /// event, because earlier sync tokens belong to the collection that had the name before.
    fn enter_home(&self, name: &str) -> rusqlite::Result<()> {
        self.update("name = ?4, born = ?3", &[&name.to_owned()])
    }

    fn leave_home(&self) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO gone (home, name, changed)
            SELECT home, name, ?2 FROM share WHERE id = ?1 AND name IS NOT NULL";
        self.at.rows.prepare_cached(sql)?.execute(params![self.id.0.as_bytes(), self.at.position()]).map(drop)
    }
}
