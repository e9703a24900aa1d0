//! The vault in an SQLite file, which is created so that only its owner can read it.
//!
//! **Invariant:** a removed row is overwritten (`secure_delete`), and no log keeps the former
//! contents of a page: each commit empties the rollback journal.

mod check_value;
mod copy;
mod format;

use std::{
    fs::File,
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params, types::ValueRef};
use schemas::{PasswordId, PrincipalId, Timestamp};
use uuid::Uuid;

pub use self::copy::backup;
use crate::{Altered, Failure, Key, Password, Secret, Vault};

/// Mode with which the file is created: only its owner can read and write it.
const MODE: u32 = 0o600;
/// Maximum time that a call waits for another process that uses the file.
const PATIENCE: Duration = Duration::from_secs(5);

const COLUMNS: &str = "id, principal, name, phc, created_at, last_used_at, revoked_at, check_value";
const KEY_COLUMNS: &str = "id, subject, secret, check_value";

const PRAGMAS: &str = "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA journal_mode = TRUNCATE;
    PRAGMA synchronous = FULL;";

/// A vault in an SQLite file.
#[derive(Debug)]
pub struct Sqlite {
    file: PathBuf,
    connection: Mutex<Connection>,
}

/// Opens the vault in a file. If the file is missing, creates it with access for this user alone.
/// If this user cannot write the file, the vault can be read as it is now, and each write fails.
pub fn open(file: &Path) -> Result<Sqlite, Failure> {
    make(file)?;
    let mut connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(PRAGMAS)?;
    let is_read_only = connection.is_readonly("main")?;
    if is_read_only {
        connection = format::in_memory(&connection)?;
    }
    format::prepare(&mut connection, file)?;
    connection.pragma_update(None, "query_only", is_read_only)?;
    Ok(Sqlite { file: file.to_owned(), connection: Mutex::new(connection) })
}

/// Creates the file before SQLite does, so that other users can never read it. A file that exists
/// stays as it is.
fn make(file: &Path) -> Result<(), Failure> {
    match File::options().write(true).create_new(true).mode(MODE).open(file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop).map_err(|error| files(file, error)),
    }
}

fn files(file: &Path, cause: io::Error) -> Failure {
    Failure::Files { file: file.to_owned(), cause: Arc::new(cause) }
}

/// The secret that was read from a row, or an error if the row does not match its check value.
type Checked<T> = Result<T, Altered>;

fn read(row: &Row<'_>) -> rusqlite::Result<Checked<Password>> {
    let (id, principal, phc) = (Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?), bytes(row, 3)?);
    if bytes(row, 7)? != check_value::of(Secret::Password, id, principal, phc) {
        return Ok(Err(Altered { secret: Secret::Password, id, principal: PrincipalId(principal) }));
    }
    read_unchecked(row).map(Ok)
}

/// Reads a password without comparing it with its check value. It is used for lists, so that a
/// password whose hash was altered can be removed.
fn read_unchecked(row: &Row<'_>) -> rusqlite::Result<Password> {
    Ok(Password {
        id: PasswordId(Uuid::from_bytes(row.get(0)?)),
        principal: PrincipalId(Uuid::from_bytes(row.get(1)?)),
        name: row.get(2)?,
        phc: String::from_utf8_lossy(bytes(row, 3)?).into_owned(),
        created_at: Timestamp(row.get(4)?),
        last_used_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
        revoked_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
    })
}

/// Reads a key. A destroyed key has neither a secret nor a check value.
fn read_key(row: &Row<'_>) -> rusqlite::Result<Checked<Key>> {
    let (id, subject) = (Uuid::from_bytes(row.get(0)?), PrincipalId(Uuid::from_bytes(row.get(1)?)));
    let (secret, of_row) = (row.get_ref(2)?, row.get_ref(3)?);
    if (secret, of_row) == (ValueRef::Null, ValueRef::Null) {
        return Ok(Ok(Key::destroyed(id, subject)));
    }
    let secret = bytes(row, 2)?;
    let key = <[u8; 32]>::try_from(secret).ok().map(|secret| Key::new(id, subject, secret));
    let fits = bytes(row, 3)? == check_value::of(Secret::Key, id, subject.0, secret);
    Ok(key.filter(|_| fits).ok_or(Altered { secret: Secret::Key, id, principal: subject }))
}

/// Returns the bytes of a column that holds a text or a blob; empty for a column of any other type.
fn bytes<'row>(row: &'row Row<'_>, column: usize) -> rusqlite::Result<&'row [u8]> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => &[],
    })
}

impl Sqlite {
    fn whole<T>(&self, checked: Checked<T>) -> Result<T, Failure> {
        checked.map_err(|row| Failure::Altered { file: self.file.clone(), row })
    }
}

impl Vault for Sqlite {
    fn keep(&self, passwords: &[Password]) -> Result<(), Failure> {
        let mut connection = self.connection.lock();
        let keeping = connection.transaction()?;
        let sql = format!("INSERT OR IGNORE INTO password ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        for password in passwords {
            let Password { id, principal, name, phc, created_at, last_used_at, revoked_at } = password;
            let (last_used_at, revoked_at) = (last_used_at.map(|at| at.0), revoked_at.map(|at| at.0));
            let check_value = check_value::of(Secret::Password, id.0, principal.0, phc.as_bytes());
            let (id, principal) = (id.0.as_bytes(), principal.0.as_bytes());
            let values = params![id, principal, name, phc, created_at.0, last_used_at, revoked_at, check_value];
            keeping.prepare_cached(&sql)?.execute(values)?;
        }
        Ok(keeping.commit()?)
    }

    fn password(&self, id: PasswordId) -> Result<Option<Password>, Failure> {
        let connection = self.connection.lock();
        let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM password WHERE id = ?"))?;
        let found = query.query_row(params![id.0.as_bytes()], read).optional()?;
        found.map(|checked| self.whole(checked)).transpose()
    }

    fn passwords_of(&self, principal: PrincipalId) -> Result<Vec<Password>, Failure> {
        let connection = self.connection.lock();
        let sql = format!("SELECT {COLUMNS} FROM password WHERE principal = ? ORDER BY id");
        let mut query = connection.prepare_cached(&sql)?;
        let found = query.query_map(params![principal.0.as_bytes()], read_unchecked)?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    fn remove(&self, ids: &[PasswordId]) -> Result<(), Failure> {
        let mut connection = self.connection.lock();
        let removing = connection.transaction()?;
        for id in ids {
            removing.prepare_cached("DELETE FROM password WHERE id = ?")?.execute(params![id.0.as_bytes()])?;
        }
        Ok(removing.commit()?)
    }

    fn used(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure> {
        let sql = "UPDATE password SET last_used_at = ? WHERE id = ?";
        self.connection.lock().prepare_cached(sql)?.execute(params![at.0, id.0.as_bytes()])?;
        Ok(())
    }

    fn revoke(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure> {
        let sql = "UPDATE password SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
        self.connection.lock().prepare_cached(sql)?.execute(params![at.0, id.0.as_bytes()])?;
        Ok(())
    }

    fn key_in_force(&self, subject: PrincipalId, new: Key) -> Result<Key, Failure> {
        let mut connection = self.connection.lock();
        let keeping = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = format!("SELECT {KEY_COLUMNS} FROM key WHERE subject = ? AND secret IS NOT NULL");
        let found = keeping.prepare_cached(&sql)?.query_row(params![subject.0.as_bytes()], read_key).optional()?;
        if let Some(checked) = found {
            return self.whole(checked);
        }
        let sql = format!("INSERT INTO key ({KEY_COLUMNS}) VALUES (?, ?, ?, ?)");
        let check_value = new.secret().map(|secret| check_value::of(Secret::Key, new.id, subject.0, secret));
        let values = params![new.id.as_bytes(), subject.0.as_bytes(), new.secret(), check_value];
        keeping.prepare_cached(&sql)?.execute(values)?;
        keeping.commit()?;
        Ok(new)
    }

    fn key(&self, id: Uuid) -> Result<Option<Key>, Failure> {
        let connection = self.connection.lock();
        let mut query = connection.prepare_cached(&format!("SELECT {KEY_COLUMNS} FROM key WHERE id = ?"))?;
        let found = query.query_row(params![id.as_bytes()], read_key).optional()?;
        found.map(|checked| self.whole(checked)).transpose()
    }

    fn destroy_keys(&self, subject: PrincipalId, at: Timestamp) -> Result<usize, Failure> {
        let sql = "UPDATE key SET secret = NULL, check_value = NULL, destroyed_at = ?
            WHERE subject = ? AND secret IS NOT NULL";
        Ok(self.connection.lock().prepare_cached(sql)?.execute(params![at.0, subject.0.as_bytes()])?)
    }

    fn count_keys(&self) -> Result<(usize, usize), Failure> {
        let sql = "SELECT count(*), count(*) - count(secret) FROM key";
        Ok(self.connection.lock().query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    fn altered(&self) -> Result<Vec<Altered>, Failure> {
        let connection = self.connection.lock();
        let mut passwords = connection.prepare(&format!("SELECT {COLUMNS} FROM password ORDER BY id"))?;
        let mut keys = connection.prepare(&format!("SELECT {KEY_COLUMNS} FROM key ORDER BY id"))?;
        let passwords = passwords.query_map((), read)?.map(|checked| Ok(checked?.err()));
        let keys = keys.query_map((), read_key)?.map(|checked| Ok(checked?.err()));
        passwords.chain(keys).filter_map(Result::transpose).collect()
    }
}

/// Appends a suffix to the name of a file: `vault.sqlite.partial`.
fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
