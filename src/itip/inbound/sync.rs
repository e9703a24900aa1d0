//! Bringing one component of a copy up to what a message says, line by line.
//!
//! **Invariant:** lines that say the same already keep their octets, and what is the attendee's own is not touched.

use super::carry::is_own;
use crate::Context;
use crate::body::Body;
use crate::line::Line;
use crate::meeting::Part;
use ical::{Address, Edit, Property};
use std::collections::{BTreeMap, BTreeSet};

/// What bringing it up to date changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    Nothing,
    /// The participation of other attendees, and bookkeeping.
    Participation,
    /// Something else.
    More,
}

/// Edits `known` to say what `said` says.
pub(super) fn sync(
    known: &Part<'_>,
    said: &Body<'_>,
    keep_answer: bool,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> Extent {
    let apart = |line: &Line<'_>| line.is("ATTENDEE") || line.is("EXDATE") || is_own(line);
    let component = known.component;
    let known_lines: Vec<(Property<'_>, Line<'_>)> =
        component.properties().map(|property| (property, Line::of(property))).collect();
    let mut by_name: BTreeMap<String, (Vec<&(Property<'_>, Line<'_>)>, Vec<&Line<'_>>)> = BTreeMap::new();
    for entry in known_lines.iter().filter(|(_, line)| !apart(line) && (crate::outgoing::is_sent(line.name()))) {
        by_name.entry(entry.1.name().to_ascii_uppercase()).or_default().0.push(entry);
    }
    for line in said.lines.iter().filter(|line| !apart(line)) {
        let name = line.name().to_ascii_uppercase();
        by_name.entry(name).or_default().1.push(line);
    }
    let mut extent = Extent::Nothing;
    for (name, (old, new)) in &by_name {
        if same(old.iter().map(|(_, line)| line), new.iter().copied()) {
            continue;
        }
        let bookkeeping = ["DTSTAMP", "SEQUENCE", "LAST-MODIFIED", "CREATED"].contains(&name.as_str());
        extent = extent.max(if bookkeeping { Extent::Nothing } else { Extent::More });
        replace(known, old, new, edit);
    }
    extent.max(attendees(known, said, keep_answer, edit, context))
}

fn same<'l, 'a: 'l>(old: impl Iterator<Item = &'l Line<'a>>, new: impl Iterator<Item = &'l Line<'a>>) -> bool {
    let sorted = |lines: Vec<String>| {
        let mut lines = lines;
        lines.sort();
        lines
    };
    sorted(old.map(Line::normal).collect()) == sorted(new.map(Line::normal).collect())
}

fn replace(known: &Part<'_>, old: &[&(Property<'_>, Line<'_>)], new: &[&Line<'_>], edit: &mut Edit<'_>) {
    for (index, (property, _)) in old.iter().enumerate() {
        match new.get(index) {
            Some(line) => edit.replace(property.id(), line.as_str()),
            None => edit.remove(property.id()),
        }
    }
    for line in new.iter().skip(old.len()) {
        edit.append_property(known.component.id(), line.as_str());
    }
}

/// The attendees as the organizer lists them; the owner's own answer stays where nobody asked anew.
fn attendees(
    known: &Part<'_>,
    said: &Body<'_>,
    keep_answer: bool,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> Extent {
    let mut extent = Extent::Nothing;
    let mut old: BTreeMap<Address, Property<'_>> = BTreeMap::new();
    for property in known.component.properties_named("ATTENDEE") {
        match property.address().map(|address| (context.same)(&address)) {
            Some(address) if !old.contains_key(&address) => drop(old.insert(address, property)),
            Some(_) | None => edit.remove(property.id()),
        }
    }
    let mut listed = BTreeSet::new();
    for line in said.lines.iter().filter(|line| line.is("ATTENDEE")) {
        let Some(address) = line.address().map(|address| (context.same)(&address)) else { continue };
        if !listed.insert(address.clone()) {
            continue;
        }
        let Some(property) = old.get(&address) else {
            edit.append_property(known.component.id(), line.as_str());
            extent = Extent::More;
            continue;
        };
        let is_me = line.address().is_some_and(|address| (context.owns)(&address));
        let mut line = line.clone();
        if is_me && keep_answer {
            keep(*property, &mut line);
        }
        extent = extent.max(entry(*property, &line, is_me, edit));
    }
    for (_, property) in old.iter().filter(|(address, _)| !listed.contains(*address)) {
        edit.remove(property.id());
        extent = Extent::More;
    }
    extent
}

/// The owner's answer, before another revision's idea of it.
fn keep(property: Property<'_>, line: &mut Line<'_>) {
    for name in ["PARTSTAT", "RSVP", "DELEGATED-TO"] {
        match property.param(name) {
            Some(value) => line.set_param(name, &value),
            None => line.remove_param(name),
        }
    }
}

fn entry(property: Property<'_>, line: &Line<'_>, is_me: bool, edit: &mut Edit<'_>) -> Extent {
    let known = Line::of(property);
    if known.normal() == line.normal() {
        return Extent::Nothing;
    }
    edit.replace(property.id(), line.as_str());
    let participation = |name: &str| ["PARTSTAT", "RSVP", "DELEGATED-TO", "DELEGATED-FROM"].contains(&name);
    let only_participation = known.normal_but(participation) == line.normal_but(participation);
    if only_participation && !is_me { Extent::Participation } else { Extent::More }
}
