//! The commands of a calendar object, and the one entry to their decisions.

use schemas::ObjectEvent;

use super::{
    ChangeAcl, ChangeProperties, Object, Put, Receive, Relocate, Remove, Report, World, attributes, put, receive,
    regroup, relocate, remove, report,
};
use crate::Refusal;

#[derive(Debug)]
pub enum Command<'a> {
    /// Store a resource.
    Put(&'a Put),
    /// Remove a resource or an inbox item.
    Remove(&'a Remove),
    /// Move a resource within the home.
    Relocate(&'a Relocate),
    /// Say who may do what with a resource.
    ChangeAcl(&'a ChangeAcl),
    /// Set and remove properties of a resource.
    ChangeProperties(&'a ChangeProperties),
    /// Take in scheduling messages.
    Receive(&'a Receive<'a>),
    /// Note what came of messages issued here.
    Report(&'a Report),
    /// Follow the members of the groups among the attendees.
    Regroup,
}

/// What should happen? An empty answer means "already so".
pub fn decide(object: &Object, command: &Command<'_>, world: &World<'_>) -> Result<Vec<ObjectEvent>, Refusal> {
    match command {
        Command::Put(put) => put::decide(object, put, world),
        Command::Remove(remove) => remove::decide(object, remove, world),
        Command::Relocate(relocate) => relocate::decide(object, relocate, world),
        Command::ChangeAcl(change) => attributes::change_acl(object, change),
        Command::ChangeProperties(change) => attributes::change_properties(object, change),
        Command::Receive(receive) => Ok(receive::decide(object, receive, world)),
        Command::Report(report) => Ok(report::decide(object, report, world)),
        Command::Regroup => regroup::decide(object, world),
    }
}
