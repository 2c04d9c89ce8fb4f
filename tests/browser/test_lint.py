"""The linter in Chromium: a document is pasted, the report read, the repaired document downloaded; with and without JavaScript."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.axe import require_accessible
from tests.browser.conftest import Opening

UNKNOWN = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(("phone", "script"), [(False, True), (True, False)])
def test_a_badge_is_checked_and_repaired(opened: Opening, phone: bool, script: bool) -> None:
    page = opened("/lint", phone=phone, script=script, lang="en")
    alignments = [
        {"targetName": "Boulanger / Boulangère", "targetUrl": "rome:D1102", "targetCode": "D1102"},
        {"targetName": "knead dough"},
        {"targetName": "x", "targetUrl": f"https://esco.ec.europa.eu/en/classification/skill_main?uri=http://data.europa.eu/esco/skill/{UNKNOWN}"},
    ]
    page.get_by_label("Paste a document").fill(json.dumps(alignments))
    page.get_by_role("button", name="Check").click()
    page.get_by_role("heading", name="Report").wait_for()
    article = page.get_by_role("article")
    assert "the target is a code" in article.inner_text()
    assert "to be checked" in article.inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    made = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert "/c/" in made[0]["targetUrl"]
    assert made[1] == {"targetName": "knead dough"}
    assert made[2]["targetUrl"].startswith("http://data.europa.eu/")
    if script:
        require_accessible(page)
