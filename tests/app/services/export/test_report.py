"""The report is one file that needs nothing else, and runs nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest

from app.services.export.report import report_html
from iris_core.evaluation.calibration import calibration
from iris_core.evaluation.threshold_curve import threshold_counts
from iris_core.model.features import NumericFeature
from iris_core.model.models import Epoch, ModelCard
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.model.schema import Schema
from iris_core.records.run import Run, RunState
from iris_core.records.run_metrics import RunMetrics

MADE = datetime(2026, 11, 22, 10, tzinfo=UTC)
EVIL = "<script>alert('x')</script>\"&"
VOID = {"meta", "path", "rect"}


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


def full_report() -> str:
    probability = np.linspace(0.05, 1, 20)
    right = np.arange(20) % 5 > 0
    measured = replace(
        run().metrics,
        calibration=calibration(probability, right),
        thresholds=threshold_counts(~right, probability, 0.9),
    )
    incomplete = run(metrics=measured, state=RunState.INCOMPLETE, found=3)
    return report_html(incomplete, made_at=MADE, card=card())


def test_report_holds_everything_that_was_measured() -> None:
    text = Outline(full_report()).text
    for message in (
        "85.00%, 95% interval 63.96% to 94.76%",
        "Confusion matrix",
        "Expected calibration error",
        "4 of 20 records are misclassified.",
        "Candidates expected4",
        "Candidates copied3",
        "Stateincomplete",
        "Hidden layers32, 16",
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
    assert len(words) == outline.tags.count("svg") == 1


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
    assert f"Note{EVIL}" in text
    assert "Confusion matrix" not in text


def test_run_of_nothing_has_a_report() -> None:
    empty = calibration(np.zeros(0), np.zeros(0, dtype=bool))
    bare = run(tested=0, rows=0, metrics=replace(run().metrics, calibration=empty))
    text = Outline(report_html(bare, made_at=MADE)).text
    assert "Calibration" not in text


def test_many_classes_are_cut_and_it_is_said() -> None:
    names = [f"class {number:03}." for number in range(200)]
    entry = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}
    metrics = {
        "classes": [{"name": name, **entry} for name in names],
        "confusion": np.eye(201, 200, dtype=int).tolist(),
    }
    text = Outline(report_html(run(metrics=RunMetrics.from_dict(metrics)), made_at=MADE)).text
    assert "The first 50 of 200 classes." in text
    assert "class 049." in text
    assert "class 050." not in text
