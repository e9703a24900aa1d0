//! Shows one event with its metadata and changes.

use std::{borrow::Cow, fmt::Write};

use schemas::{
    Event, ObjectEvent, Operator, Position, Recorded,
    metadata::{Authentication, Conditions},
};
use similar::{ChangeTag, TextDiff};

use crate::{
    Clock, Detail, Entry, Evidence, agent, change, conditions, edits, entry, foreign, moment,
    sentence::Context,
    state::{State, Step},
};

/// An event to be shown, with the other events of the same report.
#[derive(Debug)]
pub struct Shown<'a> {
    evidence: &'a Evidence,
    recorded: &'a Recorded,
    entry: Entry,
    step: Step<'a>,
}

/// Number of unchanged lines that are shown around each change.
const CONTEXT_LINES: usize = 2;

impl<'a> Shown<'a> {
    /// Returns the event at a position; `None` if it is not among the events of `evidence`.
    pub fn of(evidence: &'a Evidence, position: Position) -> Option<Self> {
        let recorded = evidence.events.iter().find(|recorded| recorded.position == position)?;
        let context = Context::of(evidence);
        let mut state = State::default();
        for earlier in evidence.events.iter().filter(|earlier| earlier.position < position) {
            state.apply(earlier);
        }
        let (entry, step) = entry::entry(recorded, &mut state, &context, Detail::Events);
        Some(Self { evidence, recorded, entry, step })
    }

    /// Describes the event and its changes in words.
    pub fn text(&self, clock: &Clock) -> String {
        let Entry { position, kind, at, sentence, stream, revision, event, request, hash, fault, .. } = &self.entry;
        let mut text = format!("#{position}  {kind}  {}\n{sentence}\n", clock.long(*at));
        if let Some(why) = fault {
            let _ = writeln!(text, "ALTERED: {}", foreign::visible(why));
        }
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(text, "  {name:<13}{value}");
            }
        };
        line("by", &self.origin());
        line("request", &request.to_string());
        line("cause", &self.recorded.metadata.causation.map(|id| id.to_string()).unwrap_or_default());
        line("right", self.entry.right.as_deref().unwrap_or_default());
        line("login", self.recorded.metadata.auth.as_ref().map(Authentication::as_str).unwrap_or_default());
        line("conditions", &quoted_conditions(&self.recorded.metadata.conditions));
        line("operator", &self.recorded.metadata.operator.as_ref().map(operator).unwrap_or_default());
        line("edits", &self.entry.edits.join("; "));
        line("path", &self.entry.href.as_deref().map(foreign::identifier).unwrap_or_default());
        line("etag", self.entry.etag.as_deref().unwrap_or_default());
        line("schedule-tag", self.entry.schedule_tag.as_deref().unwrap_or_default());
        line("recipients", &self.entry.recipients.join(", "));
        line("stream", &format!("{stream}, revision {revision}"));
        line("event", &event.to_string());
        line("hash", hash);
        let names = self.evidence.names.at(*position);
        for change in &self.entry.changes {
            let which = change.instance.as_ref().map(|id| format!("the instance of {}: ", moment::value(id)));
            let (which, phrase) = (which.unwrap_or_default(), change::phrase(change, &names));
            let _ = writeln!(text, "  {which}{phrase}  [{}]", change.class.as_str());
        }
        text
    }

    fn origin(&self) -> String {
        let Entry { actor, via, agent, address, .. } = &self.entry;
        let parts = [Some(foreign::identifier(via)), agent::program(agent), Some(foreign::identifier(address))];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| part != "“”").collect();
        format!("{actor} ({})", parts.join(", "))
    }

    /// Returns the message that the event contains, or else the text that the event stored or
    /// moved, byte for byte; `None` if there is neither.
    pub fn stored(&self) -> Option<&str> {
        match &self.recorded.event {
            Event::Object(ObjectEvent::MessageIssued(issued)) => Some(&issued.ics),
            Event::Object(ObjectEvent::MessageSuppressed(suppressed)) => Some(&suppressed.ics),
            Event::Object(ObjectEvent::MessageReceived(received)) => Some(&received.item.as_ref()?.ics),
            _ => Some(&self.step.after?.ics),
        }
    }

    /// Returns the bytes that the client sent, or that were copied; `None` if they are not
    /// recorded.
    pub fn sent(&self) -> Option<Cow<'_, [u8]>> {
        edits::octets(&self.recorded.event)
    }

    /// Returns the lines that differ from the version before, as [`lines`] marks them.
    pub fn difference(&self) -> String {
        let before = self.step.before.map(|content| content.ics.as_str()).unwrap_or_default();
        lines(before, self.step.after.map(|content| content.ics.as_str()).unwrap_or_default())
    }
}

/// Returns the recorded headers on which the outcome of the request depended, with quoted values.
fn quoted_conditions(of: &Conditions) -> String {
    let given = conditions::headers(of).map(|(name, value)| format!("{name} {}", foreign::quoted(value)));
    given.collect::<Vec<_>>().join(", ")
}

fn operator(operator: &Operator) -> String {
    let Operator { uid, login, host } = operator;
    let uid = uid.map(|uid| format!(" ({uid})")).unwrap_or_default();
    format!("{}{uid} at {}", foreign::identifier(login), foreign::identifier(host))
}

/// Returns the lines that differ between two texts, marked with `-` and `+`, with some unchanged
/// lines around them. Hidden characters are escaped as by [`foreign::visible`], and CR before a
/// line end is ignored.
pub fn lines(before: &str, after: &str) -> String {
    let (before, after) = (before.replace("\r\n", "\n"), after.replace("\r\n", "\n"));
    let difference = TextDiff::from_lines(&before, &after);
    let mut text = String::new();
    for (index, group) in difference.grouped_ops(CONTEXT_LINES).iter().enumerate() {
        if index > 0 {
            text.push_str("...\n");
        }
        for change in group.iter().flat_map(|operation| difference.iter_changes(operation)) {
            let mark = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let _ = writeln!(text, "{mark} {}", foreign::visible(change.value().trim_end_matches('\n')));
        }
    }
    text
}
