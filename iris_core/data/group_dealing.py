"""Deal whole components out to two sides, each class in the same proportion.

A component of several classes counts to the one that most of its rows have. Those of a class are
put in order of their size and taken at even distances (systematic sampling, W. G. Cochran,
"Sampling Techniques", 1977, chapter 8): so the second side has its share of the components and, as
well as whole ones allow, of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.data.row_groups import Indices, RowGroups
from iris_core.errors import DataError

Chosen = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """How many rows of each class each component has, without those that it has not.

    Attributes:
        components: (pairs,) ascending.
        classes: (pairs,) a class that the component has rows of.
        rows: (pairs,) how many, 1 or more.
        count: number of components.
    """

    components: Indices
    classes: Indices
    rows: Indices
    count: int

    @classmethod
    def of(cls, components: Indices, classes: Indices, count: int) -> ClassCounts:
        """Count rows.

        Args:
            components: (rows,) of each, from 0 to `count` - 1, each of them at least once.
            classes: (rows,) of each.
            count: number of components.
        """
        width = int(classes.max(initial=0)) + 1
        pairs, rows = np.unique(components * width + classes, return_counts=True)
        return cls(pairs // width, pairs % width, rows, count)

    @property
    def sizes(self) -> Indices:
        """(components,) number of rows of each."""
        return np.bincount(self.components, self.rows, minlength=self.count).astype(np.intp)

    @property
    def main_classes(self) -> Indices:
        """(components,) the class that most rows of each have; of equals the first."""
        order = np.lexsort((self.classes, -self.rows, self.components))
        _, first = np.unique(self.components[order], return_index=True)
        return self.classes[order][first]


def classes_of_one_group(ds: DataSet) -> tuple[str, ...]:
    """Return the classes whose rows all belong together: a split has them on one side only."""
    found = RowGroups.of(ds)
    counts = ClassCounts.of(found.row_components, ds.class_indices, len(found.keys))
    return tuple(ds.classes[number] for number in np.flatnonzero(np.bincount(counts.classes) == 1))


def too_few_groups(ds: DataSet) -> DataError:
    """Return the error for a data set whose groups cannot be on two sides."""
    return DataError(
        f"{ds.name}: choose another group column than '{ds.group}', or leave it out: expected a "
        "class with rows of two groups or more that have no row in common, received none, so no "
        "rows are left to evaluate on."
    )


def deal(counts: ClassCounts, share: float, draws: NDArray[np.float64]) -> Chosen:
    """Choose components as often as a share says, whatever their number.

    Args:
        counts: of the components.
        share: of the components of each class, 0 to 1.
        draws: (components,) uniform in [0, 1): the order of equals, and where counting begins.

    Returns:
        (components,) whether each is on the second side.
    """
    chosen = np.zeros(counts.count, dtype=bool)
    for own, start in _strata(counts, draws, np.ones(counts.count, dtype=bool)):
        chosen[own[_spread(len(own), int(share * len(own) + start), start)]] = True
    return chosen


def deal_both_sides(counts: ClassCounts, share: float, draws: NDArray[np.float64]) -> Chosen:
    """Choose components so that each class has rows on both sides, if it has two components.

    A class of one component is on the first side. Of every class there are rows on the first side;
    the second may lack one only if its components have other classes that would be lacking then.

    Args:
        counts: of the components.
        share: of the components of each class on the second side, 0 to 1.
        draws: (components,) uniform in [0, 1).

    Returns:
        (components,) whether each is on the second side.
    """
    alone = np.bincount(counts.classes) == 1
    movable = np.ones(counts.count, dtype=bool)
    movable[counts.components[alone[counts.classes]]] = False
    chosen = np.zeros(counts.count, dtype=bool)
    for own, start in _strata(counts, draws, movable):
        wanted = min(max(round(share * len(own)), 1), len(own) - 1)
        chosen[own[_spread(len(own), wanted, start)]] = True
    _repair(counts, chosen, movable)
    return chosen


def _strata(
    counts: ClassCounts, draws: NDArray[np.float64], among: Chosen
) -> list[tuple[Indices, float]]:
    """Return the components of each class in order of their size, and where counting begins."""
    main, found = counts.main_classes, []
    order = np.lexsort((draws, counts.sizes))
    order = order[among[order]]
    for number in np.unique(main[order]).tolist():
        own = order[main[order] == number]
        found.append((own, float(draws[own].sum() % 1)))
    return found


def _spread(length: int, wanted: int, start: float) -> Indices:
    """Return so many of the positions of a list, at even distances."""
    positions = (np.arange(wanted) + start) * (length / max(wanted, 1))
    return np.minimum(positions.astype(np.intp), length - 1)


def _repair(counts: ClassCounts, chosen: Chosen, movable: Chosen) -> None:
    """Move components of classes that a side lacks: first so that the first side has all."""
    sizes = counts.sizes
    of_class = [
        counts.components[counts.classes == number] for number in np.unique(counts.classes).tolist()
    ]
    for own in of_class:
        if chosen[own].all():
            chosen[own[np.argmin(sizes[own])]] = False
    left = np.bincount(counts.classes, ~chosen[counts.components])
    for own in of_class:
        if chosen[own].any():
            continue
        for component in own[np.argsort(sizes[own], kind="stable")].tolist():
            begin, end = np.searchsorted(counts.components, (component, component + 1))
            classes = counts.classes[begin:end]
            if movable[component] and (left[classes] > 1).all():
                chosen[component] = True
                left[classes] -= 1
                break
