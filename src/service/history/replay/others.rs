//! Replays acts on collections, files, shares and principals. Each event is decided by itself.

use calendar::{
    Require,
    collection::{self, Collection, IsDefault},
    file::{self, File},
    in_turn,
    principal::{self, Principal, Registered},
    share::{self, Share},
};
use schemas::{
    CollectionEvent, CollectionId, Event, FileEvent, FileId, PrincipalEvent, PrincipalId, Recorded, ShareEvent,
    ShareId,
    principal::{PrincipalAppPasswordRevoked, Profile},
};

use super::{Again, Decided, Replay};
use crate::{collections, error::Error};

impl Replay<'_> {
    pub(super) fn collection(&mut self, id: CollectionId, act: &[Recorded]) -> Result<Again, Error> {
        let known = self.known.collections.get(&id).cloned().unwrap_or_default();
        let mut is_default = IsDefault::No;
        if let (Collection::Existing { home, .. }, Some(Event::Collection(CollectionEvent::Removed(_)))) =
            (&known, act.first().map(|first| &first.event))
        {
            let default = collections::default_calendar(self.shadow.models()?, *home)?;
            if default.is_some_and(|default| default.id == id) {
                is_default = IsDefault::Yes;
            }
        }
        let command = |event: &CollectionEvent| match event.clone() {
            CollectionEvent::Created(created) => collection::Command::Create(created),
            CollectionEvent::PropertiesChanged(changed) => collection::Command::ChangeProperties {
                set: changed.set,
                removed: changed.removed,
                settings: changed.settings,
            },
            CollectionEvent::AclChanged(changed) => collection::Command::ChangeAcl { entries: changed.entries },
            CollectionEvent::Moved(moved) => collection::Command::Move { name: moved.name },
            CollectionEvent::Removed(_) => collection::Command::Remove { is_default },
        };
        let decide = |state: &Collection, event: &CollectionEvent| collection::decide(state, &command(event));
        Ok(Ok(one_by_one(&known, act, decide, collection::evolve)))
    }

    pub(super) fn file(&self, id: FileId, act: &[Recorded]) -> Decided {
        let known = self.known.files.get(&id).cloned().unwrap_or_default();
        let command = |event: &FileEvent| match event.clone() {
            FileEvent::Stored(stored) => file::Command::Store {
                home: stored.home,
                place: stored.place,
                media_type: stored.media_type,
                data: stored.data,
                require: Require::default(),
            },
            FileEvent::Removed(removed) => file::Command::Remove { place: removed.place, require: Require::default() },
            FileEvent::AclChanged(changed) => {
                file::Command::ChangeAcl { place: changed.place, entries: changed.entries }
            }
            FileEvent::PropertiesChanged(changed) => {
                file::Command::ChangeProperties { place: changed.place, set: changed.set, removed: changed.removed }
            }
        };
        let decide = |state: &File, event: &FileEvent| file::decide(state, &command(event));
        one_by_one(&known, act, decide, file::evolve)
    }

    pub(super) fn share(&self, id: ShareId, act: &[Recorded]) -> Decided {
        let known = self.known.shares.get(&id).cloned().unwrap_or_default();
        let command = |event: &ShareEvent| match event.clone() {
            ShareEvent::Offered(offer) => share::Command::Offer(offer),
            ShareEvent::Accepted(accepted) => share::Command::Accept { invitation: None, accepted },
            ShareEvent::Declined(_) => share::Command::Decline { invitation: None },
            ShareEvent::Moved(moved) => share::Command::Move { name: moved.name },
            ShareEvent::PropertiesChanged(changed) => share::Command::ChangeProperties {
                set: changed.set,
                removed: changed.removed,
                settings: changed.settings,
            },
            ShareEvent::PersonalDataChanged(changed) => share::Command::KeepPersonalData(changed),
            ShareEvent::Withdrawn(_) => share::Command::Withdraw,
        };
        let decide = |state: &Share, event: &ShareEvent| share::decide(state, &command(event));
        one_by_one(&known, act, decide, share::evolve)
    }

    pub(super) fn principal(&self, id: PrincipalId, act: &[Recorded]) -> Decided {
        let known = self.known.principals.get(&id).cloned().unwrap_or_default();
        let decide = |state: &Principal, event: &PrincipalEvent| principal::decide(state, &command(state, event));
        one_by_one(&known, act, decide, principal::evolve)
    }
}

/// Decides each event of an act again, on the state that the events before it lead to.
fn one_by_one<S: Clone, E>(
    state: &S,
    act: &[Recorded],
    decide: impl Fn(&S, &E) -> Result<Vec<E>, calendar::Refusal>,
    evolve: impl Fn(S, &E) -> S,
) -> Decided
where
    E: TryFrom<Event, Error = Event> + Into<Event> + Clone,
{
    let events = act.iter().filter_map(|recorded| E::try_from(recorded.event.clone()).ok());
    let decided = in_turn(state, events, |state, event| decide(state, &event), evolve)?;
    Ok(decided.into_iter().map(Into::into).collect())
}

/// Returns the command that led to a recorded event of a principal.
fn command(state: &Principal, event: &PrincipalEvent) -> principal::Command {
    match event.clone() {
        PrincipalEvent::Registered(new) => {
            principal::Command::Register { short_name: new.short_name, kind: new.kind, profile: new.profile }
        }
        PrincipalEvent::ProfileChanged(profile) => changed(state, profile),
        PrincipalEvent::PasswordSet(set) => principal::Command::SetPassword { password: set.password },
        PrincipalEvent::AppPasswordAdded(added) => {
            principal::Command::AddAppPassword { password: added.password, name: added.name }
        }
        PrincipalEvent::AppPasswordRevoked(revoked) => {
            principal::Command::RevokeAppPassword { name: name(state, revoked) }
        }
        PrincipalEvent::MembersSet(set) => principal::Command::SetMembers { members: set.members },
        PrincipalEvent::PropertiesChanged(changed) => {
            principal::Command::ChangeProperties { set: changed.set, removed: changed.removed }
        }
        PrincipalEvent::Renamed(renamed) => principal::Command::Rename { short_name: renamed.short_name },
        PrincipalEvent::Disabled(_) => principal::Command::Disable,
        PrincipalEvent::Enabled(_) => principal::Command::Enable,
        PrincipalEvent::Retired(retired) => principal::Command::Retire(retired),
        PrincipalEvent::QuotaSet(set) => principal::Command::SetQuota { quota_bytes: set.quota_bytes },
    }
}

/// Returns the command that changed a profile. A repeated registration keeps all addresses; if one
/// is missing, the command was a change of addresses.
fn changed(state: &Principal, profile: Profile) -> principal::Command {
    let Principal::Registered(known) = state else {
        let (short_name, kind) = (String::new(), schemas::principal::PrincipalKind::Individual);
        return principal::Command::Register { short_name, kind, profile };
    };
    let Registered { short_name, kind, profile: before, .. } = &**known;
    let missing = |from: &[String], of: &[String]| -> Vec<String> {
        of.iter().filter(|address| !from.contains(address)).cloned().collect()
    };
    let remove = missing(&profile.addresses, &before.addresses);
    if remove.is_empty() {
        return principal::Command::Register { short_name: short_name.clone(), kind: *kind, profile };
    }
    principal::Command::ChangeAddresses { add: missing(&before.addresses, &profile.addresses), remove }
}

fn name(state: &Principal, revoked: PrincipalAppPasswordRevoked) -> String {
    let Principal::Registered(known) = state else { return String::new() };
    let held = known.app_passwords.iter().find(|held| held.id == revoked.password);
    held.map(|held| held.name.clone()).unwrap_or_default()
}
