"""A good CSV file becomes the data set that its author meant."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from iris_core.data.csv_reading import read_csv
from iris_core.data.csv_writing import to_csv
from iris_core.data.text_column import MISSING_WORDS
from tests.iris_core.samples import flowers


def csv(text: str) -> bytes:
    return text.encode()


def test_first_column_is_the_label_by_default() -> None:
    ds = read_csv(csv("kind,a,b\nx,1,2.5\ny,3,4.5\n"), name="mine.csv")
    assert (ds.name, ds.label, ds.features, ds.classes) == ("mine", "kind", ("a", "b"), ("x", "y"))


def test_chosen_label_moves_to_the_front() -> None:
    ds = read_csv(csv("a,kind,b\n1,x,2\n3,y,4\n"), label="kind")
    assert list(ds.frame.columns) == ["kind", "a", "b"]


def test_file_gives_its_name(tmp_path: Path) -> None:
    path = tmp_path / "field trip.csv"
    path.write_text("kind,a\nx,1\ny,2\n")
    assert read_csv(path).name == "field trip"


def test_labels_that_look_like_numbers_stay_text_as_written() -> None:
    ds = read_csv(csv("kind,a\n01,1\n1.0,2\n1e0,3\n"))
    assert ds.frame["kind"].tolist() == ["01", "1.0", "1e0"]
    assert ds.classes == ("01", "1.0", "1e0")


def test_missing_words_are_classes_in_the_label_column() -> None:
    assert read_csv(csv("kind,a\nNA,1\nnull,2\n")).classes == ("NA", "null")


def test_whole_numbers_stay_whole() -> None:
    ds = read_csv(csv("kind,a,b\nx,1,1\ny,9007199254740993,2.0\n"))
    assert ds.frame["a"].tolist() == [1, 9007199254740993]
    assert [ds.frame[name].dtype for name in "ab"] == ["int64", "float64"]


def test_numbers_are_read_to_the_last_bit() -> None:
    ds = read_csv(csv("kind,a\nx,0.1\ny,2.2250738585072014e-308\nz,1.7976931348623157e+30\n"))
    assert ds.frame["a"].tolist() == [0.1, 2.2250738585072014e-308, 1.7976931348623157e30]


@pytest.mark.parametrize("word", MISSING_WORDS)
def test_missing_word_in_a_numeric_column_is_missing(word: str) -> None:
    ds = read_csv(csv(f"kind,a\nx,1.5\ny,{word}\nz,\n"))
    assert ds.frame["a"].dtype == "float64"
    assert ds.frame["a"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize("word", MISSING_WORDS)
def test_missing_word_in_a_text_column_is_a_category(word: str) -> None:
    ds = read_csv(csv(f"kind,a\nx,clay\ny,{word}\nz,\n"))
    assert ds.frame["a"].tolist()[:2] == ["clay", word]
    assert ds.frame["a"].isna().tolist() == [False, False, True]


def test_column_of_missing_words_alone_is_text() -> None:
    assert read_csv(csv("kind,a\nx,NA\ny,NA\n")).categorical == ("a",)


def test_column_without_any_value_is_numeric_and_missing() -> None:
    ds = read_csv(csv("kind,a,b\nx,,1\ny,,2\n"))
    assert ds.categorical == ()
    assert ds.frame["a"].isna().all()


def test_column_that_looks_like_yes_and_no_stays_text_as_written() -> None:
    ds = read_csv(csv("kind,a,b\nx,true,TRUE\ny,False,FALSE\n"))
    assert ds.frame["a"].tolist() == ["true", "False"]
    assert ds.frame["b"].tolist() == ["TRUE", "FALSE"]


def test_dates_and_hexadecimal_stay_text() -> None:
    ds = read_csv(csv("kind,day,code\nx,2024-01-01,0x1F\ny,2024-01-02,0x2A\n"))
    assert ds.categorical == ("day", "code")


def test_named_column_of_codes_holds_categories_as_written() -> None:
    ds = read_csv(csv("kind,soil,a\nx,01,1\ny,2,\nz,,3\n"), categorical=["soil"])
    assert ds.categorical == ("soil",)
    assert ds.frame["soil"].tolist()[:2] == ["01", "2"]
    assert ds.frame["soil"].isna().tolist() == [False, False, True]


def test_spaces_around_numbers_and_headers_do_not_count() -> None:
    ds = read_csv(csv("kind, a\nx, 1.5\ny, NA \nz, 2\n"))
    assert ds.features == ("a",)
    assert ds.frame["a"].dropna().tolist() == [1.5, 2.0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_found_in_the_header(separator: str) -> None:
    ds = read_csv(csv("kind,a,b\nx,1,2\ny,3,4\n".replace(",", separator)))
    assert ds.frame["b"].tolist() == [2, 4]


def test_quoted_cells_keep_separators_quotes_and_line_ends() -> None:
    ds = read_csv(csv('kind,"a, ""b"""\n"x,\ny",5" pipe\nz,"say ""hi"""\n'))
    assert ds.features == ('a, "b"',)
    assert ds.frame.to_numpy().tolist() == [["x,\ny", '5" pipe'], ["z", 'say "hi"']]


def test_same_content_has_the_same_id_in_any_dress() -> None:
    one = read_csv(csv("kind,a\nx,1.50\ny,2\n"), name="one")
    other = read_csv(csv('"kind";a\r\nx;1.5\r\ny;2.0\r\n'), name="other")
    assert one.id == other.id
    assert len(one.id) == 12


@pytest.mark.parametrize(
    "text",
    ["kind,a\nx,1\ny,3\n", "kind,b\nx,1\ny,2\n", "kind,a\nx,1.0\ny,2\n", "kind,a\ny,2\nx,1\n"],
)
def test_other_content_has_another_id(text: str) -> None:
    assert read_csv(csv(text)).id != read_csv(csv("kind,a\nx,1\ny,2\n")).id


def test_other_label_gives_another_id() -> None:
    text = csv("kind,a,b\nx,1,p\ny,2,q\n")
    assert read_csv(text, label="b").id != read_csv(text).id


def test_file_and_content_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "flowers.csv"
    path.write_bytes(to_csv(flowers()))
    pd.testing.assert_frame_equal(read_csv(path).frame, read_csv(path.read_bytes()).frame)


def test_hostile_names_are_names() -> None:
    ds = read_csv(csv("self,__class__,%s,{0},<b>x</b>,=1+1\nx,1,2,3,4,5\ny,NA,3,4,5,6\n"))
    assert ds.features == ("__class__", "%s", "{0}", "<b>x</b>", "=1+1")
