//! Brings the copies of one meeting into agreement without messages: after an import, or for a
//! repair.
//!
//! The organizer's object takes in the answers from the attendees' copies; then the copies are
//! updated from the organizer's object.
//!
//! **Invariant:** copies that agree keep their bytes.

use crate::attendee::answers_unknown_to;
use crate::inbound::{self, Ending, LatestReplies, OrganizersComments, Recipient, TagEffect};
use crate::meeting::Meeting;
use crate::{Context, organizer};
use ical::{Address, Document, Edit};

/// The contexts of the two homes that have copies of one meeting. Time and canonical addresses are
/// the same in both.
#[derive(Debug, Clone, Copy)]
pub struct Both<'a> {
    /// The context of the organizer's home.
    pub organizer: Context<'a>,
    /// The context of the attendee's home.
    pub attendee: Context<'a>,
}

/// Returns the organizer's object with the answers that an attendee's copy holds; `None` if there
/// is nothing to add, or if object and copy do not have the same organizer.
///
/// NEEDS-ACTION does not count as an answer, nor does an answer that was given before the meeting
/// was rescheduled (RFC 5546 §2.1.5). The SEQUENCE of the object stays, so that the answers of
/// several copies count in any order; call [`with_sequence`] after the last of them.
pub fn with_answers(organizers: &Document, attendees: &Document, both: &Both<'_>) -> Option<String> {
    let (object, copy) = (Meeting::of(organizers, &both.organizer), Meeting::of(attendees, &both.attendee));
    if !is_of_same_meeting(&object, &copy) {
        return None;
    }
    let reply = answers_unknown_to(&object, &copy, &both.attendee)?;
    let reply = Document::parse(reply.ics).expect("a message that was written is well-formed");
    let reply = inbound::Message::read(&reply, both.organizer.canonical).ok()?;
    let recipient = Recipient {
        copy: Some(&inbound::Copy::read(organizers, both.organizer.canonical)),
        latest_replies: &LatestReplies::default(),
        ending: Ending::Open,
        comments: &OrganizersComments::default(),
    };
    match inbound::receive(&reply, &recipient, &both.organizer).effect {
        inbound::Effect::Changed { ics, .. } => Some(ics).filter(|ics| ics != organizers.as_str()),
        inbound::Effect::Created(_) | inbound::Effect::Answered(_) | inbound::Effect::Unchanged { .. } => None,
    }
}

/// Returns the organizer's object with the SEQUENCE of each component raised to that of the copy,
/// so that the organizer's next update is not outdated for that attendee. `None` if the copy's is
/// nowhere higher, or if they name different organizers.
pub fn with_sequence(organizers: &Document, attendees: &Document, both: &Both<'_>) -> Option<String> {
    let (object, copy) = (Meeting::of(organizers, &both.organizer), Meeting::of(attendees, &both.attendee));
    if !is_of_same_meeting(&object, &copy) {
        return None;
    }
    let mut edit = organizers.edit();
    for (key, part) in object.parts() {
        let later = copy.part(key).map(crate::meeting::Part::sequence).filter(|later| *later > part.sequence());
        if let Some(later) = later {
            set_sequence(part.component, later, &mut edit);
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}

/// Returns whether both name the same organizer. The UID alone does not show that a copy is one of
/// the organizer's meeting.
fn is_of_same_meeting(object: &Meeting<'_>, copy: &Meeting<'_>) -> bool {
    object.organizer.is_some() && object.organizer == copy.organizer
}

fn set_sequence(component: ical::Component<'_>, sequence: i32, edit: &mut Edit<'_>) {
    match component.property("SEQUENCE") {
        Some(known) => edit.set_value(known.id(), &sequence.to_string()),
        None => edit.append_property(component.id(), &format!("SEQUENCE:{sequence}")),
    }
}

/// Returns the attendee's copy, updated from the organizer's object, and the effect on its
/// Schedule-Tag; `None` if both agree already, if the attendee is not invited, or if object and
/// copy do not have the same organizer.
///
/// The attendee's own properties stay (RFC 6638 §3.2.2.1). PARTSTAT is taken from the object, so
/// call [`with_answers`] first to keep the answer of the copy.
pub fn copy(organizers: &Document, attendees: &Document, both: &Both<'_>) -> Option<(String, TagEffect)> {
    let object = Meeting::of(organizers, &both.organizer);
    let me: Address = object.attendees().into_iter().find(|known| known.is_owned(&both.attendee))?.address.clone();
    let request = organizer::current(&object, &me, &both.organizer)?;
    let request = Document::parse(request.ics).expect("a message that was written is well-formed");
    let said = Meeting::of(&request, &both.attendee);
    inbound::aligned(&said, &Meeting::of(attendees, &both.attendee), &both.attendee)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: &str = "DTSTART:20260107T120000Z\nRRULE:FREQ=DAILY;COUNT=5\nORGANIZER:mailto:a@x\n";

    fn parse(text: &str) -> Document {
        Document::parse(text.to_owned()).expect("it is well-formed")
    }

    fn event(lines: &str) -> String {
        specimens::event("1", &format!("DTSTART:20260107T120000Z\nORGANIZER:mailto:a@x\n{lines}"))
    }

    /// Brings an organizer's object and Bob's copy into agreement, and returns both.
    fn together(organizers: &str, attendees: &str) -> (String, String) {
        let (a, b) = (|address: &Address| is(address, "mailto:a@x"), |address: &Address| is(address, "mailto:b@x"));
        let context = |owns| Context { now: 1_767_614_400, owns, canonical: &Address::clone, knows: &|_| true };
        let both = Both { organizer: context(&a), attendee: context(&b) };
        let object = with_answers(&parse(organizers), &parse(attendees), &both);
        let object = object.unwrap_or_else(|| organizers.to_owned());
        let object = with_sequence(&parse(&object), &parse(attendees), &both).unwrap_or(object);
        let copy = copy(&parse(&object), &parse(attendees), &both).map_or_else(|| attendees.to_owned(), |(ics, _)| ics);
        let again = super::copy(&parse(&object), &parse(&copy), &both);
        assert_eq!(again, None, "what was brought together agrees");
        for take in [with_answers, with_sequence] {
            assert_eq!(take(&parse(&object), &parse(&copy), &both), None, "in both directions");
        }
        (object, copy)
    }

    fn is(address: &Address, written: &str) -> bool {
        address.canonical() == written
    }

    fn unfolded(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn copies_that_agree_keep_their_octets() {
        let object = event(
            "ATTENDEE;PARTSTAT=ACCEPTED;X-NUM-GUESTS=0;RSVP=TRUE:mailto:b@x\nATTENDEE;PARTSTAT=DECLINED:mailto:c@x\n\
             X-MOZ-GENERATION:3\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT9M\nEND:VALARM\n",
        );
        let copy = event(
            "ATTENDEE;PARTSTAT=DECLINED:mailto:c@x\nATTENDEE;PARTSTAT=ACCEPTED:MAILTO:B@x\nTRANSP:TRANSPARENT\n\
             LAST-MODIFIED:20260101T000000Z\nSEQUENCE:0\n",
        );
        assert_eq!(together(&object, &copy), (object, copy));
    }

    #[test]
    fn an_answer_counts_wherever_it_is() {
        let of = |partstat: &str| event(&format!("ATTENDEE;PARTSTAT={partstat}:mailto:b@x\n"));
        for (at_the_organizer, at_bob, expected) in [
            ("NEEDS-ACTION", "ACCEPTED", "PARTSTAT=ACCEPTED"),
            ("ACCEPTED", "NEEDS-ACTION", "PARTSTAT=ACCEPTED"),
            ("ACCEPTED", "DECLINED", "PARTSTAT=DECLINED"),
            ("DECLINED", "TENTATIVE", "PARTSTAT=TENTATIVE"),
        ] {
            let (object, copy) = together(&of(at_the_organizer), &of(at_bob));
            assert!(
                object.contains(expected) && copy.contains(expected),
                "{at_the_organizer} {at_bob}\n{object}{copy}"
            );
        }
    }

    #[test]
    fn an_answer_to_an_earlier_time_does_not_count() {
        let object = event("SEQUENCE:2\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:b@x\n");
        let copy = specimens::event(
            "1",
            "DTSTART:20260108T120000Z\nORGANIZER:mailto:a@x\nSEQUENCE:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\n",
        );
        let (object, copy) = together(&object, &copy);
        assert!(object.contains("PARTSTAT=NEEDS-ACTION"), "{object}");
        assert!(copy.contains("DTSTART:20260107T120000Z") && copy.contains("PARTSTAT=NEEDS-ACTION"), "{copy}");
    }

    #[test]
    fn answers_of_others_and_what_the_organizer_wrote_come_from_the_organizer() {
        let guests = |of_carol: &str| {
            format!("ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\nATTENDEE;PARTSTAT={of_carol}:mailto:c@x\n")
        };
        let object = event(&format!("SUMMARY:New\nLOCATION:Lake\n{}", guests("DECLINED")));
        let copy = event(&format!("SUMMARY:Old\n{}X-MINE:kept\nCATEGORIES:mine\n", guests("NEEDS-ACTION")));
        let (same, copy) = together(&object, &copy);
        assert_eq!(same, object);
        for line in ["SUMMARY:New", "LOCATION:Lake", "PARTSTAT=DECLINED:mailto:c@x", "X-MINE:kept", "CATEGORIES:mine"] {
            assert!(unfolded(&copy).contains(line), "{line}: {copy}");
        }
    }

    #[test]
    fn the_organizers_sequence_rises_to_that_of_a_later_copy() {
        let of = |sequence: i32| event(&format!("SEQUENCE:{sequence}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\n"));
        let (object, copy) = together(&of(1), &of(4));
        assert!(object.contains("SEQUENCE:4") && copy.contains("SEQUENCE:4"), "{object}{copy}");
    }

    #[test]
    fn an_answer_to_one_instance_reaches_the_organizer() {
        let master = specimens::component("VEVENT", "1", &format!("{SERIES}ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\n"));
        let instance = specimens::component(
            "VEVENT",
            "1",
            "RECURRENCE-ID:20260109T120000Z\nDTSTART:20260109T120000Z\nORGANIZER:mailto:a@x\n\
             ATTENDEE;PARTSTAT=DECLINED:mailto:b@x\n",
        );
        let (object, _) = together(&specimens::calendar(&master), &specimens::calendar(&(master.clone() + &instance)));
        assert!(object.contains("RECURRENCE-ID:20260109T120000Z") && object.contains("PARTSTAT=DECLINED"), "{object}");
    }

    #[test]
    fn a_copy_of_another_organizer_is_left_alone() {
        let of_another = "DTSTART:20260107T120000Z\nORGANIZER:mailto:d@x\nATTENDEE:mailto:b@x\n";
        let object = event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\n");
        for sequence in ["", "SEQUENCE:4\n"] {
            let copy = specimens::event("1", &format!("{of_another}{sequence}"));
            assert_eq!(together(&object, &copy), (object.clone(), copy));
        }
    }
}
