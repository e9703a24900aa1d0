//! The `CalDAV-Timezones` header (RFC 7809 §7.1): says whether returned calendar data includes
//! `VTIMEZONE` components for standard time zones.

use std::borrow::Cow;

use actix_web::http::header::HeaderMap;
use ical::{Document, zone};

use super::Invalid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Timezones {
    /// Without the header, calendar data is returned as it was stored.
    #[default]
    AsStored,
    /// Calendar data includes the stored `VTIMEZONE` components, and one for each other time zone
    /// that it uses and that the server knows.
    All,
    /// Calendar data includes a `VTIMEZONE` only for time zones that are not in the IANA database.
    OnlyUnknown,
}

impl Timezones {
    pub(crate) const NAME: &str = "CalDAV-Timezones";

    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Invalid> {
        match headers.get(Self::NAME).map(|value| value.as_bytes().trim_ascii()) {
            None => Ok(Self::AsStored),
            Some(b"T" | b"t") => Ok(Self::All),
            Some(b"F" | b"f") => Ok(Self::OnlyUnknown),
            Some(_) => Err(Invalid::from("CalDAV-Timezones must be T or F")),
        }
    }

    /// Returns the value of the `CalDAV-Timezones` header, `T` or `F`, which becomes part of the
    /// entity tag of a whole calendar; `None` without the header.
    pub(crate) fn variant(self) -> Option<&'static str> {
        match self {
            Self::AsStored => None,
            Self::All => Some("T"),
            Self::OnlyUnknown => Some("F"),
        }
    }

    /// Returns the calendar data with the requested `VTIMEZONE` components. The data stays
    /// unchanged if it cannot be parsed.
    pub(crate) fn apply(self, data: Cow<'_, str>) -> Cow<'_, str> {
        let change = match self {
            Self::AsStored => return data,
            Self::All => zone::with_timezones,
            Self::OnlyUnknown => zone::without_timezones,
        };
        let changed = Document::parse(data.as_ref()).ok().and_then(|document| change(&document));
        changed.map_or(data, Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_told_or_left_out() {
        let without = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
                       DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20260701T090000\r\nEND:VEVENT\r\n\
                       END:VCALENDAR\r\n";
        let with = Timezones::All.apply(Cow::Borrowed(without)).into_owned();
        assert!(with.contains("BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"), "{with}");
        assert_eq!(Timezones::OnlyUnknown.apply(Cow::Borrowed(&with)), without);
        assert_eq!(Timezones::AsStored.apply(Cow::Borrowed(&with)), with);
        let own = with.replace("Europe/Berlin", "/example.com/Berlin");
        assert_eq!(Timezones::OnlyUnknown.apply(Cow::Borrowed(&own)), own, "nobody else knows it");
    }
}
