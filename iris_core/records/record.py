"""The record of one tested row: what a test run hands to its sink. Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """One tested row, as the strings that `post_score` takes.

    Attributes:
        row: position in the data set, from 0; the same row always gives the same record.
        feature_string: `str(dict)` of the row's plain values in column order, label first, a
            missing value as None; `ast.literal_eval` gives the dict back.
        class_string: predicted class, by name.
        actual_string: actual class, by name, as written in the data.
        prob_string: probability of the predicted class, 0 to 1, as the shortest decimal that
            gives the float32 back.
    """

    row: int
    feature_string: str
    class_string: str
    actual_string: str
    prob_string: str
