"""What the sources never do: checked in every file of ours, by its syntax."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws.settings import Settings
from iris_core.errors import IrisError
from iris_core.records.keys import check_run_id
from iris_core.storage.dataset_store import DataSetStore
from iris_core.storage.model_store import ModelStore

PROJECT = Path(__file__).parents[2]
FOLDERS = ("app", "aws", "iris_core", "lambda_src", "data", "docs", "bench")
SOURCES = [
    *PROJECT.glob("*.py"),
    *(path for folder in FOLDERS for path in sorted((PROJECT / folder).rglob("*.py"))),
]

FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "marshal.loads", "st.html",
    "yaml.load", "joblib.load", "pickle.load", "pickle.loads", "pd.read_pickle", "st.components",
}  # fmt: skip
FORBIDDEN_MODULES = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN_ARGUMENTS = {
    "unsafe_allow_html": True,
    "unsafe_allow_javascript": True,
    "shell": True,
    "verify": False,
    "allow_pickle": True,
    "safe_mode": False,
}


def dotted(node: ast.expr) -> str:
    """`a.b.c` for what is called; what is no name is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def faults(tree: ast.AST) -> Iterator[str]:
    """What a file does that it must not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if dotted(node.func) in FORBIDDEN_CALLS:
                yield f"{node.lineno}: calls {dotted(node.func)}"
            for keyword in node.keywords:
                if keyword.arg in FORBIDDEN_ARGUMENTS and not (
                    isinstance(keyword.value, ast.Constant)
                    and bool(keyword.value.value) is not FORBIDDEN_ARGUMENTS[keyword.arg]
                ):
                    yield f"{node.lineno}: {keyword.arg}"
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.partition(".")[0] in FORBIDDEN_MODULES:
                yield f"imports {name}"


def test_no_source_runs_or_unpickles_what_it_reads_or_draws_html() -> None:
    assert len(SOURCES) > 80
    by_file = {
        str(path.relative_to(PROJECT)): problems
        for path in SOURCES
        if (problems := list(faults(ast.parse(path.read_text("utf-8")))))
    }
    # The ring of the Loop page is HTML; its test shows that it escapes whatever it is given.
    (ring,) = by_file.pop("app/ui/pages/loop/ring.py")
    assert ring.endswith("calls st.html")
    assert by_file == {}


@pytest.mark.parametrize(
    "line",
    [
        "eval(text)", "import pickle", "from joblib import load",
        "st.markdown(x, unsafe_allow_html=1)",
        "st.markdown(x, unsafe_allow_html=flag)", "subprocess.run(x, shell=True)", "st.html(x)",
        "keras.models.load_model(path, safe_mode=False)", "np.load(path, allow_pickle=True)",
    ],
)  # fmt: skip
def test_scan_sees_what_it_looks_for(line: str) -> None:
    assert list(faults(ast.parse(line)))


def run_in(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; git is to look nowhere else, and to speak English."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=folder,
        env={**around, "LC_ALL": "C"},
    )  # fmt: skip


def scan(folder: Path) -> subprocess.CompletedProcess[str]:
    """Look for secrets in a folder as `make lint` does."""
    makefile, installed = PROJECT / "Makefile", Path(sys.executable).parent
    return run_in(folder, "make", "--file", str(makefile), "secrets", f"BIN={installed}")


def test_key_in_a_file_fails_the_secret_scan(tmp_path: Path) -> None:
    # GIVEN a repository in which nothing is secret
    planted = tmp_path / "of a kind" / "settings.py"
    planted.parent.mkdir()
    planted.write_text("threshold = 0.9\n")
    run_in(tmp_path, "git", "init")
    run_in(tmp_path, "git", "add", ".")
    assert scan(tmp_path).returncode == 0
    # WHEN somebody writes a key into one of its files
    planted.write_text("key = '-----BEGIN" + " RSA PRIVATE KEY-----'\n")
    # THEN the scan fails and names it
    process = scan(tmp_path)
    assert process.returncode != 0
    assert "of a kind/settings.py:1" in process.stdout


def test_secret_scan_without_files_fails(tmp_path: Path) -> None:
    (tmp_path / "settings.py").touch()
    process = scan(tmp_path)
    assert process.returncode != 0
    assert "not a git repository" in process.stderr
    run_in(tmp_path, "git", "init")
    process = scan(tmp_path)
    assert process.returncode != 0
    assert "did not match any file" in process.stderr


def test_make_lint_scans_the_files_of_this_project() -> None:
    assert "\t@$(MAKE) --no-print-directory secrets\n" in (PROJECT / "Makefile").read_text("utf-8")
    scanned = run_in(PROJECT, "git", "ls-files").stdout.splitlines()
    assert {"cli.py", "aws/clients.py", "tests/security/test_sources.py"} <= set(scanned)


def test_session_and_caches_are_never_given_credentials() -> None:
    """Nothing of ours reads a credential at all: boto3's own chain does, in `aws/clients.py`."""
    for path in SOURCES:
        if path.name == "redaction.py":
            continue
        text = path.read_text("utf-8")
        for word in ("get_credentials", "get_frozen_credentials", "secret_key", "expose_tokens"):
            assert word not in text, f"{path} uses {word}"
    readers = [path for path in SOURCES if "st.secrets" in path.read_text("utf-8")]
    assert [str(path.relative_to(PROJECT)) for path in readers] == ["app/ui/access.py"]


HOSTILE = (
    "../outside", "..", "/etc/passwd", "a/../../outside", "..\\outside", "C:\\outside", "con\0", "",
    ".", "~", "%2e%2e%2foutside",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leads_out_of_the_workspace(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "card.json").write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    datasets, models = DataSetStore(home), ModelStore(home)
    for use in (
        datasets.card, datasets.load, datasets.delete, models.card, models.load, models.delete,
        models.restore, models.export, lambda id_: models.rename(id_, "new"),
    ):  # fmt: skip
        with pytest.raises(IrisError):
            use(name)
    with pytest.raises(Exception, match="run id"):
        check_run_id(name)
    assert sorted(tmp_path.rglob("*")) == before


def test_no_setting_names_an_endpoint() -> None:
    names = " ".join(Settings.__dataclass_fields__)
    assert "endpoint" not in names
    assert "url" not in names
