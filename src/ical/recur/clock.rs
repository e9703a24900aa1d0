//! The time scale of a series: its zone, or floating time.
//!
//! **Invariant:** instances are ordered and compared by *marks*. A mark is an instant if the series
//! has a zone, and civil time if it floats or has dates only. It therefore means the same to
//! readers in all zones.

use crate::time::{Instant, civil, local};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use chrono::NaiveDateTime;

/// An instant or civil time in seconds. The [`Clock`] knows which.
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
    /// The zone of the series; for floating series the reader's zone.
    zone: Zone,
}

impl Clock {
    /// Returns the clock of a series that starts with this value.
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

    /// Returns a clock whose marks are civil time.
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

    /// Returns the mark of an instant. For floating series it is what the reader's clock shows.
    pub(crate) fn mark_of_instant(&self, instant: Instant) -> Mark {
        match self.form {
            Form::Date | Form::Floating => civil(self.zone.to_local(instant)),
            Form::Fixed => instant,
        }
    }

    /// Returns the instant of a local time on this clock.
    pub(crate) fn instant_of_local(&self, time: NaiveDateTime) -> Instant {
        self.zone.to_instant(time)
    }

    /// Returns the mark of a value, which may have another form than the series.
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

    /// Returns the local time on this clock at an instant.
    pub(crate) fn local_at(&self, instant: Instant) -> NaiveDateTime {
        self.local(self.mark_of_instant(instant))
    }

    /// True if readers in other zones see other instants.
    pub(crate) fn floats(&self) -> bool {
        self.form != Form::Fixed
    }

    pub(crate) fn is_of_dates(&self) -> bool {
        self.form == Form::Date
    }
}
