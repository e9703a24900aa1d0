//! ADD: further instances of a meeting the attendee already has (RFC 5546 §3.2.4).
//!
//! **Invariant:** each component becomes an instance as if an `RDATE` named it, unless the copy has
//! this instance already. An ADD whose components all have RECURRENCE-IDs is treated as a REQUEST.

use super::{Effect, Ending, Received, Recipient, TagEffect, ignored, refresh, request, same_organizer};
use crate::Context;
use crate::body::Body;
use crate::calendar_user_role::is_scheduled;
use crate::line::Line;
use crate::meeting::Meeting;
use crate::outgoing::{PRODID, zones};
use ical::{Component, Edit};
use schemas::Ignored;

pub(super) fn receive(
    message: &Meeting<'_>,
    copy: Option<&Meeting<'_>>,
    recipient: &Recipient<'_>,
    context: &Context<'_>,
) -> Received {
    if message.master.is_none() {
        let recipient = Recipient { ending: Ending::Open, ..*recipient };
        return request::receive(message, copy, &recipient, None, context); // the components have RECURRENCE-IDs
    }
    // RFC 5546 §3.2.4: an attendee without a copy asks for the whole meeting.
    let Some(copy) = copy else {
        let ask = refresh::ask(message, "unknown-object", context);
        return ask.map_or_else(
            || ignored(Ignored::UnknownObject),
            |ask| Received { effect: Effect::Answered(ask), notify: false },
        );
    };
    if !same_organizer(message, copy) {
        return ignored(Ignored::AnotherOrganizer);
    }
    let added: Vec<_> = message.document.root().components().filter(|component| is_scheduled(*component)).collect();
    let revision = copy.master.as_ref().map_or(0, crate::meeting::Part::sequence);
    if added.iter().any(|component| component.sequence() < revision) {
        return ignored(Ignored::Stale);
    }
    let mut edit = copy.document.edit();
    for component in &added {
        add(*component, message, copy, &mut edit);
    }
    if edit.is_empty() {
        return ignored(Ignored::AlreadySo);
    }
    request::add_zones(&zones(&bodies(&added), &[message.document]), copy, &mut edit);
    if let Some(prodid) = copy.document.root().property("PRODID") {
        edit.set_value(prodid.id(), PRODID);
    }
    Received { effect: Effect::Changed { ics: edit.finish(), tag: TagEffect::Changes }, notify: true }
}

fn add(component: Component<'_>, message: &Meeting<'_>, copy: &Meeting<'_>, edit: &mut Edit<'_>) {
    let Some(key) = component.start().map(|start| message.times.key(&start)) else { return };
    let mut body = Body::of(component);
    let Some(named) = body.line("DTSTART").filter(|_| copy.describing(key).is_none()).cloned() else { return };
    if let Some(master) = &copy.master {
        edit.append_property(master.component.id(), renamed(&named, "RDATE").as_str());
    }
    body.lines.insert(1.min(body.lines.len()), renamed(&named, "RECURRENCE-ID"));
    body.nested.retain(|inner| inner.is_shared());
    edit.append_component(copy.document.root().id(), &body.text());
}

fn renamed<'a>(line: &Line<'a>, name: &str) -> Line<'a> {
    let mut line = line.clone();
    line.rename(name);
    line
}

fn bodies<'a>(components: &[Component<'a>]) -> Vec<Body<'a>> {
    components.iter().map(|component| Body::of(*component)).collect()
}
