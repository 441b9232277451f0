"""All pages show one project: what is chosen, listed and linked belongs together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.services.data.datasets import change_labels, default_dataset, import_table
from app.services.model.training import train_model
from app.services.project_data import evaluation_set, plan_data, use_data
from app.services.runs.pipeline import run_test
from app.services.workspace import Workspace
from app.ui import state
from app.ui.pages.data.origin import MAX_VERSIONS
from app.ui.visit import visit_workspace
from app.ui.widgets.texts import plain
from aws import run_table
from aws.settings import Settings
from iris_core.data.roles import RoleChoice
from iris_core.model.options import ModelSpec, TrainOptions
from iris_core.records.run import Run
from iris_core.storage.cards import DataSetCard
from tests.app.conftest import close
from tests.app.driving import go_to, is_calm, open_page, open_view, press, texts, until
from tests.files import coffee_csv
from tests.newest import newest_model

pytestmark = pytest.mark.cloud

IRIS, COFFEE = "extended_iris · species", "coffee · variety"


@pytest.fixture(scope="module")
def two_homes(tested_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two projects, each with data, a model and a run; coffee is the newer."""
    home = tmp_path_factory.mktemp("two") / "home"
    shutil.copytree(tested_home, home)
    workspace = Workspace(home, Settings())
    coffee = import_table(workspace, coffee_csv(300), name="coffee", choice=RoleChoice("variety"))
    model = train_model(workspace, coffee, ModelSpec(), options=TrainOptions(epochs=3))
    run_test(workspace, model, evaluation_set(workspace, coffee.columns.project))
    workspace.close()
    return home


@pytest.fixture(scope="module")
def shared(two_homes: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = (tmp_path_factory.mktemp("shared") / "home").resolve()
    shutil.copytree(two_homes, home)
    yield home
    close(home)


@pytest.fixture
def both(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The two projects, for tests that leave them as they found them."""
    monkeypatch.setenv("IRIS_HOME", str(shared))
    return visit_workspace()


@pytest.fixture
def own(home: Path, two_homes: Path) -> Workspace:
    """The two projects, for a test that changes them."""
    shutil.copytree(two_homes, home)
    return visit_workspace()


def data_set(workspace: Workspace, name: str) -> DataSetCard:
    return next(card for card in workspace.datasets.list().cards if card.name == name)


def project_of(workspace: Workspace, name: str) -> str:
    return data_set(workspace, name).project


def options(app: AppTest, key: str) -> list[str]:
    return list(app.selectbox(key=key).options)


def chosen(app: AppTest) -> str:
    box = app.selectbox(key=state.PROJECT)
    return str(box.format_func(box.value))


def choose(app: AppTest, project: str) -> AppTest:
    app = app.selectbox(key=state.PROJECT).set_value(project).run()
    assert is_calm(app), texts(app)
    return app


def run_on(workspace: Workspace, name: str) -> Run:
    return next(run for run in workspace.journal.runs() if run.dataset_name == name)


def test_sidebar_names_the_one_project_and_the_cloud(same_home: Path) -> None:
    app = open_page("data")
    assert [box.key for box in app.sidebar.selectbox] == []
    assert [entry.value for entry in app.sidebar.caption] == [
        f"Project: **{plain(IRIS)}**",
        ":material/cloud: Local cloud",
    ]
    assert state.PROJECT not in app.query_params


def test_sidebar_names_no_project_in_an_empty_workspace_until_there_is_one(home: Path) -> None:
    app = open_page("loop")
    assert [entry.value for entry in app.sidebar.caption] == [":material/cloud: Local cloud"]
    assert not app.sidebar.warning
    app = go_to(app, "data")
    assert app.sidebar.caption[0].value == f"Project: **{plain(IRIS)}**"


def test_every_list_has_what_the_chosen_project_has(both: Workspace) -> None:
    iris = project_of(both, "extended_iris")
    app = open_page("data")
    assert chosen(app) == COFFEE
    assert options(app, state.PROJECT) == [COFFEE, IRIS]
    assert_lists_are_of(app, ("coffee",), ("iris",))
    go_to(app, "data")
    assert_lists_are_of(choose(app, iris), ("iris",), ("coffee",))
    assert chosen(app) == IRIS
    assert app.query_params[state.PROJECT] in (iris, [iris])


def assert_lists_are_of(app: AppTest, own: tuple[str, ...], others: tuple[str, ...]) -> None:
    listed: list[str] = options(app, state.DATA_SET)
    go_to(app, "train")
    listed += options(app, state.TRAIN_ON)
    assert not [name for name in options(app, state.TRAIN_ON) if "(evaluation)" in name]
    listed += options(app, state.PARENT)[1:]
    listed += list(app.dataframe[0].value["Model"])
    listed += list(app.multiselect(key=state.COMPARED).options)
    listed += list(app.selectbox(key=state.MANAGED_MODEL).options)
    go_to(app, "score")
    listed += [*options(app, state.MODEL), *options(app, state.SCORE_FROM)]
    go_to(app, "test")
    listed += [*options(app, state.MODEL), *options(app, state.TEST_ON)[1:]]
    listed += options(app, state.RUN)
    assert options(app, state.TEST_ON)[0].startswith("Evaluation set · ")
    go_to(app, "retrain")
    listed += options(app, state.RUN)
    assert all(any(word in name for word in own) for name in listed), listed
    go_to(app, "loop")
    assert is_calm(app), texts(app)
    assert not [entry for entry in app.warning if "ccuracy" not in entry.value]
    said = texts(app)
    assert not any(word in said.replace(COFFEE, "").replace(plain(IRIS), "") for word in others)
    assert ">1</span><span class='name'>Train<" in app.get("html")[-1].proto.body


@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("data", state.DATA_SET),
        ("train", state.TRAIN_ON),
        ("test", state.TEST_ON),
        ("score", state.MODEL),
        ("test", state.MODEL),
        ("train", state.PARENT),
        ("test", state.RUN),
        ("retrain", state.RUN),
        ("score", state.RECORD),
    ],
)
def test_link_chooses_the_project_of_what_it_names(both: Workspace, page: str, key: str) -> None:
    iris = data_set(both, "extended_iris-noisy")
    model = next(card for card in both.models.list().cards if card.dataset_name == "extended_iris")
    named = {
        state.MODEL: model.id,
        state.PARENT: model.id,
        state.RUN: run_on(both, "extended_iris").id,
        state.RECORD: f"{iris.id}:3",
    }.get(key, iris.id)
    address: dict[str, Any] = {key: named, state.PROJECT: project_of(both, "coffee")}
    app = open_page(page, **address)
    assert is_calm(app), texts(app)
    assert "in this list" not in texts(app)
    assert chosen(app) == IRIS
    if key == state.RECORD:
        assert "Row 3 of" in texts(app)
        assert list(app.query_params[key])
    else:
        assert app.selectbox(key=key).value == named
    # WHEN another project is chosen after that, the link counts no more
    app = choose(app, project_of(both, "coffee"))
    assert chosen(app) == COFFEE
    assert "in this list" not in texts(app)
    assert "Row 3 of" not in texts(app)


def test_chosen_project_stays_over_a_page_switch_and_a_link_opens_it(both: Workspace) -> None:
    iris = project_of(both, "extended_iris")
    app = choose(open_page("data"), iris)
    for page in ("train", "cloud", "loop", "data"):
        assert chosen(go_to(app, page)) == IRIS
    assert chosen(open_page("loop", project=iris)) == IRIS
    unknown = open_page("loop", project="nowhere")
    assert any("The link names 'nowhere'" in entry.value for entry in unknown.warning)
    assert chosen(unknown) == COFFEE


def test_click_for_a_project_that_is_gone_is_not_carried_out_in_another(own: Workspace) -> None:
    iris = project_of(own, "extended_iris")
    app = choose(open_page("train"), iris)
    for card in own.datasets.list().cards:
        if card.project == iris:
            own.datasets.delete(card.id)
    for model in own.models.list().cards:
        if model.schema.columns.project == iris:
            own.models.delete(model.id)
    press(app, "Train")
    assert not own.jobs.running()
    (message,) = [entry.value for entry in app.warning if "any more" in entry.value]
    assert plain(IRIS) in message
    assert f"Project: **{plain(COFFEE)}**" in texts(app)


def test_project_with_models_and_no_data_says_where_to_upload_it(own: Workspace) -> None:
    coffee = project_of(own, "coffee")
    for card in own.datasets.list().cards:
        if card.project == coffee:
            own.datasets.delete(card.id)
    for page in ("data", "train", "score", "test", "retrain", "loop"):
        app = open_page(page, project=coffee)
        assert is_calm(app), texts(app)
        if page in ("data", "train", "test"):
            assert "no data set any more" in texts(app)
    assert open_page("data", project=coffee).file_uploader


def test_broken_card_of_a_project_is_named_and_the_pages_go_on(own: Workspace) -> None:
    coffee = project_of(own, "coffee")
    path = own.home / "projects" / coffee / "card.json"
    path.write_text("{")
    app = open_page("test")
    assert is_calm(app), texts(app)
    assert "card" in app.sidebar.warning[0].value
    assert "Evaluation set" not in options(app, state.TEST_ON)[0]


def test_first_visit_tests_the_evaluation_set_whichever_it_is_then(own: Workspace) -> None:
    coffee = data_set(own, "coffee")
    before = evaluation_set(own, coffee.project)
    app = open_page("test")
    assert options(app, state.TEST_ON)[0] == f"Evaluation set · {before.rows:,} rows"
    # WHEN newer data give it more rows
    later = import_table(
        own, coffee_csv(500, seed=3), name="coffee later", choice=RoleChoice("variety")
    )
    use_data(own, plan_data(own, later))
    after = evaluation_set(own, coffee.project)
    assert after.rows > before.rows
    runs = len(own.journal.runs())
    until(press(app, "Test"), lambda _: len(own.journal.runs()) > runs)
    # THEN the new one is tested
    newest = own.journal.runs()[0]
    assert (newest.dataset, newest.rows) == (after.id, after.rows)
    assert newest.project == coffee.project
    # AND a link to the older one opens it, to repeat a run on it; one to the new one as well
    app = open_page("test", test_on=before.id)
    assert app.selectbox(key=state.TEST_ON).value == before.id
    assert len(options(app, state.TEST_ON)) == len(options(open_page("test"), state.TEST_ON)) + 1
    app = open_page("test", test_on=after.id)
    assert app.selectbox(key=state.TEST_ON).value == ""
    assert not [entry for entry in app.warning if "ccuracy" not in entry.value]


def test_run_of_an_earlier_version_is_listed_with_its_model(own: Workspace) -> None:
    run = replace(run_on(own, "extended_iris"), project="")
    own.journal.save(run)
    run_table.save(own.cloud(), run)
    for name, is_listed in (("coffee", False), ("extended_iris", True)):
        names = options(open_page("test", project=project_of(own, name)), state.RUN)
        assert any("on extended_iris" in entry for entry in names) == is_listed


def upload(app: AppTest, content: str, label: str) -> AppTest:
    app.file_uploader[0].set_value(("plots.csv", content.encode(), "text/csv")).run()
    return app.selectbox(key=state.UPLOAD_LABEL).set_value(label).run()


def wider() -> str:
    """The default data with the person who measured and the day, 40 flowers of each species."""
    frame = default_dataset(visit_workspace()).frame.groupby("species").head(40)
    person, day = (["ann", "bob", "eve"] * 40, [n % 7 for n in range(120)])
    return str(frame.assign(person=person, day=day).to_csv(index=False))


def test_uploaded_data_choose_their_project(own: Workspace) -> None:
    app = open_page("data")
    upload(app, "kind,size\na,1\nb,2\na,3\nb,4\n", "kind")
    assert not [box for box in app.selectbox if box.key == state.UPLOAD_PROJECT]
    press(app, "Add")
    assert chosen(app) == "plots · kind"
    assert "4 rows" in texts(app)


def test_file_with_more_columns_is_offered_to_the_project_that_has_the_others(
    own: Workspace,
) -> None:
    iris = project_of(own, "extended_iris")
    app = upload(open_page("data"), wider(), "species")
    offer = app.selectbox(key=state.UPLOAD_PROJECT)
    assert list(offer.options) == [
        f"Add to {IRIS} (leaves out the columns person, day)",
        "New project",
    ]
    press(app, "Add")
    assert is_calm(app), texts(app)
    card = data_set(own, "plots")
    assert (card.project, card.rows, card.ignored) == (iris, 120, ("person", "day"))
    assert chosen(app) == IRIS
    assert app.selectbox(key=state.DATA_SET).value == card.id


def test_file_with_more_columns_can_be_a_project_of_its_own(own: Workspace) -> None:
    app = upload(open_page("data"), wider(), "species")
    app.selectbox(key=state.UPLOAD_PROJECT).set_value("").run()
    press(app, "Add")
    assert data_set(own, "plots").columns == 23
    assert chosen(app) == "plots · species"


def origin_view(dataset_id: str) -> AppTest:
    app = open_page("data", dataset=dataset_id)
    open_view(app, state.VIEW, "Where it comes from")
    assert is_calm(app), texts(app)
    return app


def test_view_says_where_a_data_set_comes_from_and_what_changed(both: Workspace) -> None:
    base, noisy = data_set(both, "extended_iris"), data_set(both, "extended_iris-noisy")
    app = origin_view(noisy.id)
    assert "with labels changed on purpose" in texts(app)
    assert "Uploaded" in texts(app)
    assert "(1,200 rows): **60** relabelled, **0** added, **0** dropped." in texts(app)
    changes = app.dataframe[0].value
    assert len(changes) == 60
    before = both.datasets.load(base.id).frame["species"]
    assert list(changes["Before"]) == before.iloc[changes["Row"]].tolist()
    assert (changes["Before"] != changes["After"]).all()
    # WHEN the version before is opened
    app = press(app, "Open")
    # THEN it is chosen, and has nothing before it
    assert app.selectbox(key=state.DATA_SET).value == base.id
    assert not app.dataframe
    assert "Compared with" not in texts(app)


def test_long_list_of_changes_is_cut_and_says_so(own: Workspace) -> None:
    noisy, _ = change_labels(own, default_dataset(own), rows=1_150, seed=2)
    app = origin_view(noisy.id)
    assert "**1,150** relabelled" in texts(app)
    assert len(app.dataframe[0].value) == 1_000
    assert "The first 1,000 of 1,150 changes are listed." in texts(app)


def test_parent_that_was_deleted_is_named(own: Workspace) -> None:
    noisy = data_set(own, "extended_iris-noisy")
    own.datasets.delete(str(noisy.parent))
    app = origin_view(noisy.id)
    assert f"The data set {noisy.parent} that it was made of was deleted." in texts(app)
    assert not app.dataframe


def test_long_history_is_cut_and_says_so(own: Workspace) -> None:
    dataset = default_dataset(own)
    for seed in range(MAX_VERSIONS + 2):
        dataset, _ = change_labels(own, dataset, rows=1, seed=seed)
    app = origin_view(dataset.id)
    assert "And 3 earlier ones, back to " in texts(app)
    assert len([button for button in app.button if button.label == "Open"]) == MAX_VERSIONS - 1


def test_evaluation_set_says_of_what_it_is(both: Workspace) -> None:
    app = origin_view(evaluation_set(both, project_of(both, "coffee")).id)
    assert "that evaluate, and no training sees" in texts(app)
    assert "**0** relabelled, **0** added, **240** dropped" in texts(app)


def test_model_that_is_loaded_chooses_its_project(own: Workspace) -> None:
    iris = project_of(own, "extended_iris")
    model = next(card for card in own.models.list().cards if card.schema.columns.project == iris)
    content = own.models.export(model.id)
    app = open_page("train")
    assert newest_model(own).card.id != model.id
    app.file_uploader[0].set_value(("model.zip", content, "application/zip")).run()
    press(app, "Load it")
    assert is_calm(app), texts(app)
    assert chosen(app) == IRIS


def test_visitor_chooses_a_project_in_a_read_only_dashboard(
    both: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRIS_PUBLIC", "read-only")
    app = choose(open_page("test"), project_of(both, "extended_iris"))
    assert chosen(app) == IRIS
    app = origin_view(data_set(both, "extended_iris-noisy").id)
    assert len(app.dataframe[0].value) == 60
