"""Which rows stay together: the copies of a row, and all rows of one group.

Both connect: a copy may lie in several groups, and these are one component then. Without a group
column a component is a row with its copies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iris_core.data.datasets import DataSet
from iris_core.data.fingerprints import Fingerprints, fingerprints, is_among

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Reached:
    """What known rows and groups reach in a data set.

    Attributes:
        rows: (different rows,) whether each is known itself.
        beside: (different rows,) whether each is known, or in a group of which anything is.
        components: (components,) whether anything of each is known.
    """

    rows: NDArray[np.bool_]
    beside: NDArray[np.bool_]
    components: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RowGroups:
    """The different rows of a data set, the groups that they lie in, and what both make.

    Attributes:
        rows: fingerprints of the different rows, ascending.
        places: (rows of the data set,) position of each among the different rows.
        groups: fingerprints of the groups' names, other ones for another column.
        codes: (rows of the data set,) position of each row's group, -1 where it is missing.
        components: (different rows,) number of the component of each, from 0.
        keys: (components,) the smallest fingerprint of each: its key.
    """

    rows: Fingerprints
    places: Indices
    groups: Fingerprints
    codes: Indices
    components: Indices
    keys: Fingerprints

    @classmethod
    def of(cls, ds: DataSet) -> RowGroups:
        """Find the components of a data set.

        A row whose group is missing is a group of its own: only its copies belong to it.
        """
        rows, places = np.unique(ds.fingerprints, return_inverse=True)
        groups, codes = named_groups(ds)
        # One group stands for each row that is in any; all others of the row are joined to it.
        standing = np.full(len(rows), -1, dtype=np.intp)
        inside = codes >= 0
        standing[places[inside]] = codes[inside]
        roots = connected(len(groups), codes[inside], standing[places[inside]])
        alone = len(groups) + np.arange(len(rows))
        named = np.where(standing >= 0, roots[standing] if len(groups) else -1, alone)
        numbers, components = np.unique(named, return_inverse=True)
        keys = np.full(len(numbers), np.iinfo(np.uint64).max, dtype=np.uint64)
        np.minimum.at(keys, components, rows)
        return cls(rows, places, groups, codes, components, keys)

    @property
    def row_components(self) -> Indices:
        """(rows of the data set,) number of the component of each."""
        return self.components[self.places]

    def reached(self, rows: Fingerprints, groups: Fingerprints) -> Reached:
        """Return what is reached from known rows and groups, here or in other data sets."""
        known_rows, known_groups = is_among(self.rows, rows), is_among(self.groups, groups)
        inside = self.codes >= 0
        places, codes = self.places[inside], self.codes[inside]
        known_groups[codes[known_rows[places]]] = True
        beside = known_rows.copy()
        beside[places[known_groups[codes]]] = True
        components = np.zeros(len(self.keys), dtype=bool)
        components[self.components[beside]] = True
        return Reached(known_rows, beside, components)

    def groups_of(self, chosen: NDArray[np.bool_]) -> Fingerprints:
        """Return the groups of some of the different rows, ascending: (different rows,) which."""
        found = np.zeros(len(self.groups), dtype=bool)
        codes = self.codes[chosen[self.places]]
        found[codes[codes >= 0]] = True
        return np.sort(self.groups[found])


def row_keys(ds: DataSet) -> Fingerprints:
    """Return (rows,) what stays together: rows of one key are on the same side of every split.

    It depends on neither the order of the rows nor their labels. Without a group column it is the
    fingerprint of each row.
    """
    if ds.group is None:
        return ds.fingerprints
    found = RowGroups.of(ds)
    return found.keys[found.row_components]


def connected(nodes: int, first: Indices, second: Indices) -> Indices:
    """Return (nodes,) the smallest node that each is connected with: equal in one component.

    Every component's smallest neighbour takes it over until nothing changes. A component that is
    not the smallest among its neighbours is taken over in each round, so rounds are few, each of
    them a few passes: Shiloach and Vishkin, "An O(log n) parallel connectivity algorithm", 1982.

    Args:
        nodes: how many there are.
        first: (edges,) one end of each edge.
        second: (edges,) its other end.
    """
    roots = np.arange(nodes)
    while True:
        one, other = roots[first], roots[second]
        crossing = one != other
        if not crossing.any():
            return roots
        first, second = first[crossing], second[crossing]
        one, other = one[crossing], other[crossing]
        np.minimum.at(roots, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(further := roots[roots], roots):
            roots = further


def named_groups(ds: DataSet) -> tuple[Fingerprints, Indices]:
    """Return the fingerprints of the groups, and (rows,) the number of each row's group or -1."""
    if ds.group is None:
        return np.empty(0, dtype=np.uint64), np.full(ds.rows, -1, dtype=np.intp)
    codes, texts = pd.factorize(ds.frame[ds.group])
    again, names = pd.factorize(pd.Series(texts, dtype="str").str.strip())
    found = fingerprints(
        pd.DataFrame({ds.group: pd.Series(names, dtype="str")}),
        numeric=(),
        categorical=(ds.group,),
    )
    return found, np.append(again, -1)[codes]
