//! Distinguishes the comments (COMMENT) in an attendee's copy that the organizer wrote from those
//! that the attendee wrote.
//!
//! **Invariant:** a comment counts as the organizer's if their latest messages contained it
//! ([`OrganizersComments::note`]). All other comments count as the attendee's, and no message
//! changes them.

use crate::Method;
use crate::body::Body;
use crate::calendar_user_role::is_scheduled;
use crate::line::Line;
use crate::organizers_part::meaning;
use ical::Document;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of the comments that are remembered of one meeting. If they are exceeded, all comments of
/// the meeting are forgotten: an update by the organizer then removes no comment from the copy, and
/// a reply contains only the comments that came with the answer.
const MAX_REMEMBERED_COMMENT_BYTES: usize = 64 * 1024;

/// The comments that the organizer's latest messages about a meeting contained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizersComments {
    /// The comments of each component. The key is its RECURRENCE-ID, for an ADD its DTSTART, and
    /// for the series an empty text.
    by_component: BTreeMap<String, Comments>,
    /// False if the copy may have comments of the organizer that are not in `by_component`.
    are_complete: bool,
}

impl OrganizersComments {
    /// Returns false only if [`note`](Self::note) would change nothing for a message with this
    /// text. Most messages have no comment, and need not be parsed.
    pub fn may_change_by(&self, message: &str) -> bool {
        !self.by_component.is_empty() || message.lines().any(may_be_comment)
    }

    /// Returns true if the copy has no comments of the organizer but those that messages contained.
    pub fn are_complete(&self) -> bool {
        self.are_complete
    }

    /// Records that everything which the organizer wrote into the copy comes from messages.
    pub fn complete(&mut self) {
        self.are_complete = true;
    }

    /// Records that the copy may have comments of the organizer which no message contained.
    pub fn incomplete(&mut self) {
        self.are_complete = false;
    }

    /// Notes the comments of a message that was applied. A REQUEST with the series repeats all
    /// comments, so earlier ones are forgotten (RFC 5546 §3.2.2). A CANCEL may contain comments as
    /// an explanation; the earlier comments of a component for which it has none stay.
    pub fn note(&mut self, method: Method, message: &Document) {
        if method == Method::Request && has_series(message) {
            self.by_component.clear();
        }
        for component in message.root().components().filter(|component| is_scheduled(*component)) {
            let comments: Comments = component.properties_named(COMMENT).map(Line::of).collect();
            let id = component.property("RECURRENCE-ID");
            let id = id.or_else(|| component.property("DTSTART").filter(|_| method == Method::Add));
            let id = id.map_or(String::new(), |id| id.value().to_owned());
            if !comments.0.is_empty() {
                self.by_component.insert(id, comments);
            } else if method == Method::Request {
                self.by_component.remove(&id);
            }
        }
        if self.bytes() > MAX_REMEMBERED_COMMENT_BYTES {
            *self = Self::default();
        }
    }

    /// Returns the bytes of the comments and of the keys of their components.
    pub fn bytes(&self) -> usize {
        self.by_component.iter().map(|(id, comments)| id.len() + comments.bytes()).sum()
    }

    /// Returns true if this comment of the copy is one of these comments, for any component.
    pub(crate) fn say(&self, comment: &Line<'_>) -> bool {
        self.by_component.values().any(|comments| comments.have(comment))
    }

    /// Returns true if this comment is one of those of a component. `instance` is the RECURRENCE-ID
    /// of the component, empty for the series. An instance without comments of its own has those of
    /// the series.
    pub(super) fn say_of(&self, instance: &str, comment: &Line<'_>) -> bool {
        let said = self.by_component.get(instance).or_else(|| self.by_component.get(""));
        said.is_some_and(|comments| comments.have(comment))
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
        let there: Comments = other.lines.iter().filter(|line| line.is(COMMENT)).cloned().collect();
        let comments = known.lines.iter().filter(|line| line.is(COMMENT));
        comments.filter(move |comment| !self.say(comment) && !there.have(comment))
    }
}

/// Returns whether a message describes the series, or a meeting that does not recur.
pub fn has_series(message: &Document) -> bool {
    let mut components = message.root().components().filter(|component| is_scheduled(*component));
    components.any(|component| component.property("RECURRENCE-ID").is_none())
}

const COMMENT: &str = "COMMENT";

/// Comments of one component: the text and the parameters of each, equal for two spellings of the
/// same comment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Comments(BTreeSet<(String, String)>);

impl<'a> FromIterator<Line<'a>> for Comments {
    fn from_iter<I: IntoIterator<Item = Line<'a>>>(lines: I) -> Self {
        Self(lines.into_iter().map(|line| spelled(&line)).collect())
    }
}

impl Comments {
    /// Returns whether a line of the copy is one of these comments: with the same parameters, or
    /// without parameters, which some clients drop.
    pub(super) fn have(&self, line: &Line<'_>) -> bool {
        let comment = spelled(line);
        let has_text = || self.0.range((comment.0.clone(), String::new())..).next().is_some_and(|it| it.0 == comment.0);
        self.0.contains(&comment) || (comment.1.is_empty() && has_text())
    }

    /// Like [`have`](Self::have), with the roles exchanged: these are the comments of the copy, and
    /// `line` is one of a message.
    pub(super) fn show(&self, line: &Line<'_>) -> bool {
        let comment = spelled(line);
        self.0.contains(&comment) || self.0.contains(&(comment.0, String::new()))
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|(text, params)| text.len() + params.len()).sum()
    }
}

/// Returns the text and the parameters of a comment, without parameters that clients do not show.
fn spelled(comment: &Line<'_>) -> (String, String) {
    (meaning(comment).1, comment.normal_params(|_| false))
}

/// True if a line may be a COMMENT. A fold may cut the name, and may come before it.
fn may_be_comment(line: &str) -> bool {
    let line = line.trim_start();
    let start = &line.as_bytes()[..line.len().min(COMMENT.len())];
    !start.is_empty() && start.eq_ignore_ascii_case(&COMMENT.as_bytes()[..start.len()])
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
    fn a_comment_is_news_where_no_message_about_the_component_had_it() {
        let (series, id) = ("DTSTART:20260105T120000Z\n", "20260106T120000Z");
        let cancelled = format!("RECURRENCE-ID:{id}\nDTSTART:{id}\nCOMMENT:Ill\nSTATUS:CANCELLED\n");
        let (comment, mut comments) = (Line::new(COMMENT, "Ill"), OrganizersComments::default());
        let says = |comments: &OrganizersComments| [comments.say_of("", &comment), comments.say_of(id, &comment)];
        comments.note(Method::Request, &message(&[series]));
        comments.note(Method::Cancel, &message(&[&cancelled]));
        assert_eq!((says(&comments), comments.say(&comment)), ([false, true], true));
        comments.note(Method::Request, &message(&[&format!("{series}COMMENT:Ill\n")]));
        assert_eq!(says(&comments), [true, true], "an instance has the comments of its series");
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

    #[test]
    fn a_comment_is_compared_with_its_parameters_unless_the_client_dropped_them() {
        let line = |text: &str| Line::written(text.to_owned());
        let said = "COMMENT;ALTREP=\"https://example.org/4\":Room 4";
        let rows = [
            (said, true),
            ("comment;altrep=\"https://example.org/4\";X-CLIENT=1:Room 4 ", true),
            ("COMMENT:Room 4", true),
            ("COMMENT;ALTREP=\"https://example.org/5\":Room 4", false),
            ("COMMENT:Room 5", false),
        ];
        let mut comments = OrganizersComments::default();
        comments.note(Method::Request, &message(&[&format!("DTSTART:20260105T120000Z\n{said}\n")]));
        for (text, expected) in rows {
            assert_eq!(comments.say(&line(text)), expected, "{text}");
            let copy: Comments = [line(text)].into_iter().collect();
            assert_eq!(copy.show(&line(said)), expected, "{text}");
        }
        let plain: Comments = [line("COMMENT:Room 4")].into_iter().collect();
        assert!(!plain.have(&line(said)), "a parameter that no message had is the attendee's");
    }
}
