//! `daybook outbox`: shows scheduling messages that are not delivered yet, or are parked.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context as _, Result};
use audit::foreign;
use delivery::{Entry, Standing};
use schemas::Timestamp;
use serde_json::json;
use service::Listing;

use crate::{
    cli::{Format, Outbox},
    config::Config,
    data, engine, out,
};

pub(crate) async fn run(folder: &Path, asked: &Outbox, config: &Config) -> Result<()> {
    let journal = engine::to_read(folder, config).await?;
    let listing = service::list_outbox(&*journal, &data::outbox(folder, config)).await?;
    out::print(&match asked.format {
        Format::Text => text(&listing)?,
        Format::Json => foreign::json_indented(&json(&listing)),
    })
}

fn text(listing: &Listing) -> Result<String> {
    let parked = listing.messages.iter().filter(|entry| entry.standing == Standing::Parked).count();
    let pending = listing.messages.len() - parked;
    let mut text = format!("{pending} pending, {} parked\n", parked + listing.unreadable.len());
    for entry in &listing.messages {
        message(&mut text, entry)?;
    }
    for unreadable in &listing.unreadable {
        writeln!(text, "\nposition {}, parked: {}", unreadable.position, unreadable.reason)?;
    }
    Ok(text)
}

fn message(text: &mut String, entry: &Entry) -> Result<()> {
    let Entry { position, method, uid, sender, message, .. } = entry;
    let standing = word(entry.standing);
    writeln!(text, "\nposition {position}, {standing}: {method} from {sender} about {uid} (message {message})")?;
    for part in &entry.waiting {
        write!(text, "  {} {}", word(part.standing), part.address)?;
        if part.attempts > 0 {
            write!(text, ", attempts: {}", part.attempts)?;
        }
        if let Some(at) = part.retry_at {
            write!(text, ", next at {}", moment(at)?)?;
        }
        if let Some(error) = &part.last_error {
            write!(text, ": {error}")?;
        }
        text.push('\n');
    }
    Ok(())
}

const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Pending => "pending",
        Standing::Parked => "parked",
    }
}

fn json(listing: &Listing) -> serde_json::Value {
    json!({ "messages": listing.messages, "unreadable": listing.unreadable })
}

fn moment(at: Timestamp) -> Result<String> {
    let moment = chrono::DateTime::from_timestamp(at.seconds(), 0)
        .context("the time of a delivery cannot be shown as a date")?;
    Ok(moment.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use delivery::{Recipient, Unreadable};
    use schemas::Position;

    use super::*;

    fn listing() -> Listing {
        let bert = Recipient {
            address: "mailto:bert@example.org".to_owned(),
            attempts: 2,
            last_error: Some("the server cannot reach its journal; try again later".to_owned()),
            retry_at: Some(Timestamp::from_seconds(1_767_614_400)),
            standing: Standing::Pending,
        };
        let carol = Recipient {
            address: "mailto:carol@example.org".to_owned(),
            attempts: 0,
            last_error: Some("the text of the message cannot be parsed".to_owned()),
            retry_at: None,
            standing: Standing::Parked,
        };
        let entry = |position, standing, waiting| Entry {
            message: uuid::Uuid::from_u128(1),
            position: Position(position),
            method: "REQUEST",
            uid: "lunch".to_owned(),
            sender: "mailto:anna@example.org".to_owned(),
            standing,
            waiting,
        };
        Listing {
            messages: vec![entry(3, Standing::Parked, vec![carol]), entry(7, Standing::Pending, vec![bert])],
            unreadable: vec![Unreadable { position: Position(9), reason: "unknown type".to_owned() }],
        }
    }

    #[test]
    fn messages_are_listed_with_what_became_of_each_attempt() {
        let expected = "1 pending, 2 parked\n\n\
            position 3, parked: REQUEST from mailto:anna@example.org about lunch \
            (message 00000000-0000-0000-0000-000000000001)\n  \
            parked mailto:carol@example.org: the text of the message cannot be parsed\n\n\
            position 7, pending: REQUEST from mailto:anna@example.org about lunch \
            (message 00000000-0000-0000-0000-000000000001)\n  \
            pending mailto:bert@example.org, attempts: 2, next at 2026-01-05T12:00:00Z: \
            the server cannot reach its journal; try again later\n\n\
            position 9, parked: unknown type\n";
        assert_eq!(text(&listing()).expect("text"), expected);
    }

    #[test]
    fn programs_read_the_same_as_json() {
        let json = json(&listing());
        assert_eq!(json["messages"][0]["standing"], "parked");
        assert_eq!(json["messages"][1]["waiting"][0]["attempts"], 2);
        assert_eq!(json["unreadable"][0]["position"], 9);
    }
}
