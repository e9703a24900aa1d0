//! Translates between shares and entries of an access control list (ACL).

use std::collections::BTreeSet;

use schemas::{
    PrincipalId,
    access::{AccessControlEntry, Effect, Grantee},
};

/// Level of access to calendars. Each level includes the levels before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The sharee may see when the owner is busy (RFC 4791 §6.1.1).
    FreeBusy,
    Read,
    /// The sharee may add, change and remove resources.
    Write,
}

/// Privileges on the owner's outbox that allow a sharee to send in the owner's name (RFC 6638
/// §6.2).
pub(super) const SENDS: &[&str] = &["schedule-send"];
/// Privileges that `DAV:write` contains (RFC 3744 §3.2).
const PARTS_OF_WRITE: [&str; 4] = ["write-properties", "write-content", "bind", "unbind"];

/// Privileges that `DAV:read` contains here (RFC 3744 §3.7, RFC 4791 §6.1.1).
const PARTS_OF_READ: [&str; 2] = ["read-free-busy", "read-current-user-privilege-set"];

impl Level {
    /// Returns the privileges that are granted for the level.
    pub(super) const fn privileges(self) -> &'static [&'static str] {
        match self {
            Self::FreeBusy => &["read-free-busy"],
            Self::Read => &["read"],
            Self::Write => &["read", "write"],
        }
    }

    /// Returns the name of the level for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FreeBusy => "free-busy",
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// Returns the principals to whom entries of an ACL grant something by name, each once. Inverted
/// entries do not count.
pub(super) fn granted(list: &[AccessControlEntry]) -> Vec<PrincipalId> {
    let mut whom = vec![];
    for entry in list {
        if let Grantee::Principal(id) = entry.to
            && is_grant_to(entry, id)
            && !whom.contains(&id)
        {
            whom.push(id);
        }
    }
    whom
}

/// A principal whose privileges are evaluated. Entries of an ACL may name the principal, or a group
/// that it is a member of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Somebody<'a> {
    pub id: PrincipalId,
    /// The principal and all groups that it is a member of.
    pub identities: &'a BTreeSet<PrincipalId>,
}

/// Returns the level that an ACL grants to a principal by name. `None` if the granted privileges do
/// not reach a level.
pub(super) fn level(list: &[AccessControlEntry], to: Somebody<'_>) -> Option<Level> {
    let held = held(list, to);
    let has = |name: &str| held.contains(&name);
    let writes = has("all") || has("write") || PARTS_OF_WRITE.iter().all(|part| has(part));
    match (has("all") || has("read"), writes) {
        (true, true) => Some(Level::Write),
        (true, false) => Some(Level::Read),
        (false, _) => has("read-free-busy").then_some(Level::FreeBusy),
    }
}

/// Returns the privileges that an ACL grants to a principal by name, if the level of the principal
/// does not cover all of them. [`Level::Write`] covers every privilege. `None` if all are covered.
pub(super) fn other_privileges(list: &[AccessControlEntry], to: Somebody<'_>) -> Option<Vec<String>> {
    let held = held(list, to);
    let said: &[&str] = match level(list, to) {
        Some(Level::Write) => return None,
        Some(Level::Read) => &["read", "read-free-busy", "read-current-user-privilege-set"],
        Some(Level::FreeBusy) => &["read-free-busy"],
        None => &[],
    };
    let is_odd = held.iter().any(|privilege| !said.contains(privilege));
    is_odd.then(|| held.into_iter().map(str::to_owned).collect())
}

/// Returns true if an ACL has entries other than grants to a named principal.
pub(super) fn has_others(list: &[AccessControlEntry]) -> bool {
    list.iter().any(|entry| !matches!(entry.to, Grantee::Principal(id) if is_grant_to(entry, id)))
}

/// Returns true if the ACL of an outbox allows a principal, by name, to send in the owner's name.
pub(super) fn sends(outbox: &[AccessControlEntry], to: Somebody<'_>) -> bool {
    let held = held(outbox, to);
    let has = |name: &str| held.contains(&name);
    has("all") || has("schedule") || has("schedule-send") || (has("schedule-send-invite") && has("schedule-send-reply"))
}

/// Returns the ACL with one entry that grants exactly these privileges to a principal, or with none
/// if there are no privileges. It replaces the grants that name this principal. All other entries
/// stay unchanged.
///
/// The new entry comes first, because an earlier entry could deny what it grants (RFC 3744 §6).
pub(super) fn with(list: Vec<AccessControlEntry>, to: PrincipalId, privileges: &[&str]) -> Vec<AccessControlEntry> {
    if is_so(&list, to, privileges) {
        return list;
    }
    let others = list.into_iter().filter(|entry| !is_grant_to(entry, to));
    let new = (!privileges.is_empty()).then(|| AccessControlEntry {
        to: Grantee::Principal(to),
        inverted: false,
        effect: Effect::Grant,
        privileges: privileges.iter().map(|name| (*name).to_owned()).collect(),
    });
    new.into_iter().chain(others).collect()
}

/// Returns true if the ACL already grants exactly these privileges to a principal by name, in at
/// most one entry.
pub(super) fn is_so(list: &[AccessControlEntry], to: PrincipalId, privileges: &[&str]) -> bool {
    let mut of_them = list.iter().filter(|entry| is_grant_to(entry, to));
    match (of_them.next(), of_them.next()) {
        (None, _) => privileges.is_empty(),
        (Some(entry), None) => {
            entry.privileges == privileges
                && held(list, Somebody { id: to, identities: &BTreeSet::from([to]) }) == privileges
        }
        (Some(_), Some(_)) => false,
    }
}

/// Returns true if an entry grants something to the principal by name. An inverted entry grants to
/// everybody else.
fn is_grant_to(entry: &AccessControlEntry, to: PrincipalId) -> bool {
    entry.effect == Effect::Grant && !entry.inverted && entry.to == Grantee::Principal(to)
}

/// Returns the privileges that an ACL grants to a principal by name, without those that an earlier
/// entry may deny.
fn held<'a>(list: &'a [AccessControlEntry], to: Somebody<'_>) -> Vec<&'a str> {
    let (mut held, mut denied): (Vec<&str>, Vec<&str>) = (vec![], vec![]);
    for entry in list {
        let names = entry.privileges.iter().map(String::as_str);
        if is_grant_to(entry, to.id) {
            held.extend(names.filter(|name| !denied.iter().any(|denied| overlap(name, denied))));
        } else if entry.effect == Effect::Deny && may_apply(entry, to) {
            denied.extend(names);
        }
    }
    held
}

/// Returns true if an ACL lets the principal with these identities read: by name, as a member of a
/// group, or as everybody (RFC 3744 §6). `list`: its own entries, then those that it inherits.
pub(super) fn may_read<'a>(
    mut list: impl Iterator<Item = &'a AccessControlEntry>,
    identities: &BTreeSet<PrincipalId>,
) -> bool {
    let decides = |entry: &&AccessControlEntry| {
        let has = |names: &[&str]| entry.privileges.iter().any(|name| names.contains(&name.as_str()));
        let is_named = match entry.to {
            Grantee::All | Grantee::Authenticated => true,
            Grantee::Principal(id) => identities.contains(&id),
            Grantee::Unauthenticated | Grantee::Owner => false,
        };
        // Who is denied a part of `read` does not hold the whole.
        let is_part_denied = entry.effect == Effect::Deny && has(&PARTS_OF_READ);
        is_named != entry.inverted && (has(&["all", "read"]) || is_part_denied)
    };
    list.find(decides).is_some_and(|first| first.effect == Effect::Grant)
}

/// Returns true if a denying entry may apply to the principal.
fn may_apply(entry: &AccessControlEntry, to: Somebody<'_>) -> bool {
    let names = |id| to.identities.contains(&id);
    entry.inverted
        || match entry.to {
            Grantee::All | Grantee::Authenticated => true,
            Grantee::Principal(id) => names(id),
            Grantee::Unauthenticated | Grantee::Owner => false,
        }
}

/// Returns true if one of the privileges contains the other or a part of it, so that denying one
/// affects the other.
fn overlap(one: &str, other: &str) -> bool {
    let part = |whole: &str, part: &str| {
        whole == "all"
            || whole == part
            || (whole == "write" && PARTS_OF_WRITE.contains(&part))
            || part.starts_with(whole)
    };
    part(one, other) || part(other, one)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const BOB: PrincipalId = PrincipalId(Uuid::from_u128(1));
    const CAROL: PrincipalId = PrincipalId(Uuid::from_u128(2));
    /// A group that Bob is in.
    const TEAM: PrincipalId = PrincipalId(Uuid::from_u128(3));

    fn entry(to: Grantee, effect: Effect, privileges: &str) -> AccessControlEntry {
        let privileges = privileges.split(' ').map(str::to_owned).collect();
        AccessControlEntry { to, inverted: false, effect, privileges }
    }

    fn grant(to: PrincipalId, privileges: &str) -> AccessControlEntry {
        entry(Grantee::Principal(to), Effect::Grant, privileges)
    }

    fn bob() -> BTreeSet<PrincipalId> {
        BTreeSet::from([BOB, TEAM])
    }

    fn level(list: &[AccessControlEntry], id: PrincipalId) -> Option<Level> {
        super::level(list, Somebody { id, identities: &bob() })
    }

    #[test]
    fn privileges_that_no_level_says_are_told_as_they_are() {
        let deny = |to, privileges| entry(Grantee::Principal(to), Effect::Deny, privileges);
        let rows = [
            ("read", vec![grant(BOB, "read")], None),
            ("busy times", vec![grant(BOB, "read-free-busy")], None),
            ("both", vec![grant(BOB, "read write")], None),
            ("write alone", vec![grant(BOB, "write")], Some("write")),
            ("a part of write", vec![grant(BOB, "read write-content")], Some("read write-content")),
            ("reading denied to a group of theirs", vec![deny(TEAM, "read"), grant(BOB, "read write")], Some("write")),
            ("denied to another group", vec![deny(CAROL, "read"), grant(BOB, "read write")], None),
            ("all denied", vec![deny(TEAM, "all"), grant(BOB, "read write")], None),
        ];
        for (title, list, expected) in rows {
            let found = other_privileges(&list, Somebody { id: BOB, identities: &bob() });
            assert_eq!(found.map(|privileges| privileges.join(" ")).as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn the_level_is_what_the_entries_of_somebody_grant() {
        let deny = |to, privileges| entry(to, Effect::Deny, privileges);
        let rows = [
            ("nothing", vec![], None),
            ("somebody else's", vec![grant(CAROL, "read")], None),
            ("busy times", vec![grant(BOB, "read-free-busy")], Some(Level::FreeBusy)),
            ("read", vec![grant(BOB, "read")], Some(Level::Read)),
            ("write without read is no share", vec![grant(BOB, "write")], None),
            ("both", vec![grant(BOB, "read write")], Some(Level::Write)),
            ("in two entries", vec![grant(BOB, "read"), grant(BOB, "write")], Some(Level::Write)),
            ("all", vec![grant(BOB, "all")], Some(Level::Write)),
            ("parts", vec![grant(BOB, "read bind unbind write-content write-properties")], Some(Level::Write)),
            ("some parts", vec![grant(BOB, "read bind")], Some(Level::Read)),
            ("denied before", vec![deny(Grantee::Principal(BOB), "bind"), grant(BOB, "read write")], Some(Level::Read)),
            ("all denied before", vec![deny(Grantee::All, "all"), grant(BOB, "read write")], None),
            ("denied to another", vec![deny(Grantee::Principal(CAROL), "all"), grant(BOB, "read")], Some(Level::Read)),
            (
                "granted to everybody too",
                vec![entry(Grantee::All, Effect::Grant, "read"), grant(BOB, "read")],
                Some(Level::Read),
            ),
            ("denied later", vec![grant(BOB, "read write"), deny(Grantee::All, "all")], Some(Level::Write)),
            ("by everybody's entry", vec![entry(Grantee::Authenticated, Effect::Grant, "read")], None),
        ];
        for (title, list, expected) in rows {
            assert_eq!(level(&list, BOB), expected, "{title}");
        }
    }

    #[test]
    fn somebody_reads_if_the_first_entry_about_it_grants_it() {
        let all = || entry(Grantee::All, Effect::Grant, "read");
        let deny = |to| entry(Grantee::Principal(to), Effect::Deny, "read");
        let other = |to, effect, privileges| entry(Grantee::Principal(to), effect, privileges);
        let inverted = |entry| AccessControlEntry { inverted: true, ..entry };
        let rows = [
            ("nothing", vec![], false),
            ("by name", vec![grant(BOB, "read")], true),
            ("as a member of a group", vec![grant(TEAM, "all")], true),
            ("as everybody", vec![all()], true),
            ("as nobody", vec![inverted(all())], false),
            ("as everybody but another", vec![inverted(grant(CAROL, "read"))], true),
            ("everybody but them", vec![inverted(grant(BOB, "read"))], false),
            ("busy times", vec![entry(Grantee::All, Effect::Grant, "read-free-busy")], false),
            ("denied before", vec![deny(BOB), all()], false),
            ("denied to a group of theirs before", vec![deny(TEAM), grant(BOB, "read")], false),
            ("denied to another before", vec![deny(CAROL), all()], true),
            ("denied to everybody but them", vec![inverted(deny(BOB)), all()], true),
            ("a part denied before", vec![other(BOB, Effect::Deny, "read-free-busy"), all()], false),
            ("writing denied before", vec![other(BOB, Effect::Deny, "write"), all()], true),
            ("denied later", vec![all(), deny(BOB)], true),
        ];
        for (title, list, expected) in rows {
            assert_eq!(may_read(list.iter(), &bob()), expected, "{title}");
        }
    }

    #[test]
    fn a_share_replaces_the_entries_of_somebody_and_no_others() {
        let list = [grant(CAROL, "read"), grant(BOB, "read"), entry(Grantee::All, Effect::Deny, "write")];
        let written = with(list.to_vec(), BOB, &["read", "write"]);
        assert_eq!(written, [grant(BOB, "read write"), list[0].clone(), list[2].clone()]);
        assert_eq!(with(written.clone(), BOB, &["read", "write"]), written, "a repetition changes nothing");
        assert_eq!(with(written, BOB, &[]), [list[0].clone(), list[2].clone()]);
        assert_eq!(with(list.to_vec(), BOB, &["read"]), list, "it is so already");
    }

    #[test]
    fn who_may_send_holds_both_ways_of_sending() {
        let rows = [("schedule-send", true), ("schedule-send-invite", false), ("all", true), ("read", false)];
        for (privileges, expected) in rows {
            assert_eq!(
                sends(&[grant(BOB, privileges)], Somebody { id: BOB, identities: &bob() }),
                expected,
                "{privileges}"
            );
        }
    }
}
