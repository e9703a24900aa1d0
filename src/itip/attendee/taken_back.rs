//! Handles single instances that the attendee removed and now takes back: their client removes the
//! EXDATE (RFC 6638 §3.2.2.1, 8 and 11).
//!
//! **Invariant:** only the attendee's answer is decided here. The EXDATE may be the organizer's, so
//! it stays until the organizer's object shows that the attendee is invited to the instance.

use super::limits::MAX_ANSWERED_INSTANCES;
use super::reply::me;
use super::{agent, attended};
use crate::Context;
use crate::meeting::Meeting;
use crate::participation::{Agent, DECLINED, partstat};
use crate::times::InstanceKey;
use ical::Document;

/// Returns the text `sent`, by which a client replaces the copy `before` that it has seen, with an
/// override for each instance that only `before` excludes and that has no override (at most
/// `MAX_ANSWERED_INSTANCES`). Each override has the owner's answer to the series. `None` if there
/// is no such instance, if the series does not list the owner or they declined it, if `before` does
/// not list them, or if the server does not send the replies (SCHEDULE-AGENT).
pub fn taken_back(before: &Document, sent: &Document, context: &Context<'_>) -> Option<Document> {
    let attended = |object| attended(Some(object), context).ok().flatten();
    let (was, is) = (attended(before)?, attended(sent)?);
    let answer = is.master.as_ref().and_then(|master| me(master, context)).map(|me| partstat(me.property));
    if agent(&is) != Agent::Server || answer.is_none_or(|answer| answer == DECLINED) {
        return None;
    }
    let mut edit = sent.edit();
    for instance in returning(&was, &is).take(MAX_ANSWERED_INSTANCES).filter_map(|key| is.derive(key)) {
        edit.append_component(sent.root().id(), &instance.text());
    }
    let text = (!edit.is_empty()).then(|| edit.finish())?;
    Some(Document::parse(text).expect("an edited document is as well-formed as it was"))
}

fn returning<'m>(was: &'m Meeting<'_>, is: &'m Meeting<'_>) -> impl Iterator<Item = InstanceKey> {
    let is_described = |key: &InstanceKey| was.overrides.contains_key(key) || is.overrides.contains_key(key);
    was.exdates.keys().filter(move |key| !is.exdates.contains_key(key) && !is_described(key)).copied()
}
