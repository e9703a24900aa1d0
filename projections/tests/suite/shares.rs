//! Tests of shares: the collections in which something is granted to a principal by name.

use std::collections::BTreeSet;

use projections::ReadModels;
use schemas::{
    CollectionEvent, Event, PrincipalId, Stream,
    access::{AccessControlEntry, Effect, Grantee},
    collection::{CollectionAclChanged, CollectionKind},
};
use uuid::Uuid;

use super::given::{Story, calendar};

const BOB: PrincipalId = PrincipalId(Uuid::from_u128(0xb));
const TEAM: PrincipalId = PrincipalId(Uuid::from_u128(0xc));

fn entry(to: Grantee, effect: Effect) -> AccessControlEntry {
    AccessControlEntry { to, inverted: false, effect, privileges: vec!["read".to_owned()] }
}

fn acl(story: Story, collection: &str, entries: Vec<AccessControlEntry>) -> Story {
    let changed = CollectionEvent::AclChanged(CollectionAclChanged { entries });
    story.then(Stream::Collection(calendar(collection)), Event::Collection(changed))
}

#[test]
fn collections_are_found_by_those_who_are_granted_something() {
    let (bob, team) = (Grantee::Principal(BOB), Grantee::Principal(TEAM));
    let story = acl(Story::of_two_calendars(), "work", vec![entry(bob, Effect::Grant), entry(bob, Effect::Grant)]);
    let story = acl(story, "private", vec![entry(team, Effect::Grant), entry(bob, Effect::Deny)]);
    story.with_each(|models| {
        let found = |who: &[PrincipalId], limit| models.granted_to(&who.iter().copied().collect(), limit).unwrap();
        assert_eq!(found(&[BOB], 9), [calendar("work")], "a denial is no share");
        assert_eq!(found(&[TEAM], 9), [calendar("private")]);
        let both: BTreeSet<_> = found(&[BOB, TEAM], 9).into_iter().collect();
        assert_eq!(both, BTreeSet::from([calendar("work"), calendar("private")]));
        assert_eq!(found(&[BOB, TEAM], 1).len(), 1);
    });
    let story = acl(story, "work", vec![entry(Grantee::All, Effect::Grant)]).remove_collection("private");
    story.with_each(|models| assert_eq!(models.granted_to(&BTreeSet::from([BOB, TEAM]), 9).unwrap(), []));
}

#[test]
fn what_was_removed_with_a_collection_above_takes_the_place_of_no_share() {
    let bob = || vec![entry(Grantee::Principal(BOB), Effect::Grant)];
    let mut story = Story::default().create("papers", CollectionKind::Plain);
    for nested in ["papers/one", "papers/two"] {
        story = acl(story.create(nested, CollectionKind::Calendar), nested, bob());
    }
    let story = acl(story.create("papers2", CollectionKind::Calendar), "papers2", bob()).rename("papers", "old");
    let found = |models: &ReadModels, limit| models.granted_to(&BTreeSet::from([BOB]), limit).unwrap();
    story.with_each(|models| assert_eq!(found(models, 9).len(), 3));
    let removed = story.remove_collection("papers");
    for limit in [1, 9] {
        removed.with_each(|models| assert_eq!(found(models, limit), [calendar("papers2")]));
    }
}

/// Two servers may give one name to two collections at the same moment.
#[test]
fn the_removal_of_a_collection_with_the_same_name_takes_no_share_along() {
    let bob = vec![entry(Grantee::Principal(BOB), Effect::Grant)];
    let story = Story::default()
        .create("old", CollectionKind::Plain)
        .create("papers", CollectionKind::Plain)
        .create("papers/one", CollectionKind::Calendar);
    let story = acl(story, "papers/one", bob).rename("papers", "old").remove_collection("old");
    let found = |models: &ReadModels| models.granted_to(&BTreeSet::from([BOB]), 9).unwrap();
    story.with_each(|models| assert_eq!(found(models), [calendar("papers/one")]));
    story.remove_collection("papers").with_each(|models| assert_eq!(found(models), []));
}
