//! The clock of a series, by which its instances are ordered: time in a zone, or floating time.
//!
//! **Invariant:** instances are ordered and compared by *marks*. For a series in UTC or in a known
//! zone, a mark is an instant. For a floating series, or one of dates, a mark is a local time
//! written as a number. Comparisons therefore have the same result in all time zones.

use crate::time::{Instant, civil, local};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use chrono::NaiveDateTime;

/// A point in time on the clock of a series, in seconds: an instant, or a local time as if it were
/// UTC. The [`Clock`] knows which one it is.
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
    /// The zone of the series; for a series of floating times or dates, the zone of the person who
    /// reads it.
    zone: Zone,
}

impl Clock {
    /// Returns the clock of a series that starts with this value. `floating` is the zone for
    /// floating times.
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

    /// Returns a floating clock, whose marks are local times. `reader` is the zone for floating
    /// times.
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

    /// Converts an instant to a mark. In a series of floating times or dates, the mark is the local
    /// time at that instant in the zone of the clock.
    pub(crate) fn mark_of_instant(&self, instant: Instant) -> Mark {
        match self.form {
            Form::Date | Form::Floating => civil(self.zone.to_local(instant)),
            Form::Fixed => instant,
        }
    }

    /// Returns the instant of a local time in the zone of this clock.
    pub(crate) fn instant_of_local(&self, time: NaiveDateTime) -> Instant {
        self.zone.to_instant(time)
    }

    /// Converts a property value to a mark. The value may have another form than the DTSTART of the
    /// series.
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

    /// Returns the local time of this clock at an instant.
    pub(crate) fn local_at(&self, instant: Instant) -> NaiveDateTime {
        self.local(self.mark_of_instant(instant))
    }

    /// True for a series of floating times or dates: its instances take place at other instants in
    /// other time zones.
    pub(crate) fn floats(&self) -> bool {
        self.form != Form::Fixed
    }

    pub(crate) fn is_of_dates(&self) -> bool {
        self.form == Form::Date
    }
}
