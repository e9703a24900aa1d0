//! The requests that the commands about calendars send to the process that has the journal open,
//! and its answers.

use anyhow::Context as _;
use audit::foreign;
use schemas::{CollectionId, Operator, object::Imported};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{
    Service,
    imports::{ImportedObject, Present},
};
use uuid::Uuid;

use super::{changes, known};
use crate::{
    cli::{calendar::Calendar, share::Share},
    import::report,
    operator, share,
};

/// The name of the client with which the history records an import.
const IMPORT: &str = "import";

/// A request of a command about calendars.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Creates, changes, removes or restores a calendar, or shows or sets a person's quota.
    Change(Box<Calendar>),
    /// Gives or withdraws a share.
    Share(Box<Share>),
    /// Finds or creates the calendar into which a file is imported.
    Target(Target),
    /// Imports one calendar object from a file.
    Import(Box<Import>),
    /// Waits until the read models show everything that was imported.
    Settle,
}

/// The calendar into which a file is imported.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    pub user: String,
    /// The calendar, by its path or its display name, or, unless `make` is set, by the last segment
    /// of its path.
    pub calendar: String,
    /// True if the calendar is created when it does not exist.
    pub make: bool,
    /// The calendar's display name in the imported file; `None` if it has none, or if the calendar
    /// is not named after the file.
    pub display_name: Option<String>,
    /// The colour of the calendar in the file.
    pub color: Option<String>,
    /// The TZID of the calendar's time zone in the file; `None` if there is none.
    pub time_zone: Option<String>,
    pub dry_run: bool,
    /// The request id of the whole import.
    pub request: Uuid,
}

/// One calendar object from a file, to be imported.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    pub user: String,
    /// The calendar into which the object is imported; `None` in a dry run if it would be created.
    pub calendar: Option<CollectionId>,
    pub octets: Octets,
    pub from: Imported,
    pub replace: bool,
    pub dry_run: bool,
    /// The request id of the whole import.
    pub request: Uuid,
}

/// Bytes, written in JSON as a string if they are UTF-8, and otherwise as a list of numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Octets {
    Text(String),
    Other(Vec<u8>),
}

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        String::from_utf8(octets).map_or_else(|error| Self::Other(error.into_bytes()), Self::Text)
    }
}

impl From<Octets> for Vec<u8> {
    fn from(octets: Octets) -> Self {
        match octets {
            Octets::Text(text) => text.into_bytes(),
            Octets::Other(octets) => octets,
        }
    }
}

/// The answer to a command about calendars.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    /// The results of the command; empty for [`Request::Settle`].
    Done(Vec<Done>),
    /// The calendar of [`Request::Target`], by its path below the home. `id` is `None` in a dry run
    /// if the calendar does not exist.
    Target {
        name: String,
        id: Option<CollectionId>,
        /// The calendar that was created, or would be created without a dry run; `None` if it
        /// existed already.
        #[serde(default)]
        made: Option<Made>,
    },
    /// The calendar of [`Request::Target`] was neither found nor created.
    TargetRefused {
        why: String,
    },
    /// The report about an imported object, as JSON.
    Imported(Value),
    /// The object was refused. The command can continue with the next object.
    ObjectRefused {
        why: String,
    },
    Refused {
        why: String,
    },
}

/// A calendar that is created for an import, or would be created without a dry run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The display name of the calendar.
    pub display_name: String,
    /// True if characters were removed from the name: control characters, or characters that XML
    /// does not allow.
    pub is_repaired: bool,
}

/// One result of a command about calendars, quotas or shares.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Done {
    /// The result in words: `made`, `renamed`, `moved`, `removed`, `restored`, `quota`,
    /// `quota set`, `given`, `withdrawn`, `unchanged`, `kept` or `refused`.
    pub outcome: String,
    /// The path of the calendar or member below the home; in a restore, the step as text; for a
    /// quota, the login of the person. Empty for a share of the whole home, and if no share
    /// changed.
    pub calendar: String,
    /// A remark for the operator; empty if there is none.
    pub note: String,
    /// The used space and the quota of the person, for `daybook calendar quota`; `None` for other
    /// commands, and for a dry run that sets the quota.
    #[serde(default)]
    pub held: Option<Held>,
}

/// The used space and the quota of a person's home.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Held {
    pub used_bytes: u64,
    /// The quota; `None` for no limit.
    pub limit_bytes: Option<u64>,
}

/// Executes a request in the name of an operator.
pub(crate) async fn execute(service: &Service, request: Request, by: &Operator) -> Reply {
    let answer = match request {
        Request::Share(command) => share::execute(service, *command, by).await.map(Reply::Done),
        Request::Change(change) => changes::change(service, *change, by).await.map(Reply::Done),
        Request::Target(target) => {
            find(service, target, by).await.or_else(|error| Ok(Reply::TargetRefused { why: format!("{error:#}") }))
        }
        Request::Import(import) => self::import(service, *import, by).await,
        Request::Settle => service.caught_up().await.map(|()| Reply::Done(vec![])).map_err(Into::into),
    };
    answer.unwrap_or_else(|error| Reply::Refused { why: format!("{error:#}") })
}

async fn find(service: &Service, target: Target, by: &Operator) -> anyhow::Result<Reply> {
    let Target { user, calendar, make, display_name, color, time_zone, dry_run, request } = target;
    let models = service.models();
    let home = known::person(models, &user)?;
    let shown = foreign::visible(&calendar);
    let name = known::segment(&calendar)
        .with_context(|| format!("`{shown}` cannot be the name of a calendar: choose another name"))?;
    for wanted in [&calendar, &name] {
        let found = if make { known::find_named(models, home, wanted)? } else { known::find(models, home, wanted)? };
        if let Some(known) = found {
            return Ok(Reply::Target { name: known.name, id: Some(known.id), made: None });
        }
    }
    anyhow::ensure!(make, "{}; --make makes it", known::none(models, (home, &user), &calendar));
    service.is_free(home, &name)?;
    let wanted = display_name.unwrap_or(calendar);
    let display_name = known::repaired(&wanted);
    let made = Some(Made { is_repaired: display_name != wanted, display_name: display_name.clone() });
    if dry_run {
        return Ok(Reply::Target { name, id: None, made });
    }
    let new = known::NewCalendar { name: name.clone(), display_name, color, time_zone, components: vec![] };
    let stamp = operator::stamp(IMPORT, by, Some(request)).next(&name);
    let id = known::make(service, &stamp, home, new).await?;
    Ok(Reply::Target { name, id: Some(id), made })
}

async fn import(service: &Service, import: Import, by: &Operator) -> anyhow::Result<Reply> {
    let Import { user, calendar, octets, from, replace, dry_run, request } = import;
    let home = known::person(service.models(), &user)?;
    let present = if replace { Present::IsReplaced } else { Present::Stays };
    let stamp = operator::stamp(IMPORT, by, Some(request));
    let imported = ImportedObject { home, calendar, octets: octets.into(), from: from.clone(), present };
    let report =
        if dry_run { service.try_import(&stamp, imported).await } else { service.import(&stamp, imported).await };
    match report {
        Ok(report) => Ok(Reply::Imported(report::to_json(&from, &report))),
        Err(service::Error::Refused(refusal)) => Ok(Reply::ObjectRefused { why: refusal.to_string() }),
        Err(error) => Err(error.into()),
    }
}
