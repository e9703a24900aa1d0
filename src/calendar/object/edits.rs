//! Finds the changes that the server made to a sent text, by comparing it with the stored text.
//!
//! **Invariant:** each reason belongs to a difference. Two texts that differ have at least one
//! reason.

use std::collections::BTreeSet;

use ical::{Component, Document, Property, repair::Repair};
use schemas::edit::{Edit, EditReason};

/// Returns, for each of these repairs of a text, the edit that records it.
pub(super) fn repairs(repairs: &[Repair]) -> impl Iterator<Item = Edit> {
    repairs.iter().map(|repair| Edit {
        reason: EditReason::Repaired,
        repair: Some(repair.kind.as_str().to_owned()),
        path: (!repair.path.is_empty()).then(|| repair.path.clone()),
    })
}

/// Returns the reasons for the differences between the sent text and `stored`, the result of the
/// scheduling rules.
pub(super) fn between(sent: &Document, stored: &str) -> Vec<Edit> {
    if sent.as_str() == stored {
        return vec![];
    }
    let mut reasons = BTreeSet::new();
    if let Ok(stored) = Document::parse(stored) {
        components(sent.root(), stored.root(), &mut reasons);
    }
    if reasons.is_empty() {
        // The texts differ only in something that is not compared above, for example in nested
        // components or in the folding of lines.
        reasons.insert(EditReason::LinesKept);
    }
    reasons.into_iter().map(Edit::of).collect()
}

fn components(sent: Component<'_>, stored: Component<'_>, reasons: &mut BTreeSet<EditReason>) {
    for component in stored.components() {
        let same = |other: &Component<'_>| key(*other) == key(component);
        match sent.components().find(same) {
            Some(sent) => properties(sent, component, reasons),
            None => drop(reasons.insert(EditReason::InstancesKept)),
        }
    }
}

/// Returns what tells a component from the others of its object: its name, its RECURRENCE-ID, and
/// the TZID of a VTIMEZONE.
fn key(component: Component<'_>) -> (String, &str, &str) {
    let value = |name| component.property(name).map_or("", Property::value);
    (component.name().to_ascii_uppercase(), value("RECURRENCE-ID"), value("TZID"))
}

fn properties(sent: Component<'_>, stored: Component<'_>, reasons: &mut BTreeSet<EditReason>) {
    if sent.text() == stored.text() {
        return;
    }
    let mut left: Vec<_> = sent.properties().collect();
    let mut take = |is_it: &dyn Fn(Property<'_>) -> bool| {
        left.iter().position(|sent| is_it(*sent)).map(|index| left.swap_remove(index))
    };
    let mut changed = vec![];
    for property in stored.properties() {
        if take(&|sent| sent.content_line() == property.content_line()).is_none() {
            changed.push(property);
        }
    }
    for property in changed {
        let is_same = |sent: Property<'_>| {
            let is_named = sent.name().eq_ignore_ascii_case(property.name());
            is_named && (!names_somebody(property) || sent.value().eq_ignore_ascii_case(property.value()))
        };
        let before = take(&is_same);
        if property.is("SEQUENCE") {
            reasons.insert(EditReason::SequenceSet);
        } else if let Some(sent) = before.filter(|_| names_somebody(property)) {
            person(sent, property, reasons);
        } else {
            reasons.insert(EditReason::LinesKept);
        }
    }
    for removed in left {
        let is_sequence = removed.is("SEQUENCE");
        reasons.insert(if is_sequence { EditReason::SequenceSet } else { EditReason::LinesKept });
    }
}

fn names_somebody(property: Property<'_>) -> bool {
    property.is("ATTENDEE") || property.is("ORGANIZER")
}

/// Adds the reasons for the changes of one ATTENDEE or ORGANIZER line.
fn person(sent: Property<'_>, stored: Property<'_>, reasons: &mut BTreeSet<EditReason>) {
    let differs = |name| sent.param(name) != stored.param(name);
    let asked_again = || stored.param("PARTSTAT").is_some_and(|partstat| partstat.eq_ignore_ascii_case("NEEDS-ACTION"));
    let of_partstat = if asked_again() { EditReason::AnswersReset } else { EditReason::AnswersKept };
    let found = [
        ("PARTSTAT", of_partstat),
        ("RSVP", EditReason::ReplyRequested),
        ("SCHEDULE-STATUS", EditReason::StatusSet),
        ("SCHEDULE-FORCE-SEND", EditReason::ForceSendRemoved),
        ("SCHEDULE-AGENT", EditReason::AgentKept),
    ];
    let found: Vec<_> = found.into_iter().filter(|(name, _)| differs(name)).map(|(_, reason)| reason).collect();
    reasons.extend(if found.is_empty() { vec![EditReason::LinesKept] } else { found });
}

#[cfg(test)]
mod tests {
    use ical::repair::RepairKind;

    use super::*;

    /// Returns the names of the reasons why `stored` differs from `sent`, separated by spaces.
    fn reasons(sent: &str, stored: &str) -> String {
        let text = |lines: &str| specimens::event("1", &format!("DTSTART:20260107T120000Z\n{lines}"));
        let edits = between(&Document::parse(text(sent)).expect("well-formed"), &text(stored));
        let word =
            |edit: &Edit| serde_json::to_value(edit.reason).expect("a word").as_str().expect("a word").to_owned();
        edits.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_difference_has_its_reason() {
        for (sent, stored, expected) in [
            ("", "", ""),
            ("SEQUENCE:1\n", "SEQUENCE:2\n", "sequence-set"),
            ("", "SEQUENCE:2\n", "sequence-set"),
            ("SEQUENCE:2\n", "", "sequence-set"),
            ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\n", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:b@x\n", "answers-reset"),
            ("ATTENDEE:mailto:b@x\n", "ATTENDEE;PARTSTAT=DECLINED:mailto:b@x\n", "answers-kept"),
            ("ATTENDEE:mailto:b@x\n", "ATTENDEE;RSVP=TRUE:MAILTO:B@x\n", "reply-requested"),
            ("ATTENDEE:mailto:b@x\n", "ATTENDEE;SCHEDULE-STATUS=\"1.2\":mailto:b@x\n", "status-set"),
            ("ATTENDEE;SCHEDULE-FORCE-SEND=REQUEST:mailto:b@x\n", "ATTENDEE:mailto:b@x\n", "force-send-removed"),
            ("ORGANIZER:mailto:b@x\n", "ORGANIZER;SCHEDULE-AGENT=CLIENT:mailto:b@x\n", "agent-kept"),
            ("ATTENDEE:mailto:b@x\n", "ATTENDEE;CN=Bob:mailto:b@x\n", "lines-kept"),
            ("ATTENDEE:mailto:c@x\n", "ATTENDEE:mailto:c@x\nATTENDEE:mailto:b@x\n", "lines-kept"),
            ("SUMMARY:mine\n", "SUMMARY:the organizer's\n", "lines-kept"),
            // Each changed line of a person is compared with the former line of the same person,
            // whatever the order of the lines.
            (
                "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\nATTENDEE:mailto:c@x\n",
                "ATTENDEE;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=\"1.2\":mailto:b@x\nATTENDEE;RSVP=TRUE:mailto:c@x\n",
                "reply-requested status-set",
            ),
            (
                "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\nATTENDEE:mailto:c@x\n",
                "ATTENDEE;RSVP=TRUE:mailto:c@x\nATTENDEE;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=\"1.2\":mailto:b@x\n",
                "reply-requested status-set",
            ),
            (
                "ATTENDEE:mailto:b@x\nORGANIZER:mailto:b@x\n",
                "ORGANIZER;SCHEDULE-STATUS=\"1.2\":mailto:b@x\nATTENDEE;RSVP=TRUE:mailto:b@x\n",
                "reply-requested status-set",
            ),
            (
                "ATTENDEE:mailto:b@x\nSUMMARY:mine\n",
                "SUMMARY:the organizer's\nATTENDEE;RSVP=TRUE:mailto:b@x\n",
                "reply-requested lines-kept",
            ),
            ("COMMENT:mine\n", "", "lines-kept"),
            (
                "BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT5M\nEND:VALARM\n",
                "BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT9M\nEND:VALARM\n",
                "lines-kept",
            ),
            (
                "SEQUENCE:1\nATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\n",
                "SEQUENCE:2\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:b@x\n",
                "answers-reset reply-requested sequence-set",
            ),
        ] {
            assert_eq!(reasons(sent, stored), expected, "{sent} {stored}");
        }
    }

    #[test]
    fn an_instance_that_was_put_back_is_told() {
        let master = "BEGIN:VEVENT\r\nUID:1\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n";
        let instance = "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20260106T130000Z\r\nEND:VEVENT\r\n";
        let sent = Document::parse(specimens::calendar(master)).expect("well-formed");
        let stored = specimens::calendar(&format!("{master}{instance}"));
        assert_eq!(between(&sent, &stored), [Edit::of(EditReason::InstancesKept)]);
    }

    #[test]
    fn each_time_zone_is_compared_with_itself() {
        let zone = |tzid: &str| format!("BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nX-OF:{tzid}\r\nEND:VTIMEZONE\r\n");
        let event = |sequence: u32| format!("BEGIN:VEVENT\r\nUID:1\r\nSEQUENCE:{sequence}\r\nEND:VEVENT\r\n");
        let [one, other] = ["A", "B"].map(zone);
        let sent = Document::parse(specimens::calendar(&format!("{one}{other}{}", event(1)))).expect("well-formed");
        for zones in [format!("{one}{other}"), format!("{other}{one}")] {
            let stored = specimens::calendar(&format!("{zones}{}", event(2)));
            assert_eq!(between(&sent, &stored), [Edit::of(EditReason::SequenceSet)]);
        }
    }

    #[test]
    fn a_repair_names_the_property_and_one_of_the_whole_text_none() {
        let repair = |path: &str| Repair { kind: RepairKind::ControlCharacter, path: path.to_owned() };
        let edits: Vec<_> = repairs(&[repair("VCALENDAR/VEVENT/SUMMARY"), repair("")]).collect();
        let paths: Vec<_> = edits.iter().map(|edit| edit.path.as_deref()).collect();
        assert_eq!(paths, [Some("VCALENDAR/VEVENT/SUMMARY"), None]);
        assert!(edits.iter().all(|edit| edit.reason == EditReason::Repaired));
    }
}
