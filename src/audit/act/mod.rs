//! Acts: one request of a person or operator with all its consequences, summarised in a few lines.

mod consequences;
mod deed;
mod fold;
mod summary;

use schemas::{Position, PrincipalId, Timestamp};
use uuid::Uuid;

use crate::Change;

pub(crate) use fold::{ActEvent, fold};

/// One request of a person or an operator, with its consequences.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// Position of the first event that the request caused directly; if there is none, of the first
    /// event of the act.
    pub position: Position,
    /// When the act was decided.
    pub at: Timestamp,
    /// Id of the request, as in the access log.
    pub request: Uuid,
    /// Name of the person who acted, and of the person in whose name they acted, if that is
    /// another; an operator; or `the server`.
    pub actor: String,
    /// The principal who acted, and the principal in whose name they acted; empty for an operator
    /// and the server.
    pub by: Vec<PrincipalId>,
    /// All principals concerned: those in `by`, the owners of the copies, the recipients of
    /// messages, and the people of changed calendars and shares.
    pub people: Vec<PrincipalId>,
    /// HTTP method or other origin of the request: `PUT`, `DELETE`, `command line` …
    pub via: String,
    /// The client program, in a few words; `None` if the request had no `User-Agent`.
    pub program: Option<String>,
    /// Network address of the client; empty if there is none.
    pub address: String,
    /// The ground on which the request was allowed; `None` if it was allowed to the owner, or if
    /// the ground is not recorded.
    pub right: Option<String>,
    /// The act in one phrase, which follows the actor's name.
    pub deed: String,
    /// The RECURRENCE-IDs of the changed instances, in iCalendar form; an empty text means the
    /// master, an object without recurrence, or the VCALENDAR itself.
    pub instances: Vec<String>,
    /// The changes of properties and of access control lists in words, as lines; empty if
    /// `is_answer` is true.
    pub details: Vec<String>,
    /// All changes that the act made directly.
    pub changes: Vec<Change>,
    /// Actions that the server did by itself as a consequence, in words.
    pub server: Vec<String>,
    /// The people who were notified, with reason and delivery status.
    pub notified: Vec<String>,
    /// The people who were not notified, with the reason.
    pub not_notified: Vec<String>,
    /// Positions of all events of the act.
    pub events: Vec<Position>,
    /// Positions of the act's events that were altered in the journal.
    pub altered: Vec<Position>,
    /// True if the act is the answer of an attendee, and changed nothing else but trivial
    /// properties.
    pub is_answer: bool,
}
