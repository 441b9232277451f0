"""One tested row: what a test run passes to its sink, and the item that stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iris_core.records import attributes
from iris_core.records.attributes import Item
from iris_core.records.keys import Key


@dataclass(frozen=True, slots=True)
class Record:
    """One tested row, as the strings that `post_score` takes.

    Attributes:
        row: position in the data set, from 0; the same row always gives the same record.
        feature_string: `str(dict)` of the row's plain values in column order, label first, a
            missing value as None; `ast.literal_eval` gives the dict back.
        class_string: predicted class, by name.
        actual_string: true class, by name, as written in the data; "" if nobody knows it.
        prob_string: probability of the predicted class, 0 to 1, as the shortest decimal that
            gives the float32 back.
        fingerprint: of the row's feature values, 16 letters: the same in every run and version of
            the data. Empty if the record was stored without one.
    """

    row: int
    feature_string: str
    class_string: str
    actual_string: str
    prob_string: str
    fingerprint: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether the predicted class is another than the true one; not if nobody knows that."""
        return self.actual_string not in ("", self.class_string)

    def to_item(
        self, key: Key, *, threshold: str | None = None, expires_at: int | None = None
    ) -> Item:
        """Return the item that stores this record under `key`.

        Args:
            key: of the item.
            threshold: of the run, 0 to 1, as text; without one the Lambda applies its own.
            expires_at: when the item may be deleted, in seconds since 1970; None for never.
        """
        item = {
            attributes.PARTITION_KEY: key.partition_key,
            attributes.SORT_KEY: key.sort_key,
            **self.to_attributes(),
        }
        if threshold is not None:
            item[attributes.THRESHOLD] = threshold
        if expires_at is not None:
            item[attributes.EXPIRES_AT] = str(expires_at)
        return item

    def to_attributes(self) -> dict[str, str]:
        """Return the stored attributes by name, `attributes.SCORE`, without the keys.

        A record without a fingerprint has no attribute for it.
        """
        stored = {
            attributes.FEATURES: self.feature_string,
            attributes.CLASS: self.class_string,
            attributes.ACTUAL: self.actual_string,
            attributes.PROBABILITY: self.prob_string,
        }
        if self.fingerprint:
            stored[attributes.FINGERPRINT] = self.fingerprint
        return stored

    @classmethod
    def from_item(cls, item: Mapping[str, str]) -> Record:
        """Return the record that an item stores.

        Raises:
            KeyError: an attribute is missing.
            ValueError: the sort key is not a row's number.
        """
        return cls(
            row=int(item[attributes.SORT_KEY]),
            feature_string=item[attributes.FEATURES],
            class_string=item[attributes.CLASS],
            actual_string=item[attributes.ACTUAL],
            prob_string=item[attributes.PROBABILITY],
            fingerprint=item.get(attributes.FINGERPRINT, ""),
        )
