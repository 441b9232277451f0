"""The loop over both halves: train a model, test it, let the function filter, reconcile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.event_log import belongs_to, tell
from app.services import DEFAULT_DATA, Services
from app.sureness import Sureness
from aws import function, run_table
from aws.clients import Cloud
from aws.errors import CloudError, is_unreachable
from aws.keys import new_run_id
from aws.reconciliation import Reconciliation, Tally, reconcile, wait_for_candidates
from aws.redaction import redacted
from aws.run_table import Run
from aws.score_table import ScoreWriter
from iris_core.data.csv_reading import read_csv
from iris_core.data.datasets import DataSet
from iris_core.data.splitting import split
from iris_core.errors import Cancelled, NotFoundError, StoreError
from iris_core.evaluation.testing import TestReport, test
from iris_core.model import training
from iris_core.model.models import Model
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.record import Record

HELD_OUT = 0.2
"""Share of the rows that are kept from training, to measure a new model by."""
WAIT = 120.0
"""Seconds that the function is given to filter a run."""

OnProgress = Callable[[str, int, int], None]
"""Told the line (`predicted`, `stored` or `filtered`), how many, and of how many."""
IsCancelled = Callable[[], bool]


def never() -> bool:
    """An `IsCancelled` for those who do not cancel."""
    return False


def silently(_line: str, _done: int, _total: int) -> None:
    """An `OnProgress` for those who do not watch."""


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """A test run, what its tables say, and what the model got right."""

    run: Run
    reconciliation: Reconciliation
    report: TestReport


def default_dataset(services: Services) -> DataSet:
    """The extended iris set, in the store."""
    return import_csv(services, DEFAULT_DATA)


def import_csv(
    services: Services, source: Path | bytes, *, name: str | None = None, label: str | None = None
) -> DataSet:
    """Read a labelled CSV and keep it; raises `DataError`, and then nothing is kept."""
    dataset = read_csv(source, name=name, label=label)
    services.datasets.add(dataset)
    return dataset


def train_model(
    services: Services,
    dataset: DataSet,
    spec: ModelSpec,
    *,
    options: TrainOptions,
    parent: str | None = None,
    name: str | None = None,
    on_epoch: Callable[[training.Epoch], None] | None = None,
    cancelled: IsCancelled = never,
) -> Model:
    """Train on four fifths of the rows, measure on the fifth that is held out, and keep the model.

    With `parent`, a model's id, its network is trained further and `spec` is not looked at; the
    parent stays as it is. The figures `test_accuracy` and `test_loss` on the card are of the rows
    held out.
    """
    fitted, held_out = split(dataset, test_share=HELD_OUT, seed=options.seed)
    if parent is None:
        model = training.train(
            fitted, spec, options=options, name=name or dataset.name, on_epoch=on_epoch,
            cancelled=cancelled,
        )  # fmt: skip
    else:
        model = training.train_further(
            services.models.load(parent), fitted, options=options, on_epoch=on_epoch,
            cancelled=cancelled,
        )  # fmt: skip
    report = test(model, held_out, lambda _record: None)
    figures = {"test_accuracy": report.accuracy, "test_loss": report.loss}
    card = replace(
        model.card,
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        rows=dataset.rows,
        metrics={**model.card.metrics, **figures},
    )
    return services.models.save(Model(card, model.network))


def run_test(
    services: Services,
    model: Model,
    dataset: DataSet,
    *,
    threshold: str | None = None,
    timeout: float = WAIT,
    on_progress: OnProgress = silently,
    cancelled: IsCancelled = never,
) -> TestOutcome:
    """Test every record, write each to the score table, wait for the function, and reconcile.

    `threshold` is set on the function first; without it the function's own counts. The records
    carry it, so that nobody who changes the function's meanwhile changes what becomes of this run.
    The run is kept in the run table from its first moment on, and says what became of it.
    """
    cloud = services.cloud()
    if threshold is not None:
        function.set_threshold(cloud, threshold)
    run = Run(
        id=new_run_id(),
        model=model.card.id,
        dataset=dataset.id,
        dataset_name=dataset.name,
        rows=dataset.rows,
        threshold=function.threshold(cloud),
    )
    belongs_to(run.id)
    save_run(services, cloud, run)
    began = time.perf_counter()
    tally, sureness = Tally(run.id, run.threshold), Sureness()
    try:
        report = _write(cloud, run, model, dataset, (tally, sureness), on_progress, cancelled)
        run = replace(
            run,
            state=run_table.WRITTEN,
            tested=report.rows,
            accuracy=report.accuracy,
            loss=report.loss,
            metrics=report_metrics(report, sureness, run.threshold),
        )
        save_run(services, cloud, run)
        wait_for_candidates(
            cloud,
            tally.expected,
            timeout=timeout,
            on_progress=lambda found, expected: on_progress("filtered", found, expected),
            cancelled=cancelled,
        )
        result = reconcile(cloud, run.id, run.rows, run.threshold)
        run = reconciled(run, result, time.perf_counter() - began)
        save_run(services, cloud, run)
    except Cancelled:
        tell("run cancelled")
        _note_end(services, cloud, replace(run, state=run_table.CANCELLED))
        raise
    except Exception as error:
        failed = replace(run, state=run_table.FAILED, note=redacted(str(error))[:500])
        tell("run failed", kind=type(error).__name__, why=failed.note)
        # A cloud that is gone has been waited for long enough.
        _note_end(services, None if is_unreachable(error) else cloud, failed)
        raise
    return TestOutcome(run, result, report)


def newest_model(services: Services) -> Model:
    """The model trained last; raises `NotFoundError` when there is none."""
    cards = services.models.list().cards
    if not cards:
        raise NotFoundError(
            "Expected a model, found none. Train one on the Train page or with "
            "`python cli.py train`."
        )
    return services.models.load(cards[0].id)


def _write(
    cloud: Cloud,
    run: Run,
    model: Model,
    dataset: DataSet,
    watchers: Sequence[Callable[[Record], object]],
    on_progress: OnProgress,
    cancelled: IsCancelled,
) -> TestReport:
    """Test every record and write it; returns when the cloud has acknowledged all of them.

    The `watchers` are told each record too.
    """
    with score_writer(cloud, run) as writer:

        def sink(record: Record) -> None:
            for watcher in watchers:
                watcher(record)
            writer(record)

        def progress(done: int, total: int) -> None:
            on_progress("predicted", done, total)
            on_progress("stored", writer.written, total)

        report = test(model, dataset, sink, on_progress=progress, cancelled=cancelled)
    on_progress("stored", writer.written, report.rows)
    return report


def score_writer(cloud: Cloud, run: Run) -> ScoreWriter:
    """Writes the records of a run, to be judged by its threshold."""
    return ScoreWriter(cloud, run.id, threshold=run.threshold, patience=cloud.patience)


def save_run(services: Services, cloud: Cloud, run: Run) -> None:
    """Keep the state of a run, in the workspace first: a crash of the cloud must not take it."""
    services.journal.save(run)
    run_table.save(cloud, run)
    tell(
        f"run {run.state}", model=run.model, dataset=run.dataset, rows=run.rows, tested=run.tested,
        stored=run.stored, expected=run.expected, found=run.found, seconds=run.seconds,
    )  # fmt: skip


def _note_end(services: Services, cloud: Cloud | None, run: Run) -> None:
    """Keep the state of a run that ends too early, wherever that can be done.

    Whatever happened, and though a disk or a cloud may fail, it must not look as if it went on.
    """
    with suppress(StoreError):
        services.journal.save(run)
    if cloud is not None:
        with suppress(CloudError):
            run_table.save(cloud, run)


def reconciled(run: Run, result: Reconciliation, seconds: float | None) -> Run:
    """The run with what its tables say; `seconds` from its start to here."""
    return replace(
        run,
        state=run_table.RECONCILED if result.complete else run_table.INCOMPLETE,
        stored=result.stored,
        expected=result.expected,
        found=result.found,
        seconds=seconds,
    )


def report_metrics(report: TestReport, sureness: Sureness, threshold: str) -> dict[str, object]:
    """The figures of a report, and of how sure the model was, as the run table keeps them."""
    plain = asdict(report)
    kept = ("classes", "confusion", "unseen_labels", "unseen_categories", "missing", "ignored")
    return {**{name: plain[name] for name in kept}, **sureness.metrics(threshold)}
