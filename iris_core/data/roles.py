"""The roles that a table's columns can have, and those that a person chose."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from iris_core.data.columns import Columns
from iris_core.errors import DataError

MAX_CLASSES = 256
"""Classes of a label at most."""


class Role(StrEnum):
    """What a column is for."""

    LABEL = "label"
    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    IDENTIFIER = "identifier"
    """It names its rows, and is left out of the features."""
    IGNORED = "ignored"
    GROUP = "group"
    """It says which rows belong to one thing: they stay on one side of every split."""


FEATURES = (Role.NUMBER, Role.CATEGORY, Role.DATE)
"""The roles of features."""


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """The roles that a person chose; all others are guessed.

    Attributes:
        label: the label's column; None to guess it.
        numeric: columns that are numbers.
        categorical: columns that are categories.
        dates: columns that are dates.
        ignored: columns that are left out.
        groups: the column that says which rows belong together, in a tuple; empty to guess it.
        reason: what is said of each, a sentence.
    """

    label: str | None = None
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    reason: str = "Chosen."

    @classmethod
    def like(cls, columns: Columns, header: Sequence[str], title: str) -> RoleChoice:
        """Return the roles that a project or a model knows; all other columns are ignored.

        A table may lack the label: nobody knows the classes of its rows yet.

        Args:
            columns: of the project or model.
            header: the table's column names.
            title: of the table, for messages.

        Raises:
            DataError: the table lacks some of them.
        """
        missing = sorted(columns.names.difference(header, [columns.label]))
        if missing:
            raise DataError(
                f"{title}: add what is missing, or add the file as a new project: expected the "
                f"columns of the project, received none for {', '.join(map(repr, missing[:30]))}."
            )
        groups = tuple(name for name in header if name == columns.group)
        others = tuple(name for name in header if name not in columns.names.union(groups))
        return cls(
            columns.label if columns.label in header else None,
            columns.numeric,
            columns.categorical,
            columns.dates,
            ignored=others,
            groups=groups,
            reason="As in the project.",
        )

    @property
    def roles(self) -> dict[str, Role]:
        """The chosen role of each column that has one."""
        return dict(self._named())

    def check(self, header: Collection[str], title: str) -> None:
        """Raise `DataError` for a column that is not there or has two roles, or for two groups.

        Args:
            header: the table's column names.
            title: of the table, for messages.
        """
        chosen: dict[str, Role] = {}
        for name, role in self._named():
            if name not in header:
                listed = ", ".join(map(repr, list(header)[:30]))
                raise DataError(
                    f"{title}: expected a column {name[:40]!r}, received {listed}. Choose one of "
                    "these."
                )
            if chosen.setdefault(name, role) != role:
                raise DataError(
                    f"{title}, column {name[:40]!r}: expected one role, received {chosen[name]} "
                    f"and {role}. Choose one of them."
                )
        if len(set(self.groups)) > 1:
            raise DataError(
                f"{title}: choose one group column, and another role for the others: expected one "
                f"at most, received {', '.join(repr(name[:40]) for name in self.groups[:30])}."
            )

    def _named(self) -> Iterator[tuple[str, Role]]:
        """Yield each chosen column with its role."""
        if self.label is not None:
            yield self.label, Role.LABEL
        for role, names in (
            (Role.NUMBER, self.numeric),
            (Role.CATEGORY, self.categorical),
            (Role.DATE, self.dates),
            (Role.IGNORED, self.ignored),
            (Role.GROUP, self.groups),
        ):
            for name in names:
                yield name, role


ALL_GUESSED = RoleChoice()
"""Nothing was chosen."""
