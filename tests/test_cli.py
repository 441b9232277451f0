"""The command line, as cron calls it: its output and its exit status."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aws import drift, function
from aws.clients import connect_local
from aws.local_cloud import LocalCloud
from aws.settings import Settings
from iris_core.storage.model_store import ModelStore
from tests.commands import DATA, answer, run, run_process

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def looped(home: Path) -> Iterator[dict[str, Any]]:
    """What the first loop of a fresh workspace says, in a process of its own.

    Its cloud, saved when that process ended, is started again and held for the commands to join.
    """
    first = answer(run_process(home, "loop", "--rows", 25, "--json"))
    hold = LocalCloud(home / "cloud")
    hold.endpoint()
    yield first
    hold.close()


def test_loop_on_a_fresh_machine_accounts_for_every_record(looped: dict[str, Any]) -> None:
    assert looped["tested"] == looped["stored"] == 1200
    assert looped["found"] == looped["expected"] >= 20
    assert (looped["missing"], looped["unexpected"]) == ([], [])
    assert len(looped["changed"]) == 25
    keys = "run model tested stored expected found missing unexpected accuracy seconds"
    assert set(keys.split()) <= set(looped)


def test_report_and_model_card_are_written(
    home: Path, looped: dict[str, Any], tmp_path: Path
) -> None:
    report, card = tmp_path / "report.html", tmp_path / "card.md"
    written = answer(run(home, "report", looped["run"], "--out", report, "--json"))
    assert written == {"run": looped["run"], "state": "reconciled", "out": str(report)}
    page = report.read_text("utf-8")
    assert f"Run {looped['run']}, reconciled." in page
    assert "The mistakes of which the model was most certain" in page
    newest = answer(run(home, "report", "--out", tmp_path / "newest.html", "--json"))
    assert newest["state"] == "reconciled"
    made = answer(run(home, "model", "card", looped["model"], "--out", card, "--json"))
    assert made["model"] == looped["model"]
    assert "## Intended use" in card.read_text("utf-8")
    unknown = run(home, "model", "card", "nobody", "--out", card)
    assert (unknown.returncode, "there is none called 'nobody'" in unknown.stderr) == (2, True)


def test_loop_run_twice_keeps_the_runs_apart(home: Path, looped: dict[str, Any]) -> None:
    again = answer(run(home, "loop", "--rows", 25, "--json"))
    assert again["run"] != looped["run"]
    assert again["model"] == looped["model"]
    runs = answer(run(home, "runs", "--json"))["runs"]
    assert [entry["id"] for entry in runs][:2] == [again["run"], looped["run"]]
    per_run = [
        answer(run(home, "candidates", "--run", entry["run"], "--json"))["candidates"]
        for entry in (looped, again)
    ]
    assert [len(found) for found in per_run] == [looped["found"], again["found"]]
    everything = answer(run(home, "candidates", "--json"))["candidates"]
    assert len(everything) >= looped["found"] + again["found"]


def test_train_change_labels_and_test_work_on_a_file(
    home: Path, tmp_path: Path, looped: dict[str, Any]
) -> None:
    trained = answer(run(home, "train", "--data", DATA, "--epochs", 3, "--seed", 5, "--json"))
    beside = {"baseline_accuracy", "logistic_accuracy", "balanced_accuracy", "macro_f1"}
    assert set(trained) == {"model", "dataset", "rows", "network", "accuracy", "seconds", *beside}
    assert trained["baseline_accuracy"] == pytest.approx(1 / 3)
    assert trained["logistic_accuracy"] > 0.9
    assert trained["network"] == "default"
    assert trained["rows"] == 1200

    out = tmp_path / "noisy.csv"
    arguments = ("--data", DATA, "--rows", 7, "--seed", 1, "--out", out)
    changed = answer(run(home, "hack", *arguments, "--json"))["changed"]
    with DATA.open(newline="") as before, out.open(newline="") as after:
        pairs = list(zip(csv.reader(before), csv.reader(after), strict=True))
    differing = [row for row, (old, new) in enumerate(pairs[1:]) if old[0] != new[0]]
    assert differing == changed
    assert len(changed) == 7

    tested = answer(
        run(home, "test", "--data", out, "--model", trained["model"], "--threshold", "0", "--json")
    )
    assert tested["model"] == trained["model"]
    assert tested["seen"] == 960
    assert tested["baseline_accuracy"] < 0.4 < tested["logistic_accuracy"]
    assert 0 < tested["balanced_accuracy"] <= 1
    assert 0 < tested["macro_f1"] <= 1
    assert tested["beats_baselines"] in (True, False)
    assert 0 < tested["accuracy_unseen"] <= 1
    found = answer(run(home, "candidates", "--run", tested["run"], "--json"))["candidates"]
    assert all(entry["Class"] != entry["Actual"] for entry in found)
    assert len(found) == tested["expected"] == round(1200 * (1 - tested["accuracy"]))


def test_test_without_data_is_of_the_evaluation_set(home: Path, looped: dict[str, Any]) -> None:
    tested = answer(run(home, "test", "--model", looped["model"], "--json"))
    assert (tested["tested"], tested["seen"]) == (240, 0)
    assert tested["accuracy_unseen"] == tested["accuracy"]
    sets = answer(run(home, "data", "list", "--json"))["datasets"]
    assert len({entry["project"] for entry in sets}) == 1
    evaluation = next(entry for entry in sets if entry["change"] == "evaluation")
    assert evaluation["rows"] == 240
    again = answer(run(home, "data", "list", "--project", evaluation["project"], "--json"))
    assert again["datasets"] == sets
    by_project = answer(run(home, "test", "--project", evaluation["project"], "--json"))
    assert by_project["tested"] == 240


def test_data_set_says_what_changed_row_by_row(home: Path, looped: dict[str, Any]) -> None:
    sets = answer(run(home, "data", "list", "--json"))["datasets"]
    noisy = next(entry for entry in sets if entry["change"] == "labels changed")
    shown = answer(run(home, "data", "show", noisy["id"], "--json"))
    assert (shown["relabelled"], shown["added"], shown["dropped"]) == (25, 0, 0)
    assert [version["change"] for version in shown["lineage"]] == ["labels changed", "uploaded"]
    assert sorted(change["row"] for change in shown["changes"]) == looped["changed"]
    assert all(change["before"] != change["after"] for change in shown["changes"])
    assert run(home, "data", "show", "none").returncode == 2


def test_class_weights_are_suggested_on_standard_error_and_trained_with(tmp_path: Path) -> None:
    data = tmp_path / "rare.csv"
    rows = "".join(f"{'yes' if row % 25 == 0 else 'no'},{row % 7}\n" for row in range(200))
    data.write_text("kind,length\n" + rows, "utf-8")
    command = ("train", "--data", data, "--epochs", 1, "--json")
    done = run(tmp_path / "home", *command)
    assert "Try class weights" in done.stderr
    weighted = run(tmp_path / "home", *command, "--class-weights")
    assert "Try class weights" not in weighted.stderr
    card = json.loads(
        (tmp_path / "home/models" / answer(weighted)["model"] / "card.json").read_text("utf-8")
    )
    assert card["options"]["class_weights"] is True
    assert card["class_counts"] == [165, 6]


def test_training_on_one_row_a_class_has_no_accuracy_to_report(tmp_path: Path) -> None:
    data = tmp_path / "two.csv"
    data.write_text("kind,length\na,1.5\nb,2.5\n", "utf-8")
    command = ("train", "--data", data, "--network", "plain", "--epochs", 1)
    assert answer(run(tmp_path / "home", *command, "--json"))["accuracy"] is None
    assert "accuracy: not measured\n" in run(tmp_path / "home", *command).stdout


def test_network_is_chosen_by_its_name(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for network, members in (("plain", 1), ("thorough", 16)):
        arguments = ("--data", DATA, "--network", network, "--epochs", 1, "--json")
        model = answer(run(home, "train", *arguments))["model"]
        assert ModelStore(home).card(model).spec.members == members
    with pytest.raises(SystemExit):
        run(home, "train", "--data", DATA, "--network", "huge")


def test_tables_are_printed_as_csv(home: Path, looped: dict[str, Any]) -> None:
    done = run(home, "candidates", "--run", looped["run"], "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == looped["found"]
    assert {"partition_key", "sort_key", "Features", "Class", "Reason"} <= set(rows[0])
    listed = list(csv.DictReader(io.StringIO(run(home, "runs", "--format", "csv").stdout)))
    assert looped["run"] in {row["id"] for row in listed}


def test_check_is_status_1_while_the_newest_run_is_worse_than_those_before_it(
    home: Path, tmp_path: Path, looped: dict[str, Any]
) -> None:
    assert not any(row["worse"] for row in answer(run(home, "runs", "--check", "--json"))["runs"])
    # WHEN two batches of one name are alike, and the next has many wrong labels
    batch = tmp_path / "batch.csv"
    for seed, wrong in enumerate((1, 2, 300)):
        run(home, "hack", "--data", DATA, "--rows", wrong, "--seed", seed, "--out", batch)
        answer(run(home, "test", "--data", batch, "--model", looped["model"], "--json"))
    # THEN the check says so, and which run it is
    done = run(home, "runs", "--check", "--json")
    rows = answer(done, status=1)["runs"]
    assert [row["worse"] for row in rows[:3]] == [True, False, False]
    assert f"{rows[0]['id']}: Worse than the 2 runs before it beyond chance" in done.stderr
    # AND the list alone is no failure, with the name of what is so in its text
    listed = run(home, "runs")
    assert listed.returncode == 0
    assert [line.endswith("  worse") for line in listed.stdout.splitlines()[:3]] == [
        True, False, False,
    ]  # fmt: skip
    # AND a run as good as before ends it
    run(home, "hack", "--data", DATA, "--rows", 3, "--seed", 9, "--out", batch)
    answer(run(home, "test", "--data", batch, "--model", looped["model"], "--json"))
    assert answer(run(home, "runs", "--check", "--json"))["runs"][1]["worse"]


def test_status_shows_a_monitor_the_health_of_the_pipeline(
    home: Path, looped: dict[str, Any]
) -> None:
    status = answer(run(home, "cloud", "status", "--json"))
    numbers = "lag_records lag_seconds failures_queued unjudgeable_records unreconciled_runs"
    assert {name: status[name] for name in numbers.split()} == dict.fromkeys(numbers.split(), 0)


def test_budget_sets_the_threshold_by_what_a_run_had_copied(
    home: Path, looped: dict[str, Any]
) -> None:
    words = ("cloud", "threshold", "--json")
    newest = answer(run(home, "runs", "--json"))["runs"][0]
    try:
        wide = answer(run(home, *words, "--budget", 1200))
        assert set(wide) == {"threshold", "reviewed", "caught", "errors", "run"}
        assert (wide["threshold"], wide["run"]) == ("1", newest["id"])
        # WHEN the errors alone can be reviewed, of a run that is named
        narrow = answer(run(home, *words, "--budget", looped["found"], "--run", looped["run"]))
        assert narrow["run"] == looped["run"]
        assert 0 <= narrow["caught"] <= narrow["errors"] <= narrow["reviewed"] <= looped["found"]
        assert float(narrow["threshold"]) >= 0.9, "at 0.9 as many were copied"
        # THEN the function has it, and less than the errors cannot be had
        status = answer(run(home, "cloud", "status", "--json"))
        assert status["threshold"] == narrow["threshold"]
        too_few = answer(
            run(home, *words, "--budget", narrow["errors"] - 1, "--run", looped["run"]), status=2
        )
        assert f"at least {narrow['errors']}" in too_few["error"]
        status = answer(run(home, "cloud", "status", "--json"))
        assert status["threshold"] == narrow["threshold"]
    finally:
        answer(run(home, *words, "0.9"))


def test_review_suggests_the_rows_whose_labels_were_changed(
    home: Path, looped: dict[str, Any]
) -> None:
    words = ("review", "suggest", "--run", looped["run"], "--method", "quick", "--json")
    found = answer(run(home, *words, "--budget", 10))
    assert (found["run"], found["order"]) == (looped["run"], "mislabelled")
    keys = "fingerprint row label suggested wrong probability reason"
    assert all(set(keys.split()) <= set(entry) for entry in found["suggestions"])
    assert len(found["suggestions"]) == 10
    assert all(entry["wrong"] is True for entry in found["suggestions"])
    assert {entry["row"] for entry in found["suggestions"]} <= set(looped["changed"])
    assert len(found["suggestions"]) < found["wrong"] <= found["rows"] == looped["found"]
    for order in ("uncertain", "diverse"):
        other = answer(run(home, *words, "--order", order))
        assert len(other["suggestions"]) == looped["found"]
        assert other["wrong"] == found["wrong"]
    refused = answer(run(home, *words, "--budget", 0), status=2)
    assert "budget: expected a whole number from 1" in refused["error"]
    refused = answer(run(home, "review", "suggest", "--dataset", "no", "--json"), status=2)
    assert "no" in refused["error"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected one of both, received neither"),
        (["0.8", "--budget", "40"], "received the threshold 0.8 and --budget 40"),
        (["--run", "x"], "expected one of both, received --run x"),
        (["0.8", "--run", "x"], "expected --run with --budget only"),
        (["--budget", "-1"], "budget: expected a whole number from 0"),
        (["--budget", "5", "--run", ""], "run"),
    ],
)
def test_threshold_takes_a_number_or_a_budget(
    home: Path, looped: dict[str, Any], arguments: list[str], message: str
) -> None:
    refused = answer(run(home, "cloud", "threshold", *arguments, "--json"), status=2)
    assert message in refused["error"]


def test_log_is_json_on_standard_error_with_the_run_on_each_of_its_lines(
    home: Path, looped: dict[str, Any]
) -> None:
    done = run(home, "test", "--data", DATA, "--model", looped["model"], "--json", "--log")
    events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    named = ["run running", "run written", "verdicts carried over", "run reconciled"]
    assert [event["event"] for event in events] == named
    assert {event["run"] for event in events} == {answer(done)["run"]}
    assert events[-1]["stored"] == 1200


def test_log_has_the_counts_of_the_batches(home: Path, looped: dict[str, Any]) -> None:
    lines = answer(run(home, "cloud", "logs", "--containing", "received", "--json"))["logs"]
    assert sum(json.loads(line["text"])["received"] for line in lines) >= looped["tested"]


def switch_mapping(home: Path, *, on: bool) -> None:
    """Let the stream reach the function, or not."""
    hold = LocalCloud(home / "cloud")
    cloud = connect_local(Settings(), hold.endpoint())
    mapping = function.mapping(cloud)
    assert mapping
    cloud.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)
    hold.close()


def test_run_that_does_not_reconcile_is_status_1_and_replay_completes_it(
    home: Path, looped: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Somebody switches the mapping off just when the cloud was opened, which would mend that.
    monkeypatch.setattr(drift, "restore_mapping", lambda _cloud: False)
    switch_mapping(home, on=False)
    late = answer(
        run(home, "test", "--data", DATA, "--threshold", "1", "--timeout", "0", "--json"), status=1
    )
    assert (late["expected"], late["found"]) == (len(late["missing"]), 0)
    assert late["missing"]
    completed = answer(run(home, "replay", "--run", late["run"], "--json"))["replay"]
    assert [entry["state"] for entry in completed] == ["reconciled"]
    assert answer(run(home, "replay", "--json"))["replay"] == []
    switch_mapping(home, on=True)
    plain = answer(run(home, "test", "--data", DATA, "--json"))
    assert plain["expected"] < late["expected"], "a test leaves the function's threshold as it was"


BAD_FILES = {
    "empty": ("", "empty"),
    "no rows": ("species,a\n", "row"),
    "one class": ("species,a\nx,1\nx,2\nx,3\n", "class"),
    "one row": ("species,a\nx,1\n", "row"),
    "ragged": ("species,a,b\nx,1,2\ny,1\nx,3,4\n", "row 3"),
    "duplicate header": ("species,a,a\nx,1,2\ny,3,4\n", "'a'"),
    "blank header": ("species,a,\nx,1,2\ny,3,4\n", "column 3"),
    "text among numbers": (
        "species,a\n" + "".join(f"{'xy'[n % 2]},{n / 8}\n" for n in range(400)) + "x,abc\n",
        "row 402, column 'a'",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file_is_status_2_with_file_and_place_and_the_list_is_unchanged(
    home: Path, tmp_path: Path, looped: dict[str, Any], case: str
) -> None:
    content, message = BAD_FILES[case]
    bad = tmp_path / "bad.csv"
    bad.write_text(content)
    before = sorted(path.name for path in (home / "datasets").iterdir())
    done = run(home, "train", "--data", bad, "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["kind"] == "DataError"
    assert "bad.csv" in done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in (home / "datasets").iterdir()) == before


def test_process_ends_with_the_status_and_without_a_traceback(tmp_path: Path) -> None:
    done = run_process(tmp_path, "train", "--data", tmp_path / "none.csv")
    assert done.returncode == 2
    assert "none.csv" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_wrong_encoding_is_named(home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "latin.csv"
    bad.write_bytes("species,größe\nx,1\ny,2\n".encode("latin-1"))
    done = run(home, "train", "--data", bad)
    assert done.returncode == 2
    assert "UTF-8" in done.stderr


CANNOT = {
    "no such file": (["train", "--data", "/nowhere/x.csv"], {}, "x.csv"),
    "no such label": (["train", "--data", str(DATA), "--label", "colour"], {}, "colour"),
    "no such model": (["test", "--data", str(DATA), "--model", "none-v9"], {}, "none-v9"),
    "hostile model": (["test", "--data", str(DATA), "--model", "../../etc"], {}, "../../etc"),
    "no such run": (["candidates", "--run", "x"], {}, "run id"),
    "bad threshold": (["test", "--data", str(DATA), "--threshold", "2"], {}, "from 0 to 1"),
    "bad setting": (["runs"], {"IRIS_THREADS": "many"}, "IRIS_THREADS"),
    "no credentials": (
        ["cloud", "status", "--target", "aws"],
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
        "credentials",
    ),
}


@pytest.mark.parametrize("case", CANNOT)
def test_what_cannot_be_done_is_status_2_with_the_remedy_and_no_traceback(
    home: Path, looped: dict[str, Any], case: str
) -> None:
    arguments, environment, message = CANNOT[case]
    done = run(home, *arguments, **environment)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_test_set_that_lacks_a_column_is_refused(
    home: Path, tmp_path: Path, looped: dict[str, Any]
) -> None:
    lacking = tmp_path / "lacking.csv"
    with DATA.open(newline="") as source, lacking.open("w", newline="") as target:
        csv.writer(target).writerows(row[:-1] for row in csv.reader(source))
    done = run(home, "test", "--data", lacking, "--model", looped["model"])
    assert done.returncode == 2
    assert "area_ratios" in done.stderr


def test_columns_are_matched_by_name_not_by_position(
    home: Path, tmp_path: Path, looped: dict[str, Any]
) -> None:
    shuffled = tmp_path / "shuffled.csv"
    with DATA.open(newline="") as source, shuffled.open("w", newline="") as target:
        csv.writer(target).writerows(row[::-1] for row in csv.reader(source))
    accuracies = [
        answer(run(home, "test", "--data", path, "--model", looped["model"], "--json"))["accuracy"]
        for path in (DATA, shuffled)
    ]
    assert accuracies[0] == accuracies[1] > 0.95
