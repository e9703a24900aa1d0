//! Checks that no user receives a message that is addressed only to others.

use std::collections::BTreeMap;

use schemas::{
    Event, ObjectEvent, Recorded, Stream,
    object::{MessageIssued, MessageReceived, Method},
};
use uuid::Uuid;

use crate::simulation::people::{MEETINGS, id, name, object};

pub(super) fn check(journal: &[Recorded]) -> Result<(), String> {
    let issued: BTreeMap<Uuid, &MessageIssued> = journal.iter().filter_map(issued).collect();
    for recorded in journal {
        let Event::Object(ObjectEvent::MessageReceived(received)) = &recorded.event else { continue };
        for message in received.also.iter().chain([&received.message]) {
            let message = issued.get(message).ok_or_else(|| format!("nobody issued {received:?}"))?;
            addressed(received, message)?;
        }
    }
    let dave = (0..MEETINGS.len()).map(|meeting| Stream::Object(object("dave", meeting)));
    for stream in dave {
        if let Some(recorded) = journal.iter().find(|recorded| recorded.stream == stream) {
            return Err(format!("dave was never invited and has {:?}", recorded.event));
        }
    }
    Ok(())
}

fn issued(recorded: &Recorded) -> Option<(Uuid, &MessageIssued)> {
    let Event::Object(ObjectEvent::MessageIssued(issued)) = &recorded.event else { return None };
    Some((issued.message, issued))
}

fn addressed(received: &MessageReceived, message: &MessageIssued) -> Result<(), String> {
    let who = name(received.home);
    let is_for_organizer = matches!(message.method, Method::Reply | Method::Refresh);
    let role = if is_for_organizer { "ORGANIZER" } else { "ATTENDEE" };
    let text = message.ics.replace("\r\n ", "");
    let is_named = text.lines().any(|line| line.starts_with(role) && line.contains(&format!(":mailto:{who}@")));
    let is_recipient = message.recipients.iter().any(|recipient| recipient.principal == Some(id(who)));
    let is_own = message.sender_home == received.home;
    let is_private = ["VALARM", "SCHEDULE-STATUS", "X-"].into_iter().any(|part| text.contains(part));
    if is_named && is_recipient && !is_own && !is_private {
        return Ok(());
    }
    Err(format!("{who} received what was not for him: {message:?}"))
}
