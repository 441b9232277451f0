"""The report is one file that needs nothing else, and runs nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.export.headline import headline_of
from app.services.export.report import report_html
from app.services.export.report_sources import Example, Mistakes, ReportSources
from iris_core.evaluation.calibration import calibration
from iris_core.evaluation.threshold_curve import threshold_counts
from iris_core.model.features import NumericFeature
from iris_core.model.models import Epoch, ModelCard
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.schema import Schema
from iris_core.records.baseline import Baseline, BaselineKind, PairedCounts
from iris_core.records.run import Run, RunState
from iris_core.records.run_metrics import RunMetrics

MADE = datetime(2026, 11, 22, 10, tzinfo=UTC)
EVIL = "<script>alert('x')</script>\"&"
VOID = {"meta", "path", "rect", "circle", "wbr"}


class Outline(HTMLParser):
    """Collects tags, attributes and text; raises when a tag is closed that is not open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def run(**changes: object) -> Run:
    classes = [
        {"name": name, "precision": 0.9, "recall": 0.8, "f1": 0.85, "support": 10}
        for name in ("setosa", EVIL)
    ]
    metrics = {
        "classes": classes,
        "confusion": [[9, 1], [2, 8], [0, 0]],
        "unseen_labels": {},
        "missing": {EVIL: 3},
        "ignored": ["height"],
    }
    made = Run(
        id="20261122T093000.123456Z-0123456789abcdef",
        model="flowers-v1",
        dataset="0123456789ab",
        dataset_name=EVIL,
        rows=20,
        threshold="0.9",
        state=RunState.RECONCILED,
        tested=20,
        stored=20,
        expected=4,
        found=4,
        accuracy=0.85,
        loss=0.4321,
        seconds=1.5,
        # As the run table gives them back.
        metrics=RunMetrics.from_dict(json.loads(json.dumps(metrics))),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def card() -> ModelCard:
    return ModelCard(
        id="flowers-v1",
        name=EVIL,
        version=1,
        parent=None,
        created="2026-11-22T09:00:00.000+00:00",
        spec=ModelSpec(),
        options=TrainOptions(),
        schema=Schema("species", ("setosa", EVIL), (NumericFeature("a", 0, 1, -1, 1),)),
        dataset_id="0123456789ab",
        dataset_name=EVIL,
        rows=100,
        history=(Epoch(1, 30, 0.5, 0.8, None, None),),
        metrics={EVIL: 0.5},
        libraries={"keras": "3"},
    )


def sources() -> ReportSources:
    example = Example(3, EVIL, "setosa", "0.97", "wrong", (EVIL, "1.5"))
    found = Mistakes({"wrong": 1, "unsure": 2}, (example,), (EVIL, "a"), is_part=False)
    return ReportSources(card(), mistakes=found, champion=f"{EVIL} is the champion.", drift=EVIL)


def full_report() -> str:
    probability = np.linspace(0.05, 1, 20)
    right = np.arange(20) % 5 > 0
    measured = replace(
        run().metrics,
        calibration=calibration(probability, right),
        thresholds=threshold_counts(~right, probability, 0.9),
    )
    incomplete = run(metrics=measured, state=RunState.INCOMPLETE, found=3)
    return report_html(incomplete, made_at=MADE, sources=sources())


def test_report_holds_everything_that_was_measured() -> None:
    text = Outline(full_report()).text
    for message in (
        "Not every record is accounted for: 20 of 20 are in the score table, 3 of 4 candidates",
        "Accuracy: 85.0 % (always saying 'setosa', the most frequent class of these rows: 50.0 %)",
        "95 % interval 64.0 % to 94.8 % of 20 rows",
        "Started2026-11-22T09:30:00+00:00",
        "setosa1080.0 %49.0 % to 94.3 %90.0 %",
        "Confusion matrix",
        "3 of 20 records are misclassified.",
        "20.0 % of 10",
        "misclassified1",
        "low confidence2",
        "Expected calibration error",
        "4 of 20 records are misclassified.",
        "Candidates expected4",
        "Candidates copied31 missing",
        "Hidden layers32, 16",
        "python cli.py train --data FILE --network plain --epochs 30 --seed 0",
        "python cli.py test --model flowers-v1 --data FILE --threshold 0.9",
        "Data fingerprint0123456789ab",
        "height",
        f"{EVIL}: 3",
        "Report of 2026-11-22T10:00:00+00:00.",
    ):
        assert message in text


def test_text_is_shown_and_never_run() -> None:
    report = full_report()
    outline = Outline(report)
    assert "script" not in outline.tags
    assert "<script" not in report
    assert outline.text.count(EVIL) >= 6
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in outline.attributes


def test_report_needs_nothing_from_elsewhere() -> None:
    outline = Outline(full_report())
    assert not {name for name, _ in outline.attributes} & {"src", "href", "srcset", "action"}
    assert not set(outline.tags) & {"link", "img", "iframe", "object", "embed", "form"}
    assert "url(" not in full_report()
    assert "@import" not in full_report()


def test_report_is_in_light_and_dark() -> None:
    assert "prefers-color-scheme: dark" in full_report()


def test_every_table_has_headers_and_the_picture_words() -> None:
    outline = Outline(full_report())
    assert {value for name, value in outline.attributes if name == "scope"} == {"row", "col"}
    words = [value for name, value in outline.attributes if name == "aria-label"]
    assert len(words) == outline.tags.count("svg") == 3


@pytest.mark.parametrize("state", ["running", "failed", "cancelled"])
def test_run_without_figures_has_a_report(state: str) -> None:
    bare = run(
        state=RunState(state),
        metrics=RunMetrics(),
        accuracy=None,
        loss=None,
        seconds=None,
        note=EVIL,
    )
    text = Outline(report_html(bare, made_at=MADE)).text
    assert f"What was noted: {EVIL}" in text
    assert "after 20 of 20 records" in text
    assert "Confusion matrix" not in text


def test_run_of_nothing_has_a_report() -> None:
    empty = calibration(np.zeros(0), np.zeros(0, dtype=bool))
    bare = run(tested=0, rows=0, metrics=replace(run().metrics, calibration=empty))
    text = Outline(report_html(bare, made_at=MADE)).text
    assert "No calibration was measured in this run." in text


def test_many_classes_are_cut_and_it_is_said() -> None:
    names = [f"class {number:03}." for number in range(200)]
    entry = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}
    metrics = {
        "classes": [{"name": name, **entry} for name in names],
        "confusion": np.eye(201, 200, dtype=int).tolist(),
    }
    text = Outline(report_html(run(metrics=RunMetrics.from_dict(metrics)), made_at=MADE)).text
    assert "The 50 of 200 classes with the lowest recall" in text
    assert "class 049." in text
    assert "class 050." not in text
    assert "With 200 classes the matrix fits on no page" in text
    assert "None of 20 records is misclassified." in text


def test_what_is_gone_or_was_not_measured_is_said_in_a_sentence() -> None:
    text = Outline(report_html(run(metrics=RunMetrics(), found=0), made_at=MADE)).text
    for sentence in (
        "The model is not in this workspace any more",
        "The data set is not in this workspace any more",
        "No figures by class were kept with this run.",
        "The mistakes were not counted in this run.",
        "The baselines of the model are not known: 85.0 % of 20 records",
    ):
        assert sentence in text


def test_verdict_is_of_the_rows_that_the_model_was_not_trained_on() -> None:
    seen = replace(run().metrics, seen=10, unseen_correct=9)
    found = headline_of(run(metrics=seen))
    assert "90.0 % of the 10 records that it was not trained on" in found.sentences[0]


def test_verdict_is_green_only_where_the_model_beats_its_baselines_and_nothing_is_missing() -> None:
    counts = PairedCounts(rows=20, correct=17, fixed=10, broken=0)
    better = replace(run().metrics, baselines=(Baseline(BaselineKind.MAJORITY, "a", counts),))
    assert headline_of(run(metrics=better)).tone == "good"
    assert headline_of(run(metrics=better, state=RunState.INCOMPLETE)).tone == "warning"
    chance = replace(counts, fixed=1)
    worse = replace(better, baselines=(Baseline(BaselineKind.MAJORITY, "a", chance),))
    found = headline_of(run(metrics=worse))
    assert found.tone == "warning"
    assert found.sentences[0].startswith("The model does not beat its baselines")


def test_run_without_labels_has_no_accuracy_and_a_report() -> None:
    unlabelled = run(accuracy=None, metrics=RunMetrics())
    assert headline_of(unlabelled).tone == "neutral"
    text = Outline(report_html(unlabelled, made_at=MADE)).text
    assert "No accuracy was measured: no true labels." in text


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=90))
def test_no_name_is_ever_markup(name: str) -> None:
    tags = [
        Outline(report_html(run(dataset_name=word, model=word), made_at=MADE)).tags
        for word in (name, "plain")
    ]
    assert tags[0] == tags[1]
