//! Names the delegate who acts in the name of a calendar's owner (SENT-BY, RFC 5545 §3.2.18): in
//! the messages that are sent, and in a meeting whose client names the delegate as organizer
//! instead of the owner.
//!
//! **Invariant:** only the lines of the delegate and of the owner change.

use crate::calendar_user_role::is_scheduled;
use crate::{Context, Draft, Method};
use ical::{Address, Document, Edit, Property};

/// Writes `SENT-BY` into the sender's line of each message: `by` is the address of the person who
/// acts in the name of `sender`.
///
/// A `SENT-BY` that the client wrote stays, if it names the same person by another address.
pub fn mark_sent_by(drafts: &mut [Draft], sender: &Address, by: &Address, context: &Context<'_>) {
    for draft in drafts {
        if let Some(marked) = marked(draft, sender, by, context) {
            draft.ics = marked;
        }
    }
}

/// Returns the message with `by` as `SENT-BY`; `None` if it has that already, or has no line of the
/// sender.
fn marked(draft: &Draft, sender: &Address, by: &Address, context: &Context<'_>) -> Option<String> {
    let name = match draft.method {
        Method::Publish | Method::Request | Method::Add | Method::Cancel | Method::DeclineCounter => "ORGANIZER",
        Method::Reply | Method::Refresh | Method::Counter => "ATTENDEE",
    };
    let message = Document::parse(draft.ics.clone()).ok()?;
    let is_same = |one: &Address, other: &Address| (context.canonical)(one) == (context.canonical)(other);
    let mut edit = message.edit();
    for component in message.root().components().filter(|component| is_scheduled(*component)) {
        let senders = component.properties_named(name);
        for property in senders.filter(|line| line.address().is_some_and(|address| is_same(&address, sender))) {
            let told = property.param("SENT-BY").and_then(|told| Address::parse(&told));
            if told.is_none_or(|told| !is_same(&told, by)) {
                edit.set_param(property.id(), "SENT-BY", by.as_written());
            }
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}

/// The owner of a calendar, in whose name somebody acts.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The owner's preferred address.
    pub address: &'a Address,
    /// The owner's display name; empty if there is none.
    pub name: &'a str,
}

/// Returns the meeting with `owner` as organizer in place of the delegate, and with `by`, the
/// delegate's address, as `SENT-BY`. The ATTENDEE line that the delegate has as organizer (with
/// PARTSTAT=ACCEPTED or ROLE=CHAIR) becomes the owner's too. It stays the delegate's if the owner
/// has an ATTENDEE line already.
///
/// `is_delegate` and `is_owner` return whether an address belongs to that person. Returns `None` if
/// the text has no component with attendees that the delegate organizes.
pub fn in_name_of_owner(
    meeting: &Document,
    owner: Owner<'_>,
    by: &Address,
    is_delegate: &dyn Fn(&Address) -> bool,
    is_owner: &dyn Fn(&Address) -> bool,
) -> Option<String> {
    let mut edit = meeting.edit();
    let is_of = |property: &Property<'_>, whose: &dyn Fn(&Address) -> bool| {
        property.address().is_some_and(|address| whose(&address))
    };
    for component in meeting.root().components().filter(|component| is_scheduled(*component)) {
        let has_attendees = component.property("ATTENDEE").is_some();
        let Some(organizer) = component.property("ORGANIZER").filter(|line| has_attendees && is_of(line, is_delegate))
        else {
            continue;
        };
        become_owner(&mut edit, organizer, owner);
        edit.set_param(organizer.id(), "SENT-BY", by.as_written());
        if component.properties_named("ATTENDEE").any(|line| is_of(&line, is_owner)) {
            continue;
        }
        let is_organizers = |line: &Property<'_>| {
            let is = |name, value: &str| line.param(name).is_some_and(|held| held.eq_ignore_ascii_case(value));
            is_of(line, is_delegate) && (is("PARTSTAT", "ACCEPTED") || is("ROLE", "CHAIR"))
        };
        if let Some(line) = component.properties_named("ATTENDEE").find(is_organizers) {
            become_owner(&mut edit, line, owner);
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}

pub(crate) fn become_owner(edit: &mut Edit<'_>, line: Property<'_>, owner: Owner<'_>) {
    edit.set_value(line.id(), owner.address.as_written());
    edit.remove_param(line.id(), "EMAIL");
    if owner.name.is_empty() {
        edit.remove_param(line.id(), "CN");
    } else {
        edit.set_param(line.id(), "CN", owner.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Visibility;

    fn draft(method: Method, lines: &str) -> Draft {
        Draft {
            method,
            recipients: vec![],
            visibility: Visibility::Inbox,
            reason: "invited",
            instances: vec![],
            ics: specimens::event("1", lines).as_str().to_owned(),
        }
    }

    #[test]
    fn the_line_of_the_sender_names_who_sends() {
        let organizer = "ORGANIZER:mailto:alice@example.org\n";
        let attendee = "ATTENDEE:mailto:carol@example.org\n";
        let marked = ";SENT-BY=\"mailto:bob@example.org\":mailto:";
        let rows = [
            (Method::Request, "alice", format!("{organizer}{attendee}"), Some(format!("ORGANIZER{marked}alice"))),
            (Method::Cancel, "alice", format!("{organizer}{attendee}"), Some(format!("ORGANIZER{marked}alice"))),
            (Method::Reply, "carol", format!("{organizer}{attendee}"), Some(format!("ATTENDEE{marked}carol"))),
            (
                Method::Request,
                "alice",
                "ORGANIZER;SENT-BY=\"mailto:bob@example.org\":mailto:alice@example.org\n".to_owned(),
                None,
            ),
            (
                Method::Request,
                "alice",
                "ORGANIZER;SENT-BY=\"mailto:eve@example.org\":mailto:alice@example.org\n".to_owned(),
                Some(format!("ORGANIZER{marked}alice")),
            ),
        ];
        let (canonical, owns) = (Address::clone, |_: &Address| false);
        let context = Context { now: 0, owns: &owns, canonical: &canonical, knows: &|_| true };
        let address = |name: &str| Address::parse(&format!("mailto:{name}@example.org")).expect("an address");
        for (method, sender, lines, expected) in rows {
            let mut drafts = [draft(method, &lines)];
            let before = drafts[0].ics.clone();
            mark_sent_by(&mut drafts, &address(sender), &address("bob"), &context);
            let unfolded = drafts[0].ics.replace("\r\n ", "");
            match expected {
                Some(expected) => {
                    assert!(unfolded.contains(&expected), "{method:?} {lines}: {unfolded}");
                    assert_eq!(unfolded.matches("SENT-BY").count(), 1, "{unfolded}");
                }
                None => assert_eq!(drafts[0].ics, before),
            }
        }
    }

    #[test]
    fn a_meeting_that_a_delegate_organizes_becomes_the_owners() {
        let address = |name: &str| Address::parse(&format!("mailto:{name}@example.org")).expect("an address");
        let (alice, bob) = (address("alice"), address("bob"));
        let owner = Owner { address: &alice, name: "Alice Ames" };
        let named = |lines: &str| {
            let meeting = Document::parse(specimens::event("1", lines)).expect("a meeting");
            let is = |whose: &'static str| move |other: &Address| other.as_written().contains(whose);
            let text = in_name_of_owner(&meeting, owner, &bob, &is("bob"), &is("alice"))?;
            Some(text.replace("\r\n ", ""))
        };
        let organizer = "ORGANIZER;CN=Bob:mailto:bob@example.org\n";
        let chair = "ATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:bob@example.org\n";
        let carol = "ATTENDEE:mailto:carol@example.org\n";
        let text = named(&format!("{organizer}{chair}{carol}")).expect("changed");
        assert!(
            text.contains("ORGANIZER;CN=Alice Ames;SENT-BY=\"mailto:bob@example.org\":mailto:alice@example.org"),
            "{text}"
        );
        assert!(
            text.contains("ATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED;CN=Alice Ames:mailto:alice@example.org"),
            "{text}"
        );
        assert!(text.contains("ATTENDEE:mailto:carol@example.org"), "{text}");
        // The line of the delegate (Bob) stays if he only invites himself, or if the owner (Alice)
        // has her own line.
        let asked = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.org\n";
        assert!(named(&format!("{organizer}{asked}")).expect("changed").contains(asked.trim()));
        let both = named(&format!("{organizer}{chair}ATTENDEE:mailto:alice@example.org\n")).expect("changed");
        assert!(both.contains(chair.trim()), "{both}");
        for unchanged in
            [organizer.to_owned(), format!("ORGANIZER:mailto:alice@example.org\n{carol}"), carol.to_owned()]
        {
            assert_eq!(named(&unchanged), None, "{unchanged}");
        }
    }
}
