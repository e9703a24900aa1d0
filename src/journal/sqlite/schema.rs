//! Creates the tables, and recognises a file that has them.
//!
//! **Invariant:** rows refer to streams by a small integer, and no index holds the random ids of
//! events. Otherwise appends and reads would become slower as the journal grows.

use rusqlite::Connection;

use super::OpenError;

/// The application id in the file's header: `DAYB`.
const APPLICATION: i32 = 0x4441_5942;

/// The version of the tables in the first release.
const VERSION_1: i32 = 1;
/// The current version of the tables.
const VERSION: i32 = 2;

const TABLES: &str = "
    CREATE TABLE streams (
        stream INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE events (
        position INTEGER PRIMARY KEY,
        stream INTEGER NOT NULL REFERENCES streams,
        revision INTEGER NOT NULL,
        id BLOB NOT NULL,
        kind TEXT NOT NULL,
        metadata BLOB NOT NULL,
        data BLOB NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;

    CREATE UNIQUE INDEX events_of_streams ON events (stream, revision);

    -- One row: the end of the hash chain.
    CREATE TABLE chain (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        events INTEGER NOT NULL,
        position INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    INSERT INTO chain VALUES (1, 0, 0, zeroblob(32));

    -- These triggers prevent accidental changes. The hash chain reveals deliberate ones.
    CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
    CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;

    -- For people with the sqlite3 shell.
    CREATE VIEW legible AS
        SELECT position, name AS stream, revision, kind, CAST(metadata AS TEXT) AS metadata,
            CAST(data AS TEXT) AS data, lower(hex(id)) AS id, lower(hex(hash)) AS hash
        FROM events JOIN streams USING (stream) ORDER BY position;
";

/// SQL that adds the columns for version 2 of the hash chain. Existing events get the default
/// values given here without being rewritten, and stay in version 1.
const SECOND_FORM: &str = "
    ALTER TABLE events ADD COLUMN form INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE events ADD COLUMN stored_at INTEGER;
    ALTER TABLE events ADD COLUMN data_encoding TEXT;
    ALTER TABLE events ADD COLUMN personal BLOB;
    ALTER TABLE events ADD COLUMN personal_encoding TEXT;

    DROP VIEW legible;
    CREATE VIEW legible AS
        SELECT position, stored_at, name AS stream, revision, kind, CAST(metadata AS TEXT) AS metadata,
            CASE ifnull(personal_encoding, 'json') WHEN 'json' THEN CAST(personal AS TEXT) ELSE personal_encoding END
                AS personal,
            CASE ifnull(data_encoding, 'json') WHEN 'json' THEN CAST(data AS TEXT) ELSE data_encoding END AS data,
            lower(hex(id)) AS id, lower(hex(hash)) AS hash, form
        FROM events JOIN streams USING (stream) ORDER BY position;
";

/// Adds the columns of version 2 to tables of version 1, in the transaction that creates these
/// tables or that stores the first event of version 2. Earlier releases of Daybook then refuse the
/// file.
pub(super) fn add_version_2(rows: &Connection) -> rusqlite::Result<()> {
    rows.execute_batch(SECOND_FORM)?;
    rows.pragma_update(None, "user_version", VERSION)
}

/// Creates the tables in an empty file. Any other file is only checked, with [`check`].
pub(super) fn ensure(connection: &mut Connection) -> Result<(), OpenError> {
    let empty: bool = connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))?;
    if !empty {
        return check(connection).map(drop);
    }
    // The page size can only be set before the first page is written.
    connection.pragma_update(None, "page_size", 16 * 1024)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    add_version_2(&transaction)?;
    Ok(transaction.commit()?)
}

/// Returns true if the tables can hold events of version 2. Returns the same errors as [`check`].
pub(super) fn is_version_2(connection: &Connection) -> Result<bool, OpenError> {
    Ok(check(connection)? == VERSION)
}

/// Returns the version of the file's tables. Returns an error if the file is not a journal, or was
/// written by a newer version of Daybook.
pub(super) fn check(connection: &Connection) -> Result<i32, OpenError> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    if number("application_id")? != APPLICATION {
        return Err(OpenError::NotAJournal);
    }
    match number("user_version")? {
        known @ (VERSION_1 | VERSION) => Ok(known),
        version => Err(OpenError::OtherVersion { version }),
    }
}
