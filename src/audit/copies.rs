//! Compares the copies of one meeting, as they were after a given event.

use std::{collections::BTreeSet, fmt::Write};

use ical::Document;
use schemas::{
    Event, ObjectEvent, Position, PrincipalId, Recorded,
    object::{Content, Place, Role},
};

use crate::{
    Change, Class, Evidence, Names,
    change::{self, Value},
    foreign, moment, reasons,
    sentence::Context,
    state::State,
};

/// One copy of a meeting.
#[derive(Debug, Clone, PartialEq)]
pub struct Copy {
    /// The owner of the home that holds the copy.
    pub owner: PrincipalId,
    /// The calendar of the copy, in words.
    pub place: String,
    /// The owner's role in the meeting.
    pub role: Role,
    /// True if this is the organizer's copy of somebody who handed the meeting over. It is not
    /// updated any more.
    pub is_handed_over: bool,
    /// SEQUENCE of the first component; 0 without one.
    pub sequence: i32,
    /// The start of the first component, in words; empty without a start.
    pub start: String,
    /// The owner's PARTSTAT in the first component; empty if the owner is not among its attendees.
    pub answer: String,
    /// True if each component of the copy is cancelled.
    pub is_cancelled: bool,
    /// True for an attendee's copy whose owner is no attendee in the organizer's copy. A cancelled
    /// copy of such a person is as it should be (RFC 5546 §3.2.5), although it differs from the
    /// organizer's copy.
    pub is_uninvited: bool,
    /// The ETag of the copy.
    pub etag: String,
    /// Significant differences of an attendee's copy (`after`) from the organizer's copy
    /// (`before`). Empty for other copies, without an organizer's copy, and for a cancelled copy of
    /// somebody uninvited.
    pub differences: Vec<Change>,
}

/// The owner of a copy.
#[derive(Debug, Clone, Copy)]
struct Owner {
    id: PrincipalId,
    /// True if their copy is the organizer's, and they handed the meeting over.
    is_handed_over: bool,
}

/// All copies of a meeting.
#[derive(Debug, Clone, PartialEq)]
pub struct Copies {
    /// The copies. The organizer's copy comes first, if there is one.
    pub copies: Vec<Copy>,
    /// Principals of this server who are attendees in the organizer's copy and have not declined,
    /// but have no copy.
    pub without: Vec<PrincipalId>,
}

impl Copies {
    /// Returns the copies as they were after the event at `position`.
    pub fn of(evidence: &Evidence, position: Position) -> Self {
        let context = Context::of(evidence);
        let mut state = State::default();
        let mut predecessors = BTreeSet::new();
        for recorded in evidence.events.iter().filter(|recorded| recorded.position <= position) {
            state.apply(recorded);
            follow_hand_over(&mut predecessors, recorded, &evidence.names);
        }
        let mut copies = vec![];
        for (stream, owner) in &context.homes {
            for (place, content) in state.of(*stream) {
                let is_handed_over = content.role == Role::Organizer && predecessors.contains(owner);
                let owner = Owner { id: *owner, is_handed_over };
                copies.push((Copy::of(&context, owner, (place, content), position), content.ics.as_str()));
            }
        }
        copies.sort_by_key(|(copy, _)| (copy.role != Role::Organizer, copy.is_handed_over, copy.owner));
        let organizers = copies.iter().find(|(copy, _)| copy.is_organizers()).map(|(_, ics)| *ics);
        let invited = organizers.map(|ics| Invited::of(ics, &evidence.names)).unwrap_or_default();
        if let Some(organizers) = organizers {
            let others = copies.iter_mut().filter(|(copy, _)| copy.role == Role::Attendee);
            for (copy, ics) in others {
                copy.is_uninvited = !invited.all.contains(&copy.owner);
                if !copy.is_uninvited || !copy.is_cancelled {
                    copy.differences = differences(organizers, ics);
                }
            }
        }
        let copies: Vec<Copy> = copies.into_iter().map(|(copy, _)| copy).collect();
        let has_copy = |id: &PrincipalId| copies.iter().any(|copy| copy.owner == *id);
        let without = invited.all.difference(&invited.declined).filter(|id| !has_copy(id)).copied().collect();
        Self { copies, without }
    }

    /// Returns the organizer of the meeting; `None` if no home has the current organizer's copy,
    /// for example because the organizer is not a principal of this server.
    pub fn organizer(&self) -> Option<PrincipalId> {
        self.copies.iter().find(|copy| copy.is_organizers()).map(|copy| copy.owner)
    }

    /// Returns the copies as text for people: a line for each copy, followed by its differences
    /// from the organizer's copy, and a line for each attendee without a copy.
    pub fn text(&self, names: &Names) -> String {
        let mut text = String::new();
        if self.copies.is_empty() {
            text.push_str("No home has a copy of the meeting.\n");
        }
        for copy in &self.copies {
            let Copy { owner, place, sequence, start, etag, differences, .. } = copy;
            let (name, part) = (names.today().person(*owner), copy.part());
            let cancelled = if copy.is_cancelled { "cancelled, " } else { "" };
            let _ = writeln!(text, "{name} {part}: {place}, {start}, {cancelled}SEQUENCE {sequence}, etag {etag}");
            for change in differences {
                let which = change.instance.as_ref().map(|id| format!("the instance of {}: ", moment::value(id)));
                let phrase = change::phrase(change, &names.today());
                let _ = writeln!(text, "  differs from the organizer's copy: {}{phrase}", which.unwrap_or_default());
            }
        }
        for id in &self.without {
            let _ = writeln!(text, "{} is invited and has no copy", names.today().person(*id));
        }
        text
    }
}

impl Copy {
    /// Describes a copy as it was after the event at `position`.
    fn of(context: &Context<'_>, owner: Owner, (place, stored): (&Place, &Content), position: Position) -> Self {
        let Owner { id: owner, is_handed_over } = owner;
        let names = context.evidence.names.at(position);
        let document = Document::parse(stored.ics.as_str()).ok();
        let first = document
            .as_ref()
            .and_then(|document| document.root().components().find(|component| !component.is("VTIMEZONE")));
        let own = |property: ical::Property<'_>| context.evidence.names.principal(property.value()) == Some(owner);
        let answer = first.and_then(|component| {
            let line = component.properties_named("ATTENDEE").find(|property| own(*property))?;
            Some(line.param("PARTSTAT").map_or_else(|| "NEEDS-ACTION".to_owned(), std::borrow::Cow::into_owned))
        });
        Self {
            owner,
            place: context.places.collection(place.collection, &names, position),
            role: stored.role,
            is_handed_over,
            sequence: first.map(ical::Component::sequence).unwrap_or_default(),
            start: first.and_then(ical::Component::start).map(|start| moment::value(&start)).unwrap_or_default(),
            answer: answer.unwrap_or_default(),
            is_cancelled: document.as_ref().is_some_and(Document::is_cancelled),
            is_uninvited: false,
            etag: stored.etag.clone(),
            differences: vec![],
        }
    }

    /// Returns the owner's part in the meeting, as the verb and object of a sentence.
    fn part(&self) -> String {
        match self.role {
            Role::Organizer if self.is_handed_over => "organized it, and handed it over".to_owned(),
            Role::Organizer => "organizes it".to_owned(),
            Role::Attendee if self.is_uninvited => "is not invited any more".to_owned(),
            Role::Attendee => match reasons::answered(&self.answer) {
                Some(answered) => answered.to_owned(),
                None if self.answer.is_empty() || self.answer == "NEEDS-ACTION" => "has not answered".to_owned(),
                None => format!("answered {}", foreign::identifier(&self.answer)),
            },
            Role::None => "is neither organizer nor attendee".to_owned(),
        }
    }

    /// Returns true for the copy of the current organizer, with which the attendees' copies are
    /// compared.
    fn is_organizers(&self) -> bool {
        self.role == Role::Organizer && !self.is_handed_over
    }
}

/// Updates the set of former organizers if this event hands the meeting over.
fn follow_hand_over(predecessors: &mut BTreeSet<PrincipalId>, recorded: &Recorded, names: &Names) {
    let Event::Object(event) = &recorded.event else { return };
    let ObjectEvent::MessageIssued(issued) = event else { return };
    let Some(predecessor) = issued.taken_over_from.as_deref() else { return };
    predecessors.extend(names.principal(predecessor));
    if let Some(successor) = event.home() {
        predecessors.remove(&successor);
    }
}

/// Returns the significant differences of an attendee's copy from the organizer's. Those of
/// SCHEDULE-AGENT are left out, because scheduling messages do not contain it (RFC 6638 §7.1).
fn differences(organizers: &str, copy: &str) -> Vec<Change> {
    let all = change::between(Some(organizers), Some(copy));
    let is_missing_status = |change: &Change| change.property == "SCHEDULE-AGENT";
    all.into_iter().filter(|change| change.class == Class::Significant && !is_missing_status(change)).collect()
}

/// The attendees of the organizer's object who are principals of this server.
#[derive(Debug, Default)]
struct Invited {
    all: BTreeSet<PrincipalId>,
    /// The attendees who declined the series or an instance. They may have deleted their copies,
    /// which are then not missing.
    declined: BTreeSet<PrincipalId>,
}

impl Invited {
    fn of(ics: &str, names: &Names) -> Self {
        let mut invited = Self::default();
        for change in change::between(None, Some(ics)) {
            let Some(id) = change.whose.as_deref().and_then(|whose| names.principal(whose)) else { continue };
            let is_declined = |value: &Value| value.for_programs() == "DECLINED";
            if change.property == "ATTENDEE" {
                invited.all.insert(id);
            } else if change.property == "PARTSTAT" && change.after.as_ref().is_some_and(is_declined) {
                invited.declined.insert(id);
            }
        }
        invited
    }
}
