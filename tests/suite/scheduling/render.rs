//! Events as text for goldens: what a reader needs to judge a scheduling step, in exact bytes.

use std::fmt::Write;

use schemas::{
    Fact, ObjectEvent,
    object::{Content, Outcome, RevisionReason, Visibility},
};

/// One step's events, each with the home it happened in.
pub fn render(happened: &[(String, ObjectEvent)]) -> String {
    let mut text = String::new();
    for (who, event) in happened {
        let _ = write!(text, "{who}: {} ", event.kind());
        detail(&mut text, event);
    }
    text
}

fn detail(text: &mut String, event: &ObjectEvent) {
    let _ = match event {
        ObjectEvent::Put(put) => content(text, "", &put.content),
        ObjectEvent::Revised(revised) if revised.reason == RevisionReason::Status => statuses(text, &revised.content),
        ObjectEvent::Revised(revised) => content(text, &format!("{:?}", revised.reason), &revised.content),
        ObjectEvent::DeliveryReported(reported) => {
            let delivered =
                reported.deliveries.iter().map(|delivery| format!("{} {}", delivery.address, delivery.status));
            writeln!(text, "{}", delivered.collect::<Vec<_>>().join(", "))
        }
        ObjectEvent::MessageIssued(issued) => {
            let to: Vec<_> = issued.recipients.iter().map(|recipient| recipient.address.as_str()).collect();
            let silent = if issued.visibility == Visibility::Silent { " silently" } else { "" };
            let (method, sender, reason) = (issued.method.as_str(), &issued.sender, &issued.reason);
            let _ = writeln!(text, "{method}{silent} {sender} -> {} ({reason})", to.join(", "));
            body(text, &issued.ics)
        }
        ObjectEvent::MessageSuppressed(suppressed) => {
            let (method, to, reason) = (suppressed.method.as_str(), &suppressed.recipient.address, &suppressed.reason);
            let _ = writeln!(text, "{method} -> {to}: {reason}");
            body(text, &suppressed.ics)
        }
        ObjectEvent::MessageReceived(received) => {
            let outcome = match &received.outcome {
                Outcome::Applied => "applied",
                Outcome::Ignored { reason } => reason,
            };
            let inbox = if received.item.is_some() { ", in the inbox" } else { "" };
            writeln!(text, "{} from {}: {outcome}{inbox}", received.method.as_str(), received.sender)
        }
        _ => writeln!(text),
    };
}

fn content(text: &mut String, why: &str, content: &Content) -> std::fmt::Result {
    writeln!(text, "{why} as {:?}", content.role)?;
    body(text, &content.ics)
}

/// Of a copy that only learnt what came of messages, the lines that say so.
fn statuses(text: &mut String, content: &Content) -> std::fmt::Result {
    writeln!(text, "Status")?;
    let unfolded = content.ics.replace("\r\n ", "");
    for line in unfolded.lines().filter(|line| line.contains("SCHEDULE-STATUS")) {
        writeln!(text, "    {line}")?;
    }
    Ok(())
}

/// The components, without what is the same in every text.
fn body(text: &mut String, ics: &str) -> std::fmt::Result {
    let same = ["BEGIN:VCALENDAR", "END:VCALENDAR", "VERSION:2.0", "PRODID:"];
    let unfolded = ics.replace("\r\n ", "");
    for line in unfolded.lines().filter(|line| !same.iter().any(|same| line.starts_with(same))) {
        writeln!(text, "    {line}")?;
    }
    Ok(())
}
