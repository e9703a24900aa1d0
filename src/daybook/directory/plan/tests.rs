use ldap::Group;

use super::*;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn listed(name: &str, identity: u128) -> Listed {
    Listed {
        name: name.to_owned(),
        identity: Some(id(identity)),
        display_name: name.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        addresses: vec![format!("mailto:{name}@example.com")],
    }
}

fn group(name: &str, identity: u128, members: &[&str]) -> Group {
    let members = members.iter().map(|name| (*name).to_owned()).collect();
    Group { listed: listed(name, identity), members }
}

/// Returns the account that a sync creates from [`listed`].
fn registered(name: &str, identity: u128) -> Registered {
    Registered {
        name: name.to_owned(),
        id: id(identity),
        kind: PrincipalKind::Individual,
        state: PrincipalState::Active,
        display_name: name.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        addresses: vec![format!("mailto:{name}@example.com")],
        rights: Rights::None,
        members: vec![],
    }
}

fn disabled(name: &str, identity: u128) -> Registered {
    Registered { state: PrincipalState::Disabled, ..registered(name, identity) }
}

fn team(identity: u128, members: &[&str]) -> Registered {
    let members = members.iter().map(|name| (*name).to_owned()).collect();
    Registered { kind: PrincipalKind::Group, members, ..registered("team", identity) }
}

fn of(people: &[Listed], groups: &[Group]) -> Snapshot {
    Snapshot { people: people.to_vec(), groups: groups.to_vec(), ..Snapshot::default() }
}

/// Returns the origins of accounts. `alice: made` was registered by a sync, `alice: ended` was
/// disabled by a sync, and for `alice: both` both are true.
fn origins(told: &[&str]) -> HashMap<String, Origin> {
    let origin = |told: &str| {
        let (name, how) = told.split_once(": ").unwrap();
        let registered_via = if how == "ended" { "command line" } else { VIA }.to_owned();
        let state_via = (how != "made").then(|| VIA.to_owned());
        (name.to_owned(), Origin { registered_via, state_via })
    };
    told.iter().map(|told| origin(told)).collect()
}

fn planned(snapshot: &Snapshot, registered: &[Registered], told: &[&str]) -> Result<Plan, HeldBack> {
    let local = BTreeSet::from(["root".to_owned()]);
    let (origins, roles) = (origins(told), Roles::default());
    plan(snapshot, &Known { registered, origins: &origins, local: &local, roles: &roles, may_disable_many: false })
}

/// Describes a plan, with one text for each change.
fn steps(plan: &Plan) -> Vec<String> {
    let mut told = vec![];
    told.extend(plan.disabled.iter().map(|name| format!("disable {name}")));
    told.extend(plan.enabled.iter().map(|name| format!("enable {name}")));
    told.extend(plan.renamed.iter().map(|(name, new)| format!("rename {name} {new}")));
    told.extend(plan.accounts.iter().map(|account| match account.kind {
        Some(kind) => format!("add {} {kind:?}", account.id),
        None => format!("set {}", account.id),
    }));
    told.extend(plan.members.iter().map(|(group, names)| format!("{group} = {}", names.join(" "))));
    told.extend(plan.left_out.iter().map(|why| format!("? {}", why.split(':').next().unwrap())));
    told
}

/// A row of a test: a title, the people in the directory, the accounts, their origins, and the
/// expected plan.
type Case<'a> = (&'a str, Vec<Listed>, Vec<Registered>, &'a [&'a str], &'a [&'a str]);
/// A row of a test: a title, the members in the directory, the accounts, and the expected plan.
type Membership<'a> = (&'a str, &'a [&'a str], Vec<Registered>, &'a [&'a str]);

#[test]
fn a_plan_is_the_difference() {
    let (alice, bob) = (|| listed("alice", 1), || listed("bob", 2));
    let moved = Listed { display_name: "Alice Ames".to_owned(), ..alice() };
    let more = Listed { addresses: vec!["mailto:ames@example.com".to_owned()], ..alice() };
    let renamed = Listed { name: "ames".to_owned(), ..alice() };
    let both = || vec![registered("alice", 1), registered("bob", 2)];
    let rows: [Case; 20] = [
        ("nothing", vec![alice(), bob()], both(), &[], &[]),
        ("new", vec![alice(), bob()], vec![registered("alice", 1)], &[], &["add bob User"]),
        ("another display name", vec![moved, bob()], both(), &[], &["set alice"]),
        ("another address", vec![more, bob()], both(), &[], &["set alice"]),
        ("missing", vec![alice()], both(), &[], &["disable bob"]),
        ("missing, disabled already", vec![alice()], vec![registered("alice", 1), disabled("bob", 2)], &[], &[]),
        ("this server's alone", vec![alice()], vec![registered("alice", 1), registered("Root", 9)], &[], &[]),
        (
            "this server's, in the directory too",
            vec![alice(), listed("root", 8)],
            vec![registered("alice", 1)],
            &[],
            &[],
        ),
        (
            "this server's, renamed in the directory",
            vec![alice(), listed("chief", 9)],
            vec![registered("alice", 1), registered("root", 9)],
            &[],
            &[],
        ),
        ("renamed", vec![renamed.clone()], vec![registered("alice", 1)], &[], &["rename alice ames"]),
        ("found by name", vec![listed("Alice", 7)], vec![registered("alice", 1)], &[], &["set alice"]),
        (
            "renamed to a name that is taken",
            vec![Listed { name: "bob".to_owned(), ..alice() }],
            both(),
            &[],
            &["disable bob", "? `bob` is a new name in the directory, but another account here already has it"],
        ),
        ("again", vec![alice()], vec![disabled("alice", 1)], &["alice: both"], &["enable alice"]),
        ("again, disabled by the operator", vec![alice()], vec![disabled("alice", 1)], &["alice: made"], &[]),
        (
            "again, found by name",
            vec![alice()],
            vec![disabled("alice", 7)],
            &["alice: ended"],
            &["? `alice` was disabled after leaving the directory, and is in it again"],
        ),
        (
            "somebody else of the same name",
            vec![alice(), bob(), listed("carol", 30)],
            vec![registered("alice", 1), registered("bob", 2), registered("carol", 3)],
            &["carol: made"],
            &["disable carol", "? `carol` has the name of an account that was made for another entry"],
        ),
        (
            "retired",
            vec![alice(), bob()],
            vec![registered("alice", 1), Registered { state: PrincipalState::Retired, ..registered("bob", 2) }],
            &[],
            &["? `bob` is retired here"],
        ),
        (
            "another kind",
            vec![alice(), listed("team", 5)],
            vec![registered("alice", 1), team(5, &[])],
            &[],
            &["? `team` is registered here with another kind (person, group or room), and a kind cannot change"],
        ),
        (
            "two entries of one account",
            vec![listed("Alice", 7), alice()],
            vec![registered("alice", 1)],
            &[],
            &["set alice", "? `alice` is the second entry of the directory for one account; remove one of the entries"],
        ),
        ("nobody is registered", vec![alice()], vec![], &[], &["add alice User"]),
    ];
    for (title, people, registered, origins, expected) in rows {
        let plan = planned(&of(&people, &[]), &registered, origins).unwrap();
        assert_eq!(steps(&plan), expected, "{title}");
    }
}

#[test]
fn members_follow_the_directory() {
    let people = [listed("alice", 1), listed("ames", 2), listed("root", 9)];
    let here = |members: &[&str]| vec![registered("alice", 1), registered("bob", 2), team(5, members)];
    let rows: [Membership; 6] = [
        ("the same, and a new name", &["alice", "ames"], here(&["alice", "bob"]), &["rename bob ames", "set ames"]),
        ("one more", &["alice", "ames"], here(&["bob"]), &["rename bob ames", "set ames", "team = alice ames"]),
        ("none", &[], here(&["alice"]), &["rename bob ames", "set ames", "team = "]),
        ("who is not registered by a sync", &["alice", "root"], here(&["alice"]), &["rename bob ames", "set ames"]),
        ("this server's alone", &["alice"], here(&["alice", "Root"]), &["rename bob ames", "set ames"]),
        (
            "this server's alone, and one more",
            &["alice", "ames"],
            here(&["alice", "root"]),
            &["rename bob ames", "set ames", "team = alice ames root"],
        ),
    ];
    for (title, members, registered, expected) in rows {
        let plan = planned(&of(&people, &[group("team", 5, members)]), &registered, &[]).unwrap();
        assert_eq!(steps(&plan), expected, "{title}");
    }
    let new = planned(&of(&people[..1], &[group("all", 6, &["alice"])]), &[], &[]).unwrap();
    assert_eq!(steps(&new), ["add alice User", "add all Group", "all = alice"]);
}

#[test]
fn a_group_that_is_gone_is_emptied_if_it_came_from_the_directory() {
    let here = [registered("alice", 1), team(5, &["alice"])];
    let other = [group("other", 6, &[])];
    let plan = |groups: &[Group], origins: &[&str]| {
        steps(&planned(&of(&[listed("alice", 1)], groups), &here, origins).unwrap())
    };
    assert_eq!(plan(&other, &["team: made"]), ["add other Group", "team = "]);
    assert_eq!(plan(&other, &["team: ended"]), ["add other Group"], "it was made here");
    assert_eq!(plan(&[], &["team: made"]), Vec::<String>::new(), "no group at all is no statement");
    for (members, expected) in [(&["alice", "root"][..], Some("team = root")), (&["root"], None)] {
        let here = [registered("alice", 1), team(5, members)];
        let plan = planned(&of(&[listed("alice", 1)], &other), &here, &["team: made"]).unwrap();
        let emptied: Vec<_> = steps(&plan).into_iter().skip(1).collect();
        assert_eq!(emptied, expected.into_iter().collect::<Vec<_>>(), "{members:?}");
    }
    let local = Registered { name: "Root".to_owned(), ..team(5, &["alice"]) };
    let plan = planned(&of(&[listed("alice", 1)], &other), &[registered("alice", 1), local], &["Root: made"]).unwrap();
    assert_eq!(steps(&plan), ["add other Group"], "only this server has it today");
}

#[test]
fn a_directory_that_lacks_most_people_changes_nothing() {
    let here: Vec<_> = (1..=10).map(|number| registered(&format!("p{number}"), number)).collect();
    let found =
        |count: u128| of(&(1..=count).map(|number| listed(&format!("p{number}"), number)).collect::<Vec<_>>(), &[]);
    assert_eq!(planned(&found(0), &here, &[]).unwrap_err(), HeldBack::Nobody);
    assert_eq!(planned(&found(4), &here, &[]).unwrap_err(), HeldBack::Many { missing: 6, known: 10 });
    assert_eq!(planned(&found(5), &here, &[]).unwrap().disabled.len(), 5);
    let strangers = of(&(101..=200).map(|number| listed(&format!("q{number}"), number)).collect::<Vec<_>>(), &[]);
    assert_eq!(planned(&strangers, &here, &[]).unwrap_err(), HeldBack::Many { missing: 10, known: 10 });
    let (local, origins, roles) = (BTreeSet::new(), HashMap::new(), Roles::default());
    let known = Known { registered: &here, origins: &origins, local: &local, roles: &roles, may_disable_many: true };
    let (four, none) = (found(4), found(0));
    assert_eq!(plan(&four, &known).unwrap().disabled.len(), 6);
    assert_eq!(plan(&none, &known).unwrap_err(), HeldBack::Nobody);
}

#[test]
fn a_sync_of_the_planned_state_is_empty() {
    let people = [listed("alice", 1), listed("bob", 2)];
    let snapshot = of(&people, &[group("team", 5, &["alice", "bob"])]);
    let here = [registered("alice", 1), registered("bob", 2), team(5, &["bob", "alice"])];
    assert!(planned(&snapshot, &here, &[]).unwrap().is_empty());
}

#[test]
fn questions_are_asked_about_those_whose_origin_matters() {
    let here =
        [registered("alice", 1), registered("bob", 20), disabled("carol", 3), team(5, &["alice"]), disabled("dave", 4)];
    let people = [listed("alice", 1), listed("bob", 2), listed("carol", 3)];
    assert_eq!(questions(&of(&people, &[]), &here), ["bob", "carol", "team"]);
}

#[test]
fn members_of_groups_have_rights() {
    let id_of = |name: &str| u128::from(name.as_bytes()[0]);
    let people = ["alice", "bob", "carol", "dave"].map(|name| listed(name, id_of(name)));
    let groups =
        [group("admins", 5, &["alice", "staff"]), group("audit", 6, &["alice", "carol"]), group("staff", 7, &["bob"])];
    let snapshot = of(&people, &groups);
    let rights = |administrators: &str, auditors: &str, before: Rights| {
        let roles = Roles { administrators: administrators.to_owned(), auditors: auditors.to_owned() };
        let here = [Registered { rights: before, ..registered("dave", id_of("dave")) }];
        let (local, origins) = (BTreeSet::new(), HashMap::new());
        let known =
            Known { registered: &here, origins: &origins, local: &local, roles: &roles, may_disable_many: false };
        let plan = plan(&snapshot, &known).unwrap();
        let people = plan.accounts.iter().filter(|account| account.kind != Some(Kind::Group));
        let told = people.map(|account| format!("{} {:?}", account.id, account.rights));
        told.chain(plan.left_out.iter().cloned()).collect::<Vec<_>>()
    };
    let (none, by_groups) =
        (["alice None", "bob None", "carol None"], ["alice Some(All)", "bob Some(All)", "carol Some(Audit)"]);
    assert_eq!(rights("", "", Rights::All), none, "rights are given here");
    assert_eq!(rights("admins", "audit", Rights::None), by_groups);
    assert_eq!(rights("admins", "audit", Rights::All), [&by_groups[..], &["dave Some(None)"]].concat());
    let lacking = "the directory has no group `root` (directory.administrators_group), so rights stay as they are";
    assert_eq!(rights("root", "audit", Rights::All), [&none[..], &[lacking]].concat());
}

#[test]
fn groups_in_a_circle_keep_their_people_and_a_circle_is_opened_at_its_last_group() {
    let people = [listed("alice", 1)];
    let groups = [group("a", 5, &["alice", "b"]), group("b", 6, &["alice", "c"]), group("c", 7, &["a", "alice"])];
    let members = |plan: &Plan| steps(plan).into_iter().filter(|step| step.contains('=')).collect::<Vec<_>>();
    let plan = planned(&of(&people, &groups), &[], &[]).unwrap();
    assert_eq!(members(&plan), ["c = alice", "b = alice c", "a = alice b"]);
    assert_eq!(plan.left_out, ["`a` is left out of `c`, because `c` is in `a`, directly or through other groups"]);

    // The group `root` is this server's alone: it has the member `all`, and an operator made it a
    // member of `team`. The directory has `team` in `all` now.
    let here = |name: &str, identity, members: &[&str]| Registered { name: name.to_owned(), ..team(identity, members) };
    let known = [registered("alice", 1), team(2, &["root"]), here("all", 3, &["alice"]), here("root", 9, &["all"])];
    let inner = of(&people, &[group("all", 3, &["alice", "team"]), group("team", 2, &["alice"])]);
    let plan = planned(&inner, &known, &[]).unwrap();
    assert_eq!(members(&plan), ["team = alice root"]);
    let why = "`team` is left out of `all`, because `all` is in `team`, directly or through other groups";
    assert_eq!(plan.left_out, [why], "what an operator did stays");

    // Today `x` is in `team`; then `team` is in `x`.
    let known = [registered("alice", 1), team(2, &["x"]), Registered { name: "x".to_owned(), ..team(3, &[]) }];
    let turned = of(&people, &[group("team", 2, &["alice"]), group("x", 3, &["team"])]);
    let plan = planned(&turned, &known, &[]).unwrap();
    assert_eq!(members(&plan), ["team = alice", "x = team"]);
    assert_eq!(plan.left_out, [""; 0]);
}
