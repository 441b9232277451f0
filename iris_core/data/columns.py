"""The columns of a table, and the project that they make: a label and its features."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Columns:
    """A label and its features, each a number, a category or a date.

    Attributes:
        label: the label's column.
        numeric: the feature columns that are numbers.
        categorical: the feature columns that are categories.
        dates: the feature columns that are dates.
        group: the column that says which rows belong together, None without one. It is no feature,
            and makes no other project.
    """

    label: str
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    dates: tuple[str, ...] = ()
    group: str | None = field(default=None, compare=False)

    @property
    def names(self) -> frozenset[str]:
        """The label and the features."""
        return frozenset((self.label, *self.numeric, *self.categorical, *self.dates))

    @property
    def project(self) -> str:
        """The id of the project of these columns, 12 hex digits; their order does not count.

        The same columns make the same project, in whatever workspace.
        """
        content = [self.label, sorted(self.numeric), sorted(self.categorical)]
        if self.dates:
            content.append(sorted(self.dates))
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]
