//! Updates one component of a copy from a message, line by line.
//!
//! **Invariant:** if all lines of a property agree already, they keep their bytes, except for
//! SCHEDULE-AGENT. The attendee's own properties do not change.

use super::OrganizersComments;
use super::comments::Comments;
use crate::Context;
use crate::body::Body;
use crate::diff::{self, TIMES};
use crate::line::Line;
use crate::meeting::Part;
use crate::nested::replace_shared;
use crate::organizers_part::meaning;
use crate::outgoing::is_sent;
use crate::own_properties::{is_own, is_own_progress, keep_schedule};
use crate::participation::Agent;
use crate::times::Times;
use ical::{Edit, Property};
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

/// The extent of an update, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    Nothing,
    /// The update changes nothing that changes the Schedule-Tag (RFC 6638 §3.2.10): for example,
    /// only the participation of other attendees.
    Participation,
    /// The update changes something that changes the Schedule-Tag.
    More,
}

/// The treatment of the owner's answer when the copy is updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnAnswer {
    /// The copy keeps its answer.
    Kept,
    /// The copy gets the answer that the message states.
    Said,
    /// The copy gets the answer that the message states. RSVP and the spelling of addresses stay,
    /// because nobody is asked to answer.
    Aligned,
}

/// The lines with one name, in the copy and in the message.
#[derive(Default)]
struct Lines<'l, 'a> {
    old: Vec<Property<'a>>,
    new: Vec<&'l Line<'a>>,
}

/// Edits the copy's component `known` so that it agrees with the message's component `said`; `was`
/// and `is` read their times. Lines with the same meaning keep the spelling of the attendee's
/// client. Returns the extent of the change.
pub(super) fn sync(
    (known, was): (&Part<'_>, &Times),
    (said, is): (&Part<'_>, &Times),
    (answer, comments): (OwnAnswer, &OrganizersComments),
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> Extent {
    let (body, before) = (Body::of(said.component), Body::of(known.component));
    let own_progress = is_own_progress(&before, &body, context);
    let apart = |line: &Line<'_>| {
        line.is("ATTENDEE") || line.is("EXDATE") || is_own(line) || (own_progress && line.is("STATUS"))
    };
    // The times are compared only when needed: most messages repeat them in the same spelling.
    let same_times = LazyCell::new(|| {
        let difference = diff::between(&before, &body, was, is);
        !difference.rescheduled && !difference.shortened
    });
    let mut by_name = lines_by_name(known, &body, apart);
    let mut extent = Extent::Nothing;
    // The invitation came through this server, so this server sends the replies (RFC 6638 §7.1).
    if let Some(organizer) =
        known.component.property("ORGANIZER").filter(|organizer| Agent::of(*organizer) != Agent::Server)
    {
        edit.remove_param(organizer.id(), "SCHEDULE-AGENT");
    }
    if let Some(lines) = by_name.get_mut("COMMENT") {
        extent = lines.keep_attendees(known, comments);
    }
    for (name, lines) in by_name.iter().filter(|(_, lines)| !lines.say_the_same()) {
        if TIMES.contains(&name.as_str()) && *same_times {
            continue;
        }
        extent = extent.max(lines.extent(name));
        lines.replace(known, edit);
    }
    if replace_shared(known.component, &body.nested, edit) {
        extent = Extent::More;
    }
    extent.max(attendees(known, said, answer, edit, context))
}

/// Groups the lines that organizers send by their property names, without those for which
/// `is_apart` is true.
fn lines_by_name<'l, 'a>(
    known: &Part<'a>,
    said: &'l Body<'a>,
    is_apart: impl Fn(&Line<'_>) -> bool,
) -> BTreeMap<String, Lines<'l, 'a>> {
    let mut by_name: BTreeMap<String, Lines<'l, 'a>> = BTreeMap::new();
    for property in known.component.properties() {
        let line = Line::of(property);
        if is_sent(line.name()) && !is_apart(&line) {
            by_name.entry(line.name().to_ascii_uppercase()).or_default().old.push(property);
        }
    }
    for line in said.lines.iter().filter(|line| is_sent(line.name()) && !is_apart(line)) {
        by_name.entry(line.name().to_ascii_uppercase()).or_default().new.push(line);
    }
    by_name
}

impl Lines<'_, '_> {
    fn say_the_same(&self) -> bool {
        let sorted = |mut lines: Vec<String>| {
            lines.sort();
            lines
        };
        let old = self.old.iter().map(|property| property.content_line());
        old.eq(self.new.iter().map(|line| line.as_str()))
            || sorted(self.old.iter().map(|property| Line::of(*property).normal()).collect())
                == sorted(self.new.iter().map(|line| line.normal()).collect())
            || self.mean_the_same()
    }

    /// Returns whether the lines of copy and message differ only in spelling, or in parameters that
    /// the attendee's client dropped.
    fn mean_the_same(&self) -> bool {
        let speak = |line: &&Line<'_>| !line.says_nothing();
        let mut old: Vec<_> = self.old.iter().map(|property| Line::of(*property)).filter(|line| speak(&line)).collect();
        let mut new: Vec<_> = self.new.iter().copied().filter(speak).collect();
        old.sort_by_cached_key(meaning);
        new.sort_by_cached_key(|line| meaning(line));
        old.len() == new.len()
            && old.iter().zip(new).all(|(old, new)| meaning(old) == meaning(new) && old.has_no_param_beyond(new))
    }

    /// Returns the extent of an update that changes these lines. `name` is the name of their
    /// property.
    fn extent(&self, name: &str) -> Extent {
        match name {
            "DTSTAMP" | "SEQUENCE" | "LAST-MODIFIED" | "CREATED" => Extent::Nothing,
            // A different name (CN) does not count, because clients write the organizer's name as
            // they know it.
            "ORGANIZER" if self.name_the_same() => Extent::Nothing,
            "COMMENT" => Extent::Participation, // see `keep_attendees`
            _ => Extent::More,
        }
    }

    fn name_the_same(&self) -> bool {
        let new = self.new.iter().map(|line| line.address());
        self.old.iter().map(|organizer| organizer.address()).eq(new)
    }

    /// Keeps in `self` only the comments that the message changes in the copy. Comments that both
    /// have, and comments that the attendee wrote, stay in the copy. Returns [`Extent::More`] if
    /// the organizer added or removed a comment. A comment that the organizer sent before about
    /// this component, and that the attendee's client dropped, is written again, but does not count
    /// as added.
    fn keep_attendees(&mut self, part: &Part<'_>, organizers: &OrganizersComments) -> Extent {
        let instance = part.recurrence_id().map_or("", Property::value);
        let known: Comments = self.old.iter().map(|property| Line::of(*property)).collect();
        let said: Comments = self.new.iter().map(|line| (*line).clone()).collect();
        self.old.retain(|property| {
            let line = Line::of(*property);
            organizers.say(&line) && !said.have(&line)
        });
        self.new.retain(|line| !known.show(line));
        let is_news = !self.old.is_empty() || self.new.iter().any(|line| !organizers.say_of(instance, line));
        if is_news { Extent::More } else { Extent::Nothing }
    }

    fn replace(&self, known: &Part<'_>, edit: &mut Edit<'_>) {
        for (index, property) in self.old.iter().enumerate() {
            match self.new.get(index) {
                Some(line) if line.is("ORGANIZER") => {
                    let mut line = (*line).clone();
                    keep_schedule(*property, &mut line);
                    edit.replace(property.id(), line.as_str());
                }
                Some(line) => edit.replace(property.id(), line.as_str()),
                None => edit.remove(property.id()),
            }
        }
        for line in self.new.iter().skip(self.old.len()) {
            edit.append_property(known.component.id(), line.as_str());
        }
    }
}

/// Updates the attendees. `answer` says whether the owner's answer stays.
fn attendees(
    known: &Part<'_>,
    said: &Part<'_>,
    answer: OwnAnswer,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> Extent {
    let mut extent = Extent::Nothing;
    let mut kept = BTreeSet::new();
    for listed in said.lines() {
        let mut line = Line::of(listed.property);
        let before = known.line_of(listed).filter(|before| kept.insert(before.property.id()));
        let Some(before) = before else {
            edit.append_property(known.component.id(), line.as_str());
            extent = Extent::More;
            continue;
        };
        let is_me = listed.is_owned(context);
        match answer {
            OwnAnswer::Kept if is_me => keep_answer(before.property, &mut line),
            OwnAnswer::Aligned => {
                line.copy_param("RSVP", &Line::of(before.property));
                if before.property.address() == listed.property.address() {
                    line.set_value(before.property.value());
                }
            }
            OwnAnswer::Kept | OwnAnswer::Said => {}
        }
        extent = extent.max(replace(before.property, &line, is_me, edit));
    }
    for gone in known.lines().filter(|before| !kept.contains(&before.property.id())) {
        edit.remove(gone.property.id());
        extent = Extent::More;
    }
    for property in &known.surplus {
        edit.remove(property.id());
    }
    extent
}

/// Copies the owner's answer from `property`, the line of the copy, to `line`, the line of the
/// message.
pub(super) fn keep_answer(property: Property<'_>, line: &mut Line<'_>) {
    for name in ["PARTSTAT", "RSVP", "DELEGATED-TO"] {
        line.copy_param(name, &Line::of(property));
    }
}

/// The parameters that state an attendee's answer.
pub(super) const PARTICIPATION: [&str; 5] = ["PARTSTAT", "RSVP", "DELEGATED-TO", "DELEGATED-FROM", "SENT-BY"];

/// Replaces one ATTENDEE line, and returns the extent of the change. `is_me`: it is a line of the
/// owner.
fn replace(property: Property<'_>, line: &Line<'_>, is_me: bool, edit: &mut Edit<'_>) -> Extent {
    let known = Line::of(property);
    if known == *line || known.normal() == line.normal() {
        return Extent::Nothing;
    }
    edit.replace(property.id(), line.as_str());
    // The owner's RSVP does not count: the organizer changes it with any message, also with one
    // that brings only the answers of others (RFC 6638 §3.2.10). Another name (CN) counts as a
    // spelling.
    let others = |name: &str| name == "CN" || if is_me { name == "RSVP" } else { PARTICIPATION.contains(&name) };
    if known.normal_but(others) == line.normal_but(others) { Extent::Participation } else { Extent::More }
}
