//! The role of a home's owner in a calendar object: organizer, attendee, or neither (RFC 6638
//! §3.1).
//!
//! **Invariant:** the role depends on the object and the owner's addresses alone. An object is
//! refused only if its components name different organizers.

use crate::{Condition, Owns, Refusal};
use ical::{Address, Component, Document};

/// The role of a home's owner in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarUserRole {
    /// The object is not a scheduling object resource.
    NotScheduled,
    /// The owner organizes the meeting.
    Organizer {
        /// The owner's address in ORGANIZER.
        organizer: Address,
    },
    /// The owner is an attendee.
    Attendee {
        /// The organizer's address.
        organizer: Address,
        /// The owner's addresses among the attendees, at least one.
        me: Vec<Address>,
    },
}

/// Returns the owner's role in the object.
///
/// Returns an error if its components name different organizers (RFC 6638 §3.2.4.2). Two addresses
/// of the owner count as one organizer.
pub fn calendar_user_role(object: &Document, owns: Owns<'_>) -> Result<CalendarUserRole, Refusal> {
    let components = || object.root().components().filter(|component| is_scheduled(*component));
    let mut organizers = components().filter_map(|component| Some((component, component.organizer()?)));
    let Some((_, first)) = organizers.next() else { return Ok(CalendarUserRole::NotScheduled) };
    if let Some((component, _)) = organizers.find(|(_, other)| *other != first && !(owns(other) && owns(&first))) {
        return Err(differs(component));
    }
    if owns(&first) {
        return Ok(CalendarUserRole::Organizer { organizer: first });
    }
    let mut me: Vec<Address> = Vec::new();
    for attendee in components().flat_map(|component| component.properties_named("ATTENDEE")) {
        match attendee.address() {
            Some(address) if owns(&address) && !me.contains(&address) => me.push(address),
            Some(_) | None => {}
        }
    }
    // If somebody else organizes the meeting and did not invite the owner, the object is not a
    // scheduling object.
    Ok(if me.is_empty() { CalendarUserRole::NotScheduled } else { CalendarUserRole::Attendee { organizer: first, me } })
}

/// Returns whether the component takes part in scheduling: an event or a task. A journal does not,
/// because RFC 5546 defines no reply to it.
pub(crate) fn is_scheduled(component: Component<'_>) -> bool {
    component.is("VEVENT") || component.is("VTODO")
}

fn differs(component: Component<'_>) -> Refusal {
    Refusal {
        condition: Condition::SameOrganizerInAllComponents,
        property: "ORGANIZER".to_owned(),
        instance: component.property("RECURRENCE-ID").map(|id| id.value().to_owned()),
        why: "all components of a meeting must name the same ORGANIZER".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Result<CalendarUserRole, Refusal> {
        let components: Vec<_> =
            lines.iter().map(|lines| format!("BEGIN:VEVENT\nUID:1\n{lines}END:VEVENT\n")).collect();
        let text = specimens::calendar(&components.concat());
        let object = Document::parse(text).expect("the text is well-formed");
        calendar_user_role(&object, &|address| address.canonical().starts_with("mailto:me@"))
    }

    fn address(written: &str) -> Address {
        Address::parse(written).expect("there is an address")
    }

    #[test]
    fn the_owner_is_organizer_or_attendee_or_neither() {
        let mine = CalendarUserRole::Organizer { organizer: address("mailto:me@x") };
        let theirs = CalendarUserRole::Attendee { organizer: address("mailto:a@x"), me: vec![address("mailto:me@y")] };
        let rows = [
            ("no organizer", vec!["ATTENDEE:mailto:me@x\n"], Ok(CalendarUserRole::NotScheduled)),
            ("an empty organizer", vec!["ORGANIZER:\nATTENDEE:mailto:me@x\n"], Ok(CalendarUserRole::NotScheduled)),
            ("organizer", vec!["ORGANIZER:MAILTO:Me@x\nATTENDEE:mailto:b@x\n"], Ok(mine.clone())),
            ("organizer without attendees", vec!["ORGANIZER:mailto:me@x\n"], Ok(mine.clone())),
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
            ("neither", vec!["ORGANIZER:mailto:iCloud\nATTENDEE:mailto:b@x\n"], Ok(CalendarUserRole::NotScheduled)),
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
