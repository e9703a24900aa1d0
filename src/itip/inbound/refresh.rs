//! REFRESH: an attendee requests the current state of the meeting (RFC 5546 §3.2.6, §3.4.6).
//!
//! **Invariant:** the answer goes to the invited address and contains only what that attendee is
//! invited to. A sender who is not invited gets no answer (RFC 5546 §6.1.6).

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
/// (RFC 5546 §3.2.4), or a copy that may be outdated. `None` if the first component of `heard` does
/// not list the owner, or if `heard` has no organizer.
pub(crate) fn ask(heard: &Meeting<'_>, reason: &'static str, context: &Context<'_>) -> Option<Draft> {
    let component = heard.document.root().components().find(|component| is_scheduled(*component))?;
    let is_mine = |line: &Line<'_>| line.is("ATTENDEE") && line.address().is_some_and(|me| (context.owns)(&me));
    let mut body = named(component);
    body.lines.extend(Body::of(component).lines.into_iter().filter(is_mine).take(1));
    body.line("ATTENDEE")?;
    outgoing::answer(&mut body, context);
    Some(Draft {
        method: Method::Refresh,
        recipients: vec![heard.organizers_address()?.to_owned()],
        visibility: Visibility::Silent,
        reason,
        instances: vec![],
        ics: outgoing::message(Method::Refresh, &[body], &[]),
    })
}

/// Returns the component with only its UID and ORGANIZER.
fn named(component: Component<'_>) -> Body<'_> {
    let mut body = Body::of(component);
    body.lines.retain(|line| line.is("UID") || line.is("ORGANIZER"));
    body
}
