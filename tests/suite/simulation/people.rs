//! The calendar users of a simulated world.

use schemas::{
    ObjectId, PrincipalId,
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use service::principals::Registration;
use uuid::Uuid;

/// The users who may be invited. The lake is a room with automatic answers.
pub const ATTENDEES: [&str; 4] = ["alice", "bob", "carol", "lake"];
/// All users; dave is never invited.
pub const EVERYBODY: [&str; 5] = ["alice", "bob", "carol", "lake", "dave"];
/// The organizer of each meeting.
pub const MEETINGS: [&str; 3] = ["alice", "bob", "alice"];

pub fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes()))
}

pub fn name(id: PrincipalId) -> &'static str {
    EVERYBODY.into_iter().find(|name| self::id(name) == id).unwrap_or("nobody")
}

pub fn uid(meeting: usize) -> String {
    format!("meeting-{meeting}")
}

/// The resources of `who` that belong to a meeting.
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
    EVERYBODY.into_iter().map(registration).collect()
}
