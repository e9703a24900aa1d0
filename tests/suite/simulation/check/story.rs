//! Prints the events of the meetings, one per line, to help to find the cause of a failure.

use schemas::{
    Event, Fact, ObjectEvent, PrincipalId, Recorded, Stream,
    object::{MessageIssued, Outcome},
};

use crate::simulation::people::{EVERYBODY, MEETINGS, name, object};

pub fn story(journal: &[Recorded]) -> String {
    journal.iter().filter_map(line).collect()
}

fn line(recorded: &Recorded) -> Option<String> {
    let Stream::Object(stream) = recorded.stream else { return None };
    let homes = EVERYBODY.into_iter().flat_map(|who| (0..MEETINGS.len()).map(move |meeting| (who, meeting)));
    let (who, meeting) = homes.into_iter().find(|(who, meeting)| object(who, *meeting) == stream)?;
    let what = match &recorded.event {
        Event::Object(ObjectEvent::MessageIssued(issued)) => format!("to {}: {}", recipients(issued), issued.reason),
        Event::Object(ObjectEvent::MessageReceived(received)) => match &received.outcome {
            Outcome::Applied => "applied".to_owned(),
            Outcome::Ignored { reason } => format!("ignored: {}", reason.as_str()),
        },
        Event::Object(ObjectEvent::Revised(revised)) => format!("{:?}", revised.reason),
        _ => String::new(),
    };
    let (position, kind, message) = (recorded.position, recorded.event.kind(), message(&recorded.event));
    Some(format!(
        "{position:>4} {who:<6} meeting {meeting} {kind} {message} {what} {} {:?}\n",
        recorded.id, recorded.metadata.causation
    ))
}

fn message(event: &Event) -> String {
    let id = match event {
        Event::Object(ObjectEvent::MessageIssued(issued)) => Some(issued.message),
        Event::Object(ObjectEvent::MessageReceived(received)) => Some(received.message),
        Event::Object(ObjectEvent::DeliveryReported(reported)) => Some(reported.message),
        Event::Object(ObjectEvent::Revised(revised)) => revised.message,
        _ => None,
    };
    id.map(|id| id.simple().to_string()[..6].to_owned()).unwrap_or_default()
}

fn recipients(issued: &MessageIssued) -> String {
    let known = |principal: Option<PrincipalId>| principal.map_or("nobody", name);
    let names: Vec<_> = issued.recipients.iter().map(|recipient| known(recipient.principal)).collect();
    format!("{} {:?} {:?}", names.join(", "), issued.method, issued.visibility)
}
