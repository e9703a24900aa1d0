//! The vault in an SQLite file of its own, which only its owner can read.
//!
//! **Invariant:** a removed row is overwritten (`secure_delete`), and no log keeps what a page held before: the rollback
//! journal is emptied by each commit.

mod copy;

use std::{
    fs::File,
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use schemas::{PasswordId, PrincipalId, Timestamp};
use uuid::Uuid;

pub use self::copy::backup;
use crate::{Failure, Key, Password, Vault};

/// The application id "dbvt", which distinguishes a vault from the files of other programs.
const APPLICATION: i32 = 0x6462_7674;
/// The form of the tables.
const FORM: i32 = 1;
/// Readable and writable by the owner alone.
const MODE: u32 = 0o600;
/// How long a call waits for another process that uses the file.
const PATIENCE: Duration = Duration::from_secs(5);

const TABLES: &str = "
    CREATE TABLE password (
        id BLOB PRIMARY KEY NOT NULL,
        principal BLOB NOT NULL,
        name TEXT,
        phc TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        last_used_at INTEGER,
        revoked_at INTEGER
    ) WITHOUT ROWID;
    CREATE INDEX password_of ON password (principal);
    CREATE TABLE key (
        id BLOB PRIMARY KEY NOT NULL,
        subject BLOB NOT NULL,
        secret BLOB,
        destroyed_at INTEGER
    );
    CREATE INDEX key_of ON key (subject);";

const COLUMNS: &str = "id, principal, name, phc, created_at, last_used_at, revoked_at";

/// A vault in a file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Mutex<Connection>,
}

/// Opens the vault, and creates it with access for this user only if it is missing.
pub fn open(file: &Path) -> Result<Sqlite, Failure> {
    make(file)?;
    let mut connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(
        "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA journal_mode = TRUNCATE;
         PRAGMA synchronous = FULL;",
    )?;
    prepare(&mut connection, file)?;
    Ok(Sqlite { connection: Mutex::new(connection) })
}

/// Creates the file before SQLite does, so that other users can never read it.
fn make(file: &Path) -> Result<(), Failure> {
    match File::options().write(true).create_new(true).mode(MODE).open(file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop).map_err(|error| files(file, error)),
    }
}

fn files(file: &Path, cause: io::Error) -> Failure {
    Failure::Files { file: file.to_owned(), cause: Arc::new(cause) }
}

fn prepare(connection: &mut Connection, file: &Path) -> Result<(), Failure> {
    let is_empty: bool = connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))?;
    if !is_empty {
        return check(connection, file);
    }
    let creating = connection.transaction()?;
    creating.execute_batch(TABLES)?;
    creating.pragma_update(None, "application_id", APPLICATION)?;
    creating.pragma_update(None, "user_version", FORM)?;
    Ok(creating.commit()?)
}

fn check(connection: &Connection, file: &Path) -> Result<(), Failure> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    if number("application_id")? != APPLICATION {
        return Err(Failure::NotAVault(file.to_owned()));
    }
    match number("user_version")? {
        FORM => Ok(()),
        form => Err(Failure::OtherForm { file: file.to_owned(), form }),
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Password> {
    Ok(Password {
        id: PasswordId(Uuid::from_bytes(row.get(0)?)),
        principal: PrincipalId(Uuid::from_bytes(row.get(1)?)),
        name: row.get(2)?,
        phc: row.get(3)?,
        created_at: Timestamp(row.get(4)?),
        last_used_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
        revoked_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
    })
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<Key> {
    let (id, subject) = (Uuid::from_bytes(row.get(0)?), PrincipalId(Uuid::from_bytes(row.get(1)?)));
    let secret: Option<[u8; 32]> = row.get(2)?;
    Ok(secret.map_or_else(|| Key::destroyed(id, subject), |secret| Key::new(id, subject, secret)))
}

impl Vault for Sqlite {
    fn keep(&self, passwords: &[Password]) -> Result<(), Failure> {
        let mut connection = self.connection.lock();
        let keeping = connection.transaction()?;
        let sql = format!("INSERT OR IGNORE INTO password ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)");
        for password in passwords {
            let Password { id, principal, name, phc, created_at, last_used_at, revoked_at } = password;
            let (last_used_at, revoked_at) = (last_used_at.map(|at| at.0), revoked_at.map(|at| at.0));
            let (id, principal) = (id.0.as_bytes(), principal.0.as_bytes());
            let values = params![id, principal, name, phc, created_at.0, last_used_at, revoked_at];
            keeping.prepare_cached(&sql)?.execute(values)?;
        }
        Ok(keeping.commit()?)
    }

    fn password(&self, id: PasswordId) -> Result<Option<Password>, Failure> {
        let connection = self.connection.lock();
        let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM password WHERE id = ?"))?;
        Ok(query.query_row(params![id.0.as_bytes()], read).optional()?)
    }

    fn passwords_of(&self, principal: PrincipalId) -> Result<Vec<Password>, Failure> {
        let connection = self.connection.lock();
        let sql = format!("SELECT {COLUMNS} FROM password WHERE principal = ? ORDER BY id");
        let mut query = connection.prepare_cached(&sql)?;
        let found = query.query_map(params![principal.0.as_bytes()], read)?;
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
        let sql = "SELECT id, subject, secret FROM key WHERE subject = ? AND secret IS NOT NULL";
        let found = keeping.prepare_cached(sql)?.query_row(params![subject.0.as_bytes()], read_key).optional()?;
        if let Some(key) = found {
            return Ok(key);
        }
        let sql = "INSERT INTO key (id, subject, secret) VALUES (?, ?, ?)";
        keeping.prepare_cached(sql)?.execute(params![new.id.as_bytes(), subject.0.as_bytes(), new.secret()])?;
        keeping.commit()?;
        Ok(new)
    }

    fn key(&self, id: Uuid) -> Result<Option<Key>, Failure> {
        let connection = self.connection.lock();
        let mut query = connection.prepare_cached("SELECT id, subject, secret FROM key WHERE id = ?")?;
        Ok(query.query_row(params![id.as_bytes()], read_key).optional()?)
    }

    fn destroy_keys(&self, subject: PrincipalId, at: Timestamp) -> Result<usize, Failure> {
        let sql = "UPDATE key SET secret = NULL, destroyed_at = ? WHERE subject = ? AND secret IS NOT NULL";
        Ok(self.connection.lock().prepare_cached(sql)?.execute(params![at.0, subject.0.as_bytes()])?)
    }

    fn count_keys(&self) -> Result<(usize, usize), Failure> {
        let sql = "SELECT count(*), count(*) - count(secret) FROM key";
        Ok(self.connection.lock().query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}

/// The name of a file with something behind it: `vault.sqlite.partial`.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
