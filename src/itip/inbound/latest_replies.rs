//! The latest reply of each attendee (RFC 5546 §2.1.5).
//!
//! **Invariant:** the order of arrival does not matter. A reply is older than another if its
//! DTSTAMP is earlier and it answers no later revision.

use crate::calendar_user_role::is_scheduled;
use crate::meeting::{ComponentKey, Part};
use crate::times::{InstanceKey, Times, utc};
use ical::{Address, Component, Document};
use schemas::object::Answer;
use std::collections::BTreeMap;

/// The latest reply of each attendee to each component of a meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LatestReplies(BTreeMap<(Address, ComponentKey), ReplyVersion>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct ReplyVersion {
    sequence: i32,
    /// DTSTAMP in UTC, so that the order of the texts is the order of the times.
    dtstamp: String,
}

impl ReplyVersion {
    fn of(component: Component<'_>) -> Self {
        let dtstamp = component.property("DTSTAMP").map(|stamp| stamp.value().to_owned());
        Self { sequence: component.sequence(), dtstamp: dtstamp.unwrap_or_default() }
    }

    /// Returns whether this reply is older than `other`: its DTSTAMP is earlier, and its SEQUENCE
    /// is not higher. A reply to a lower SEQUENCE is not older if its DTSTAMP is later. In that
    /// case the organizer has removed an override, and the series, with its lower SEQUENCE,
    /// describes the instance again.
    fn is_older_than(&self, other: &Self) -> bool {
        self.dtstamp < other.dtstamp && self.sequence <= other.sequence
    }
}

/// Reads the answers of a REPLY from `sender` that arrives at `now` (seconds since the epoch).
///
/// A DTSTAMP in the future is replaced by `now`. Otherwise an answer from a fast clock would count
/// as newer than the answers after it.
pub fn arrived(reply: &Document, sender: Option<&Address>, now: i64) -> Vec<Answer> {
    let now = utc(now);
    let mut answers = answers_of(reply, sender);
    for answer in answers.iter_mut().filter(|answer| answer.dtstamp > now) {
        answer.dtstamp.clone_from(&now);
    }
    answers
}

/// Reads the answers of a REPLY, one for each component. A component without an attendee, or with
/// an unreadable RECURRENCE-ID, is skipped.
pub fn answers(reply: &Document) -> Vec<Answer> {
    answers_of(reply, None)
}

/// Reads the answers of a REPLY. In each component the line of `sender` counts, or the first
/// ATTENDEE line if `sender` has none.
fn answers_of(reply: &Document, sender: Option<&Address>) -> Vec<Answer> {
    let times = Times::of(reply);
    let components = || reply.root().components().filter(|component| is_scheduled(*component));
    let series =
        components().find(|component| component.property("RECURRENCE-ID").is_none()).and_then(Component::start);
    let answer = |component: Component<'_>| {
        let instance = match component.property("RECURRENCE-ID") {
            None => None,
            Some(id) => Some(times.instance_key(&id.date_time().ok()?, series.as_ref()).to_text()?),
        };
        let addresses = || component.properties_named("ATTENDEE").filter_map(ical::Property::address);
        let address = addresses().find(|address| Some(address) == sender).or_else(|| addresses().next())?;
        let ReplyVersion { sequence, dtstamp } = ReplyVersion::of(component);
        Some(Answer { address: address.as_written().to_owned(), instance, sequence, dtstamp })
    };
    components().filter_map(answer).collect()
}

impl LatestReplies {
    /// Records an answer of a REPLY that was applied. An older answer does not replace a newer one.
    pub fn record(&mut self, answer: &Answer) {
        let component_key = match &answer.instance {
            None => ComponentKey::Master,
            Some(instance) => match InstanceKey::parse(instance) {
                Some(key) => ComponentKey::Instance(key),
                None => return,
            },
        };
        let Some(address) = Address::parse(&answer.address) else { return };
        let stamp = ReplyVersion { sequence: answer.sequence, dtstamp: answer.dtstamp.clone() };
        match self.0.get(&(address.clone(), component_key)) {
            Some(known) if stamp.is_older_than(known) => {}
            Some(_) | None => drop(self.0.insert((address, component_key), stamp)),
        }
    }

    /// Returns whether this address answered the instance separately from the series, in the
    /// current revision of its override `known`.
    pub(super) fn has_answered(&self, address: &Address, instance: InstanceKey, known: &Part<'_>) -> bool {
        let answered = self.0.get(&(address.clone(), ComponentKey::Instance(instance)));
        answered.is_some_and(|answered| answered.sequence >= known.sequence())
    }

    /// Returns whether this address sent a later reply about this component than `said`.
    pub(super) fn has_later(&self, address: &Address, component_key: ComponentKey, said: &Part<'_>) -> bool {
        self.0
            .get(&(address.clone(), component_key))
            .is_some_and(|known| ReplyVersion::of(said.component).is_older_than(known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A time after both DTSTAMPs of [`REPLY`]: 2026-01-05T10:30:00Z.
    const LATER: i64 = 1_767_609_000;
    const REPLY: &str = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260105T090000Z\r\n\
        DTSTART;TZID=Europe/Berlin:20260105T120000\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:Bob@Example.org\r\n\
        END:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260105T100000Z\r\nSEQUENCE:2\r\n\
        RECURRENCE-ID;TZID=Europe/Berlin:20260112T120000\r\nATTENDEE;PARTSTAT=DECLINED:mailto:Bob@Example.org\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn the_answers_of_a_reply_state_attendee_instance_and_version() {
        let answer = |instance: Option<&str>, sequence, dtstamp: &str| Answer {
            address: "mailto:Bob@Example.org".to_owned(),
            instance: instance.map(str::to_owned),
            sequence,
            dtstamp: dtstamp.to_owned(),
        };
        let reply = Document::parse(REPLY.to_owned()).expect("it is well-formed");
        let expected = [answer(None, 0, "20260105T090000Z"), answer(Some("20260112T110000Z"), 2, "20260105T100000Z")];
        assert_eq!(answers(&reply), expected);
        assert_eq!(arrived(&reply, None, LATER), expected);
        let stamps = arrived(&reply, None, LATER - 3_600).into_iter().map(|answer| answer.dtstamp);
        assert_eq!(stamps.collect::<Vec<_>>(), ["20260105T090000Z", "20260105T093000Z"], "no later than now");
    }

    #[test]
    fn an_instance_is_read_as_it_was_written() {
        for text in ["20260112T110000Z", "20260112T000000"] {
            assert_eq!(InstanceKey::parse(text).and_then(InstanceKey::to_text).as_deref(), Some(text));
        }
        for text in ["", "20260112", "20260112T110000ZZ", "tomorrow"] {
            assert_eq!(InstanceKey::parse(text), None, "{text}");
        }
    }
}
