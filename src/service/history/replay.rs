//! Repeats the decisions of recorded acts with the rules of this program, in memory.
//!
//! **Invariant:** nothing is written or sent. A difference means that this program decides differently from the program
//! that recorded the act, on the same state.

use std::collections::HashMap;

use calendar::{
    Limits, Require,
    object::{self, Command, DecisionContext, NameHolder, Object, Remove, SameMeeting},
};
use itip::ScheduleReply;
use journal::Journal;
use projections::ReadModels;
use schemas::{
    Event, Fact as _, ObjectEvent, Position, Recorded, Stream,
    edit::{Body, EditReason},
};
use uuid::Uuid;

use crate::{address_book::DirectoryAddressBook, error::Error};

/// Events read at a time.
const PAGE_EVENTS: usize = 1_000;

/// The range of acts that are decided again.
#[derive(Debug, Clone, Default)]
pub struct Range {
    /// After this position.
    pub after: Position,
    /// Up to this position.
    pub until: Position,
    /// Only acts on objects with this UID.
    pub uid: Option<String>,
}

/// The result of a replay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Acts that were decided again.
    pub acts: usize,
    /// Acts that were passed over, by reason.
    pub passed: Vec<(Position, &'static str)>,
    /// Acts that are decided otherwise.
    pub differences: Vec<Difference>,
}

/// An act that is decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its first event.
    pub position: Position,
    /// The request.
    pub request: Uuid,
    /// The recorded events, in one line.
    pub recorded: String,
    /// The events that this program decides, in one line.
    pub decided: String,
}

/// One append of a person: the state before it, and its events.
struct Act {
    before: Object,
    events: Vec<Recorded>,
}

/// Decides the acts of a range again.
///
/// Addresses are resolved by today's directory. An act that rested on an earlier state of its resource is passed over: the
/// condition by which the client named that state decides it.
pub async fn replay(
    journal: &dyn Journal,
    models: &ReadModels,
    limits: &Limits,
    range: &Range,
) -> Result<Replayed, Error> {
    Replay { book: DirectoryAddressBook(models.directory()), limits }.run(journal, range).await
}

/// The arguments of decisions other than the journal.
struct Replay<'a> {
    book: DirectoryAddressBook,
    limits: &'a Limits,
}

impl Replay<'_> {
    async fn run(&self, journal: &dyn Journal, range: &Range) -> Result<Replayed, Error> {
        let mut objects: HashMap<Stream, Object> = HashMap::new();
        let mut open: HashMap<Stream, Act> = HashMap::new();
        let mut replayed = Replayed::default();
        let mut after = Position::START;
        'journal: loop {
            let page = journal.read_all(after, PAGE_EVENTS).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for stored in page {
                if stored.position > range.until {
                    break 'journal;
                }
                let recorded = stored.read().map_err(Error::failed)?;
                let Event::Object(event) = &recorded.event else { continue };
                let object = objects.entry(recorded.stream).or_default();
                let continues = |act: &Act| act.events.first().is_some_and(|first| is_same_append(first, &recorded));
                if !open.get(&recorded.stream).is_some_and(continues) {
                    if let Some(act) = open.remove(&recorded.stream) {
                        self.decide_again(range, &act, &mut replayed);
                    }
                    open.insert(recorded.stream, Act { before: object.clone(), events: vec![] });
                }
                let mut next = object::evolve(std::mem::take(object), event);
                next.seen(recorded.metadata.at);
                *object = next;
                if let Some(act) = open.get_mut(&recorded.stream) {
                    act.events.push(recorded);
                }
            }
        }
        for act in open.into_values() {
            self.decide_again(range, &act, &mut replayed);
        }
        replayed.differences.sort_by_key(|difference| difference.position);
        replayed.passed.sort_unstable();
        Ok(replayed)
    }

    fn decide_again(&self, range: &Range, act: &Act, replayed: &mut Replayed) {
        let Some(first) = act.events.first() else { return };
        let Event::Object(event) = &first.event else { return };
        let position = first.position;
        let is_meant = range.uid.as_deref().is_none_or(|uid| event.uid() == Some(uid) || act.before.uid == uid);
        let is_direct = first.metadata.causation.is_none() && first.metadata.actor.is_some();
        if position <= range.after || !is_meant || !is_direct {
            return;
        }
        match self.decided(act, first, event) {
            Ok(decided) => {
                replayed.acts += 1;
                let recorded = act.events.iter().filter_map(|recorded| match &recorded.event {
                    Event::Object(event) => Some(line(event, is_tagged(first))),
                    _ => None,
                });
                let (recorded, decided) = (recorded.collect::<Vec<_>>(), decided);
                if recorded != decided {
                    let request = first.metadata.request;
                    let (recorded, decided) = first_difference(&recorded, &decided);
                    replayed.differences.push(Difference { position, request, recorded, decided });
                }
            }
            Err(why) => replayed.passed.push((position, why)),
        }
    }

    /// Returns the events that this program decides, a line for each; the reason if the decision cannot be repeated.
    fn decided(&self, act: &Act, first: &Recorded, event: &ObjectEvent) -> Result<Vec<String>, &'static str> {
        let home = event.home().or_else(|| act.events.iter().find_map(home)).ok_or("its home is not recorded")?;
        let context = DecisionContext {
            now: first.metadata.at,
            act: first.metadata.act.unwrap_or_default(),
            home,
            actor: first.metadata.actor,
            limits: self.limits,
            address_book: &self.book,
        };
        let events = match event {
            ObjectEvent::Put(put) => {
                let earlier = |reason: EditReason| matches!(reason, EditReason::Merged | EditReason::Rebased);
                if put.edits.iter().any(|edit| earlier(edit.reason)) {
                    return Err("it rested on an earlier state of the resource");
                }
                let sent = put.sent.as_ref().ok_or("what the client sent is not recorded")?;
                let ics = match &sent.body {
                    None if sent.size != put.content.ics.len() as u64 => {
                        return Err("the body was too large to be kept");
                    }
                    None => put.content.ics.clone(),
                    Some(Body::Text(text)) => text.clone(),
                    Some(Body::Base64(_)) => return Err("the body was not UTF-8"),
                };
                let read = object::read(ics, first.metadata.at, self.limits);
                let read = match read {
                    Ok(read) => read,
                    Err(refusal) => return Ok(vec![format!("refused: {refusal}")]),
                };
                let command = object::Put {
                    place: put.place.clone(),
                    document: read.document,
                    repairs: read.repairs,
                    sent: None,
                    require: Require::default(),
                    components: vec![],
                    name_holder: NameHolder::Own,
                    same_meeting: SameMeeting::Conflicts,
                };
                object::decide(&act.before, &Command::Put(&command), &context)
            }
            ObjectEvent::Removed(removed) => {
                let silent = first
                    .metadata
                    .conditions
                    .schedule_reply
                    .as_deref()
                    .is_some_and(|value| value.eq_ignore_ascii_case("f"));
                let is_silent = silent || act.events.iter().any(is_suppressed_reply);
                let reply = if is_silent { ScheduleReply::Suppress } else { ScheduleReply::Send };
                let remove = Remove { place: removed.place.clone(), require: Require::default(), reply };
                object::decide(&act.before, &Command::Remove(&remove), &context)
            }
            _ => return Err("only PUT and DELETE are decided again"),
        };
        let is_tagged = is_tagged(first);
        Ok(match events {
            Ok(events) => events.iter().map(|event| line(event, is_tagged)).collect(),
            Err(refusal) => vec![format!("refused: {refusal}")],
        })
    }
}

fn is_same_append(first: &Recorded, other: &Recorded) -> bool {
    let (one, two) = (&first.metadata, &other.metadata);
    first.stream == other.stream
        && one.request == two.request
        && one.causation == two.causation
        && one.at == two.at
        && two.act.is_none_or(|act| one.act == Some(act))
}

fn home(recorded: &Recorded) -> Option<schemas::PrincipalId> {
    match &recorded.event {
        Event::Object(event) => event.home(),
        _ => None,
    }
}

/// Ids and Schedule-Tags follow from the identity of the act, where it is recorded.
fn is_tagged(first: &Recorded) -> bool {
    first.metadata.act.is_some()
}

fn is_suppressed_reply(recorded: &Recorded) -> bool {
    matches!(&recorded.event, Event::Object(ObjectEvent::MessageSuppressed(suppressed)) if suppressed.reason == "schedule-reply-false")
}

/// Formats an event in one line. If `is_tagged` is false, values that depend on the identity of the act are left out.
fn line(event: &ObjectEvent, is_tagged: bool) -> String {
    let mut event = event.clone();
    match &mut event {
        ObjectEvent::Put(put) => {
            (put.sent, put.edits) = (None, vec![]);
            if !is_tagged {
                put.content.schedule_tag = put.content.schedule_tag.as_ref().map(|_| String::new());
            }
        }
        ObjectEvent::MessageIssued(issued) if !is_tagged => issued.message = Uuid::nil(),
        _ => {}
    }
    format!("{} {}", event.kind(), String::from_utf8_lossy(&event.to_json()))
}

/// The first lines that differ; `nothing` for a line that is missing.
fn first_difference(recorded: &[String], decided: &[String]) -> (String, String) {
    let longest = recorded.len().max(decided.len());
    let line = |lines: &[String], index: usize| lines.get(index).cloned().unwrap_or_else(|| "nothing".to_owned());
    let differs = (0..longest).find(|index| recorded.get(*index) != decided.get(*index)).unwrap_or_default();
    (line(recorded, differs), line(decided, differs))
}
