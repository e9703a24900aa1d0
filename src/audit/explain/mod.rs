//! Explains the state of a meeting in sentences, followed by the acts on which they are based.

mod delivery;
mod presence;
mod seen;

use std::fmt::Write;

use schemas::{Position, PrincipalId, Timestamp};

pub use seen::seen;

use crate::{Act, Clock, Detail, Evidence, Timeline, foreign, reasons::list, sentence::Context, text, tree};

/// The question to be answered. Without a question, [`explain`] answers [`Why::Missing`], and shows
/// acts of every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Why is the meeting not in the calendar?
    Missing,
    /// Who moved the meeting?
    Moved,
    /// Why was the person not notified?
    NotTold,
    /// Why was the meeting declined?
    Declined,
    /// Which version of the meeting was served to the person's clients?
    Seen,
    /// Which requests about the meeting were refused?
    Refused,
}

/// Maximum number of acts in an explanation. If there are more, the latest are shown.
const SHOWN_ACTS: usize = 8;
/// Maximum characters of a line, except for a single longer word.
const WIDTH: usize = 140;
/// Columns by which the continuation lines of a sentence are indented.
const SENTENCE_INDENT: usize = 2;
/// Columns by which the continuation lines of an act are indented.
const ACT_INDENT: usize = 11;

/// An explanation in sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The sentences of the answer.
    pub sentences: Vec<String>,
    /// The acts on which the answer is based, as lines of text.
    pub acts: Vec<String>,
    /// True if earlier acts were left out.
    pub is_cut: bool,
    /// A sentence that says whether all events fit the hash chain, and names the head.
    pub proof: String,
}

/// The end of the journal, which the answer mentions.
#[derive(Debug, Clone)]
pub struct Head {
    /// Position of the last event.
    pub position: Position,
    /// The hash of the chain's end in hexadecimal; empty if each stream has its own chain.
    pub hash: String,
    /// When a head was last signed; `None` if never.
    pub signed: Option<Timestamp>,
}

/// Answers the question `why` about a meeting for `person`; for everybody if `person` is `None`.
/// For [`Why::Seen`] and [`Why::Refused`], only [`Explanation::proof`] is filled; the caller adds
/// the answer.
pub fn explain(
    evidence: &Evidence,
    person: Option<PrincipalId>,
    why: Option<Why>,
    head: &Head,
    clock: &Clock,
) -> Explanation {
    let context = Context::of(evidence);
    let timeline = Timeline::of(evidence, Detail::Acts);
    let mut sentences = vec![];
    if matches!(why, None | Some(Why::Missing)) {
        match person {
            Some(person) => sentences.extend(presence::of(&context, &timeline, person, clock)),
            None => sentences.push(whole(evidence, &timeline)),
        }
    }
    if matches!(why, None | Some(Why::NotTold | Why::Missing)) {
        sentences.extend(delivery::not_notified(&context, person));
    }
    if matches!(why, Some(Why::Declined)) {
        sentences.extend(delivery::declined(&context, person, clock));
    }
    let about: Vec<&Act> = timeline.acts.iter().filter(|act| concerns(act, person) && answers(act, why)).collect();
    if sentences.is_empty() && about.is_empty() && !matches!(why, Some(Why::Seen | Why::Refused)) {
        sentences.push(nothing(why, person.map(|person| evidence.names.today().person(person))));
    }
    if sentences.is_empty() && !about.is_empty() {
        let times = if about.len() == 1 { "once".to_owned() } else { format!("{} times", about.len()) };
        let title = foreign::quoted(&tree::title(&evidence.events));
        sentences.push(match why {
            Some(Why::Moved) => format!("{title} was moved {times}:"),
            _ => format!("{title}:"),
        });
    }
    let skipped = about.len().saturating_sub(SHOWN_ACTS);
    Explanation {
        sentences,
        acts: about[skipped..].iter().flat_map(|act| lines(act, clock)).collect(),
        is_cut: skipped > 0,
        proof: proof(evidence, head, clock),
    }
}

fn whole(evidence: &Evidence, timeline: &Timeline) -> String {
    let title = foreign::quoted(&tree::title(&evidence.events));
    format!(
        "{title}: acts: {}; homes that had a copy or received a message: {}. To ask about one person's calendars, \
         add --for PERSON.",
        timeline.acts.len(),
        timeline.homes
    )
}

fn concerns(act: &Act, person: Option<PrincipalId>) -> bool {
    person.is_none_or(|person| act.people.contains(&person))
}

/// Returns true if the act belongs to the answer to the question `why`.
fn answers(act: &Act, why: Option<Why>) -> bool {
    let is_time = |change: &crate::Change| matches!(change.property.as_str(), "DTSTART" | "DTEND" | "RRULE" | "DUE");
    match why {
        None => true,
        Some(Why::Moved) => act.changes.iter().any(|change| is_time(change) && change.before.is_some()),
        Some(Why::Missing) => !act.is_answer,
        Some(Why::NotTold) => !act.not_notified.is_empty(),
        Some(Why::Seen | Why::Refused) => false,
        Some(Why::Declined) => {
            let is_declined = |line: &String| line.contains("declined");
            act.deed.starts_with("declined") || act.server.iter().any(is_declined) || act.deed.contains("delet")
        }
    }
}

fn nothing(why: Option<Why>, name: Option<String>) -> String {
    let for_whom = name.map(|name| format!(" that concerns {name}")).unwrap_or_default();
    match why {
        None | Some(Why::Missing | Why::Seen | Why::Refused) => format!("Nothing is recorded{for_whom}."),
        Some(Why::Moved) => format!("No move is recorded{for_whom}."),
        Some(Why::NotTold) => format!("No missing notification is recorded{for_whom}."),
        Some(Why::Declined) => format!("No declined invitation is recorded{for_whom}."),
    }
}

fn lines(act: &Act, clock: &Clock) -> Vec<String> {
    let altered = if act.altered.is_empty() { "" } else { "ALTERED  " };
    let (actor, deed, origin) = (&act.actor, &act.deed, text::origin(act));
    let mut lines =
        vec![format!("{}{altered}{}  {actor} {deed}  ({origin})", text::number(act.position, 7), clock.long(act.at))];
    lines.extend(act.details.iter().take(2).map(|detail| format!("       {detail}")));
    if !act.server.is_empty() {
        let server: Vec<&str> = act.server.iter().take(2).map(String::as_str).collect();
        lines.push(format!("       server: {}", server.join("; ")));
    }
    lines.extend(act.not_notified.iter().map(|line| format!("       not told: {line}")));
    lines
}

fn proof(evidence: &Evidence, head: &Head, clock: &Clock) -> String {
    let count = evidence.events.len();
    let events = if count == 1 { "event" } else { "events" };
    let faults: Vec<String> = evidence.faults.iter().map(|fault| format!("#{}", fault.position)).collect();
    let mut proof = if faults.is_empty() {
        format!("Proof: {count} {events}, each fits the chain")
    } else {
        format!("NO PROOF: of {count} {events}, these are not what was stored: {}", list(&faults))
    };
    if !evidence.unlisted.is_empty() {
        proof.push_str("; the read model does not list every copy, run `daybook verify --read-models`");
    }
    let _ = write!(proof, "; head #{}", head.position);
    if !head.hash.is_empty() {
        let _ = write!(proof, " {}…", head.hash.chars().take(12).collect::<String>());
    }
    match head.signed {
        Some(at) => drop(write!(proof, "; a head was last signed on {}", clock.long(at))),
        None => proof.push_str("; no head was ever signed"),
    }
    proof
}

impl Explanation {
    /// Returns the explanation as text. Long lines are broken between words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.sentences.iter().for_each(|sentence| wrap(&mut text, sentence, SENTENCE_INDENT));
        if self.is_cut {
            wrap(&mut text, "  Earlier acts are not shown here; `daybook timeline` shows them.", ACT_INDENT);
        }
        self.acts.iter().for_each(|act| wrap(&mut text, &format!("  {act}"), ACT_INDENT));
        wrap(&mut text, &self.proof, SENTENCE_INDENT);
        text
    }
}

/// Writes a line, broken between words after at most [`WIDTH`] characters. Continuation lines are
/// indented by `indent` columns. A longer word is not broken.
fn wrap(text: &mut String, line: &str, indent: usize) {
    let (mut width, mut is_first) = (0, true);
    for word in line.split(' ') {
        let length = word.chars().count();
        if !is_first && width + 1 + length > WIDTH {
            let _ = write!(text, "\n{:indent$}", "");
            width = indent;
        } else if !is_first {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
        is_first = false;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_words_and_keeps_its_own_spaces() {
        let wrapped = |line: &str| {
            let mut text = String::new();
            wrap(&mut text, line, 4);
            text
        };
        let [short, word] = ["a".repeat(WIDTH - 4), "b".repeat(2 * WIDTH)];
        assert_eq!(wrapped("  #1  it  is"), "  #1  it  is\n");
        assert_eq!(wrapped(&format!("  {short} c d")), format!("  {short} c\n    d\n"));
        assert_eq!(wrapped(&format!("a {word} c")), format!("a\n    {word}\n    c\n"));
        assert_eq!(wrapped(""), "\n");
    }

    #[test]
    fn what_only_the_read_model_lacks_is_no_altered_event() {
        let head = Head { position: Position(9), hash: String::new(), signed: None };
        let told = |evidence: &Evidence| proof(evidence, &head, &Clock::default());
        let mut evidence = Evidence {
            unlisted: vec![schemas::Stream::Principal(PrincipalId(uuid::Uuid::nil()))],
            ..Evidence::default()
        };
        let unlisted = told(&evidence);
        let expected = "Proof: 0 events, each fits the chain; the read model does not list every copy, run `daybook verify \
                        --read-models`; head #9";
        assert!(unlisted.starts_with(expected), "{unlisted}");
        evidence.faults.push(crate::Fault { position: Position(7), why: String::new() });
        let altered = told(&evidence);
        assert!(
            altered.starts_with("NO PROOF: of 0 events, these are not what was stored: #7; the read model"),
            "{altered}"
        );
    }
}
