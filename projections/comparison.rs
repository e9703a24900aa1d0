//! The rows of read models, compared with those that the journal makes.
//!
//! **Invariant:** reads the served files and writes only files of its own. Each read model is compared as of its own
//! checkpoint, so that a server may write meanwhile.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use schemas::{Position, Recorded};

use crate::{
    Failure, ReadModels, file,
    projection::Fold,
    registry::{self, Caches},
};

/// Read models that are rebuilt from the journal, to be compared with the served ones.
pub struct Comparison {
    models: Vec<Model>,
}

struct Model {
    fold: Box<dyn Fold>,
    /// The served file, as it was when the comparison began, with the rebuilt one attached as `rebuilt`.
    served: Connection,
    rebuilt: Connection,
    until: Position,
    path: PathBuf,
}

/// A difference between a read model and its rebuild from the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The read model.
    pub model: &'static str,
    /// The table.
    pub table: String,
    /// A row that only one of the two has, as text.
    pub row: String,
    /// True if the served read model has the row; false if it lacks it.
    pub is_served: bool,
}

impl ReadModels {
    /// Begins a comparison. The rebuilt files are written to `folder`, which must be empty.
    pub fn compare(&self, folder: &Path) -> Result<Comparison, Failure> {
        let mut models = vec![];
        for (fold, (name, path)) in registry::all(&Caches::default()).into_iter().zip(self.files()) {
            if path == file::path(path.parent().unwrap_or(folder), name, fold.version()) {
                models.push(Model::begin(fold, &path, folder)?);
            }
        }
        Ok(Comparison { models })
    }
}

impl Comparison {
    /// Returns the names of the read models that are compared. One that is being built, or is served from the file of an
    /// earlier version, is not among them.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.models.iter().map(|model| model.fold.name())
    }

    /// Returns the position up to which events are wanted.
    pub fn until(&self) -> Position {
        self.models.iter().map(|model| model.until).max().unwrap_or_default()
    }

    /// Applies events in the journal's order.
    pub fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        self.models.iter_mut().try_for_each(|model| model.apply(batch))
    }

    /// Returns the first difference of each table that differs; empty if the read models agree with the journal.
    pub fn differences(self) -> Result<Vec<Difference>, Failure> {
        let mut differences = vec![];
        for model in &self.models {
            differences.extend(model.differences()?);
        }
        Ok(differences)
    }
}

impl Model {
    fn begin(fold: Box<dyn Fold>, served: &Path, folder: &Path) -> Result<Self, Failure> {
        let path = file::path(folder, fold.name(), fold.version());
        let (rebuilt, _) = file::open(&path, &*fold)?;
        let served = Connection::open_with_flags(served, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        served.execute("ATTACH ? AS rebuilt", [path.display().to_string()])?;
        served.execute_batch("BEGIN")?;
        let until: i64 = served.query_row("SELECT position FROM main.checkpoint", [], |row| row.get(0))?;
        Ok(Self { fold, served, rebuilt, until: Position(until.unsigned_abs()), path })
    }

    fn apply(&mut self, batch: &[Recorded]) -> Result<(), Failure> {
        let rows = self.rebuilt.transaction()?;
        let wanted = batch.iter().filter(|recorded| recorded.position <= self.until);
        for recorded in wanted.filter(|recorded| self.fold.handles(&recorded.event)) {
            self.fold.apply(&rows, recorded)?;
        }
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
            tracing::warn!(file = %self.path.display(), %failure, "a file of a comparison was not removed");
        }
    }
}

/// The tables with rows of their own. What SQLite keeps of a virtual table is compared through that table.
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

/// Bytes of a value that are shown.
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
        f.debug_list().entries(self.names()).finish()
    }
}
