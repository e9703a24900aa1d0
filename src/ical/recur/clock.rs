//! The clock a series runs by: its zone, or none.
//!
//! **Invariant:** instances are ordered and compared by *marks*: instants where the series has a zone, civil time where it floats
//! or has only dates. A mark therefore means the same whatever zone the reader is in.

use crate::time::{Instant, civil, local};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use chrono::NaiveDateTime;

/// An instant, or civil time as a number: [`Clock`] knows which.
pub(crate) type Mark = i64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Date,
    Floating,
    Fixed,
}

#[derive(Debug, Clone)]
pub(crate) struct Clock {
    pub(crate) form: Form,
    /// Its own zone, or for what floats, the reader's.
    zone: Zone,
}

impl Clock {
    /// The clock of a series that starts with this value.
    pub(crate) fn of(start: &DateTime, zones: &Zones, floating: &Zone) -> Self {
        let float = |form| Self { form, zone: floating.clone() };
        match start {
            DateTime::Date(_) => float(Form::Date),
            DateTime::Floating(_) => float(Form::Floating),
            DateTime::Utc(_) => Self { form: Form::Fixed, zone: Zone::Utc },
            DateTime::Zoned(_, tzid) => match zones.get(tzid) {
                Zone::Floating => float(Form::Floating),
                zone @ (Zone::Utc | Zone::Iana(_) | Zone::Custom(_)) => Self { form: Form::Fixed, zone },
            },
        }
    }

    /// One whose marks are civil time.
    pub(crate) fn floating(reader: Zone) -> Self {
        Self { form: Form::Floating, zone: reader }
    }

    pub(crate) fn mark(&self, time: NaiveDateTime) -> Mark {
        match self.form {
            Form::Date | Form::Floating => civil(time),
            Form::Fixed => self.zone.to_instant(time),
        }
    }

    pub(crate) fn local(&self, mark: Mark) -> NaiveDateTime {
        match self.form {
            Form::Date | Form::Floating => local(mark),
            Form::Fixed => self.zone.to_local(mark),
        }
    }

    pub(crate) fn instant(&self, mark: Mark) -> Instant {
        match self.form {
            Form::Date | Form::Floating => self.zone.to_instant(local(mark)),
            Form::Fixed => mark,
        }
    }

    /// The mark of an instant: where it floats, of what the reader's clock shows.
    pub(crate) fn mark_of_instant(&self, instant: Instant) -> Mark {
        match self.form {
            Form::Date | Form::Floating => civil(self.zone.to_local(instant)),
            Form::Fixed => instant,
        }
    }

    /// The instant of a local time by this clock.
    pub(crate) fn instant_of_local(&self, time: NaiveDateTime) -> Instant {
        self.zone.to_instant(time)
    }

    /// The mark of a value that may be written in another form than the series is.
    pub(crate) fn mark_of(&self, value: &DateTime, zones: &Zones) -> Mark {
        let time = match (self.form, value) {
            (Form::Fixed, DateTime::Utc(time)) => return civil(*time),
            (Form::Fixed, DateTime::Zoned(time, tzid)) => match zones.get(tzid) {
                Zone::Floating => *time,
                zone @ (Zone::Utc | Zone::Iana(_) | Zone::Custom(_)) => return zone.to_instant(*time),
            },
            (Form::Fixed | Form::Floating, _) => value.local(),
            (Form::Date, _) => value.date().into(),
        };
        self.mark(time)
    }

    /// The local time by this clock at an instant.
    pub(crate) fn local_at(&self, instant: Instant) -> NaiveDateTime {
        self.local(self.mark_of_instant(instant))
    }

    /// Whether another reader sees other instants.
    pub(crate) fn floats(&self) -> bool {
        self.form != Form::Fixed
    }

    pub(crate) fn is_of_dates(&self) -> bool {
        self.form == Form::Date
    }
}
