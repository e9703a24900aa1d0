//! The tables. Bodies are in a separate table, so that listing a collection does not read them.

pub(super) const CREATE: &str = "
CREATE TABLE collection (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    home BLOB NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    components TEXT NOT NULL,
    properties TEXT NOT NULL,
    settings TEXT NOT NULL,
    acl TEXT NOT NULL DEFAULT '[]',
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    born INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    -- Total bytes of the members' bodies, updated with every change of a member.
    bytes INTEGER NOT NULL DEFAULT 0,
    -- Total bytes of the members' dead properties, updated likewise.
    properties_bytes INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX collection_name ON collection (home, name);
CREATE INDEX collection_shared ON collection (home) WHERE name = '' AND acl <> '[]';

CREATE TABLE member (
    collection INTEGER NOT NULL,
    name TEXT NOT NULL,
    key INTEGER NOT NULL,
    object BLOB NOT NULL,
    uid TEXT NOT NULL,
    component TEXT NOT NULL,
    media_type TEXT,
    etag TEXT NOT NULL,
    schedule_tag TEXT,
    role INTEGER NOT NULL,
    size INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    born INTEGER NOT NULL,
    -- NULL for most members, which have neither an access control list nor dead properties.
    acl TEXT,
    properties TEXT,
    PRIMARY KEY (collection, name)
) WITHOUT ROWID;
CREATE UNIQUE INDEX member_key ON member (key);
CREATE INDEX member_object ON member (object);
CREATE INDEX member_changed ON member (collection, changed);

-- The text of a calendar object or the bytes of a file, with its intervals in the time index. A long text that many
-- members have, such as an invitation of hundreds of people, is stored once, in `shared`.
CREATE TABLE body (key INTEGER PRIMARY KEY, spans BLOB NOT NULL, data, shared INTEGER,
    CHECK ((data IS NULL) <> (shared IS NULL)));
CREATE INDEX body_shared ON body (shared) WHERE shared IS NOT NULL;
CREATE TABLE shared (key INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, data NOT NULL);

-- The time index: intervals in minutes since 1970, with the collection's key as a second dimension. The ids of a member's
-- intervals are computed from the member's key, because SQLite cannot search an R*Tree by its auxiliary columns.
CREATE VIRTUAL TABLE span USING rtree_i32 (id, begins, ends, low, high, +member INTEGER);

-- The busy periods, in seconds since 1970: one row for each week that a period overlaps.
CREATE TABLE busy (
    collection INTEGER NOT NULL,
    week INTEGER NOT NULL,
    key INTEGER NOT NULL,
    number INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    tentative INTEGER NOT NULL,
    people TEXT NOT NULL,
    PRIMARY KEY (collection, week, key, number)
) WITHOUT ROWID;

-- Members whose busy periods must be computed from their text, with their span in minutes since 1970.
CREATE TABLE unclear (
    collection INTEGER NOT NULL,
    key INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    PRIMARY KEY (collection, key)
) WITHOUT ROWID;

CREATE TABLE tombstone (
    collection INTEGER NOT NULL,
    name TEXT NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (collection, name)
) WITHOUT ROWID;
CREATE INDEX tombstone_changed ON tombstone (collection, changed);

-- Calendars that are offered to a sharee. `name` is NULL unless the calendar is in the sharee's home.
CREATE TABLE share (
    id BLOB PRIMARY KEY,
    calendar BLOB NOT NULL,
    owner BLOB NOT NULL,
    home BLOB NOT NULL,
    invitation BLOB NOT NULL,
    access TEXT NOT NULL,
    summary TEXT NOT NULL,
    declined INTEGER NOT NULL DEFAULT 0,
    name TEXT,
    properties TEXT NOT NULL DEFAULT '[]',
    settings TEXT NOT NULL DEFAULT '{}',
    modified INTEGER NOT NULL,
    born INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX share_calendar ON share (calendar);
CREATE INDEX share_name ON share (home, name) WHERE name IS NOT NULL;
CREATE INDEX share_invitation ON share (home, invitation);

-- The personal data of sharees for members, as JSON.
CREATE TABLE personal (
    collection INTEGER NOT NULL,
    object BLOB NOT NULL,
    share BLOB NOT NULL,
    data TEXT NOT NULL,
    modified INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (collection, object, share)
) WITHOUT ROWID;
CREATE INDEX personal_share ON personal (share, changed);

-- The last position at which a collection lost this name, for clients that synchronise a home. Another collection may
-- have the name now.
CREATE TABLE gone (
    home BLOB NOT NULL,
    name TEXT NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (home, name)
) WITHOUT ROWID;
";
