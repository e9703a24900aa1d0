//! Requests of the command line to the process that has the journal open, and its answers.

use schemas::principal::{MeetingsOfRetired, PrincipalKind, PrincipalState};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Account, Rights};

/// One request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// Only say what would change.
    pub dry_run: bool,
    pub action: Action,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Action {
    /// Registers principals, or brings them up to date.
    Register {
        accounts: Vec<Account>,
        passwords: GivenPasswords,
    },
    /// Changes one registered principal.
    Change {
        name: String,
        change: Change,
        /// Whether meetings follow their groups at once.
        follow: bool,
    },
    /// Adds an app password of this name.
    AddAppPassword {
        principal: String,
        name: String,
    },
    RevokeAppPassword {
        principal: String,
        name: String,
    },
    AppPasswords {
        principal: String,
    },
    /// Lets meetings ahead follow the groups that they invite.
    FollowGroups,
    /// Lists the names of those who have not left, in the order of their names, a page after a
    /// name.
    Names {
        after: String,
    },
    /// Tells of everybody what a comparison needs, in the order of their names, a page after a
    /// name.
    Registered {
        after: String,
    },
    /// Asks which part of the program registered each of these, and which disabled or enabled it
    /// last.
    Origins {
        names: Vec<String>,
    },
}

/// What happens to passwords that are given for principals who already have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GivenPasswords {
    /// They are set.
    Set,
    /// They are the first ones, and are left aside.
    First,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Change {
    /// Brings the principal to what the account says.
    Set(Box<Account>),
    Password(String),
    Rename(String),
    Addresses {
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// The members of a group: `set` replaces all.
    Members {
        set: Option<Vec<String>>,
        add: Vec<String>,
        remove: Vec<String>,
    },
    Disable,
    Enable,
    Retire {
        meetings: MeetingsOfRetired,
        /// Name of who takes over the meetings, where they are handed over.
        successor: Option<String>,
    },
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Change { .. }")
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    Done(Done),
    Refused { why: String },
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Done {
    /// The outcome for each principal, in the order of the request.
    pub outcomes: Vec<Outcome>,
    /// Of [`Action::Names`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Of [`Action::Registered`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registered: Vec<Registered>,
    /// Of [`Action::Origins`], in the order of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// The app password that was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Of [`Action::AppPasswords`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub app_passwords: Vec<AppPassword>,
}

/// What is known of a principal, also of one who has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registered {
    pub name: String,
    pub id: Uuid,
    pub kind: PrincipalKind,
    pub state: PrincipalState,
    pub display_name: String,
    pub first_name: String,
    pub last_name: String,
    pub addresses: Vec<String>,
    pub rights: Rights,
    /// Of a group: the names of its members, without those who are unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// The parts of the program that made a principal what it is; see [`service::principals::Origin`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub registered_via: String,
    pub state_via: Option<String>,
}

/// What is known of an app password. Times are in seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AppPassword {
    pub name: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

/// What became of one principal, or would.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub name: String,
    pub is_new: bool,
    /// Whether there is a password to log in with.
    #[serde(default)]
    pub has_password: bool,
    /// Empty: nothing was written.
    pub changes: Vec<Difference>,
    /// Addresses that stayed though they are not given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// For a retired principal: the meetings that were not over, and what happened to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meetings: Option<Meetings>,
}

/// One part of a principal that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Difference {
    pub what: String,
    /// `Null`: there was no value, or it is not shown.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub after: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meetings {
    pub choice: MeetingsOfRetired,
    /// Those that are not over.
    pub ahead: usize,
    /// Those that were cancelled or handed over.
    pub settled: usize,
    pub failed: usize,
}
