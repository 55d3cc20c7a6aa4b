"""Tables of a session file, and how a file is recognised and checked."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from iml_robot.core.errors import ArtifactError

SCHEMA_VERSION = 4
# "IMLR" in ASCII, kept in the header of the file; SQLite leaves the field to programs.
APPLICATION_ID = 0x494D4C52

TABLES = """
CREATE TABLE session (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL              -- JSON
);
CREATE TABLE episodes (
    episode_id INTEGER PRIMARY KEY,
    phase TEXT NOT NULL,
    env_id TEXT NOT NULL,
    seed INTEGER NOT NULL,
    options TEXT NOT NULL,           -- JSON
    policy_version INTEGER NOT NULL,
    started_unix_s REAL NOT NULL,
    outcome TEXT NOT NULL,           -- empty while the episode runs
    terminated INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    last_observation BLOB,           -- float32; null until the episode is complete
    crc32 INTEGER,                   -- null until the episode is complete
    continues INTEGER,               -- the rewound episode that goes on here; null: none
    begins_at INTEGER NOT NULL DEFAULT 0,  -- control steps since the reset
    rewound_to INTEGER               -- same; where its continuation begins; null: none
);
CREATE TABLE steps (
    episode_id INTEGER NOT NULL REFERENCES episodes,
    step INTEGER NOT NULL,
    observation BLOB NOT NULL,       -- all arrays: float32, little-endian
    policy_action BLOB NOT NULL,
    operator_action BLOB,            -- null: the operator commanded nothing
    executed_action BLOB NOT NULL,
    source INTEGER NOT NULL,
    authority REAL NOT NULL,
    mode TEXT NOT NULL,
    moving INTEGER NOT NULL,
    gripping INTEGER NOT NULL,
    link TEXT NOT NULL,
    reward REAL,                     -- null: not a number
    evaluation REAL,
    input_age_s REAL NOT NULL,
    time_s REAL NOT NULL,            -- monotonic clock
    crc32 INTEGER NOT NULL,
    p_help REAL,                     -- null: nobody knew whether help was needed
    asked INTEGER NOT NULL DEFAULT 0,
    features BLOB,                   -- of the reward; null: the environment has none
    PRIMARY KEY (episode_id, step)
) WITHOUT ROWID;
CREATE TABLE policies (
    version INTEGER PRIMARY KEY,
    path TEXT NOT NULL,              -- relative to the session folder
    sha256 TEXT NOT NULL,
    episodes TEXT NOT NULL,          -- JSON list of the episodes that made it
    figures TEXT NOT NULL            -- JSON
);
CREATE TABLE events (
    event_id INTEGER PRIMARY KEY,
    time_unix_s REAL NOT NULL,
    episode_id INTEGER,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL             -- JSON
);
"""

MIGRATIONS = {
    1: (
        "ALTER TABLE steps ADD COLUMN p_help REAL",
        "ALTER TABLE steps ADD COLUMN asked INTEGER NOT NULL DEFAULT 0",
    ),
    2: (
        "ALTER TABLE episodes ADD COLUMN continues INTEGER",
        "ALTER TABLE episodes ADD COLUMN begins_at INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE episodes ADD COLUMN rewound_to INTEGER",
    ),
    3: ("ALTER TABLE steps ADD COLUMN features BLOB",),
}
"""What makes a file of a version one of the next; nothing stored is changed."""
ABSENT = {
    1: {"p_help": "NULL", "asked": "0"},
    2: {"continues": "NULL", "begins_at": "0", "rewound_to": "NULL"},
    3: {"features": "NULL"},
}
"""What stands for columns that files of a version do not have."""


def connect(path: Path, *, writable: bool, create: bool = False) -> sqlite3.Connection:
    """Open the database; transactions are begun and committed by hand.

    Args:
        path: The file.
        writable: Whether to write to it.
        create: Whether to make it if it is missing.

    Raises:
        sqlite3.Error: If the file cannot be opened.
    """
    mode = "rwc" if create else "rw" if writable else "ro"
    uri = f"file:{quote(str(path.resolve()))}?mode={mode}"
    wal = path.with_name(f"{path.name}-wal")
    if not writable and not os.access(path.parent, os.W_OK) and not wal.exists():
        # Readers of a WAL database share a memory file, which they cannot make here.
        uri += "&immutable=1"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, timeout=2.0, check_same_thread=False
    )
    if writable:
        # With WAL a killed process loses only what it had not committed. FULL also
        # survives a power cut, and costs nothing in a thread that commits five times a
        # second.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def create_tables(connection: sqlite3.Connection) -> None:
    """Make an empty database a session file, in one transaction."""
    connection.executescript(
        f"BEGIN; {TABLES} PRAGMA application_id = {APPLICATION_ID}; "
        f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def migrate(connection: sqlite3.Connection) -> None:
    """Make a file of an older version one of this version, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    for version in range(version_of(connection), SCHEMA_VERSION):
        for statement in MIGRATIONS[version]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def select(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> str:
    """Return the SELECT of columns of a table, for files of any version."""
    absent: dict[str, str] = {}
    for version in range(version_of(connection), SCHEMA_VERSION):
        absent |= ABSENT.get(version, {})
    return f"SELECT {', '.join(absent.get(name, name) for name in columns)} FROM {table}"


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables in a file."""
    return int(str(_pragma(connection, "user_version")))


def check_file(path: Path) -> None:
    """Make sure that a file is a sound session of a version that this program knows.

    Raises:
        ArtifactError: If it is missing, damaged, something else, or newer.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: there is no session file here")
    try:
        with closing(connect(path, writable=False)) as connection:
            found = _check_open_file(connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        found = f"cannot be read as a session: {error}; it is damaged or something else"
    if found:
        raise ArtifactError(f"{path}: {found}")


def _check_open_file(connection: sqlite3.Connection) -> str:
    """Return what is wrong with the file, or nothing."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        return "this SQLite file is not a session of iml-robot"
    version = version_of(connection)
    if version > SCHEMA_VERSION:
        return (
            f"written by a newer version (schema {version}, this program knows up to "
            f"{SCHEMA_VERSION}); update iml-robot"
        )
    if version < 1:
        return f"damaged: there never was a schema {version}"
    result = _pragma(connection, "quick_check(1)")
    return "" if result == "ok" else f"damaged: {str(result).splitlines()[0]}"


def _pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]
