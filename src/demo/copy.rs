//! A person's copy of the meeting, and the changes that their client makes to it.

use anyhow::{Context as _, Result};
use ical::{Address, Component, Document, Property};

use crate::people::Person;

/// A parsed calendar object: somebody's copy of the meeting, or an inbox item.
#[derive(Debug)]
pub(crate) struct Copy(Document);

impl Copy {
    pub(crate) fn of(ics: &str) -> Result<Self> {
        Ok(Self(Document::parse(ics).context("the server's calendar data cannot be parsed")?))
    }

    pub(crate) fn method(&self) -> Option<String> {
        self.0.root().property("METHOD").map(|method| method.value().to_owned())
    }

    pub(crate) fn uid(&self) -> Option<String> {
        self.0.root().components().find_map(|component| component.property("UID")).map(|uid| uid.text().into_owned())
    }

    /// Returns the recurring component (the one without RECURRENCE-ID); an error if there is none.
    fn whole(&self) -> Result<Component<'_>> {
        let mut events = self.0.root().components_named("VEVENT");
        events
            .find(|event| event.property("RECURRENCE-ID").is_none())
            .context("the copy of the meeting contains no series")
    }

    fn instance(&self, recurrence_id: &str) -> Option<Component<'_>> {
        let is_it = |event: &Component<'_>| {
            event.property("RECURRENCE-ID").is_some_and(|property| property.value() == recurrence_id)
        };
        self.0.root().components_named("VEVENT").find(is_it)
    }

    /// Returns the value of a property of the recurring component; empty if it does not have the
    /// property.
    pub(crate) fn value(&self, name: &str) -> Result<String> {
        Ok(self.whole()?.property(name).map(|property| property.value().to_owned()).unwrap_or_default())
    }

    /// Returns the PARTSTAT of an attendee in the override for `recurrence_id`, or with `None` in
    /// the recurring component.
    pub(crate) fn answer(&self, person: Person, recurrence_id: Option<&str>) -> Result<String> {
        let event = match recurrence_id {
            None => self.whole()?,
            Some(id) => self.instance(id).with_context(|| format!("the copy of the meeting has no instance {id}"))?,
        };
        let attendee = attendee(event, person).with_context(|| format!("{} is not invited", person.name))?;
        Ok(attendee.param("PARTSTAT").unwrap_or("NEEDS-ACTION".into()).into_owned())
    }

    /// Returns the SCHEDULE-STATUS of an attendee in the recurring component (RFC 6638 §3.2.9);
    /// empty if there is none.
    pub(crate) fn status(&self, person: Person) -> Result<String> {
        let status = attendee(self.whole()?, person).and_then(|attendee| attendee.param("SCHEDULE-STATUS"));
        Ok(status.unwrap_or_default().into_owned())
    }

    /// Returns true if a SCHEDULE-STATUS says that the invitation was delivered (1.2), or answered
    /// since (2.0). An attendee can have several codes (RFC 6638 §7.3).
    pub(crate) fn is_delivered(status: &str) -> bool {
        status.split(',').all(|code| matches!(code.trim(), "1.2" | "2.0"))
    }

    /// Returns the text of the copy with the PARTSTAT of `person` set, and RSVP removed, in all
    /// VEVENTs that list them.
    pub(crate) fn answered(&self, person: Person, partstat: &str) -> String {
        let mut edit = self.0.edit();
        for event in self.0.root().components_named("VEVENT") {
            if let Some(attendee) = attendee(event, person) {
                edit.set_param(attendee.id(), "PARTSTAT", partstat);
                edit.remove_param(attendee.id(), "RSVP");
            }
        }
        edit.finish()
    }

    /// Returns the text of the copy with a new override for the instance from `start` to `end`, in
    /// which `person` has the PARTSTAT `partstat`.
    pub(crate) fn answered_for(&self, person: Person, partstat: &str, start: &str, end: &str) -> Result<String> {
        let whole = self.whole()?;
        let own = attendee(whole, person).map(ical::Property::id);
        let mut lines = String::from("BEGIN:VEVENT\r\n");
        for property in whole.properties() {
            let line = match property.name().to_ascii_uppercase().as_str() {
                "RRULE" | "EXDATE" | "RDATE" => String::new(),
                "DTSTART" => format!("DTSTART:{start}\r\nRECURRENCE-ID:{start}\r\n"),
                "DTEND" => format!("DTEND:{end}\r\n"),
                _ if own == Some(property.id()) => {
                    format!("ATTENDEE;CN={};PARTSTAT={partstat}:{}\r\n", person.name, person.address())
                }
                _ => property.raw().to_owned(),
            };
            lines.push_str(&line);
        }
        lines.push_str("END:VEVENT\r\n");
        let mut edit = self.0.edit();
        edit.append_component(self.0.root().id(), &lines);
        Ok(edit.finish())
    }
}

fn attendee(event: Component<'_>, person: Person) -> Option<Property<'_>> {
    let wanted = Address::parse(&person.address());
    event.properties_named("ATTENDEE").find(|attendee| Address::parse(attendee.value()) == wanted)
}

#[cfg(test)]
mod tests {
    use super::Copy;

    #[test]
    fn an_invitation_is_delivered_if_its_status_says_so() {
        for (status, expected) in [
            ("1.2", true),
            ("2.0", true),
            ("1.2,2.0", true),
            ("", false),
            ("1.0", false),
            ("1.1", false),
            ("3.7", false),
            ("5.1", false),
            ("1.2,5.1", false),
        ] {
            assert_eq!(Copy::is_delivered(status), expected, "{status}");
        }
    }
}
