"""The log's tables, in the SQL of each database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.migrations.operations.base import Operation, OperationCategory

_HERE = Path(__file__).parent


class Script(Operation):
    """A step of a migration that every supported database has in its own SQL: ``<vendor>/<name>.sql``.

    A database that has none is left alone: it may be part of the project without holding events.
    """

    reversible = True
    category = OperationCategory.SQL

    def __init__(self, name: str) -> None:
        self.name = name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.name], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change no state: the models are declared beside the script."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._run(schema_editor, self.name)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._run(schema_editor, f"{self.name}_back")

    def describe(self) -> str:
        return f"Run {self.name}.sql of the database's own folder"

    def _run(self, schema_editor: Any, name: str) -> None:
        script = _HERE / schema_editor.connection.vendor / f"{name}.sql"
        if script.exists():
            for statement in schema_editor.connection.ops.prepare_sql_script(script.read_text("utf-8")):
                schema_editor.execute(statement, params=None)
