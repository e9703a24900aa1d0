//! The requests that the commands about accounts send to the process that has the journal open, and
//! its answers.

use schemas::principal::{MeetingsOfRetired, PrincipalKind, PrincipalState};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Account, Rights};

/// A request of a command about accounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// True if the answer only says what would change, and nothing is stored.
    pub dry_run: bool,
    pub action: Action,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Action {
    /// Registers principals, or updates registered ones.
    Register {
        accounts: Vec<Account>,
        passwords: GivenPasswords,
    },
    /// Changes a registered principal.
    Change {
        name: String,
        change: Change,
        /// True if meetings that invite a group follow the change of its members immediately.
        follow: bool,
    },
    /// Adds an app password with this name.
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
    /// Updates the attendees of meetings that are not over, so that they agree with the members of
    /// the invited groups.
    FollowGroups,
    /// Returns the registered values of all principals, for a comparison, ordered by name. The
    /// answer is one page, with the names after `after`.
    Registered {
        after: String,
    },
    /// Returns the part of the program that registered each principal, and the part that last
    /// disabled, enabled or retired it.
    Origins {
        names: Vec<String>,
    },
}

/// The treatment of given passwords for principals who already have a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GivenPasswords {
    /// Given passwords replace existing ones.
    Set,
    /// Given passwords are only stored for principals without a password. A principal with a
    /// password keeps it.
    First,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Change {
    /// Sets every value that the account contains.
    Set(Box<Account>),
    Password(String),
    Rename(String),
    Addresses {
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// Changes the members of a group. `set` replaces all members.
    Members {
        set: Option<Vec<String>>,
        add: Vec<String>,
        remove: Vec<String>,
    },
    Disable,
    Enable,
    Retire {
        meetings: MeetingsOfRetired,
        /// The name of the person who takes over the meetings; `None` if they are not handed over.
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
    /// The result for each principal, in the order of the request.
    pub outcomes: Vec<Outcome>,
    /// The answer to [`Action::Registered`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registered: Vec<Registered>,
    /// The answer to [`Action::Origins`], in the order of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// The new app password, in the answer to [`Action::AddAppPassword`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The answer to [`Action::AppPasswords`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub app_passwords: Vec<AppPassword>,
}

/// The registered values of a principal, which may be retired.
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
    /// The names of a group's members, without unknown ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// The parts of the program that registered a principal and set its state; see
/// [`service::principals::Origin`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub registered_via: String,
    pub state_via: Option<String>,
}

/// The description of an app password, without the password. Times are in seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AppPassword {
    pub name: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

/// The changes of one principal, which in a dry run are only planned.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub name: String,
    pub is_new: bool,
    /// True if the principal has a password.
    #[serde(default)]
    pub has_password: bool,
    /// The differences that were stored, or would be stored without a dry run; empty if the
    /// principal does not change.
    pub changes: Vec<Difference>,
    /// The addresses that the principal keeps although the account does not list them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The meetings that are not over, and the choice for them, if the command retires the
    /// principal; otherwise `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meetings: Option<Meetings>,
}

/// A changed part of a principal, with the values before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Difference {
    pub what: String,
    /// The value before; `Null` if there was none, or it is secret.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub after: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meetings {
    pub choice: MeetingsOfRetired,
    /// The number of meetings that are not over.
    pub ahead: usize,
    /// The number of meetings that were cancelled or handed over.
    pub settled: usize,
    pub failed: usize,
}
