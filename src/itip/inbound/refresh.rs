//! REFRESH: an attendee requests the current state of the meeting (RFC 5546 §3.2.6, §3.4.6).
//!
//! **Invariant:** the answer goes to the invited address and contains only components that list
//! that attendee. A sender who is not invited gets no answer (RFC 5546 §6.1.6).

use super::{Effect, Received, ignored};
use crate::body::Body;
use crate::calendar_user_role::is_scheduled;
use crate::line::Line;
use crate::meeting::Meeting;
use crate::{Context, Draft, Method, Visibility, organizer, outgoing};
use ical::Component;
use schemas::Ignored;

/// Answers a REFRESH with the current state of the organizer's object.
pub(super) fn receive(message: &Meeting<'_>, copy: Option<&Meeting<'_>>, context: &Context<'_>) -> Received {
    let Some(copy) = copy else { return ignored(Ignored::UnknownObject) };
    if !copy.organizer.as_ref().is_some_and(|organizer| (context.owns)(organizer)) {
        return ignored(Ignored::NotTheOrganizer);
    }
    let mut attendees = message.parts().flat_map(|(_, part)| part.component.properties_named("ATTENDEE"));
    let asks = attendees.find_map(ical::Property::address).map(|address| (context.canonical)(&address));
    match asks.and_then(|asks| organizer::current(copy, &asks, context)) {
        Some(draft) => Received { effect: Effect::Answered(draft), notify: false },
        None => ignored(Ignored::NotAnAttendee),
    }
}

/// Returns a REFRESH by which the owner, an attendee, asks the organizer for the current state of a
/// meeting. `heard` is the text that the owner has: an ADD to a meeting of which they have no copy
/// (RFC 5546 §3.2.4), or a copy that may be outdated. `None` if no component of `heard` lists the
/// owner, or if `heard` has no organizer.
pub(crate) fn ask(heard: &Meeting<'_>, reason: &'static str, context: &Context<'_>) -> Option<Draft> {
    let recipients = vec![heard.organizers_address()?.to_owned()];
    let scheduled = || heard.document.root().components().filter(|component| is_scheduled(*component));
    // Somebody may be invited to single instances only, whose components list them.
    let (component, me) = scheduled().find_map(|component| Some((component, owners_line(component, context)?)))?;
    // RFC 5546 §3: an override without ORGANIZER inherits the series' ORGANIZER.
    let organizer = component.property("ORGANIZER");
    let organizer = organizer.or_else(|| scheduled().find_map(|component| component.property("ORGANIZER")))?;
    let mut body = Body::with(component, |property| property.is("UID"));
    body.lines.extend([Line::of(organizer), me]);
    outgoing::answer(&mut body, context);
    Some(Draft {
        method: Method::Refresh,
        recipients,
        visibility: Visibility::Silent,
        reason,
        instances: vec![],
        ics: outgoing::message(Method::Refresh, &[body], &[]),
    })
}

/// Returns the first ATTENDEE line for the owner in the component; `None` if it does not list them.
fn owners_line<'a>(component: Component<'a>, context: &Context<'_>) -> Option<Line<'a>> {
    let mut attendees = component.properties_named("ATTENDEE").map(Line::of);
    attendees.find(|line| line.address().is_some_and(|me| (context.owns)(&me)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ical::{Address, Document};

    /// Returns the REFRESH by which Bob asks about a meeting with these components, without its
    /// wrapper; empty if there is none.
    fn asked(components: &[&str]) -> String {
        let owns = |address: &Address| address.canonical() == "mailto:b@x";
        let context = Context { now: 1_767_614_400, owns: &owns, canonical: &Address::clone, knows: &|_| true };
        let components: String = components.iter().map(|lines| specimens::component("VEVENT", "1", lines)).collect();
        let document = Document::parse(specimens::calendar(&components)).expect("it is well-formed");
        let draft = ask(&Meeting::of(&document, &context), "stored-anew", &context);
        draft
            .map(|draft| {
                assert_eq!((draft.method, draft.recipients), (Method::Refresh, vec!["mailto:a@x".to_owned()]));
                let lines = draft.ics.lines().skip_while(|line| !line.starts_with("BEGIN:VEVENT"));
                lines.take_while(|line| !line.starts_with("END:")).skip(1).collect::<Vec<_>>().join("\n")
            })
            .unwrap_or_default()
    }

    #[test]
    fn an_attendee_of_single_instances_asks_for_the_meeting_too() {
        let series = "DTSTART:20260107T120000Z\nRRULE:FREQ=DAILY\nORGANIZER;SENT-BY=\"mailto:s@x\":mailto:a@x\n\
                      ATTENDEE:mailto:c@x\n";
        let instance = "RECURRENCE-ID:20260108T120000Z\nDTSTART:20260108T130000Z\nATTENDEE:mailto:c@x\n";
        let with_bob = format!("{instance}ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\n");
        let expected = "UID:1\nORGANIZER;SENT-BY=\"mailto:s@x\":mailto:a@x\nATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x\n\
                        DTSTAMP:20260105T120000Z";
        assert_eq!(asked(&[series, &with_bob]), expected);
        assert_eq!(asked(&[series, instance]), "", "nobody else asks");
    }
}
