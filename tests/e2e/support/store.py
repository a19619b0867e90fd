"""Looks into the server's store, beside the running server: the path of SQLite's file, or a postgres.Database."""

import contextlib
import sqlite3


@contextlib.contextmanager
def opened(path):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
    connection.row_factory = sqlite3.Row
    try:
        yield connection
    finally:
        connection.close()


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def filled(statement, values):
    """Each ? is a value, in turn: the two stores have no common way to pass them."""
    parts = statement.split("?")
    assert len(parts) == len(values) + 1, statement
    return parts[0] + "".join(literal(value) + part for value, part in zip(values, parts[1:]))


def rows(path, query, *values):
    query = filled(query, values)
    if hasattr(path, "rows"):
        return path.rows(query)
    with opened(path) as connection:
        return [dict(row) for row in connection.execute(query)]


def change(path, statement, *values):
    """What no request can do: a table renamed, a row made old."""
    statement = filled(statement, values)
    if hasattr(path, "sql"):
        path.sql(statement)
        return
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        connection.execute(statement)


def dump(path):
    """Every row of every table: two dumps are equal when nothing has changed."""
    if hasattr(path, "dump"):
        return path.dump()
    with opened(path) as connection:
        connection.execute("BEGIN")
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        return {name: sorted(repr(lasting(dict(row))) for row in connection.execute(f'SELECT * FROM "{name}"')) for name in names}


def lasting(row):
    """A row without what changes by being looked at: a key's last use is noted a moment after a call that only reads."""
    return tuple(value for column, value in row.items() if column != "last_used_at")


def difference(before, after):
    """What changed, in words short enough to read."""
    return [
        f"{name}: {len(before.get(name, []))} rows before, {len(after[name])} after"
        for name in after
        if before.get(name) != after[name]
    ]
