//! The sharee's own data for the objects of a shared calendar (caldav-sharing §5.5.4), for example
//! alarms.
//!
//! **Invariant:** the sharee's own data never change the owner's object, and are in no other user's
//! view of it.

use ical::{
    Document,
    personal::{self, Entry},
    validate,
};
use schemas::share::PersonalData;

use crate::{Refusal, object};

/// The maximum size of the data that one person may keep for one object, in bytes.
pub const MAX_PERSONAL_DATA_BYTES: usize = 64 * 1024;
/// The maximum number of instances of one object for which one person may keep data. Data for the
/// whole series count as one instance.
pub const MAX_PERSONAL_INSTANCES: usize = 500;

/// A text that a sharee stores, split into their own data and the text for the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The sharee's own data.
    pub data: Vec<PersonalData>,
    /// The text for the owner; `None` if it equals the owner's object.
    pub changed: Option<String>,
}

/// Splits the text that a sharee stores.
///
/// `object` is the owner's object that the text replaces (`None` if it is new), and `known` are the
/// sharee's own data until now. Returns an error if the text is invalid or exceeds a limit, or if
/// `object` cannot be parsed.
pub fn split(object: Option<&str>, known: &[PersonalData], sent: &Document) -> Result<Split, Refusal> {
    validate::calendar_object(sent).map_err(|error| object::invalid(&error))?;
    let unreadable = |error: ical::SyntaxError| Refusal::Unreadable { why: error.to_string() };
    let owners = object.map(Document::parse).transpose().map_err(unreadable)?;
    let known: Vec<_> = known.iter().map(entry).collect();
    let too_large = Refusal::TooLarge { limit_bytes: personal::MAX_DERIVED_BYTES };
    let split = personal::split(owners.as_ref(), &known, sent).ok_or(too_large)?;
    let data: Vec<_> = split.own.into_iter().map(data).collect();
    within_limits(&data)?;
    Ok(Split { data, changed: split.changed })
}

pub(super) fn within_limits(data: &[PersonalData]) -> Result<(), Refusal> {
    if data.len() > MAX_PERSONAL_INSTANCES {
        return Err(Refusal::TooManyPersonalInstances { limit: MAX_PERSONAL_INSTANCES });
    }
    if data.iter().map(bytes).sum::<usize>() > MAX_PERSONAL_DATA_BYTES {
        return Err(Refusal::PersonalDataTooLarge { limit_bytes: MAX_PERSONAL_DATA_BYTES });
    }
    Ok(())
}

/// Returns the size of the data in bytes.
pub fn bytes(data: &PersonalData) -> usize {
    entry(data).bytes()
}

fn entry(PersonalData { instance, properties, alarms }: &PersonalData) -> Entry {
    Entry { instance: instance.clone(), properties: properties.clone(), alarms: alarms.clone() }
}

fn data(Entry { instance, properties, alarms }: Entry) -> PersonalData {
    PersonalData { instance, properties, alarms }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(bytes: usize) -> PersonalData {
        PersonalData { alarms: vec!["x".repeat(bytes)], ..PersonalData::default() }
    }

    fn instance(number: usize) -> PersonalData {
        PersonalData { instance: Some(number.to_string()), ..PersonalData::default() }
    }

    #[test]
    fn the_data_of_one_person_for_one_object_are_bounded() {
        let too_large = Err(Refusal::PersonalDataTooLarge { limit_bytes: 65_536 });
        let too_many = Err(Refusal::TooManyPersonalInstances { limit: 500 });
        let rows = [
            ("nothing", vec![], Ok(())),
            ("as many bytes as fit", vec![alarm(65_536)], Ok(())),
            ("one more", vec![alarm(65_536), alarm(1)], too_large),
            ("as many instances as fit", (0..500).map(instance).collect(), Ok(())),
            ("one instance more", (0..501).map(instance).collect(), too_many),
        ];
        for (title, data, expected) in rows {
            assert_eq!(within_limits(&data), expected, "{title}");
        }
    }

    #[test]
    fn a_text_that_is_not_valid_keeps_nothing() {
        let text =
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let sent = Document::parse(text).expect("the text is well-formed");
        assert!(matches!(
            split(None, &[], &sent),
            Err(Refusal::NotCalendarData { .. } | Refusal::NotCalendarObject { .. })
        ));
    }
}
