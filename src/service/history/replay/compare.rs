//! Compares the recorded events of an act with the events that this program decides.

use schemas::{Event, Fact as _, ObjectEvent, Position, Recorded};
use uuid::Uuid;

use super::Decided;

/// A recorded act that this program decides differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Position of the first event of the act.
    pub position: Position,
    /// Id of the request that the act belongs to.
    pub request: Uuid,
    /// Part of the act that differs first.
    pub aspect: Aspect,
    /// The first recorded event that differs, in one line; `nothing` if there is none.
    pub recorded: String,
    /// The event that this program decides instead, in one line; `nothing` if it decides none, or
    /// `refused:` with the reason.
    pub decided: String,
}

/// The part of an act that differs first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// The recorded act was accepted, and this program refuses it.
    Decision,
    /// A scheduling message differs in its contents or recipients, is missing, or is additional.
    Messages,
    /// The resulting state differs: of a resource, a collection, a share or a principal.
    State,
}

impl Aspect {
    /// Returns the name of the aspect for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Messages => "messages",
            Self::State => "state",
        }
    }

    fn of(recorded: Option<&Event>, decided: Option<&Event>) -> Self {
        let is_message = |event: &Event| {
            matches!(event, Event::Object(ObjectEvent::MessageIssued(_) | ObjectEvent::MessageSuppressed(_)))
        };
        if recorded.into_iter().chain(decided).all(is_message) { Self::Messages } else { Self::State }
    }
}

/// Returns the first difference between a recorded act and the decision of this program. `None` if
/// there is none.
pub(super) fn difference(act: &[Recorded], decided: Decided) -> Option<Difference> {
    let first = act.first()?;
    // Ids and Schedule-Tags are derived from the identity of the act. They can be compared only if
    // that identity is recorded.
    let is_tagged = first.metadata.act.is_some();
    let recorded: Vec<_> = act.iter().map(|recorded| comparable(&recorded.event, is_tagged)).collect();
    let (position, request) = (first.position, first.metadata.request);
    let decided = match decided {
        Ok(decided) => decided.iter().map(|event| comparable(event, is_tagged)).collect::<Vec<_>>(),
        Err(refusal) => {
            let (recorded, decided) = (line(recorded.first()), format!("refused: {refusal}"));
            return Some(Difference { position, request, aspect: Aspect::Decision, recorded, decided });
        }
    };
    let longest = recorded.len().max(decided.len());
    let differs = (0..longest).find(|index| recorded.get(*index) != decided.get(*index))?;
    let (recorded, decided) = (recorded.get(differs), decided.get(differs));
    let aspect = Aspect::of(recorded, decided);
    Some(Difference { position, request, aspect, recorded: line(recorded), decided: line(decided) })
}

/// Returns true if the decision equals the recorded act.
pub(super) fn is_same(act: &[Recorded], decided: &Decided) -> bool {
    difference(act, decided.clone()).is_none()
}

/// Returns the event for the comparison. `is_tagged`: the identity of the act is recorded. If it is
/// not, the values that are derived from it are cleared.
fn comparable(event: &Event, is_tagged: bool) -> Event {
    let mut event = event.clone();
    if !is_tagged {
        match &mut event {
            Event::Object(ObjectEvent::Put(put)) => {
                put.content.schedule_tag = put.content.schedule_tag.as_ref().map(|_| String::new());
            }
            Event::Object(ObjectEvent::Moved(moved)) => {
                moved.schedule_tag = moved.schedule_tag.as_ref().map(|_| String::new());
            }
            Event::Object(ObjectEvent::MessageIssued(issued)) => issued.message = Uuid::nil(),
            _ => {}
        }
    }
    event
}

fn line(event: Option<&Event>) -> String {
    let line = |event: &Event| format!("{} {}", event.kind(), String::from_utf8_lossy(&event.to_json()));
    event.map_or_else(|| "nothing".to_owned(), line)
}
