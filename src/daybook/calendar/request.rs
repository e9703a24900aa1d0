//! Requests of the commands about calendars to the process that has the journal open, and its
//! answers.

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

/// How the history names an import.
const IMPORT: &str = "import";

/// One request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Changes calendars.
    Change(Box<Calendar>),
    /// Gives or withdraws a share.
    Share(Box<Share>),
    /// Finds, or makes, the calendar that a file goes to.
    Target(Target),
    /// Imports one object of a file.
    Import(Box<Import>),
    /// Waits until everything that was imported is shown.
    Settle,
}

/// The calendar that a file goes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    pub user: String,
    /// By the last part of its path, or by the name that people see.
    pub calendar: String,
    /// Whether it is made if it does not exist.
    pub make: bool,
    /// The name and the colour that the file gives it.
    pub display_name: Option<String>,
    pub color: Option<String>,
    pub dry_run: bool,
    /// The request of the whole import.
    pub request: Uuid,
}

/// One object of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    pub user: String,
    /// `None` in a trial for a calendar that does not exist yet.
    pub calendar: Option<CollectionId>,
    pub octets: Octets,
    pub from: Imported,
    pub replace: bool,
    pub dry_run: bool,
    /// The request of the whole import.
    pub request: Uuid,
}

/// Octets, as short in JSON as they can be.
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
    /// What was done, part by part.
    Done(Vec<Done>),
    /// The calendar by its name below the home; `None`: it does not exist, in a trial.
    Target {
        name: String,
        id: Option<CollectionId>,
        /// `None`: it existed.
        #[serde(default)]
        made: Option<Made>,
    },
    /// The calendar does not exist and cannot be made.
    TargetRefused {
        why: String,
    },
    /// The outcome for an object, for programs.
    Imported(Value),
    /// The object is refused, and the next one can be asked for.
    ObjectRefused {
        why: String,
    },
    Refused {
        why: String,
    },
}

/// A calendar that was made for a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The name that people see.
    pub display_name: String,
    /// True if control characters were left out of the name.
    pub is_repaired: bool,
}

/// What a command did with a calendar, or a part of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Done {
    /// `made`, `renamed`, `moved`, `removed`, `restored`, `quota set`, `given`, `withdrawn`,
    /// `unchanged`, `kept` or `refused`.
    pub outcome: String,
    /// Path below the home.
    pub calendar: String,
    /// A remark for the operator; empty if there is none.
    pub note: String,
    /// What the calendars of the person hold, and may hold, where that was asked.
    #[serde(default)]
    pub held: Option<Held>,
}

/// What the calendars of a person hold, and may hold.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Held {
    pub used_bytes: u64,
    /// `None`: without a limit.
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
    let Target { user, calendar, make, display_name, color, dry_run, request } = target;
    let models = service.models();
    let home = known::person(models, &user)?;
    let shown = foreign::visible(&calendar);
    let name = known::segment(&calendar).with_context(|| format!("`{shown}` cannot be the name of a calendar"))?;
    for wanted in [&calendar, &name] {
        let found = if make { known::find_named(models, home, wanted)? } else { known::find(models, home, wanted)? };
        if let Some(known) = found {
            return Ok(Reply::Target { name: known.name, id: Some(known.id), made: None });
        }
    }
    let names = known::names(models, home)?;
    anyhow::ensure!(make, "{user} has no calendar `{shown}`; --make makes it. There are: {names}");
    service.is_free(home, &name)?;
    let wanted = display_name.unwrap_or(calendar);
    let display_name = known::repaired(&wanted);
    let made = Some(Made { is_repaired: display_name != wanted, display_name: display_name.clone() });
    if dry_run {
        return Ok(Reply::Target { name, id: None, made });
    }
    let new = known::NewCalendar { name: name.clone(), display_name, color, components: vec![] };
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
