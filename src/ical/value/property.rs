//! Typed values of a property.
//!
//! **Invariant:** a value is read by its form, and the VALUE parameter is ignored here. Module
//! `validate` checks that the two agree. A value of another type is returned as an error.

use super::{DateTime, Duration, Period, UtcOffset, ValueError};
use crate::text::Property;

impl Property<'_> {
    /// Returns the property's value as a DATE or DATE-TIME, in the zone of its TZID parameter, and
    /// an error if it is neither.
    pub fn date_time(self) -> Result<DateTime, ValueError> {
        DateTime::parse(self.value().trim(), self.param("TZID").as_deref())
    }

    /// Returns the property's value as a list of DATEs and DATE-TIMEs; an empty value is an empty
    /// list. Returns an error if an entry is neither.
    pub fn date_times(self) -> Result<Vec<DateTime>, ValueError> {
        self.list(DateTime::parse)
    }

    /// Returns the property's value as a list of PERIODs; an empty value is an empty list. Returns
    /// an error if an entry is not a PERIOD.
    pub fn periods(self) -> Result<Vec<Period>, ValueError> {
        self.list(Period::parse)
    }

    /// Returns the property's value as a DURATION, and an error if it is none.
    pub fn duration(self) -> Result<Duration, ValueError> {
        Duration::parse(self.value().trim())
    }

    /// Returns the property's value as a UTC-OFFSET, and an error if it is none.
    pub fn utc_offset(self) -> Result<UtcOffset, ValueError> {
        UtcOffset::parse(self.value().trim())
    }

    /// Returns the property's value as an INTEGER (RFC 5545 §3.3.8) of 32 bits, and an error if it
    /// is none.
    pub fn integer(self) -> Result<i32, ValueError> {
        self.value().trim().parse().map_err(|_| ValueError::new(self.value(), "is not an INTEGER"))
    }

    fn list<T>(self, parse: fn(&str, Option<&str>) -> Result<T, ValueError>) -> Result<Vec<T>, ValueError> {
        let value = self.value().trim();
        if value.is_empty() {
            return Ok(Vec::new());
        }
        let tzid = self.param("TZID");
        value.split(',').map(|item| parse(item.trim(), tzid.as_deref())).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::Document;

    #[test]
    fn a_property_returns_its_value_in_the_requested_type() {
        let text = "BEGIN:VCALENDAR\nDTSTART;TZID=Europe/Berlin:20260105T120000 \nEXDATE:20260105,20260106T120000Z\nRDATE:\n\
                    FREEBUSY:20260105T120000Z/PT1H,20260105T130000Z/PT1H\nTRIGGER:-PT15M\nTZOFFSETTO:+0100\nSEQUENCE:-3\nEND:VCALENDAR\n";
        let document = Document::parse(text).expect("the text is well-formed");
        let property = |name: &str| document.root().property(name).expect("the property is there");
        let start = property("DTSTART").date_time().expect("it is a time");
        assert_eq!((start.to_string().as_str(), start.tzid()), ("20260105T120000", Some("Europe/Berlin")));
        assert_eq!(property("EXDATE").date_times().map(|times| times.len()), Ok(2));
        assert_eq!(property("RDATE").date_times(), Ok(vec![]));
        assert_eq!(property("FREEBUSY").periods().map(|periods| periods.len()), Ok(2));
        assert_eq!(property("TRIGGER").duration().map(|duration| duration.seconds), Ok(-900));
        assert_eq!(property("TZOFFSETTO").utc_offset().map(|offset| offset.0), Ok(3600));
        assert_eq!(property("SEQUENCE").integer(), Ok(-3));
        let error = property("TRIGGER").integer().expect_err("a duration is not an INTEGER");
        assert_eq!(error.to_string(), "`-PT15M` is not an INTEGER");
        assert!(property("TRIGGER").date_times().is_err());
    }
}
