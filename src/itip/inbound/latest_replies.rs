//! The latest reply of each attendee (RFC 5546 §2.1.5).
//!
//! **Invariant:** SEQUENCE and DTSTAMP decide which of two replies is the later one, and not the
//! order of arrival. A DTSTAMP in the future counts as the time of arrival.

use crate::calendar_user_role::is_scheduled;
use crate::meeting::{ComponentKey, Part};
use crate::times::{InstanceKey, Times, utc};
use ical::{Address, Component, Document};
use schemas::object::Answer;
use std::collections::{BTreeMap, BTreeSet};

/// The latest replies of each attendee to each component of a meeting: those that no other kept
/// reply equals or exceeds in both SEQUENCE and DTSTAMP.
///
/// There are several if one has the higher SEQUENCE and another the later DTSTAMP: for example, an
/// override was removed, and the series, with its lower SEQUENCE, describes the instance again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LatestReplies(BTreeMap<(Address, ComponentKey), Vec<ReplyVersion>>);

/// The revision that a reply answers, and the time at which it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ReplyVersion {
    sequence: i32,
    /// DTSTAMP in UTC, so that the order of the texts is the order of the times; empty if there is
    /// none.
    dtstamp: String,
    /// True if this is the answer to an instance, in a message that also answered the series.
    with_series: bool,
}

impl ReplyVersion {
    fn of(component: Component<'_>) -> Self {
        let dtstamp = component.property("DTSTAMP").map(|stamp| stamp.value().to_owned());
        Self { sequence: component.sequence(), dtstamp: dtstamp.unwrap_or_default(), with_series: false }
    }

    /// Returns whether this reply is at least as late as `other` in both SEQUENCE and DTSTAMP.
    fn covers(&self, other: &Self) -> bool {
        self.sequence >= other.sequence && self.dtstamp >= other.dtstamp
    }

    /// Returns whether this reply is older than `other` in the order of RFC 5546 §2.1.5: SEQUENCE
    /// first, then DTSTAMP. `present` is the SEQUENCE of the component that describes the answered
    /// instance now. If this reply answers at least that revision and has the later DTSTAMP, it is
    /// not older: the higher SEQUENCE of `other` may be of a revision that is gone.
    fn is_older_than(&self, other: &Self, present: i32) -> bool {
        let answers_present = self.sequence >= present && self.dtstamp > other.dtstamp;
        let order = |version: &Self| (version.sequence, version.dtstamp.clone());
        order(self) < order(other) && !answers_present
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
        let ReplyVersion { sequence, dtstamp, .. } = ReplyVersion::of(component);
        Some(Answer { address: address.as_written().to_owned(), instance, sequence, dtstamp })
    };
    components().filter_map(answer).collect()
}

impl LatestReplies {
    /// Records the answers of a REPLY that was applied.
    pub fn record(&mut self, reply: &[Answer]) {
        let of_series = reply.iter().filter(|answer| answer.instance.is_none());
        let of_series: BTreeSet<_> = of_series.map(|answer| &answer.address).collect();
        for answer in reply {
            self.record_answer(answer, answer.instance.is_some() && of_series.contains(&answer.address));
        }
    }

    fn record_answer(&mut self, answer: &Answer, with_series: bool) {
        let component_key = match &answer.instance {
            None => ComponentKey::Master,
            Some(instance) => match InstanceKey::parse(instance) {
                Some(key) => ComponentKey::Instance(key),
                None => return,
            },
        };
        let Some(address) = Address::parse(&answer.address) else { return };
        let version = ReplyVersion { sequence: answer.sequence, dtstamp: answer.dtstamp.clone(), with_series };
        let known = self.0.entry((address, component_key)).or_default();
        if !known.iter().any(|known| known.covers(&version)) {
            known.retain(|known| !version.covers(known));
            known.push(version);
        }
    }

    /// Returns whether this address answered the instance separately from the series, in the
    /// current revision of its override `known`. A reply that answers both is no separate answer:
    /// it states the participation in every override.
    pub(super) fn has_answered(&self, address: &Address, instance: InstanceKey, known: &Part<'_>) -> bool {
        let mut answered = self.versions(address, ComponentKey::Instance(instance));
        answered.any(|answered| answered.sequence >= known.sequence() && !answered.with_series)
    }

    /// Returns whether this address sent a later reply about this component than `said`. `present`
    /// is the SEQUENCE of the component that describes the answered instance now.
    pub(super) fn has_later(
        &self,
        address: &Address,
        component_key: ComponentKey,
        said: &Part<'_>,
        present: i32,
    ) -> bool {
        let said = ReplyVersion::of(said.component);
        self.versions(address, component_key).any(|known| said.is_older_than(known, present))
    }

    fn versions(&self, address: &Address, component_key: ComponentKey) -> impl Iterator<Item = &ReplyVersion> {
        self.0.get(&(address.clone(), component_key)).into_iter().flatten()
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

    #[test]
    fn sequence_decides_before_dtstamp_and_a_revision_that_is_gone_does_not_count() {
        let [early, late] = ["20260105T090000Z", "20260105T100000Z"];
        let version = |(sequence, dtstamp): (i32, &str)| ReplyVersion {
            sequence,
            dtstamp: dtstamp.to_owned(),
            with_series: false,
        };
        let rows = [
            ("the same revision, written earlier", (1, early), (1, late), 1, true),
            ("the same revision, written later", (1, late), (1, early), 1, false),
            ("a later revision, written earlier", (2, early), (1, late), 2, false),
            ("an earlier revision, written later", (1, late), (2, early), 2, true),
            ("the revision that is left, written later", (1, late), (2, early), 1, false),
            ("the revision that is left, written earlier", (1, early), (2, late), 1, true),
            ("the same twice", (1, early), (1, early), 1, false),
        ];
        for (title, said, known, present, expected) in rows {
            assert_eq!(version(said).is_older_than(&version(known), present), expected, "{title}");
        }
    }

    #[test]
    fn the_order_in_which_replies_are_recorded_changes_nothing() {
        let answer = |(sequence, dtstamp): (i32, &str)| Answer {
            address: "mailto:bob@example.org".to_owned(),
            instance: Some("20260112T110000Z".to_owned()),
            sequence,
            dtstamp: dtstamp.to_owned(),
        };
        let [first, second, third] = [(5, "20260105T090000Z"), (2, "20260105T110000Z"), (2, "20260105T100000Z")];
        let recorded = |order: [(i32, &str); 3]| {
            let mut replies = LatestReplies::default();
            order.map(answer).iter().for_each(|answer| replies.record(std::slice::from_ref(answer)));
            let versions = replies.0.into_values().next().expect("one attendee answered one instance");
            let mut versions: Vec<_> =
                versions.into_iter().map(|version| (version.sequence, version.dtstamp)).collect();
            versions.sort();
            versions
        };
        let expected = [second, first].map(|(sequence, dtstamp)| (sequence, dtstamp.to_owned()));
        for order in [[first, second, third], [third, second, first], [second, third, first]] {
            assert_eq!(recorded(order), expected, "{order:?}");
        }
    }

    #[test]
    fn an_answer_that_comes_with_the_series_is_no_separate_one() {
        let answer = |instance: Option<&str>, dtstamp: &str| Answer {
            address: "mailto:bob@example.org".to_owned(),
            instance: instance.map(str::to_owned),
            sequence: 0,
            dtstamp: dtstamp.to_owned(),
        };
        let (id, [early, late]) = (Some("20260112T110000Z"), ["20260105T090000Z", "20260105T100000Z"]);
        let (alone, together) = (vec![answer(id, early)], vec![answer(None, late), answer(id, late)]);
        let again = vec![answer(id, "20260105T110000Z")];
        let event = "DTSTART:20260112T110000Z\nRECURRENCE-ID:20260112T110000Z\nORGANIZER:mailto:alice@example.org\n";
        let copy = Document::parse(specimens::event("1", event)).expect("it is well-formed");
        let meeting = crate::meeting::Meeting::known_by(&copy, &Address::clone);
        let (key, part) = meeting.overrides.first_key_value().expect("an override");
        let address = Address::parse("mailto:bob@example.org").expect("an address");
        let mut replies = LatestReplies::default();
        for (reply, expected) in [(alone, true), (together, false), (again, true)] {
            replies.record(&reply);
            assert_eq!(replies.has_answered(&address, *key, part), expected, "{reply:?}");
        }
    }
}
