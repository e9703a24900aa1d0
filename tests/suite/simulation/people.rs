//! The calendar users of a simulated world.

use schemas::{
    ObjectId, PrincipalId,
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use service::principals::Registration;
use uuid::Uuid;

/// The users who can be invited individually. `lake` is a room that answers automatically.
pub const ATTENDEES: [&str; 4] = ["alice", "bob", "carol", "lake"];
/// All users. `dave` is never invited. `erin` can be a member of the group, and `frank` a delegate.
pub const EVERYBODY: [&str; 7] = ["alice", "bob", "carol", "lake", "dave", "erin", "frank"];
/// The users who can be members of the group `team`.
pub const MEMBERS: [&str; 2] = ["carol", "erin"];
/// The user to whom attendees delegate.
pub const DELEGATE: &str = "frank";
/// The organizer of each meeting, by its number.
pub const MEETINGS: [&str; 4] = ["alice", "bob", "alice", "bob"];
/// The number of the meeting that is a task.
pub const TASK: usize = 3;

pub fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes()))
}

pub fn name(id: PrincipalId) -> &'static str {
    EVERYBODY.into_iter().find(|name| self::id(name) == id).unwrap_or("nobody")
}

pub fn uid(meeting: usize) -> String {
    format!("meeting-{meeting}")
}

/// Returns the id of the object that holds the copy of `who` for a meeting.
pub fn object(who: &str, meeting: usize) -> ObjectId {
    ObjectId::derive(id(who), &uid(meeting))
}

pub fn registrations() -> Vec<Registration> {
    let registration = |name: &str| {
        let is_room = name == "lake";
        Registration {
            id: id(name),
            short_name: name.to_owned(),
            kind: if is_room { PrincipalKind::Room } else { PrincipalKind::Individual },
            profile: Profile {
                display_name: name.to_owned(),
                addresses: vec![format!("mailto:{name}@example.org")],
                automatic_answer: if is_room { AutomaticAnswer::Automatic } else { AutomaticAnswer::None },
                ..Profile::default()
            },
            password: None,
            members: vec![],
        }
    };
    EVERYBODY.into_iter().map(registration).chain([team([true, true])]).collect()
}

/// Returns the group, whose members are the chosen ones of [`MEMBERS`].
pub fn team(chosen: [bool; MEMBERS.len()]) -> Registration {
    Registration {
        id: id("team"),
        short_name: "team".to_owned(),
        kind: PrincipalKind::Group,
        profile: Profile { addresses: vec!["mailto:team@example.org".to_owned()], ..Profile::default() },
        password: None,
        members: MEMBERS.into_iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(name, _)| id(name)).collect(),
    }
}
