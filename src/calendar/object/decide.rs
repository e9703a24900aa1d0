//! The commands of a calendar object, and the one function that decides on them.

use schemas::ObjectEvent;

use super::{
    Agree, ChangeAcl, ChangeProperties, DecisionContext, Import, LookAgain, Object, Put, Receive, Received, Relocate,
    Remove, TakeAnswers, TakeOver, attributes, evolve, import, look_again, put, receive, relocate, remove,
    sync_group_members, take_over, together,
};
use crate::{Refusal, in_turn};

#[derive(Debug)]
pub enum Command<'a> {
    /// Stores a resource.
    Put(&'a Put),
    /// Stores a resource that comes from another server, without sending messages.
    Import(&'a Import),
    /// Takes answers from attendees' copies into the organizer's object, after an import or because
    /// the replies were lost.
    TakeAnswers(&'a TakeAnswers<'a>),
    /// Makes an attendee's copy agree with the organizer's object, after an import or to repair it.
    Agree(&'a Agree<'a>),
    /// Organizes a meeting in the place of somebody who leaves.
    TakeOver(&'a TakeOver<'a>),
    /// Removes a resource or an inbox item.
    Remove(&'a Remove),
    /// Moves a resource within the home.
    Relocate(&'a Relocate),
    /// Replaces the ACL of a resource.
    ChangeAcl(&'a ChangeAcl),
    /// Sets and removes properties of a resource.
    ChangeProperties(&'a ChangeProperties),
    /// Receives scheduling messages, and records delivery outcomes of messages that this object
    /// issued.
    Receive(&'a Receive<'a>),
    /// Updates the attendees from the members of their groups.
    SyncGroupMembers,
    /// Searches again for conflicts of an accepted series in a home that answers automatically.
    LookAgain(&'a LookAgain<'a>),
}

/// Returns the events of several commands, each decided on the state after those before it (see
/// [`in_turn`]). Returns an error if one of them is refused.
pub fn decide_all(
    object: &Object,
    commands: &[Command<'_>],
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    in_turn(object, commands, |object, command| decide(object, command, context), evolve)
}

/// Returns the events of a delivery, and the object after them.
///
/// Returns an error if the stored copy cannot be parsed.
pub fn take_in(object: &Object, receive: &Receive<'_>, context: &DecisionContext<'_>) -> Result<Received, Refusal> {
    receive::decide(object, receive, &in_order(object, context))
}

/// Returns the context with `now` moved to the time of the object's latest event, if that is later.
fn in_order<'a>(object: &Object, context: &DecisionContext<'a>) -> DecisionContext<'a> {
    DecisionContext { now: context.now.max(object.latest), ..*context }
}

/// Returns the events that a command causes; empty if the object is already as commanded.
///
/// Returns an error if the command is refused.
pub fn decide(
    object: &Object,
    command: &Command<'_>,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let context = &in_order(object, context);
    match command {
        Command::Put(put) => put::decide(object, put, context),
        Command::Import(import) => import::decide(object, import, context),
        Command::TakeAnswers(take) => together::take_answers(object, take, context),
        Command::Agree(agree) => together::agree(object, agree, context),
        Command::TakeOver(take) => take_over::decide(object, take, context),
        Command::Remove(remove) => remove::decide(object, remove, context),
        Command::Relocate(relocate) => relocate::decide(object, relocate, context),
        Command::ChangeAcl(change) => attributes::change_acl(object, change, context),
        Command::ChangeProperties(change) => attributes::change_properties(object, change, context),
        Command::Receive(receive) => Ok(receive::decide(object, receive, context)?.events),
        Command::SyncGroupMembers => sync_group_members::decide(object, context),
        Command::LookAgain(look) => look_again::decide(object, look, context),
    }
}
