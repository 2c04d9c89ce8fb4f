"""ROME 4.0 -> records: the golden sample, and every trap of the format."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from importers.rome import RomeSource, open_rome
from importers.rome_tables import TABLES
from tests.conftest import ROOT
from wikic.domain.records import ConceptRecord, Label, Record, RelationRecord

SAMPLE = ROOT / "wikic" / "sample" / "rome-1"
GOLDEN = ROOT / "tests" / "golden" / "rome_records.txt"
Edit = Callable[..., Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """A copy of the sample: edit(stem, old, new) replaces, edit(stem, append=row) adds, edit(stem, None) deletes."""
    folder = tmp_path / "rome"
    shutil.copytree(SAMPLE, folder)

    def apply(stem: str, old: str | None = "", new: str = "", *, append: str = "") -> Path:
        path = folder / f"unix_{stem}_v460_utf8.csv"
        if old is None:
            path.unlink()
            return folder
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text((text.replace(old, new, 1) if old else text) + append, encoding="utf-8")
        return folder

    return apply


def read(path: Path) -> tuple[RomeSource, dict[str, ConceptRecord], list[RelationRecord]]:
    source = open_rome(path)
    records = list(source.records())
    concepts = [r for r in records if isinstance(r, ConceptRecord)]
    relations = [r for r in records if isinstance(r, RelationRecord)]
    assert len({c.key for c in concepts}) == len(concepts)
    assert len({r[:3] for r in relations}) == len(relations)
    return source, {c.key: c for c in concepts}, relations


def line(record: Record) -> str:
    """One record as one line of the golden file; places are no part of it."""
    if isinstance(record, RelationRecord):
        return " ".join(str(v) for v in (*record[:3], record.importance, record.rank or "", record.note) if v != "")
    body = {
        "kind": record.kind,
        "code": record.code,
        "nature": record.nature,
        "labels": [[x.type, x.value] for x in record.labels],
        "texts": record.texts,
        "attributes": record.attributes,
        "sectors": record.sectors,
    }
    kept = {k: v for k, v in body.items() if v}
    return f"{record.key} {json.dumps(kept, ensure_ascii=False, sort_keys=True)}"


def test_sample_gives_the_golden_records() -> None:
    lines = sorted(line(r) for r in open_rome(SAMPLE).records())
    assert lines == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_zip_gives_what_the_folder_gives(tmp_path: Path) -> None:
    archive = tmp_path / "rome.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in SAMPLE.iterdir():
            out.write(path, f"RefRomeCsv/{path.name}")
    zipped, folder = open_rome(archive), open_rome(SAMPLE)
    assert list(zipped.records()) == list(folder.records())
    assert zipped.report == folder.report
    assert (zipped.info.origin, zipped.info.version) == ("rome", "4.60")


def test_reading_twice_gives_the_same_records_and_report() -> None:
    source = open_rome(SAMPLE)
    first = list(source.records())
    counted = dict(source.report.read)
    notes = list(source.report.notes)
    assert list(source.records()) == first
    assert source.report.read == counted
    assert source.report.notes == notes


def test_progress_ends_at_the_size_of_the_files() -> None:
    told: list[tuple[int, int]] = []
    source = open_rome(SAMPLE)
    list(source.records(lambda done, total: told.append((done, total))))
    assert told[-1] == (source.info.size, source.info.size)


def test_coverage_is_known_only_once_the_records_are_read() -> None:
    source = open_rome(SAMPLE)
    with pytest.raises(RuntimeError):
        source.coverage()


def test_every_link_ends_at_a_record_and_nothing_is_skipped() -> None:
    source, concepts, relations = read(SAMPLE)
    assert all(r.source in concepts and r.target in concepts for r in relations)
    assert source.report.skipped == {}


def test_doubled_apostrophes_of_texts_are_single_ones() -> None:
    source, concepts, _ = read(SAMPLE)
    web = concepts["rome:metier:M1855"]
    assert web.texts["definition"]["fr"].splitlines()[2] == "S'assure que chacun peut les utiliser"
    assert web.texts["access"]["fr"].endswith("par l'expérience.")
    assert any("doubled apostrophes" in note for note in source.report.notes)


def test_sentences_are_joined_by_their_number_not_by_their_row(edit: Edit) -> None:
    folder = edit("texte", '"M1855","3","definition","1"', '"M1855","3","definition","10"')
    _, concepts, _ = read(folder)
    text = concepts["rome:metier:M1855"].texts["definition"]["fr"]
    assert text.splitlines()[-1] == "Réalise des sites et des applications web"


def test_lines_in_latin_1_are_read_and_noted() -> None:
    source, concepts, _ = read(SAMPLE)
    assert concepts["rome:metier:D1102"].sectors == ["10", "47"]
    assert any("arborescence_secteur_naf" in n and "not UTF-8" in n for n in source.report.notes)


def test_latin_1_in_a_table_of_labels_keeps_the_letters(edit: Edit) -> None:
    folder = edit("themes", "Métiers du numérique", "Métiers du numérique")
    path = folder / "unix_themes_v460_utf8.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    _, concepts, _ = read(folder)
    assert concepts["rome:thematique:016"].labels == [Label("Métiers du numérique", "fr", "preferred")]


def test_naf_codes_have_two_digits_and_zero_is_no_division(edit: Edit) -> None:
    folder = edit("themes")
    path = folder / "unix_arborescence_secteur_naf_v460_utf8.csv"
    path.write_bytes(path.read_bytes() + b'"1","x","930005","D1102","x"\n')
    _, concepts, _ = read(folder)
    assert concepts["rome:metier:D1102"].sectors == ["01", "10", "47"]
    project = concepts["rome:metier:M1402"]
    assert project.sectors == []
    assert project.attributes["cross_sector"] is True


def test_importance_of_links() -> None:
    _, _, relations = read(SAMPLE)
    importance = {r.target: r.importance for r in relations if r.source == "rome:metier:M1855" and r.type == "requires"}
    assert importance["rome:competence:900201"] == "key"
    assert importance["rome:savoir:900302"] == "emerging"
    assert importance["rome:competence:900202"] == ""


def test_contexts_start_from_the_context() -> None:
    _, _, relations = read(SAMPLE)
    found = [r for r in relations if r.type == "context_of" and r.source == "rome:contexte:900401"]
    assert {r.target for r in found} >= {"rome:metier:D1102", "rome:metier:J1506"}


def test_short_label_is_alternative_only_where_it_differs() -> None:
    _, concepts, _ = read(SAMPLE)
    labels = {c.code: [x.type for x in c.labels] for c in concepts.values() if c.kind == "occupation_title"}
    assert labels["910003"] == ["preferred", "alternative"]
    assert labels["910001"] == ["preferred"]


def test_blank_flags_are_absent_and_known_ones_are_booleans() -> None:
    _, concepts, _ = read(SAMPLE)
    attributes = concepts["rome:metier:E1210"].attributes
    assert attributes["transition_num"] is True
    assert "transition_demo" not in attributes
    assert attributes["parent_code"] == "E1205"
    assert "parent_code" not in concepts["rome:metier:D1102"].attributes


def test_tree_of_competences_is_rebuilt_from_macro_codes() -> None:
    _, concepts, relations = read(SAMPLE)
    above = {r.source: r.target for r in relations if r.type == "broader"}
    assert above["rome:competence:900209"] == "rome:competence:900107"
    assert above["rome:competence:900107"] == "rome:objectif:4A1"
    assert above["rome:objectif:4A1"] == "rome:enjeu:4A"
    assert above["rome:enjeu:4A"] == "rome:domaine:4"
    assert concepts["rome:domaine:4"].labels[0].value == "Pilotage, Gestion, Cadre réglementaire"
    assert concepts["rome:enjeu:4A"].labels[0].value == "Enjeu 4A"
    assert concepts["rome:enjeu:4A"].attributes["made_label"] is True


def test_labels_of_the_tree_are_taken_where_a_table_has_them(edit: Edit) -> None:
    folder = edit("themes")
    (folder / "unix_arborescence_competences_v460_utf8.csv").write_text(
        '"code_enjeu","enjeu","code_objectif","objectif"\n"4A","Gérer les moyens","4A1","Tenir les comptes"\n',
        encoding="utf-8",
    )
    source, concepts, _ = read(folder)
    assert concepts["rome:enjeu:4A"].labels == [Label("Gérer les moyens", "fr", "preferred")]
    assert "made_label" not in concepts["rome:objectif:4A1"].attributes
    assert "preferred" in source.coverage().kinds["rome", "skill_group"].fields


def test_made_labels_do_not_speak_for_real_ones() -> None:
    source, _, _ = read(SAMPLE)
    assert "preferred" not in source.coverage().kinds["rome", "skill_group"].fields


def test_natures() -> None:
    _, concepts, _ = read(SAMPLE)
    assert concepts["rome:competence:900110"].nature == "savoir_etre"
    assert concepts["rome:competence:900201"].nature == "savoir_faire"
    assert concepts["rome:savoir:900301"].nature == "savoir"


def test_main_sector_and_interest_have_the_note_principal() -> None:
    _, _, relations = read(SAMPLE)
    members = {r.target: r.note for r in relations if r.source == "rome:metier:M1855" and r.type == "member_of"}
    assert members == {
        "rome:secteur:96": "principal",
        "rome:sous_secteur:133": "",
        "rome:thematique:016": "",
        "rome:centre_interet:18": "principal",
        "rome:centre_interet:6": "",
    }


def test_link_that_only_liens_has_is_kept_and_noted(edit: Edit) -> None:
    source, _, relations = read(edit("liens_rome_referentiels", append='"G1604","5","1","900202"\n'))
    assert ("rome:metier:G1604", "requires", "rome:competence:900202", "") in {r[:4] for r in relations}
    assert any("1 links that coherence_item has not" in note for note in source.report.notes)


def test_missing_liens_are_noted(edit: Edit) -> None:
    source, _, _ = read(edit("liens_rome_referentiels", '"G1604","5","1","900206"\n'))
    assert any("1 links of coherence_item are not there" in note for note in source.report.notes)


@pytest.mark.parametrize(
    ("stem", "row", "slug"),
    [
        ("coherence_item", '"Z9999","900201",""', "dangling-relation"),
        ("coherence_item", '"M1855","1",""', "dangling-relation"),
        ("coherence_item", '"M1855","900201",""', "duplicate-relation"),
        ("coherence_item", '"G1604","900202","Majeure"', "unknown-importance"),
        ("coherence_item", '"M1855"', "malformed-row"),
        ("rubrique_mobilite", '"M1855","Z9999","9"', "dangling-relation"),
        ("rubrique_mobilite", '"M1855","M1855","9"', "dangling-relation"),
        ("rubrique_mobilite", '"M1855","D1102","x"', "bad-number"),
        ("rubrique_mobilite", '"M1855","M1805","9"', "duplicate-relation"),
        ("texte", '"Z9999","3","definition","1","x"', "dangling-relation"),
        ("texte", '"M1855","3","autre","1","x"', "unknown-text-type"),
        ("texte", '"M1855","3","definition","un","x"', "bad-number"),
        ("referentiel_savoir", '"900301","x","a","b","",""', "duplicate-code"),
        ("referentiel_savoir", '"","x","a","b","",""', "blank-code"),
        ("referentiel_savoir", '"900399","x","a","b","oui",""', "unknown-flag"),
        ("referentiel_appellation", '"919999","x","x","Z9999","","","","","","","","",""', "dangling-relation"),
        (
            "referentiel_competence",
            '"900299","Compétence","x","","1","","Savoir-faire","","","","",""',
            "dangling-relation",
        ),
        (
            "referentiel_competence",
            '"900199","Macro-compétence","x","","","4X","Savoir-faire","","","","",""',
            "bad-macro-code",
        ),
        (
            "referentiel_competence",
            '"900299","Compétence","x","","900101","","Autre","","","","",""',
            "unknown-category",
        ),
        ("item", '"1","x","1"', "dangling-relation"),
        ("item", '"900201","autre libellé","1"', "contradiction"),
        ("cr_gd_dp", '"Z9999","x","D","x","D11","x"', "dangling-relation"),
        ("cr_gd_dp_appellations", '"","","","","x","x","4","1","930001","910009"', "contradiction"),
        ("liens_rome_referentiels", '"D1102","2","","910001"', "contradiction"),
        ("arborescence_thematique", '"999","x","930001","M1855","x"', "dangling-relation"),
        ("referentiel_code_rome_riasec", '"Z9999","R",""', "dangling-relation"),
    ],
)
def test_what_cannot_be_kept_is_counted_with_its_place(edit: Edit, stem: str, row: str, slug: str) -> None:
    source, _, _ = read(edit(stem, append=row + "\n"))
    assert source.report.skipped[slug].count == 1
    assert f"unix_{stem}_v460_utf8.csv" in source.report.skipped[slug].places[0]


def test_place_names_the_line_even_after_cells_of_several_lines(edit: Edit) -> None:
    folder = edit("secteur_activite", append='"79","again",""\n')
    source, _, _ = read(folder)
    number = (folder / "unix_secteur_activite_v460_utf8.csv").read_text(encoding="utf-8").count("\n")
    assert source.report.skipped["duplicate-code"].places == [
        f"unix_secteur_activite_v460_utf8.csv:{number} (rome:secteur:79)"
    ]


def test_stray_white_space_in_labels_is_folded_and_noted(edit: Edit) -> None:
    source, concepts, _ = read(edit("themes", "Métiers du numérique", " Métiers  du\u00a0numérique "))
    assert concepts["rome:thematique:016"].labels[0].value == "Métiers du numérique"
    assert "1 labels had stray white space" in source.report.notes


def test_unknown_column_and_table_are_noted(edit: Edit) -> None:
    folder = edit("themes", '"definition_theme"', '"couleur"')
    (folder / "unix_nouveau_v460_utf8.csv").write_text('"a","b"\n', encoding="utf-8")
    source, concepts, _ = read(folder)
    notes = "\n".join(source.report.notes)
    assert "column couleur is not known" in notes
    assert "unix_themes_v460_utf8.csv has no column definition_theme" in notes
    assert "unix_nouveau_v460_utf8.csv is not a known table" in notes
    assert concepts["rome:thematique:016"].texts == {}


def test_whole_folder_covers_its_kinds_and_relations() -> None:
    coverage = read(SAMPLE)[0].coverage()
    assert {kind for _, kind in coverage.kinds} == {
        "occupation",
        "occupation_title",
        "occupation_group",
        "skill",
        "knowledge",
        "skill_group",
        "work_context",
        "collection",
    }
    assert all(c.complete and c.languages == {"fr"} for c in coverage.kinds.values())
    assert ("requires", "rome", "occupation") in coverage.relations
    assert ("mobility", "rome", "occupation") in coverage.relations


@pytest.mark.parametrize(
    ("stem", "lost"),
    [
        ("rubrique_mobilite", {("mobility", "rome", "occupation")}),
        ("arborescence_thematique", {("member_of", "rome", "occupation")}),
        ("cr_gd_dp", {("broader", "rome", "occupation")}),
        (
            "referentiel_contexte_travail",
            {("context_of", "rome", "work_context"), ("member_of", "rome", "work_context")},
        ),
    ],
)
def test_absent_table_speaks_for_no_relation(edit: Edit, stem: str, lost: set[tuple[str, str, str]]) -> None:
    whole = read(SAMPLE)[0].coverage().relations
    source, _, _ = read(edit(stem, None))
    assert whole - source.coverage().relations == lost
    assert any(f"unix_{stem} is absent" in note for note in source.report.notes)


@pytest.mark.parametrize(
    ("stem", "kind", "lost"),
    [
        ("texte", "occupation", {"definition", "access"}),
        ("referentiel_code_rome_riasec", "occupation", {"riasec_majeur", "riasec_mineur"}),
        ("arborescence_secteur_naf", "occupation", {"sectors", "cross_sector"}),
        ("referentiel_macro_competence_riasec", "skill", {"riasec_majeur", "riasec_mineur"}),
    ],
)
def test_absent_table_speaks_for_no_field(edit: Edit, stem: str, kind: str, lost: set[str]) -> None:
    whole = read(SAMPLE)[0].coverage().kinds["rome", kind].fields
    source, _, _ = read(edit(stem, None))
    assert whole - source.coverage().kinds["rome", kind].fields == lost


def test_absent_table_of_collections_leaves_the_kind_incomplete(edit: Edit) -> None:
    source, _, _ = read(edit("themes", None))
    assert source.coverage().kinds["rome", "collection"].complete is False
    assert source.report.skipped["dangling-relation"].count == 12


def test_every_table_and_attribute_is_documented() -> None:
    page = (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8")
    concepts = read(SAMPLE)[1].values()
    names = {name for c in concepts for name in c.attributes} | set(TABLES)
    assert {name for name in names if f"`{name}`" not in page} == set()
