//! Versions of the vault's tables, and the lift of a file of an earlier version.

use std::path::Path;

use rusqlite::{Connection, Row, TransactionBehavior, backup::Backup, params};
use uuid::Uuid;

use super::{bytes, check_value};
use crate::{Failure, Secret};

/// The application id "dbvt", which distinguishes a vault from the files of other programs.
const APPLICATION: i32 = 0x6462_7674;
/// Current version of the tables. Rows of version 1 had no check value.
const VERSION: i32 = 2;

const TABLES: &str = "
    CREATE TABLE password (
        id BLOB PRIMARY KEY NOT NULL,
        principal BLOB NOT NULL,
        name TEXT,
        phc TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        last_used_at INTEGER,
        revoked_at INTEGER,
        check_value BLOB
    ) WITHOUT ROWID;
    CREATE INDEX password_of ON password (principal);
    CREATE TABLE key (
        id BLOB PRIMARY KEY NOT NULL,
        subject BLOB NOT NULL,
        secret BLOB,
        destroyed_at INTEGER,
        check_value BLOB
    );
    CREATE INDEX key_of ON key (subject);";

/// Returns a copy in memory of a file that cannot be written, so that the copy can be lifted.
pub(super) fn in_memory(file: &Connection) -> Result<Connection, Failure> {
    let mut copy = Connection::open_in_memory()?;
    Backup::new(file, &mut copy)?.step(-1)?;
    copy.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(copy)
}

/// Creates the tables in an empty file, and lifts the tables of an earlier version.
pub(super) fn prepare(connection: &mut Connection, file: &Path) -> Result<(), Failure> {
    if !is_empty(connection)? && check(connection, file)? == VERSION {
        return Ok(());
    }
    let preparing = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have created or lifted the tables meanwhile.
    if is_empty(&preparing)? {
        preparing.execute_batch(TABLES)?;
        preparing.pragma_update(None, "application_id", APPLICATION)?;
    } else if check(&preparing, file)? < VERSION {
        lift(&preparing)?;
    }
    preparing.pragma_update(None, "user_version", VERSION)?;
    Ok(preparing.commit()?)
}

fn is_empty(connection: &Connection) -> Result<bool, Failure> {
    Ok(connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))?)
}

/// Returns the version of a file's tables. Returns an error if the file is no vault, or if this
/// program does not know the version.
pub(super) fn check(connection: &Connection, file: &Path) -> Result<i32, Failure> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    if number("application_id")? != APPLICATION {
        return Err(Failure::NotAVault(file.to_owned()));
    }
    match number("user_version")? {
        version @ 1..=VERSION => Ok(version),
        version => Err(Failure::OtherVersion { file: file.to_owned(), version }),
    }
}

/// Lifts tables of version 1: adds check values for the present contents of the rows.
fn lift(connection: &Connection) -> Result<(), Failure> {
    for (table, principal, column, kind) in
        [("password", "principal", "phc", Secret::Password), ("key", "subject", "secret", Secret::Key)]
    {
        connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN check_value BLOB"))?;
        let of_row = |row: &Row<'_>| {
            let (id, principal) = (Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?));
            Ok((id, check_value::of(kind, id, principal, bytes(row, 2)?)))
        };
        let sql = format!("SELECT id, {principal}, {column} FROM {table} WHERE {column} IS NOT NULL");
        let values: Vec<_> = connection.prepare(&sql)?.query_map((), of_row)?.collect::<Result<_, _>>()?;
        let mut update = connection.prepare(&format!("UPDATE {table} SET check_value = ? WHERE id = ?"))?;
        for (id, value) in values {
            update.execute(params![value, id.as_bytes()])?;
        }
    }
    Ok(())
}
