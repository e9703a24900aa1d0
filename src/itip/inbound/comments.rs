//! Distinguishes the comments (COMMENT) in an attendee's copy that the organizer wrote from those
//! that the attendee wrote.
//!
//! **Invariant:** a comment counts as the organizer's if their messages contained it and no later
//! REQUEST dropped it. All other comments are the attendee's, and no message changes them.

use crate::Method;
use crate::body::Body;
use crate::calendar_user_role::is_scheduled;
use crate::line::Line;
use crate::organizers_part::meaning;
use ical::{Component, Document};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of the comments that are remembered of one meeting. If they are exceeded, all comments of
/// the meeting are forgotten: each comment in the copy then counts as the attendee's.
const MAX_REMEMBERED_COMMENT_BYTES: usize = 64 * 1024;

/// The comments that the organizer's latest messages about a meeting contained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizersComments {
    /// The comments of each component. The key is its RECURRENCE-ID, for an ADD its DTSTART, and
    /// for the series an empty text.
    texts: BTreeMap<String, BTreeSet<String>>,
}

impl OrganizersComments {
    /// Returns false only if [`note`](Self::note) would change nothing for a message with this
    /// text. Most messages have no comment, and need not be parsed.
    pub fn may_change_by(&self, message: &str) -> bool {
        let names = || message.as_bytes().windows(COMMENT.len());
        !self.texts.is_empty() || names().any(|name| name.eq_ignore_ascii_case(COMMENT.as_bytes()))
    }

    /// Notes the comments of a message that was applied. A REQUEST with the series repeats all
    /// comments, so earlier ones are forgotten (RFC 5546 §3.2.2). A CANCEL may contain comments as
    /// an explanation; the earlier comments of a component for which it has none stay.
    pub fn note(&mut self, method: Method, message: &Document) {
        let components = || message.root().components().filter(|component| is_scheduled(*component));
        let is_series = |component: Component<'_>| component.property("RECURRENCE-ID").is_none();
        if method == Method::Request && components().any(is_series) {
            self.texts.clear();
        }
        for component in components() {
            let texts: BTreeSet<_> =
                component.properties_named(COMMENT).map(|comment| text(&Line::of(comment))).collect();
            let id = component.property("RECURRENCE-ID");
            let id = id.or_else(|| component.property("DTSTART").filter(|_| method == Method::Add));
            let id = id.map_or(String::new(), |id| id.value().to_owned());
            if !texts.is_empty() {
                self.texts.insert(id, texts);
            } else if method == Method::Request {
                self.texts.remove(&id);
            }
        }
        if self.bytes() > MAX_REMEMBERED_COMMENT_BYTES {
            self.texts.clear();
        }
    }

    /// Returns the bytes held in memory.
    pub fn bytes(&self) -> usize {
        self.texts.iter().map(|(id, texts)| id.len() + texts.iter().map(String::len).sum::<usize>()).sum()
    }

    /// Returns true if a message of the organizer contained this comment, for any component.
    pub(super) fn say(&self, comment: &Line<'_>) -> bool {
        let said = text(comment);
        self.texts.values().any(|texts| texts.contains(&said))
    }

    /// Returns true if `known` has a comment of the attendee that `series` lacks.
    pub(super) fn leave_more(&self, known: &Body<'_>, series: &Body<'_>) -> bool {
        self.left(known, series).next().is_some()
    }

    /// Copies the attendee's comments that `body` lacks from `known` to `body`.
    pub(super) fn carry<'a>(&self, body: &mut Body<'a>, known: &Body<'a>) {
        let left: Vec<_> = self.left(known, body).cloned().collect();
        body.lines.extend(left);
    }

    /// Returns the attendee's comments in `known` that `other` lacks.
    fn left<'k, 'a>(&self, known: &'k Body<'a>, other: &Body<'_>) -> impl Iterator<Item = &'k Line<'a>> {
        let there: BTreeSet<_> = other.lines.iter().filter(|line| line.is(COMMENT)).map(text).collect();
        let comments = known.lines.iter().filter(|line| line.is(COMMENT));
        comments.filter(move |comment| !self.say(comment) && !there.contains(&text(comment)))
    }
}

const COMMENT: &str = "COMMENT";

/// Returns the meaning of a comment: equal for two spellings of the same comment.
fn text(comment: &Line<'_>) -> String {
    meaning(comment).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(components: &[&str]) -> Document {
        let component = |lines: &&str| specimens::component("VEVENT", "1", lines);
        Document::parse(specimens::calendar(&components.iter().map(component).collect::<String>()))
            .expect("well-formed")
    }

    #[test]
    fn the_latest_message_about_a_component_says_whose_its_comments_are() {
        let series = "DTSTART:20260105T120000Z\nCOMMENT:series\n";
        let plain = "DTSTART:20260105T120000Z\n";
        let instance = "RECURRENCE-ID:20260106T120000Z\nDTSTART:20260106T120000Z\nCOMMENT:instance\n";
        let plain_instance = "RECURRENCE-ID:20260106T120000Z\nDTSTART:20260106T120000Z\n";
        let added = "DTSTART:20260110T120000Z\nCOMMENT:added\n";
        let known = message(&[series, instance]);
        let rows: [(Method, &str, &[&str]); 6] = [
            (Method::Request, plain, &[]),
            (Method::Request, added, &["added"]),
            (Method::Request, plain_instance, &["series"]),
            (Method::Add, added, &["series", "instance", "added"]),
            (Method::Cancel, plain_instance, &["series", "instance"]),
            (Method::Cancel, plain, &["series", "instance"]),
        ];
        for (method, lines, expected) in rows {
            let (mut comments, message) = (OrganizersComments::default(), message(&[lines]));
            assert_eq!(comments.may_change_by(message.as_str()), lines.contains(COMMENT), "{lines}");
            comments.note(Method::Request, &known);
            assert!(comments.may_change_by(message.as_str()), "{lines}");
            comments.note(method, &message);
            let said =
                ["series", "instance", "added"].into_iter().filter(|said| comments.say(&Line::new(COMMENT, said)));
            assert_eq!(said.collect::<Vec<_>>(), expected, "{method:?} {lines}");
        }
    }

    #[test]
    fn comments_beyond_the_limit_are_not_remembered() {
        let long = |bytes| format!("DTSTART:20260105T120000Z\nCOMMENT:{}\n", "a".repeat(bytes));
        for (bytes, is_remembered) in [(MAX_REMEMBERED_COMMENT_BYTES, true), (MAX_REMEMBERED_COMMENT_BYTES + 1, false)]
        {
            let mut comments = OrganizersComments::default();
            comments.note(Method::Request, &message(&[&long(bytes)]));
            assert_eq!(comments.bytes(), if is_remembered { bytes } else { 0 });
        }
    }
}
