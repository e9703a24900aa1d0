//! The commands of a calendar object, and the one entry to their decisions.

use schemas::ObjectEvent;

use super::{
    Agree, ChangeAcl, ChangeProperties, DecisionContext, Import, LookAgain, Object, Put, Receive, Relocate, Remove,
    Report, TakeAnswers, TakeOver, attributes, import, look_again, put, receive, relocate, remove, report,
    sync_group_members, take_over, together,
};
use crate::Refusal;

#[derive(Debug)]
pub enum Command<'a> {
    /// Store a resource.
    Put(&'a Put),
    /// Store a resource that comes from another server, without sending messages.
    Import(&'a Import),
    /// Take in the answers of copies that were imported, or whose replies were lost.
    TakeAnswers(&'a TakeAnswers<'a>),
    /// Make an attendee's copy agree with the organizer's object, after an import or to repair it.
    Agree(&'a Agree<'a>),
    /// Organize a meeting in the place of somebody who leaves.
    TakeOver(&'a TakeOver<'a>),
    /// Remove a resource or an inbox item.
    Remove(&'a Remove),
    /// Move a resource within the home.
    Relocate(&'a Relocate),
    /// Replace the ACL of a resource.
    ChangeAcl(&'a ChangeAcl),
    /// Set and remove properties of a resource.
    ChangeProperties(&'a ChangeProperties),
    /// Receive scheduling messages.
    Receive(&'a Receive<'a>),
    /// Record delivery outcomes of messages issued here.
    Report(&'a Report),
    /// Update the attendees from the members of their groups.
    SyncGroupMembers,
    /// Look again at a booking that was accepted automatically.
    LookAgain(&'a LookAgain<'a>),
}

/// Returns the events that a command causes; empty if the object already is as commanded.
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
