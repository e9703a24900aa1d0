use super::*;
use crate::settings::Kind;

/// 2026-01-05T00:00:00Z, in seconds since the epoch.
const NOW: i64 = 1_767_571_200;

fn person(uid: &str, more: &[(&str, &str)]) -> Entry {
    let own = [("uid", uid), ("cn", uid)];
    Entry::new(&format!("uid={uid},ou=people,dc=example"), &[&own[..], more].concat())
}

fn group(cn: &str, members: &[(&str, &str)]) -> Entry {
    Entry::new(&format!("cn={cn},ou=groups,dc=example"), &[&[("cn", cn)][..], members].concat())
}

fn snapshot(people: Vec<Entry>, groups: Vec<Entry>) -> Snapshot {
    let found = |entries, id_attribute: &str| Found { entries, id_attribute: id_attribute.to_owned() };
    of([&found(people, "uid"), &Found::default(), &found(groups, "cn")], &Kind::OpenLdap.attributes(), NOW)
}

#[test]
fn a_person_is_listed_with_names_and_addresses() {
    let alice = person(
        "alice",
        &[
            ("displayName", "Alice\nAmes"),
            ("givenName", "Alice"),
            ("sn", "Ames"),
            ("mail", "alice@example.com"),
            ("mailLocalAddress", "z@example.com"),
            ("mailLocalAddress", "ames@example.com"),
            ("entryUUID", "fa23fa9e-8036-1041-95bc-6906fcede5a4"),
        ],
    );
    let expected = Listed {
        name: "alice".to_owned(),
        identity: Some(Uuid::from_u128(0xfa23_fa9e_8036_1041_95bc_6906_fced_e5a4)),
        display_name: "Alice Ames".to_owned(),
        first_name: "Alice".to_owned(),
        last_name: "Ames".to_owned(),
        addresses: ["alice", "ames", "z"].map(|name| format!("mailto:{name}@example.com")).to_vec(),
    };
    assert_eq!(snapshot(vec![alice], vec![]).people, [expected]);
}

#[test]
fn active_directory_tells_addresses_and_identity_in_its_own_form() {
    let mut bob = Entry::new(
        "CN=Bob Bond,OU=Staff,DC=example",
        &[
            ("sAMAccountName", "bob"),
            ("mail", "bob@example.com"),
            ("proxyAddresses", "SMTP:bob@example.com"),
            ("proxyAddresses", "smtp:bond@example.com"),
            ("proxyAddresses", "X500:/o=Example/cn=bob"),
        ],
    );
    bob.add(
        "objectGUID",
        vec![0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff],
    );
    let people = Found { entries: vec![bob], id_attribute: "sAMAccountName".to_owned() };
    let found = of([&people, &Found::default(), &Found::default()], &Kind::ActiveDirectory.attributes(), NOW);
    assert_eq!(found.people[0].identity, Some(Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)));
    assert_eq!(found.people[0].addresses, ["mailto:bob@example.com", "mailto:bond@example.com"]);
    assert_eq!(found.people[0].first_name, "");
}

#[test]
fn members_are_those_who_are_listed() {
    let people = ["alice", "bob", "carol"].map(|uid| person(uid, &[])).to_vec();
    let groups = vec![
        group("team", &[("member", "UID=Bob, OU=people, DC=example"), ("member", "uid=alice,ou=people,dc=example")]),
        group("all", &[("member", "cn=team,ou=groups,dc=example"), ("member", "cn=all,ou=groups,dc=example")]),
        group("unix", &[("memberUid", "carol"), ("memberUid", "daemon")]),
        group("none", &[("uniqueMember", "uid=eve,ou=others,dc=example"), ("member", "")]),
    ];
    let found = snapshot(people, groups);
    let members: Vec<_> =
        found.groups.iter().map(|group| format!("{}: {}", group.listed.name, group.members.join(" "))).collect();
    assert_eq!(members, ["all: team", "none: ", "team: alice bob", "unix: carol"]);
}

#[test]
fn a_primary_group_has_the_people_who_name_it() {
    let person = |name: &str, number: &str| {
        Entry::new(&format!("CN={name},OU=Staff,DC=example"), &[("sAMAccountName", name), ("primaryGroupID", number)])
    };
    let group = |name: &str, number: &str, member: &str| {
        let attributes = [("sAMAccountName", name), ("primaryGroupToken", number), ("member", member)];
        Entry::new(&format!("CN={name},OU=Groups,DC=example"), &attributes)
    };
    let found = |entries| Found { entries, id_attribute: "sAMAccountName".to_owned() };
    let people = found(vec![person("alice", "1104"), person("bob", "513"), person("carol", "1104")]);
    let groups = found(vec![
        group("Domain Users", "513", ""),
        group("staff", "1104", "CN=bob,OU=Staff,DC=example"),
        group("none", "5", ""),
    ]);
    let found = of([&people, &Found::default(), &groups], &Kind::ActiveDirectory.attributes(), NOW);
    let members: Vec<_> =
        found.groups.iter().map(|group| format!("{}: {}", group.listed.name, group.members.join(" "))).collect();
    assert_eq!(members, ["Domain Users: bob", "none: ", "staff: alice bob carol"]);
}

#[test]
fn entries_that_cannot_be_used_are_left_out_with_their_reason() {
    let people = vec![
        person("alice", &[]),
        Entry::new("uid=Alice,ou=more,dc=example", &[("uid", "Alice")]),
        Entry::new("cn=x,dc=example", &[("cn", "x")]),
        Entry::new("uid=b,dc=example", &[("uid", "a"), ("uid", "b")]),
    ];
    let found = snapshot(people, vec![group("alice", &[])]);
    let names: Vec<_> = found.people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["Alice", "b"]);
    assert_eq!(found.groups, []);
    let expected = [
        "the entry cn=alice,ou=groups,dc=example is left out, because another entry already has its name `alice`",
        "the entry cn=x,dc=example is left out, because it has no attribute uid",
        "the entry uid=alice,ou=people,dc=example is left out, because another entry already has its name `alice`",
    ];
    assert_eq!(found.left_out, expected);
}

#[test]
fn an_entry_that_comes_twice_is_one_however_its_name_is_spelt() {
    let people =
        vec![person("alice", &[("uid", "ames")]), Entry::new("UID=Alice, ou=People , DC=example", &[("uid", "ames")])];
    let members = [("member", r"uid=al\69ce,ou=people,dc=example")];
    let found = snapshot(people, vec![group("team", &members)]);
    assert_eq!(found.groups[0].members, ["alice"]);
    assert_eq!(found.people.len(), 1);
    assert_eq!(
        found.left_out,
        ["the entry UID=Alice, ou=People , DC=example is left out, because it was already read as `alice`"]
    );
}

#[test]
fn the_order_of_entries_makes_no_difference() {
    let mut people = ["alice", "Alice", "bob", "carol"].map(|uid| person(uid, &[])).to_vec();
    let before = snapshot(people.clone(), vec![]);
    people.reverse();
    assert_eq!(snapshot(people, vec![]), before);
}
