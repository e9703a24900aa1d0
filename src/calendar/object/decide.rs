//! The commands of a calendar object, and the one function that decides on them.

use schemas::ObjectEvent;

use super::{
    Agree, ChangeAcl, ChangeProperties, DecisionContext, Import, LookAgain, Object, Put, Receive, Relocate, Remove,
    Report, TakeAnswers, TakeOver, attributes, evolve, import, look_again, put, receive, relocate, remove, report,
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
    /// Receives scheduling messages.
    Receive(&'a Receive<'a>),
    /// Records delivery outcomes of messages that this object issued.
    Report(&'a Report),
    /// Updates the attendees from the members of their groups.
    SyncGroupMembers,
    /// Searches again for conflicts of an accepted series in a home that answers automatically.
    LookAgain(&'a LookAgain<'a>),
}

/// Returns the events of several commands, decided [`in_turn`].
pub fn decide_all(
    object: &Object,
    commands: &[Command<'_>],
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    in_turn(object, commands, |object, command| decide(object, command, context), evolve)
}

/// Returns the events that a command causes; empty if the object is already as commanded.
///
/// Returns an error if the command is refused.
pub fn decide(
    object: &Object,
    command: &Command<'_>,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let context = &DecisionContext { now: context.now.max(object.latest), ..*context };
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
        Command::Receive(receive) => receive::decide(object, receive, context),
        Command::Report(report) => Ok(report::decide(object, report, context)),
        Command::SyncGroupMembers => sync_group_members::decide(object, context),
        Command::LookAgain(look) => look_again::decide(object, look, context),
    }
}
