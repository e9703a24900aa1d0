//! Tests of the directory: people, rooms and groups; their names, addresses and membership.

use ical::Address;
use projections::{Directory, Hosts};
use schemas::{
    Event, PasswordId, PrincipalEvent, PrincipalId, Stream,
    event::Nothing,
    principal::{
        AutomaticAnswer, PrincipalKind, PrincipalMembersSet, PrincipalPasswordSet, PrincipalRegistered,
        PrincipalRenamed, PrincipalRetired, PrincipalState, Profile,
    },
};
use uuid::Uuid;

use super::given::Story;

fn id(number: u128) -> PrincipalId {
    PrincipalId(Uuid::from_u128(number))
}

fn profile(name: &str, addresses: &[&str]) -> Profile {
    Profile {
        display_name: name.to_owned(),
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        ..Profile::default()
    }
}

fn register(story: Story, number: u128, name: &str, kind: PrincipalKind, addresses: &[&str]) -> Story {
    let registered = PrincipalRegistered { short_name: name.to_owned(), kind, profile: profile(name, addresses) };
    story.then(Stream::Principal(id(number)), Event::Principal(PrincipalEvent::Registered(registered)))
}

fn person(story: Story, number: u128, name: &str) -> Story {
    register(story, number, name, PrincipalKind::Individual, &[&format!("mailto:{name}@example.com")])
}

fn group(story: Story, number: u128, name: &str, members: &[u128]) -> Story {
    let members = members.iter().copied().map(id).collect();
    register(story, number, name, PrincipalKind::Group, &[]).then(
        Stream::Principal(id(number)),
        Event::Principal(PrincipalEvent::MembersSet(PrincipalMembersSet { members })),
    )
}

fn found(directory: &Directory, address: &str) -> Option<String> {
    Some(directory.by_address(&Address::parse(address)?)?.short_name.clone())
}

fn names<'a>(entries: impl IntoIterator<Item = &'a projections::Entry>) -> Vec<&'a str> {
    entries.into_iter().map(|entry| entry.short_name.as_str()).collect()
}

#[test]
fn a_principal_is_found_by_id_name_and_every_address() {
    let addresses = ["mailto:anna@example.com", "mailto:a.smith@example.com"];
    let story = register(Story::default(), 1, "anna", PrincipalKind::Individual, &addresses);
    person(story, 2, "bob").with_each(|models| {
        let directory = models.directory();
        assert_eq!(directory.by_id(id(1)).unwrap().display_name, "anna");
        assert_eq!(directory.by_name("anna").unwrap().id, id(1));
        assert_eq!(directory.by_name("carol"), None);
        assert_eq!(names(directory.all()), ["anna", "bob"]);
        let rows = [
            ("mailto:anna@example.com", Some("anna")),
            ("MAILTO:A.Smith@EXAMPLE.com", Some("anna")),
            ("mailto:bob@example.com", Some("bob")),
            ("/principals/anna/", Some("anna")),
            ("/principals/anna", Some("anna")),
            ("urn:uuid:00000000-0000-0000-0000-000000000001", Some("anna")),
            ("mailto:carol@example.com", None),
        ];
        for (address, expected) in rows {
            assert_eq!(found(&directory, address).as_deref(), expected, "{address}");
        }
    });
}

#[test]
fn what_is_said_anew_replaces_what_was_said() {
    let story = person(Story::default(), 1, "anna");
    let password = PasswordId(Uuid::from_u128(9));
    let changed = Profile {
        automatic_answer: AutomaticAnswer::Automatic,
        administrator: true,
        ..profile("Anna Smith", &["mailto:smith@example.com"])
    };
    let story = story
        .then(
            Stream::Principal(id(1)),
            Event::Principal(PrincipalEvent::PasswordSet(PrincipalPasswordSet { password })),
        )
        .then(Stream::Principal(id(1)), Event::Principal(PrincipalEvent::ProfileChanged(changed)));
    story.with_each(|models| {
        let directory = models.directory();
        let anna = directory.by_id(id(1)).unwrap();
        assert_eq!((anna.display_name.as_str(), anna.short_name.as_str()), ("Anna Smith", "anna"));
        assert_eq!((anna.automatic_answer, anna.administrator), (AutomaticAnswer::Automatic, true));
        assert_eq!(anna.password, Some(password));
        assert_eq!(found(&directory, "mailto:anna@example.com"), None);
        assert_eq!(found(&directory, "mailto:smith@example.com").as_deref(), Some("anna"));
    });
}

#[test]
fn who_leaves_keeps_name_and_addresses_and_is_in_no_group() {
    let story = group(person(person(Story::default(), 1, "anna"), 2, "bob"), 10, "team", &[1, 2]);
    let retired = |story: Story, number| {
        let event = PrincipalEvent::Retired(PrincipalRetired::default());
        story.then(Stream::Principal(id(number)), Event::Principal(event))
    };
    retired(story.clone(), 1).with_each(|models| {
        let directory = models.directory();
        let anna = directory.by_id(id(1)).unwrap();
        assert_eq!((anna.state, anna.is_present(), anna.is_active()), (PrincipalState::Retired, false, false));
        assert_eq!(directory.by_name("anna").unwrap().id, id(1));
        assert_eq!(found(&directory, "mailto:anna@example.com").as_deref(), Some("anna"));
        assert_eq!(names(directory.all()), ["anna", "bob", "team"]);
        assert_eq!(names(directory.present()), ["bob", "team"]);
        assert_eq!(directory.members_of(id(10)).into_iter().collect::<Vec<_>>(), [id(2)]);
    });
    retired(story.clone(), 10).with_each(|models| {
        let directory = models.directory();
        assert!(directory.members_of(id(10)).is_empty() && directory.identities_of(id(1)).len() == 1);
    });
    let back = retired(story, 1).then(Stream::Principal(id(1)), Event::Principal(PrincipalEvent::Enabled(Nothing {})));
    back.with_each(|models| assert!(models.directory().by_id(id(1)).unwrap().is_active()));
}

#[test]
fn who_is_disabled_stays_among_the_others() {
    let disabled = Event::Principal(PrincipalEvent::Disabled(Nothing {}));
    person(Story::default(), 1, "anna").then(Stream::Principal(id(1)), disabled).with_each(|models| {
        let directory = models.directory();
        assert_eq!(names(directory.present()), ["anna"]);
        assert!(!directory.by_id(id(1)).unwrap().is_active());
    });
}

#[test]
fn a_former_name_leads_to_its_principal() {
    let renamed = |name: &str| {
        let event = PrincipalEvent::Renamed(PrincipalRenamed { short_name: name.to_owned() });
        (Stream::Principal(id(1)), Event::Principal(event))
    };
    let story = person(person(Story::default(), 1, "anna"), 2, "bob");
    let (first, second) = (renamed("ann"), renamed("Smith"));
    story.then(first.0, first.1).then(second.0, second.1).with_each(|models| {
        let directory = models.directory();
        let anna = directory.by_id(id(1)).unwrap();
        assert_eq!(anna.short_name, "Smith");
        assert_eq!(anna.former_names, ["anna", "ann"]);
        for name in ["Smith", "anna", "ann"] {
            assert_eq!(directory.by_name(name).map(|entry| entry.id), Some(id(1)), "{name}");
            assert_eq!(found(&directory, &format!("/principals/{name}/")).as_deref(), Some("Smith"), "{name}");
        }
        assert_eq!(directory.by_name_in_any_case("smith").map(|entry| entry.id), Some(id(1)));
        assert_eq!(directory.by_name_in_any_case("ANN").map(|entry| entry.id), Some(id(1)));
        assert_eq!(directory.by_name("smith"), None);
    });
}

#[test]
fn names_that_differ_in_case_only_are_told_apart() {
    person(person(Story::default(), 1, "anna"), 2, "Anna").with_each(|models| {
        let directory = models.directory();
        let by = |name: &str| directory.by_name_in_any_case(name).map(|entry| entry.id);
        assert_eq!([by("anna"), by("Anna"), by("ANNA")], [Some(id(1)), Some(id(2)), None]);
    });
}

#[test]
fn an_address_of_two_stays_with_the_first_and_is_reported() {
    let story = register(Story::default(), 1, "anna", PrincipalKind::Individual, &["mailto:team@example.com"]);
    let addresses = ["mailto:TEAM@example.com", "mailto:bob@example.com", "mailto:bob@example.com"];
    register(story, 2, "bob", PrincipalKind::Individual, &addresses).with_each(|models| {
        let directory = models.directory();
        assert_eq!(found(&directory, "mailto:team@example.com").as_deref(), Some("anna"));
        let [conflict] = directory.conflicts() else { panic!("one address is of two") };
        let told = [&conflict.address, &conflict.holder, &conflict.claimant].map(String::as_str);
        assert_eq!(told, ["mailto:TEAM@example.com", "anna", "bob"]);
        // The canonical address of a principal leads to that principal, not to the other one.
        for (number, name) in [(1, "anna"), (2, "bob")] {
            let standing = directory.canonical(&Address::parse(&format!("/principals/{name}/")).unwrap()).unwrap();
            assert_eq!(directory.by_address(standing).unwrap().id, id(number), "{name}");
        }
    });
}

#[test]
fn a_url_is_its_paths_and_what_nobody_knows_is_whose_mailbox_is_named_beside_it() {
    person(Story::default(), 1, "anna").with_each(|models| {
        let directory = models.directory();
        let by = |address: &str, email: &str| {
            let address = Address::parse(address).unwrap().with_email(Some(email));
            let canonical = directory.canonical(&address).map(|address| address.canonical().to_owned());
            assert_eq!(canonical.is_some(), directory.by_address(&address).is_some());
            canonical
        };
        let anna = Some("mailto:anna@example.com".to_owned());
        assert_eq!(found(&directory, "https://cal.example.com:8443/principals/anna/").as_deref(), Some("anna"));
        assert_eq!(found(&directory, "https://cal.example.com/principals/anna").as_deref(), Some("anna"));
        assert_eq!(found(&directory, "https://example.com/cal/principals/anna/").as_deref(), Some("anna"));
        assert_eq!(found(&directory, "/cal/principals/anna/").as_deref(), Some("anna"));
        assert_eq!(found(&directory, "https://cal.example.com/people/anna/"), None);
        assert_eq!(by("urn:uuid:7c4", "Anna@example.com"), anna);
        assert_eq!(by("urn:uuid:7c4", "bob@example.com"), None);
        assert_eq!(
            by("mailto:bob@example.com", "anna@example.com"),
            None,
            "an address that can be mailed to is itself"
        );
    });
}

#[test]
fn groups_are_opened_and_may_go_round_in_circles() {
    let story = person(person(person(Story::default(), 1, "anna"), 2, "bob"), 3, "carol");
    let story = group(story, 10, "all", &[11, 1, 99]);
    let story = group(story, 11, "some", &[2, 2, 10, 12]);
    let story = group(story, 12, "none", &[]);
    story.with_each(|models| {
        let directory = models.directory();
        let members = |group| directory.members_of(id(group)).into_iter().collect::<Vec<_>>();
        assert_eq!(members(10), [id(1), id(2)]);
        assert_eq!(members(11), [id(1), id(2)]);
        assert_eq!(members(12), []);
        assert_eq!(members(1), []);
        assert_eq!(members(99), []);
        assert_eq!(names(directory.groups_of(id(2))), ["some"]);
        assert_eq!(names(directory.groups_of(id(10))), ["some"]);
        assert_eq!(names(directory.groups_of(id(3))), [""; 0]);
        let identities = |person| directory.identities_of(id(person)).into_iter().collect::<Vec<_>>();
        assert_eq!(identities(2), [id(2), id(10), id(11)]);
        assert_eq!(identities(3), [id(3)]);
    });
}

#[test]
fn whoever_holds_a_directory_sees_one_moment() {
    let story = person(Story::default(), 1, "anna");
    let mut told = story.live();
    let before = told.directory();
    told.projector.apply(&person(story, 2, "bob").events).unwrap();
    assert_eq!(names(before.all()), ["anna"]);
    assert_eq!(names(told.directory().all()), ["anna", "bob"]);
}

#[test]
fn a_url_counts_under_the_names_of_the_server() {
    person(Story::default(), 1, "anna").with_each(|models| {
        models.take_hosts(Hosts::of(["https://Cal.example.com:8443/base/", "old.example.com", "[::1]"]));
        let directory = models.directory();
        for (written, is_here) in [
            ("https://cal.example.com/principals/anna/", true),
            ("http://CAL.example.com:8080/base/principals/anna/", true),
            ("https://old.example.com/principals/anna", true),
            ("http://[::1]:8080/principals/anna/", true),
            ("//old.example.com/principals/anna/", true),
            ("//[::1]/principals/anna/", true),
            ("/principals/anna/", true),
            ("/base/principals/anna/", true),
            ("https://evil.example/principals/anna/", false),
            ("https://cal.example.com@evil.example/principals/anna/", false),
            ("https://cal.example.com.evil.example/principals/anna/", false),
            ("//evil.example/principals/anna/", false),
            ("https://evil.example?@cal.example.com/principals/anna/", false),
            ("//evil.example#@cal.example.com/principals/anna/", false),
            ("https://:443/principals/anna/", false),
            ("//evil%40cal.example.com/principals/anna/", false),
            ("///principals/anna/", false),
            ("ftp://cal.example.com/principals/anna/", false),
        ] {
            assert_eq!(found(&directory, written).is_some(), is_here, "{written}");
        }
    });
}
