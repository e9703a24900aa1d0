//! What the owner of a home is to an object in it (RFC 6638 §3.1).
//!
//! **Invariant:** the same for the same object, whatever is done with it; only an ORGANIZER that differs between components
//! is refused.

use crate::{Condition, Owns, Refusal};
use ical::{Address, Component, Document};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Not a scheduling object resource.
    NotScheduled,
    Organizer {
        organizer: Address,
    },
    /// `me`: the owner's addresses among the attendees; there is at least one.
    Attendee {
        organizer: Address,
        me: Vec<Address>,
    },
}

/// Tells what the owner is to the object.
pub fn standing(object: &Document, owns: Owns<'_>) -> Result<Standing, Refusal> {
    let components = || object.root().components().filter(|component| is_scheduled(*component));
    let mut organizers = components().filter_map(|component| Some((component, component.organizer()?)));
    let Some((_, first)) = organizers.next() else { return Ok(Standing::NotScheduled) };
    if let Some((component, _)) = organizers.find(|(_, other)| *other != first && !(owns(other) && owns(&first))) {
        return Err(differs(component));
    }
    if owns(&first) {
        return Ok(Standing::Organizer { organizer: first });
    }
    let mut me: Vec<Address> = Vec::new();
    for attendee in components().flat_map(|component| component.properties_named("ATTENDEE")) {
        match attendee.address() {
            Some(address) if owns(&address) && !me.contains(&address) => me.push(address),
            Some(_) | None => {}
        }
    }
    // An organizer whom nobody knows and who did not invite the owner means nothing to the server.
    Ok(if me.is_empty() { Standing::NotScheduled } else { Standing::Attendee { organizer: first, me } })
}

/// Scheduling is for events and tasks; RFC 5546 knows no answer to a journal.
pub(crate) fn is_scheduled(component: Component<'_>) -> bool {
    component.is("VEVENT") || component.is("VTODO")
}

fn differs(component: Component<'_>) -> Refusal {
    Refusal {
        condition: Condition::SameOrganizerInAllComponents,
        property: "ORGANIZER".to_owned(),
        instance: component.property("RECURRENCE-ID").map(|id| id.value().to_owned()),
        why: "the components of a scheduling object resource must all have the same ORGANIZER".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Result<Standing, Refusal> {
        let components: Vec<_> =
            lines.iter().map(|lines| format!("BEGIN:VEVENT\nUID:1\n{lines}END:VEVENT\n")).collect();
        let text = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", components.concat());
        let object = Document::parse(text).expect("the text is well-formed");
        standing(&object, &|address| address.canonical().starts_with("mailto:me@"))
    }

    fn address(written: &str) -> Address {
        Address::parse(written).expect("there is an address")
    }

    #[test]
    fn the_owner_is_organizer_or_attendee_or_neither() {
        let mine = Standing::Organizer { organizer: address("mailto:me@x") };
        let theirs = Standing::Attendee { organizer: address("mailto:a@x"), me: vec![address("mailto:me@y")] };
        let rows = [
            ("no organizer", vec!["ATTENDEE:mailto:me@x\n"], Ok(Standing::NotScheduled)),
            ("an empty organizer", vec!["ORGANIZER:\nATTENDEE:mailto:me@x\n"], Ok(Standing::NotScheduled)),
            ("organizer", vec!["ORGANIZER:MAILTO:Me@x\nATTENDEE:mailto:b@x\n"], Ok(mine.clone())),
            ("organizer without guests", vec!["ORGANIZER:mailto:me@x\n"], Ok(mine.clone())),
            (
                "two addresses of one organizer",
                vec!["ORGANIZER:mailto:me@x\n", "ORGANIZER:mailto:me@y\n"],
                Ok(mine.clone()),
            ),
            ("an override without organizer", vec!["ORGANIZER:mailto:me@x\n", ""], Ok(mine)),
            ("attendee", vec!["ORGANIZER:mailto:a@x\nATTENDEE:mailto:b@x\nATTENDEE:mailto:me@y\n"], Ok(theirs.clone())),
            (
                "attendee of one instance",
                vec!["ORGANIZER:mailto:a@x\n", "ORGANIZER:mailto:A@x\nATTENDEE:mailto:me@y\n"],
                Ok(theirs),
            ),
            ("neither", vec!["ORGANIZER:mailto:iCloud\nATTENDEE:mailto:b@x\n"], Ok(Standing::NotScheduled)),
        ];
        for (title, lines, expected) in rows {
            assert_eq!(of(&lines), expected, "{title}");
        }
    }

    #[test]
    fn two_organizers_are_refused_with_the_instance() {
        let refusal = of(&["ORGANIZER:mailto:me@x\n", "RECURRENCE-ID:20260105T120000Z\nORGANIZER:mailto:b@x\n"]);
        let refusal = refusal.expect_err("they differ");
        assert_eq!(refusal.condition, Condition::SameOrganizerInAllComponents);
        assert_eq!((refusal.property.as_str(), refusal.instance.as_deref()), ("ORGANIZER", Some("20260105T120000Z")));
    }
}
