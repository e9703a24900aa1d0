//! Tests of calendars that are offered to a sharee, and of how they appear in the sharee's home.

use projections::{InvitationAnswer, ReadModels};
use schemas::{
    Event, Position, PrincipalId, ShareEvent, ShareId, Stream,
    collection::{COLOR, DISPLAY_NAME, Property, Settings, Transparency},
    event::Nothing,
    share::{ShareAccepted, ShareAccess, ShareMoved, ShareOffered, SharePropertiesChanged},
};
use uuid::Uuid;

use crate::given::{Story, anna, calendar};

pub(crate) const BOB: PrincipalId = PrincipalId(Uuid::from_u128(77));

pub(crate) fn share() -> ShareId {
    ShareId::derive(calendar("work"), BOB)
}

pub(crate) fn happened(story: Story, event: ShareEvent) -> Story {
    story.then(Stream::Share(share()), Event::Share(event))
}

fn offer(story: Story, invitation: u128, access: ShareAccess) -> Story {
    let (invitation, summary) = (Uuid::from_u128(invitation), "Work".to_owned());
    let offered = ShareOffered { home: BOB, owner: anna(), calendar: calendar("work"), invitation, access, summary };
    happened(story, ShareEvent::Offered(offered))
}

pub(crate) fn accepted() -> Story {
    let story = offer(Story::of_two_calendars(), 1, ShareAccess::Read);
    let accepted = ShareAccepted { name: "anna-work".to_owned(), summary: "Anna's".to_owned() };
    happened(story, ShareEvent::Accepted(accepted))
}

fn names(models: &ReadModels) -> Vec<String> {
    let shared = models.shared_calendars(BOB).unwrap();
    shared.iter().filter_map(|shared| Some(shared.accepted()?.name.clone())).collect()
}

fn gone(models: &ReadModels) -> Vec<String> {
    let gone = models.snapshot().unwrap().gone(BOB, Position(0)).unwrap();
    gone.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn an_offer_is_found_by_calendar_and_by_invitation_and_in_no_home() {
    let story = offer(offer(Story::of_two_calendars(), 1, ShareAccess::Read), 1, ShareAccess::ReadWrite);
    story.with_each(|models| {
        let offered = models.invited(BOB, Uuid::from_u128(1)).unwrap().unwrap();
        assert_eq!(
            (offered.access, &offered.answer, offered.changed),
            (ShareAccess::ReadWrite, &InvitationAnswer::None, story.last())
        );
        assert_eq!(models.sharees(calendar("work")).unwrap(), [offered]);
        assert!(names(models).is_empty() && models.invited(anna(), Uuid::from_u128(1)).unwrap().is_none());
    });
}

#[test]
fn a_calendar_that_is_accepted_shows_the_values_of_the_sharee_before_those_of_the_owner() {
    let settings = Settings { transparency: Some(Transparency::Opaque), ..Settings::default() };
    let set = vec![Property::of_text(COLOR, "#112233")];
    let story = accepted();
    let story =
        happened(story, ShareEvent::PropertiesChanged(SharePropertiesChanged { set, removed: vec![], settings }));
    story.with_each(|models| {
        let shared = models.shared_calendar(BOB, "anna-work").unwrap().unwrap();
        let source = models.collection_by_id(shared.calendar).unwrap().unwrap();
        let shown = shared.shown(source.clone(), "bob").unwrap();
        assert_eq!(Property::text(&shown.properties, COLOR).as_deref(), Some("#112233"));
        assert_eq!(Property::text(&shown.properties, DISPLAY_NAME).as_deref(), Some("Anna's"));
        assert_eq!(shown.settings.transparency, Some(Transparency::Opaque));
        assert_eq!((shown.id, shown.home, shown.changed), (source.id, anna(), story.last()));
        assert_eq!(shown.shared_as.map(|shared| (shared.home, shared.name)), Some(("bob".into(), "anna-work".into())));
        assert!(Property::text(&source.properties, COLOR).is_none(), "the owner's stays");
    });
}

#[test]
fn a_name_that_a_shared_calendar_had_is_gone_until_it_is_used_again() {
    let moved = |name: &str| ShareEvent::Moved(ShareMoved { name: name.to_owned() });
    let story = happened(accepted(), moved("theirs"));
    story.with_each(|models| {
        assert_eq!((names(models), gone(models)), (vec!["theirs".into()], vec!["anna-work".into()]));
    });
    let story = happened(story, moved("anna-work"));
    story.with_each(|models| {
        assert_eq!((names(models), gone(models)), (vec!["anna-work".into()], vec!["theirs".into()]));
    });
    let declined = happened(story.clone(), ShareEvent::Declined(Nothing {}));
    declined.with_each(|models| {
        assert!(names(models).is_empty() && gone(models).contains(&"anna-work".to_owned()));
        assert_eq!(models.offered(share()).unwrap().unwrap().answer, InvitationAnswer::Declined);
    });
    happened(story, ShareEvent::Withdrawn(Nothing {})).with_each(|models| {
        assert!(names(models).is_empty() && gone(models).contains(&"anna-work".to_owned()));
        assert!(models.offered(share()).unwrap().is_none());
    });
}

#[test]
fn the_past_knows_when_a_shared_calendar_had_a_name_in_the_home_of_the_sharee() {
    let accepted = accepted();
    let moved = happened(accepted.clone(), ShareEvent::Moved(ShareMoved { name: "hers".to_owned() }));
    let withdrawn = happened(moved.clone(), ShareEvent::Withdrawn(Nothing {}));
    let [since, renamed, until] = [&accepted, &moved, &withdrawn].map(Story::last);
    withdrawn.with_each(|models| {
        let shown = |name: &str| {
            let all = models.ever_shown(BOB, name).unwrap().into_iter();
            all.map(|shown| (shown.collection, shown.share, shown.since, shown.until)).collect::<Vec<_>>()
        };
        assert_eq!(shown("anna-work"), [(calendar("work"), Some(share()), since, Some(renamed))]);
        assert_eq!(shown("hers"), [(calendar("work"), Some(share()), renamed, Some(until))]);
        assert_eq!(shown("work"), []);
    });
}
