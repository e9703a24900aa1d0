//! Checks that no message overtakes an earlier one: each copy receives the messages of a sender in
//! the order in which they were issued.

use std::collections::HashMap;

use schemas::{Event, ObjectEvent, PrincipalId, Recorded, Stream};
use uuid::Uuid;

use crate::simulation::people::name;

pub(super) fn check(journal: &[Recorded]) -> Result<(), String> {
    let mut issued: HashMap<Uuid, (PrincipalId, usize)> = HashMap::new();
    let mut last: HashMap<(Stream, PrincipalId), usize> = HashMap::new();
    for recorded in journal {
        match &recorded.event {
            Event::Object(ObjectEvent::MessageIssued(message)) => {
                issued.insert(message.message, (message.sender_home, issued.len()));
            }
            Event::Object(ObjectEvent::MessageReceived(received)) => {
                for message in received.also.iter().chain([&received.message]) {
                    let Some((sender, number)) = issued.get(message) else {
                        return Err(format!("{} received {message}, which nobody issued", name(received.home)));
                    };
                    let before = last.insert((recorded.stream, *sender), *number);
                    if before.is_some_and(|before| before >= *number) {
                        return Err(format!(
                            "{} received {message} of {} after a later one",
                            name(received.home),
                            name(*sender)
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}
