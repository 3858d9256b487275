"""Deletes many rows without loading one: keys in batches, and a statement per table that refers to them.

Django's `delete()` fetches full rows, bodies included, wherever a foreign key points at their table, and keeps all of
them in memory until the last is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connections, models, router, transaction

BATCH = 1000


def delete_in_batches(rows: models.QuerySet[Any], batch: int = BATCH) -> int:
    """Delete the rows of a query in its order, a transaction per batch; returns how many. Only keys are read.

    Rows that refer to them are deleted or emptied as their foreign key demands (CASCADE, SET_NULL).
    """
    deleted = 0
    keys = rows.values_list("pk", flat=True)
    while ids := list(keys[:batch]):
        deleted += delete_by_key(rows.model, ids)
    return deleted


def delete_by_key(model: type[models.Model], ids: Sequence[Any]) -> int:
    """Delete these rows in one transaction; returns how many of the table itself.

    Raises TypeError for a foreign key with another rule than CASCADE, SET_NULL or DO_NOTHING.
    """
    with transaction.atomic(using=router.db_for_write(model)):
        return _delete(model, ids)


def _delete(model: type[models.Model], ids: Sequence[Any]) -> int:
    for relation in _references(model):
        field, table = relation.field, relation.related_model
        manager = table._base_manager.filter(**{f"{field.name}__in": ids})
        # django-polymorphic wraps the rule of a foreign key.
        on_delete = getattr(relation.on_delete, "action", relation.on_delete)
        if on_delete is models.SET_NULL:
            manager.update(**{field.name: None})
        elif on_delete is models.CASCADE:
            if below := list(manager.order_by().values_list("pk", flat=True)):
                _delete(table, below)
        elif on_delete is not models.DO_NOTHING:
            raise TypeError(f"{table.__name__}.{field.name}: expected CASCADE, SET_NULL or DO_NOTHING")
    table_name, key = model._meta.db_table, model._meta.pk
    assert key is not None, "a model of a table has a key"
    with connections[router.db_for_write(model)].cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table_name}" WHERE "{key.column}" = ANY(%s)', [list(ids)])
        return int(cursor.rowcount)


def _references(model: type[models.Model]) -> Iterator[models.ManyToOneRel]:
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            yield relation
