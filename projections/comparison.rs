//! Compares the rows of read models with those of a rebuild from the journal.
//!
//! **Invariant:** the served files are only read, and only separate files are written. Each read
//! model is compared at its own checkpoint, so that a server may write meanwhile.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use schemas::{Position, Recorded};

use crate::{
    Failure, file,
    projection::Fold,
    registry::{self, Caches},
};

/// Read models that are being rebuilt from the journal, for comparison with the served ones.
pub struct Comparison {
    models: Vec<Model>,
    left_out: Vec<LeftOut>,
}

/// A read model that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Name of the read model.
    pub model: &'static str,
    /// The reason for which the file of the read model could not be compared.
    pub why: String,
    /// True if an earlier version of the read model is served until the present one is built. The
    /// read model can be compared after that.
    pub is_being_built: bool,
}

impl LeftOut {
    fn faulty(model: &'static str, why: String) -> Self {
        Self { model, why, is_being_built: false }
    }
}

struct Model {
    fold: Box<dyn Fold>,
    /// Connection to the served file as it was when the comparison began. The rebuilt file is
    /// attached as `rebuilt`.
    served: Connection,
    rebuilt: Connection,
    until: Position,
    path: PathBuf,
}

/// A difference between a read model and its rebuild from the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Name of the read model.
    pub model: &'static str,
    /// Name of the table.
    pub table: String,
    /// A row that only one of the two has, as text.
    pub row: String,
    /// True if the served read model has the row; false if the rebuilt one has it.
    pub is_served: bool,
}

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Names of the read models that were compared.
    pub names: Vec<&'static str>,
    /// The read models that could not be compared.
    pub left_out: Vec<LeftOut>,
    /// One difference for each table that differs.
    pub differences: Vec<Difference>,
}

impl Compared {
    /// Returns true if every read model was compared and agrees with the journal.
    pub fn is_ok(&self) -> bool {
        self.left_out.is_empty() && self.differences.is_empty()
    }

    /// Returns true if a rebuild is needed: a read model differs from the journal, or could not be
    /// compared for another reason than that it is being built.
    pub fn needs_rebuild(&self) -> bool {
        !self.differences.is_empty() || self.left_out.iter().any(|left_out| !left_out.is_being_built)
    }
}

impl Comparison {
    /// Begins a comparison of the files in the folder `served`. The rebuilt files are written to
    /// `apart`, which must be empty. A read model whose file cannot be compared is left out.
    pub fn begin(served: &Path, apart: &Path) -> Result<Self, Failure> {
        let (mut models, mut left_out) = (vec![], vec![]);
        for fold in registry::all(&Caches::default()) {
            match find(&*fold, served)? {
                Ok(found) => models.push(Model::begin(fold, found, apart)?),
                Err(reason) => left_out.push(reason),
            }
        }
        Ok(Self { models, left_out })
    }

    /// Returns the position up to which events must be applied to the rebuilt read models before
    /// [`Self::finish`].
    pub fn until(&self) -> Position {
        self.models.iter().map(|model| model.until).max().unwrap_or_default()
    }

    /// Applies events to the rebuilt read models. The events must be in the journal's order; those
    /// after a read model's checkpoint are skipped.
    pub fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        self.models.iter_mut().try_for_each(|model| model.apply(batch))
    }

    /// Compares the rows and returns the result.
    pub fn finish(self) -> Result<Compared, Failure> {
        let Self { models, mut left_out } = self;
        let (mut names, mut differences) = (vec![], vec![]);
        for model in &models {
            let name = model.fold.name();
            match model.differences() {
                Ok(found) => {
                    names.push(name);
                    differences.extend(found);
                }
                Err(failure) if failure.is_damage() => left_out.push(LeftOut::faulty(name, damaged(&failure))),
                Err(failure) => return Err(failure),
            }
        }
        Ok(Compared { names, left_out, differences })
    }
}

/// Opens the file from which a read model is served. The inner error says why the file cannot be
/// compared.
fn find(fold: &dyn Fold, folder: &Path) -> Result<Result<Connection, LeftOut>, Failure> {
    let (name, today) = (fold.name(), fold.version());
    let faulty = |why: String| Ok(Err(LeftOut::faulty(name, why)));
    let known = file::versions(folder, name)?;
    if let Some((version, _)) = known.iter().rev().find(|(version, _)| fold.serves(*version)) {
        let why = format!(
            "version {version} of the read model is in use until the server has built version {today}; let the \
             server run, and compare again after that"
        );
        return Ok(Err(LeftOut { model: name, why, is_being_built: true }));
    }
    let path = file::path(folder, name, today);
    if !known.iter().any(|(version, _)| *version == today) {
        let others: Vec<_> = known.iter().map(|(version, _)| version.to_string()).collect();
        return faulty(match others.as_slice() {
            [] => format!("the read model does not exist: there is no file {}", path.display()),
            others => {
                format!("the read model has version {}, and this program serves version {today}", others.join(", "))
            }
        });
    }
    match open(&path) {
        Ok(Some(found)) => Ok(Ok(found)),
        Ok(None) => faulty(format!("the read model is empty: {} has no tables", path.display())),
        Err(failure) if failure.is_damage() => faulty(damaged(&failure)),
        Err(failure) => Err(failure),
    }
}

/// Opens a file for reading; `None` if it has no tables.
fn open(path: &Path) -> Result<Option<Connection>, Failure> {
    let served = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let is_empty: bool = served.query_row("SELECT count(*) = 0 FROM sqlite_master", [], |row| row.get(0))?;
    if is_empty {
        return Ok(None);
    }
    position(&served)?;
    Ok(Some(served))
}

fn position(served: &Connection) -> Result<Position, Failure> {
    let position: i64 = served.query_row("SELECT position FROM main.checkpoint", [], |row| row.get(0))?;
    Ok(Position(position.unsigned_abs()))
}

fn damaged(failure: &Failure) -> String {
    format!("the read model is damaged: {failure}")
}

impl Model {
    fn begin(fold: Box<dyn Fold>, served: Connection, folder: &Path) -> Result<Self, Failure> {
        let path = file::path(folder, fold.name(), fold.version());
        let (rebuilt, _) = file::open(&path, &*fold)?;
        served.execute("ATTACH ? AS rebuilt", [path.display().to_string()])?;
        served.execute_batch("BEGIN")?;
        let until = position(&served)?;
        Ok(Self { fold, served, rebuilt, until, path })
    }

    fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        let rows = self.rebuilt.transaction()?;
        let wanted = batch.iter().filter(|recorded| recorded.position <= self.until);
        let wanted: Vec<_> = wanted.filter(|recorded| self.fold.handles(&recorded.event)).collect();
        self.fold.apply_all(&rows, &wanted).map_err(|(_, why)| why)?;
        Ok(rows.commit()?)
    }

    fn differences(&self) -> Result<Vec<Difference>, Failure> {
        let mut differences = vec![];
        for table in tables(&self.served)? {
            let found = |one: &str, other: &str| {
                let sql = format!("SELECT * FROM {one}.{table} EXCEPT SELECT * FROM {other}.{table} LIMIT 1");
                first_row(&self.served, &sql)
            };
            let difference = match found("main", "rebuilt")? {
                Some(row) => Some((row, true)),
                None => found("rebuilt", "main")?.map(|row| (row, false)),
            };
            let difference = difference.map(|(row, is_served)| Difference {
                model: self.fold.name(),
                table: table.clone(),
                row,
                is_served,
            });
            differences.extend(difference);
        }
        Ok(differences)
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        if let Err(failure) = file::remove(&self.path) {
            tracing::warn!(file = %self.path.display(), %failure, "a temporary file of `daybook verify` could not be \
                removed; remove it by hand");
        }
    }
}

/// Returns the tables that are compared. The checkpoint is left out, and so are the internal tables
/// of a virtual table, because they are compared through the virtual table.
fn tables(connection: &Connection) -> Result<Vec<String>, Failure> {
    let sql = "SELECT name FROM main.sqlite_master AS found WHERE type = 'table' AND name <> 'checkpoint'
        AND name NOT LIKE 'sqlite_%' AND NOT EXISTS (SELECT 1 FROM main.sqlite_master AS virtual
            WHERE virtual.sql LIKE 'CREATE VIRTUAL%' AND found.name LIKE virtual.name || '\\_%' ESCAPE '\\') ORDER BY name";
    let mut query = connection.prepare(sql)?;
    let found = query.query_map([], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn first_row(connection: &Connection, sql: &str) -> Result<Option<String>, Failure> {
    let mut query = connection.prepare(sql)?;
    let columns: Vec<String> = query.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = query.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut shown = vec![];
    for (index, column) in columns.iter().enumerate() {
        shown.push(format!("{column} {}", text(row.get_ref(index)?)));
    }
    Ok(Some(shown.join(", ")))
}

/// Maximum number of characters of a text, or of bytes of a blob, that are shown.
const SHOWN_BYTES: usize = 40;

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            format!("{:?}", text.chars().take(SHOWN_BYTES).collect::<String>())
        }
        ValueRef::Blob(bytes) => hex::encode(&bytes[..bytes.len().min(SHOWN_BYTES)]),
    }
}

impl std::fmt::Debug for Comparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.models.iter().map(|model| model.fold.name())).finish()
    }
}
