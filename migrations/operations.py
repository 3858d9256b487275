"""The migration operation for every change of a table that `token_risk_view` reads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Well below deadlock_timeout; and for how long the view's readers may wait on us before they are let through again.
_LONGEST_WAIT = "100ms"
_PAUSE_SECONDS = 0.02
_PATIENCE_SECONDS = 60.0
# lock_not_available, deadlock_detected.
_IN_THE_WAY = ("55P03", "40P01")

# In the order in which a reader takes them.
_VIEW_WITH_ITS_TABLES = "LOCK TABLE instrument_risk_view IN ACCESS EXCLUSIVE MODE"

# A table for which deferred triggers of earlier statements are still to fire cannot be altered.
_FIRE_PENDING_TRIGGERS = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


def risk_view_sql(version: int) -> tuple[str, str]:
    """The statements that create and that drop the views of a version, as frozen beside the migrations of events.

    Raises FileNotFoundError for a version that was never written.
    """
    folder = Path(str(import_module("migrations.events").__file__)).parent
    create = (folder / f"risk_view_v{version}.sql").read_text(encoding="utf-8")
    drop = (folder / f"risk_view_v{version}_drop.sql").read_text(encoding="utf-8")
    return create, drop


def _execute_past_readers(schema_editor: BaseDatabaseSchemaEditor, sql: str, what: str, first: str = "") -> None:
    """Run statements that lock several relations which others read meanwhile, in whatever order those take theirs.

    A bot may hold a view and wait for what we hold while we wait for the view: PostgreSQL ends one of the two, and in
    two of eight tries it was the bot. So no wait is long enough for that (deadlock_timeout, a second), and what is held
    is let go of before the next try: nor does anybody queue behind a migration that itself waits for an hour-long dump.
    first: a statement that takes locks in the order of the readers, so that it mostly goes at the first try. Raises
    OperationalError that says `what` could not be done, and names who is in the way.
    """
    if schema_editor.collect_sql:
        schema_editor.execute(sql, None)
        return
    connection = schema_editor.connection
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('lock_timeout')")
                (before,) = cursor.fetchone()
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LONGEST_WAIT])
                if first:
                    cursor.execute(first)
                cursor.execute(sql)
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
            return
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) not in _IN_THE_WAY:
                raise
            if time.monotonic() > deadline:
                raise OperationalError(
                    f"{what} within {_PATIENCE_SECONDS:g} s: {_holders(connection)}; "
                    "end what reads there so long (a dump, an open transaction), and migrate again"
                ) from error
        time.sleep(_PAUSE_SECONDS)


def _holders(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT format('pid %s (%s, %s)', a.pid, a.usename, coalesce(nullif(a.application_name, ''), '?'))"
            " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.relation = ANY (ARRAY[to_regclass('token_risk_view'), to_regclass('instrument_risk_view'),"
            " to_regclass('token_risk_view_status'), to_regclass('events_event'), to_regclass('events_effect'),"
            " to_regclass('events_heartbeat'), to_regclass('markets_instrument')]::oid[])"
            " AND l.granted AND l.pid <> pg_backend_pid()"
        )
        found = sorted(text for (text,) in cursor.fetchall())
    return f"in use by {', '.join(found)}" if found else "it is in use again and again"


class RunSQLPastReaders(RunSQL):
    """RunSQL for a table that bots read all the time: it never waits long for a lock, and tries again instead.

    Raises OperationalError after a minute.
    """

    def _run_sql(self, schema_editor: BaseDatabaseSchemaEditor, sqls: Any) -> None:
        if sqls != RunSQL.noop:
            _execute_past_readers(schema_editor, sqls, "a table that bots read could not be changed")


class WithoutRiskView(Operation):
    """Runs `operations` while `token_risk_view`, its companions and its triggers are away, then builds them again.

    PostgreSQL alters no column that a view or the condition of a trigger reads. Pending triggers are fired before,
    between and after the operations, so one migration may both update events and alter them. `was` and `becomes` are
    versions of the view's SQL (`migrations/events/risk_view_v<version>.sql`), None where there is no view; `becomes`
    defaults to `was`. Readers of the view wait until the migration commits.

        WithoutRiskView([migrations.AlterField("event", "source", models.CharField(max_length=64))], was=2)
    """

    def __init__(self, operations: Sequence[Operation] = (), *, was: int | None, becomes: int | None = None) -> None:
        self.operations = list(operations)
        self.was = was
        self.becomes = was if becomes is None else becomes
        if self.becomes is None:
            raise ValueError("WithoutRiskView: was and becomes are both None, expected a version in one of them")

    @property
    def reversible(self) -> bool:  # type: ignore[override]
        return all(operation.reversible for operation in self.operations)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        arguments = {"operations": self.operations, "was": self.was, "becomes": self.becomes}
        return self.__class__.__qualname__, [], arguments

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._drop(schema_editor, self.was)
        for operation in self.operations:
            to_state = from_state.clone()
            operation.state_forwards(app_label, to_state)
            operation.database_forwards(app_label, schema_editor, from_state, to_state)
            schema_editor.execute(_FIRE_PENDING_TRIGGERS, None)
            from_state = to_state
        self._create(schema_editor, self.becomes)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        # Going back, `to_state` is the one before the first operation; each operation needs those on both its sides.
        states = [to_state]
        for operation in self.operations:
            after = states[-1].clone()
            operation.state_forwards(app_label, after)
            states.append(after)
        self._drop(schema_editor, self.becomes)
        for index in reversed(range(len(self.operations))):
            self.operations[index].database_backwards(app_label, schema_editor, states[index + 1], states[index])
            schema_editor.execute(_FIRE_PENDING_TRIGGERS, None)
        self._create(schema_editor, self.was)

    def describe(self) -> str:
        inner = "; ".join(operation.describe() for operation in self.operations)
        return f"Build token_risk_view, version {self.becomes}" + (f", after: {inner}" if inner else "")

    @staticmethod
    def _drop(schema_editor: BaseDatabaseSchemaEditor, version: int | None) -> None:
        if version is not None:
            schema_editor.execute(_FIRE_PENDING_TRIGGERS, None)
            _execute_past_readers(
                schema_editor, risk_view_sql(version)[1], "token_risk_view could not be rebuilt", _VIEW_WITH_ITS_TABLES
            )

    @staticmethod
    def _create(schema_editor: BaseDatabaseSchemaEditor, version: int | None) -> None:
        if version is not None:
            schema_editor.execute(risk_view_sql(version)[0], None)
