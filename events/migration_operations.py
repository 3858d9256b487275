"""The migration operation for every change of a table that `token_risk_view` reads."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

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
            schema_editor.execute(risk_view_sql(version)[1], None)

    @staticmethod
    def _create(schema_editor: BaseDatabaseSchemaEditor, version: int | None) -> None:
        if version is not None:
            schema_editor.execute(risk_view_sql(version)[0], None)
