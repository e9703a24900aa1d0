//! Shows the rows of a read model as a table, for people.

use rusqlite::{Connection, types::ValueRef};

use crate::{Failure, ReadModels};

/// The names of the columns, and the rows, each with one value per column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl ReadModels {
    /// Returns the table of a read model that is shown to people; `None` if there is no read model
    /// of this name, or if it has no table.
    pub fn table(&self, name: &str) -> Result<Option<Table>, Failure> {
        let found = self.tables().find(|(known, _)| *known == name);
        let Some((name, sql)) = found else { return Ok(None) };
        self.ask_named(name, |rows| read(rows, sql)).map(Some)
    }
}

fn read(rows: &Connection, sql: &str) -> Result<Table, Failure> {
    let mut query = rows.prepare_cached(sql)?;
    let columns: Vec<_> = query.column_names().into_iter().map(str::to_owned).collect();
    let mut found = query.query([])?;
    let mut rows = vec![];
    while let Some(row) = found.next()? {
        let value = |index| row.get_ref(index).map(text);
        rows.push((0..columns.len()).map(value).collect::<Result<_, _>>()?);
    }
    Ok(Table { columns, rows })
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
    }
}
