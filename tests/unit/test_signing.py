"""Keys: made once, kept privately, read in several forms."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from pathlib import Path

import pytest

from wikic.crypto.signing import Signer, key_id, read_public_key, verifies
from wikic.errors import InvalidInput

SEED = base64.b64encode(bytes(range(32))).decode()


def test_a_signature() -> None:
    signer = Signer.of(SEED)
    signature = signer.sign(b"what is said")
    assert verifies(signer.public_key, b"what is said", signature)
    assert not verifies(signer.public_key, b"what is Said", signature)
    assert not verifies(Signer.made_now().public_key, b"what is said", signature)
    assert not verifies("no key", b"what is said", signature)
    assert not verifies(signer.public_key, b"what is said", "é")
    assert Signer.of(f" {SEED}\n").public_key == signer.public_key


def test_a_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "data" / "signing-key"
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(Signer.kept_in(path).public_key)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["signing-key"]
    path.write_text("something else")
    with pytest.raises(InvalidInput, match="signing-key"):
        Signer.kept_in(path)


def test_forms_of_keys(tmp_path: Path) -> None:
    pem = tmp_path / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(pem)], check=True, capture_output=True)
    signer = Signer.of(pem.read_text())
    public = subprocess.run(["openssl", "pkey", "-in", str(pem), "-pubout"], check=True, capture_output=True, text=True).stdout
    forms = (public, signer.public_key + "\n", json.dumps({"public_key": signer.public_key}))
    assert {read_public_key(form) for form in forms} == {signer.public_key}
    assert len(key_id(signer.public_key)) == 16
    for bad in ("", "abc", "{}", '{"public_key": 1}', "-----BEGIN PUBLIC KEY-----\n", pem.read_text()):
        with pytest.raises(InvalidInput, match="public key"):
            read_public_key(bad)
    for bad in ("abc", "-----BEGIN PRIVATE KEY-----", base64.b64encode(b"short").decode()):
        with pytest.raises(InvalidInput, match="WIKIC_SIGNING_KEY") as caught:
            Signer.of(bad)
        assert bad not in str(caught.value)
