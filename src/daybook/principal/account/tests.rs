use schemas::{Position, principal::PrincipalState};

use super::*;

const ALICE: PrincipalId = PrincipalId(Uuid::from_u128(0xa));

/// Returns the registered principal Alice, with a value in every field.
fn alice() -> Entry {
    Entry {
        id: ALICE,
        short_name: "alice".to_owned(),
        former_names: vec![],
        quota_bytes: None,
        state: PrincipalState::Active,
        kind: PrincipalKind::Individual,
        display_name: "Alice Ames".to_owned(),
        first_name: "Alice".to_owned(),
        last_name: "Ames".to_owned(),
        addresses: vec!["mailto:alice@example.com".to_owned()],
        automatic_answer: AutomaticAnswer::AcceptIfFree,
        administrator: true,
        auditor: false,
        password: Some(schemas::PasswordId(Uuid::from_u128(0xb))),
        app_passwords: vec![],
        members: vec![],
        groups_since: Position::START,
        properties: vec![],
    }
}

fn plain(password: &str) -> NewPassword {
    NewPassword::Plain(password.to_owned())
}

fn known(name: &str) -> Option<Entry> {
    (name == "alice").then(alice)
}

fn read(text: &str, passwords: &Passwords) -> Result<Vec<Registration>> {
    let accounts = Accounts::parse(&format!("version = 1\n{text}"))?.list;
    let next = std::cell::Cell::new(0xf);
    registrations(&accounts, passwords, known, || Uuid::from_u128(next.replace(next.get() + 1)))
}

#[test]
fn an_account_becomes_a_registration() {
    let text = "[[account]]\nid = 'lake'\nkind = 'location'\nguid = '0C8BDE62-E600-4696-83D3-8B5ECABDFD2E'\n\
                email = 'lake@example.com'\nschedule = 'automatic'\nrights = 'all'\n";
    let [lake] = &read(text, &Passwords::Id).unwrap()[..] else { panic!("one account, one registration") };
    assert_eq!(lake.id.to_string(), "0c8bde62-e600-4696-83d3-8b5ecabdfd2e");
    assert_eq!(lake.kind, PrincipalKind::Room);
    assert_eq!(lake.profile.display_name, "lake", "without a name the id is shown");
    assert_eq!(lake.profile.addresses, ["mailto:lake@example.com"]);
    assert_eq!(lake.profile.automatic_answer, AutomaticAnswer::Automatic);
    assert!(lake.profile.administrator);
    assert_eq!(lake.password, None, "an account that may not log in gets no password");
}

/// The options of an account, each with the change that it makes to the registration of [`alice`].
type Options = [(&'static str, fn(&mut Account), fn(&mut Registration)); 7];

const OPTIONS: Options = [
    ("display name", |it| it.display_name = Some("Al".into()), |it| it.profile.display_name = "Al".into()),
    ("first name", |it| it.first_name = Some("Al".into()), |it| it.profile.first_name = "Al".into()),
    ("last name", |it| it.last_name = Some("A".into()), |it| it.profile.last_name = "A".into()),
    (
        "address",
        |it| it.addresses = vec!["mailto:al@b.org".into()],
        |it| it.profile.addresses = vec!["mailto:al@b.org".into()],
    ),
    ("rights", |it| it.rights = Some(Rights::None), |it| it.profile.administrator = false),
    ("schedule", |it| it.schedule = Some(Schedule::None), |it| it.profile.automatic_answer = AutomaticAnswer::None),
    ("password", |it| it.password = Some("new".into()), |it| it.password = Some(plain("new"))),
];

#[test]
fn every_combination_of_options_changes_what_it_names_and_nothing_else() {
    for chosen in 0..1_u32 << OPTIONS.len() {
        let mut account = Account { id: "alice".to_owned(), ..Account::default() };
        let mut expected = Registration {
            id: ALICE,
            short_name: "alice".to_owned(),
            kind: PrincipalKind::Individual,
            profile: profile_of(&alice()),
            password: None,
            members: vec![],
        };
        let mut title = vec![];
        for (_, (name, give, change)) in OPTIONS.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1) {
            give(&mut account);
            change(&mut expected);
            title.push(*name);
        }
        let made = registrations(&[account], &Passwords::Unsaid, known, Uuid::nil).unwrap();
        assert_eq!(format!("{made:?}"), format!("{:?}", [expected]), "{title:?}");
    }
}

#[test]
fn members_stay_unless_they_are_given() {
    let team = Entry { kind: PrincipalKind::Group, members: vec![ALICE], ..alice() };
    let make = |members: Option<Vec<String>>| {
        let account = Account { id: "team".to_owned(), members, ..Account::default() };
        let found = |name: &str| match name {
            "team" => Some(team.clone()),
            name => known(name),
        };
        registrations(&[account], &Passwords::Unsaid, found, Uuid::nil).unwrap().remove(0).members
    };
    assert_eq!(make(None), [ALICE]);
    assert_eq!(make(Some(vec![])), []);
    assert_eq!(make(Some(vec!["alice".to_owned()])), [ALICE]);
}

#[test]
fn email_and_addresses_are_joined_without_repetition() {
    let text = "[[account]]\nid = 'bob'\nemail = 'bob@example.com'\n\
                addresses = ['MAILTO:Bob@example.com', 'urn:x:1', 'urn:x:1']\n";
    let bob = read(text, &Passwords::Unsaid).unwrap().remove(0);
    assert_eq!(bob.profile.addresses, ["mailto:bob@example.com", "urn:x:1"]);
}

#[test]
fn passwords_come_from_the_account_the_file_or_the_id() {
    let own = "[[account]]\nid = 'bob'\nlogin = true\npassword = 'own'\n";
    let none = "[[account]]\nid = 'bob'\nlogin = true\n";
    let hash = "[[account]]\nid = 'bob'\nlogin = true\npassword_hash = '{SSHA}x'\n";
    let file = || Passwords::File(BTreeMap::from([("bob".to_owned(), "filed".to_owned())]));
    let rows = [
        ("the account's own before the id", own, Passwords::Id, Some(plain("own"))),
        ("the account's own before the file", own, file(), Some(plain("own"))),
        ("the id", none, Passwords::Id, Some(plain("bob"))),
        ("the file", none, file(), Some(plain("filed"))),
        ("nothing", none, Passwords::Unsaid, None),
        ("a hash", hash, Passwords::Id, Some(NewPassword::Hash("{SSHA}x".to_owned()))),
    ];
    for (title, text, passwords, expected) in rows {
        assert_eq!(read(text, &passwords).unwrap()[0].password, expected, "{title}");
    }
}

#[test]
fn a_name_keeps_its_identity_and_groups_find_their_members() {
    let text = "[[account]]\nid = 'alice'\n[[account]]\nid = 'bob'\n\
                [[account]]\nid = 'team'\nkind = 'group'\nmembers = ['alice', 'bob']\n";
    let read = read(text, &Passwords::Unsaid).unwrap();
    assert_eq!(read[0].id, ALICE);
    assert_eq!(read[2].members, [ALICE, read[1].id]);
}

#[test]
fn mistakes_are_named() {
    let rows = [
        ("no version", "", "line 1: missing field `version`"),
        ("another version", "version = 2", "version 2 of this file is not supported; write `version = 1`"),
        ("an unknown field", "version = 1\n[[account]]\nid = 'a'\nemial = 'x'", "line 4: unknown field `emial`"),
        ("an unknown kind", "version = 1\n[[account]]\nid = 'a'\nkind = 'robot'", "line 4: unknown variant `robot`"),
        ("twice", "version = 1\n[[account]]\nid='a'\n[[account]]\nid='a'", "the account `a` is listed twice"),
    ];
    for (title, text, expected) in rows {
        let error = format!("{:#}", Accounts::parse(text).unwrap_err());
        assert!(error.starts_with(expected), "{title}: {error}");
    }
}

#[test]
fn contradictions_are_named() {
    let rows = [
        (
            "an unknown member",
            "[[account]]\nid = 'team'\nkind = 'group'\nmembers = ['nobody']",
            "`nobody`, named as a member of `team`, is not registered",
        ),
        (
            "two passwords",
            "[[account]]\nid = 'a'\npassword = 'a'\npassword_hash = 'b'",
            "`a` has both a password and a password_hash; remove one of them",
        ),
        (
            "members of a person",
            "[[account]]\nid = 'a'\nmembers = ['alice']",
            "`a` has members but is not a group; leave the members out",
        ),
        (
            "another identity",
            "[[account]]\nid = 'alice'\nguid = '00000000-0000-0000-0000-00000000000b'",
            "`alice` is registered with the guid 00000000-0000-0000-0000-00000000000a, which cannot become \
             00000000-0000-0000-0000-00000000000b; leave the guid out",
        ),
        (
            "one identity for two",
            "[[account]]\nid = 'b'\nguid = '00000000-0000-0000-0000-00000000000b'\n\
             [[account]]\nid = 'c'\nguid = '00000000-0000-0000-0000-00000000000b'",
            "`b` and `c` have the same guid 00000000-0000-0000-0000-00000000000b; give one of them another",
        ),
    ];
    for (title, text, expected) in rows {
        let error = format!("{:#}", read(text, &Passwords::Unsaid).unwrap_err());
        assert_eq!(error, expected, "{title}");
    }
}
