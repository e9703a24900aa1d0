//! Compares the vault with the secrets that the events of the journal need.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use ::projections::ReadModels;
use anyhow::Result;
use journal::{Journal, chain::Entry};
use schemas::{Encoding, Event, PasswordId, Position, PrincipalEvent, PrincipalId, Revision, Stream, StreamKind};
use uuid::Uuid;
use vault::{Altered, Failure, Vault};

use crate::{config::Config, data, secrets};

/// The advice that is printed after faults of the vault.
const WHAT_TO_DO: &str = "If the journal is not reported as altered above, the fault is in the vault. Restore the \
    latest copy of the vault. Instead of restoring a password you can set a new one (`daybook principal password \
    NAME`); a lost key cannot be replaced.\n";

/// The secrets that the events of a journal need from the vault.
#[derive(Debug, Default)]
pub(super) struct Needs {
    accounts: BTreeMap<PrincipalId, Account>,
    /// The keys, each with the position of the first event that needs it.
    keys: BTreeMap<Uuid, Position>,
}

/// The current passwords of a principal.
#[derive(Debug, Default)]
struct Account {
    name: String,
    apps: BTreeSet<PasswordId>,
    own: Option<PasswordId>,
    revision: Option<Revision>,
}

impl Needs {
    /// Adds the secrets that a stored event needs. For an event that cannot be decrypted only its
    /// key is added.
    pub(super) fn take(&mut self, journal: &dyn Journal, entry: &Entry) {
        let added = &entry.added;
        for (encoding, part) in [(&added.data_encoding, &entry.data), (&added.personal_encoding, &added.personal)] {
            if let Some(key) = encoding::key_of(&Encoding::named(encoding.clone()), part) {
                self.keys.entry(key).or_insert(entry.position);
            }
        }
        if entry.stream.starts_with(StreamKind::Principal.prefix())
            && let Ok(stored) = entry.clone().stored()
            && let Ok(recorded) = journal.opened(stored).map(schemas::Stored::read)
            && let Ok(recorded) = recorded
            && let (Stream::Principal(id), Event::Principal(event)) = (recorded.stream, &recorded.event)
        {
            self.accounts.entry(id).or_default().apply(event, recorded.revision);
        }
    }
}

impl Account {
    fn apply(&mut self, event: &PrincipalEvent, revision: Revision) {
        self.revision = Some(revision);
        match event {
            PrincipalEvent::Registered(new) => {
                *self = Self { name: new.short_name.clone(), revision: Some(revision), ..Self::default() }
            }
            PrincipalEvent::Renamed(renamed) => self.name.clone_from(&renamed.short_name),
            PrincipalEvent::PasswordSet(set) => self.own = Some(set.password),
            PrincipalEvent::AppPasswordAdded(added) => drop(self.apps.insert(added.password)),
            PrincipalEvent::AppPasswordRevoked(revoked) => drop(self.apps.remove(&revoked.password)),
            _ => {}
        }
    }

    fn in_force(&self) -> impl Iterator<Item = PasswordId> {
        self.apps.iter().copied().chain(self.own)
    }
}

/// Compares the vault with `needs`. Returns a report, and true if the vault has every needed secret
/// and no altered one.
pub(super) async fn check(
    folder: &Path,
    config: &Config,
    journal: &dyn Journal,
    needs: &Needs,
) -> Result<(String, bool)> {
    let file = secrets::file(folder);
    let shown = file.display();
    let passwords: usize = needs.accounts.values().map(|account| account.in_force().count()).sum();
    let needed = format!("{passwords} passwords and {} keys", needs.keys.len());
    if !secrets::is_there(&file) {
        if passwords == 0 && needs.keys.is_empty() {
            return Ok(("vault: there is none, and the journal needs none\n".to_owned(), true));
        }
        let state = if file.exists() { "EMPTY" } else { "ABSENT" };
        return Ok((format!("vault: {state}: {shown}; the journal needs {needed} from it\n{WHAT_TO_DO}"), false));
    }
    let findings = match findings(folder, config, &file, journal, needs).await {
        Ok(findings) => findings,
        Err(error) if error.is::<Failure>() => vec![format!("DAMAGED: {error}")],
        Err(error) => return Err(error),
    };
    if findings.is_empty() {
        return Ok((format!("vault: ok ({needed})\n"), true));
    }
    Ok((format!("vault: NOT WHOLE: {shown}\n{}\n{WHAT_TO_DO}", findings.join("\n")), false))
}

async fn findings(
    folder: &Path,
    config: &Config,
    file: &Path,
    journal: &dyn Journal,
    needs: &Needs,
) -> Result<Vec<String>> {
    let vault = vault::sqlite::open(file)?;
    let models = ReadModels::look_at_past(&data::read_models_folder(folder, config)).ok();
    let directory = models.map(|models| models.directory());
    // If the key of a principal was altered, the events with the principal's name cannot be
    // decrypted, so the name is taken from the read models.
    let name = |id: PrincipalId| {
        let named = needs.accounts.get(&id).map(|account| account.name.clone()).filter(|name| !name.is_empty());
        let entry = || Some(directory.as_ref()?.by_id(id)?.short_name.clone());
        named.or_else(entry).map_or_else(|| format!("the principal {id}"), |name| format!("{name} ({id})"))
    };
    let altered =
        |Altered { secret, id, principal }: &Altered| format!("ALTERED: the {secret} {id} of {}", name(*principal));
    let rows = vault.altered()?;
    let mut findings: Vec<_> = rows.iter().map(altered).collect();
    for (principal, account) in &needs.accounts {
        for password in account.in_force() {
            if is_missing(vault.password(password))? && !is_changed(journal, *principal, account).await? {
                findings.push(format!("MISSING: the password {} of {}", password.0, name(*principal)));
            }
        }
    }
    for (key, position) in &needs.keys {
        if is_missing(vault.key(*key))? {
            findings.push(format!(
                "MISSING: the key {key}, which is needed by the event at position {position} and perhaps by later ones"
            ));
        }
    }
    Ok(findings)
}

/// True if the secret is missing. An altered secret is not missing, because it is reported
/// separately.
fn is_missing<T>(found: Result<Option<T>, Failure>) -> Result<bool, Failure> {
    match found {
        Ok(found) => Ok(found.is_none()),
        Err(Failure::Altered { .. }) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// True if the principal has a new event since `needs` were read, so that another password may be
/// current.
async fn is_changed(journal: &dyn Journal, id: PrincipalId, account: &Account) -> Result<bool, journal::Failure> {
    let last = journal.read_last(Stream::Principal(id)).await?;
    Ok(last.is_some_and(|last| Some(last.revision) > account.revision))
}
