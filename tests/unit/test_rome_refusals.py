"""What is not one whole version of ROME 4.0 is refused in one clear line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from importers.rome import open_rome
from tests.conftest import ROOT
from wikic.errors import SourceError

SAMPLE = ROOT / "wikic" / "sample" / "rome-1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "rome"
    shutil.copytree(SAMPLE, copy)
    return copy


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        open_rome(path)
    return one_line(caught.value)


def refusal_while_reading(path: Path) -> str:
    source = open_rome(path)
    with pytest.raises(SourceError) as caught:
        list(source.records())
    return one_line(caught.value)


def one_line(error: SourceError) -> str:
    message = str(error)
    assert "\n" not in message
    return message


def rename(folder: Path, version: str) -> None:
    for path in list(folder.glob("*.csv")):
        path.rename(folder / path.name.replace("_v460_", version))


def test_rome_3_by_its_file_names(folder: Path) -> None:
    rename(folder, "_v347_")
    assert "this is ROME 3, Wiki-C reads ROME 4.0" in refusal(folder)


def test_rome_3_by_its_columns(folder: Path) -> None:
    path = folder / "unix_referentiel_code_rome_v460_utf8.csv"
    path.write_text('"code_rome","code_fiche_em","code_ogr","libelle_rome","statut"\n', encoding="utf-8")
    message = refusal(folder)
    assert path.name in message
    assert "this is ROME 3, Wiki-C reads ROME 4.0" in message


def test_rome_3_by_a_table_that_rome_4_has_not(folder: Path) -> None:
    rename(folder, "_")
    (folder / "unix_referentiel_activite_utf8.csv").write_text('"a","b"\n', encoding="utf-8")
    assert "ROME 3" in refusal(folder)


def test_later_rome(folder: Path) -> None:
    rename(folder, "_v501_")
    assert "this is ROME 5, Wiki-C reads ROME 4.0" in refusal(folder)


@pytest.mark.parametrize(
    "stem",
    [
        "referentiel_code_rome",
        "referentiel_appellation",
        "referentiel_competence",
        "referentiel_savoir",
        "coherence_item",
    ],
)
def test_missing_main_table(folder: Path, stem: str) -> None:
    (folder / f"unix_{stem}_v460_utf8.csv").unlink()
    assert f"has no unix_{stem}_v..._utf8.csv" in refusal(folder)


def test_missing_column_names_file_and_columns(folder: Path) -> None:
    path = folder / "unix_texte_v460_utf8.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("libelle_texte", "texte", 1), encoding="utf-8")
    message = refusal(folder)
    assert message.startswith("unix_texte_v460_utf8.csv has no column libelle_texte; it must have code_rome, ")


def test_empty_folder(tmp_path: Path) -> None:
    assert "is empty" in refusal(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere")


def test_empty_table(folder: Path) -> None:
    (folder / "unix_themes_v460_utf8.csv").write_bytes(b"")
    assert "unix_themes_v460_utf8.csv is empty" in refusal(folder)


def test_no_metier(folder: Path) -> None:
    path = folder / "unix_referentiel_code_rome_v460_utf8.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "holds no métier" in refusal_while_reading(folder)


def test_folder_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "skills_en.csv").write_text("conceptUri\n", encoding="utf-8")
    assert "holds no table of ROME" in refusal(tmp_path)


def test_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "rome.pdf"
    path.write_bytes(b"%PDF-1.7 ...")
    assert "is a PDF document" in refusal(path)


def test_web_page_saved_as_a_table(folder: Path) -> None:
    (folder / "unix_item_v460_utf8.csv").write_text("<!DOCTYPE html><html></html>", encoding="utf-8")
    assert "unix_item_v460_utf8.csv is an HTML page" in refusal(folder)


def test_damaged_zip(tmp_path: Path) -> None:
    path = tmp_path / "rome.zip"
    path.write_bytes(b"PK\x03\x04" + b"x" * 100)
    assert "damaged zip archive" in refusal(path)


def test_two_versions_in_one_folder(folder: Path) -> None:
    shutil.copy(folder / "unix_item_v460_utf8.csv", folder / "unix_item_v461_utf8.csv")
    message = refusal(folder)
    assert "mixes versions" in message
    assert "give a folder of one version" in message


def test_version_file_that_contradicts_the_names(folder: Path) -> None:
    (folder / "version.txt").write_text("Numéro de version : 59\n", encoding="latin-1")
    assert refusal(folder).endswith("mixes versions: version.txt says 59, the file names say 60")


def test_no_version_at_all(folder: Path) -> None:
    rename(folder, "_")
    (folder / "version.txt").unlink()
    assert "does not say its version" in refusal(folder)


def test_version_from_the_version_file_alone(folder: Path) -> None:
    rename(folder, "_")
    assert open_rome(folder).info.version == "4.60"


def test_version_from_the_names_alone(folder: Path) -> None:
    (folder / "version.txt").unlink()
    info = open_rome(folder).info
    assert (info.version, info.title) == ("4.60", "ROME 4.0 version 60")


def test_one_table_twice(folder: Path) -> None:
    (folder / "more").mkdir()
    shutil.copy(folder / "unix_item_v460_utf8.csv", folder / "more" / "unix_item_v460_utf8.csv")
    assert "holds unix_item_v460_utf8.csv twice" in refusal(folder)


def test_table_cut_off_inside_a_cell(folder: Path) -> None:
    path = folder / "unix_texte_v460_utf8.csv"
    path.write_bytes(path.read_bytes()[:-4])
    message = refusal_while_reading(folder)
    assert message.startswith("unix_texte_v460_utf8.csv:20: not valid CSV")
