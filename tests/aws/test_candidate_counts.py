"""Counts that are kept and brought up to date are those that a new count finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aws import retrain_table
from aws.candidate_counts import count_candidates
from iris_core.records.verdict import UNDECIDED
from tests.faults.loop import Loop

VERDICTS = st.sampled_from(
    [
        ("right", None, ""),
        ("relabel", "setosa", ""),
        ("drop", None, "earlier"),
        (UNDECIDED, None, ""),
    ]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), VERDICTS), max_size=12))
def test_verdicts_change_the_counts_as_a_new_count_would(
    given_ones: list[tuple[int, tuple[str, str | None, str]]],
) -> None:
    loop = Loop(40)
    loop.write()
    loop.mapping.deliver()
    counts = count_candidates(loop.cloud, loop.run)
    for which, (decision, label, carried_from) in given_ones:
        before = list(loop.candidates().values())[which]
        after = retrain_table.save_verdict(
            loop.cloud,
            before,
            decision,  # type: ignore[arg-type]
            label=label,
            carried_from=carried_from,
        )
        counts = counts.updated(before, after)
        assert counts == count_candidates(loop.cloud, loop.run)
