//! Checks that every TZID names a zone of the document or a known zone (RFC 5545 §3.2.19, RFC
//! 7809).
//!
//! **Invariant:** exactly two kinds of objects are refused: those with a TZID parameter that
//! [`Zones`] cannot find, and those with two different VTIMEZONEs for one TZID that is no known
//! name.

use super::invalid::Invalid;
use crate::text::{Component, Document};
use crate::view::bare;
use crate::zone::{Limit, MAX_NAMES, Zone, Zones};
use std::collections::BTreeMap;

pub(super) fn judge(document: &Document, zones: &Zones) -> Result<(), Invalid> {
    judge_doubles(document.root())?;
    if zones.unknown().next().is_none() {
        return Ok(());
    }
    for property in document.components().flat_map(Component::properties) {
        let Some(tzid) = property.param("TZID") else { continue };
        if zones.find(&tzid).is_none() {
            let why = match zones.limit_of(&tzid) {
                None => "is unknown, and the object has no valid VTIMEZONE for it; send one".to_owned(),
                Some(Limit::Names) => format!(
                    "was not read, because the object has more than {MAX_NAMES} different TZIDs; send only those that \
                     its times use"
                ),
                Some(Limit::Work) => "was not read, because the rules of the VTIMEZONEs of the object need too much \
                    work; send shorter ones"
                    .to_owned(),
            };
            let why = format!("the time zone `{tzid}` {why}");
            return Err(Invalid::property("known-zone", property, why).of_timezone());
        }
    }
    Ok(())
}

/// Refuses two VTIMEZONEs with the same TZID and different texts, because they are ambiguous. Equal
/// texts are tolerated, because some clients repeat a VTIMEZONE. If the TZID is the name of a known
/// zone, the texts do not matter.
fn judge_doubles(root: Component<'_>) -> Result<(), Invalid> {
    let mut texts: BTreeMap<String, &str> = BTreeMap::new();
    for zone in root.components_named("VTIMEZONE") {
        let Some(tzid) = zone.property("TZID") else { continue };
        let name = bare(tzid.value()).into_owned();
        let first = *texts.entry(name.clone()).or_insert(zone.text());
        if first != zone.text() && Zone::named(&name).is_none() {
            return Err(Invalid::property(
                "one-zone",
                tzid,
                format!("two different VTIMEZONEs have the TZID `{name}`; keep one"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Document;
    use crate::validate::calendar_object;

    /// Returns the refusal of an event in the zone `Z9`, in an object with these VTIMEZONEs.
    fn refusal(zones: &str) -> String {
        let event = "BEGIN:VEVENT\nUID:1\nDTSTAMP:20260105T120000Z\nDTSTART;TZID=Z9:20260105T120000\nEND:VEVENT\n";
        let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{zones}{event}END:VCALENDAR\n");
        calendar_object(&Document::parse(text).expect("it is well-formed")).expect_err("an unknown zone").why
    }

    fn zone(tzid: &str, rule: &str) -> String {
        let times = "DTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100";
        format!("BEGIN:VTIMEZONE\nTZID:{tzid}\nBEGIN:STANDARD\n{times}\n{rule}END:STANDARD\nEND:VTIMEZONE\n")
    }

    #[test]
    fn the_refusal_of_a_time_zone_names_the_limit_that_was_reached() {
        let missing = "the time zone `Z9` is unknown, and the object has no valid VTIMEZONE for it; send one";
        assert_eq!(refusal(""), missing);
        let zones: Vec<_> = (0..200).map(|number| zone(&format!("A{number}"), "")).collect();
        let names = "the time zone `Z9` was not read, because the object has more than 200 different TZIDs; send \
            only those that its times use";
        assert_eq!(refusal(&(zones.concat() + &zone("Z9", ""))), names);
        let work = "the time zone `Z9` was not read, because the rules of the VTIMEZONEs of the object need too much \
            work; send shorter ones";
        assert_eq!(refusal(&zone("Z9", "RRULE:FREQ=SECONDLY\n")), work);
        assert_eq!(refusal(&(zone("A", "RRULE:FREQ=SECONDLY\n") + &zone("Z9", ""))), work);
        assert_eq!(refusal(&zone("A", "RRULE:FREQ=SECONDLY\n")), missing);
    }
}
