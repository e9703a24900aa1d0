//! The people and the room of the demo.

/// A principal that logs in to the demo. `id` is both the login name and the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    pub id: &'static str,
    pub name: &'static str,
}

pub(crate) const ALICE: Person = Person { id: "alice", name: "Alice" };
pub(crate) const BOB: Person = Person { id: "bob", name: "Bob" };
pub(crate) const CAROL: Person = Person { id: "carol", name: "Carol" };
pub(crate) const LAKE: Person = Person { id: "lake", name: "Lake" };

impl Person {
    pub(crate) fn address(self) -> String {
        format!("mailto:{}@example.com", self.id)
    }
}

/// The accounts of the demo, as a file for `daybook principal import`. The ids of the principals
/// are constant, so that the demo can run again in the same folder.
pub const ACCOUNTS: &str = r#"
version = 1

[[account]]
id = "alice"
kind = "user"
display_name = "Alice"
guid = "a11ce000-0000-4000-8000-000000000001"
email = "alice@example.com"
login = true

[[account]]
id = "bob"
kind = "user"
display_name = "Bob"
guid = "b0b00000-0000-4000-8000-000000000002"
email = "bob@example.com"
login = true

[[account]]
id = "carol"
kind = "user"
display_name = "Carol"
guid = "ca401000-0000-4000-8000-000000000003"
email = "carol@example.com"
login = true

[[account]]
id = "lake"
kind = "location"
display_name = "Lake"
guid = "1a4e0000-0000-4000-8000-000000000004"
email = "lake@example.com"
login = true
schedule = "automatic"
"#;
