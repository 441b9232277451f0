"""Suggest which rows have a wrong label: of a run's candidates, or of a whole data set."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.review.label_search import Search, search_dataset, search_run
from app.services.workspace import Workspace
from iris_core.checks import check_choice, check_whole
from iris_core.label_errors.orders import ORDERS
from iris_core.label_errors.stopping import Acceptance, Yield, sample_to_review
from iris_core.label_errors.suggestions import Suggestion
from iris_core.label_errors.suspecting import Method
from iris_core.records.run import Run

MOST = 1_000_000
"""Suggestions that can be asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a search.

    Attributes:
        order: in which rows are to be reviewed, one of `ORDERS`.
        budget: how many rows at most; None for all.
        sample: instead of an order, so many doubtful rows by chance, to accept the others by; None
            for none.
        method: `best` or `quick`.
        seed: of the search and the sample.

    Raises:
        OptionError: one of them is out of its range.
    """

    order: str = next(iter(ORDERS))
    budget: int | None = None
    sample: int | None = None
    method: Method = "best"
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice("order", self.order, tuple(ORDERS))
        for name, value in (("budget", self.budget), ("sample", self.sample)):
            if value is not None:
                check_whole(name, value, low=1, high=MOST)


@dataclass(frozen=True, slots=True)
class Suggested:
    """What is suggested, and how far the review has come.

    Attributes:
        suggestions: in the order to review.
        rows: how many rows are open, those beyond the budget included.
        wrong: of how many of them the label is likely wrong.
        found: what the last reviews of the project found.
        trusted: how many of the suggestions that were reviewed were right.
    """

    suggestions: tuple[Suggestion, ...]
    rows: int
    wrong: int
    found: Yield
    trusted: Acceptance


def suggest_for_run(workspace: Workspace, run: Run, question: Question) -> Suggested:
    """Suggest what to do with the candidates of a run that are not reviewed yet.

    Raises:
        NotFoundError: the data that were tested are gone.
        DataError: they have no labels, or there are too few rows to learn from.
    """
    search = search_run(workspace, run, method=question.method, seed=question.seed)
    return _answer(search, question)


def suggest_for_dataset(workspace: Workspace, dataset_id: str, question: Question) -> Suggested:
    """Suggest what to do with the rows of a data set that are not reviewed yet.

    Raises:
        NotFoundError: there is no such data set.
        DataError: it has no labels, or too few rows to learn from.
    """
    search = search_dataset(workspace, dataset_id, method=question.method, seed=question.seed)
    return _answer(search, question)


def _answer(search: Search, question: Question) -> Suggested:
    """Answer a question by what was found."""
    return Suggested(
        tuple(search.suggestions(_chosen(search, question))),
        len(search.asked),
        search.wrong,
        search.found,
        search.trusted,
    )


def _chosen(search: Search, question: Question) -> list[int]:
    """Return the rows to review, in their order."""
    if question.sample is not None:
        doubtful = search.asked[search.suspicion.doubtful[search.asked]].tolist()
        return sample_to_review(doubtful, size=question.sample, seed=question.seed)
    return search.ordered(question.order, budget=question.budget)[: question.budget]
