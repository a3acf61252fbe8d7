"""What the tests of ``ecid trust`` share: files to import, a store made of them, refusals."""

from __future__ import annotations

from pathlib import Path

from ecid.trust.certificate import parse_certificate
from inspection_kit import Answer, Command, issued
from trust_kit import ATLANTIS, ROOT, crl, master_list, pkcs12_of, roots

LIST = master_list(ATLANTIS.certificate, *roots(3))
ERROR_KEYS = ["schema", "source", "exit", "code", "message", "next"]


def fingerprint(raw: bytes) -> str:
    """Return the SHA-256 of a certificate in hex."""
    return parse_certificate(raw).fingerprint


#: The fingerprint of the anchor in ``root.cer``.
DIGITS = fingerprint(ROOT.certificate)


def write_files(folder: Path) -> dict[str, Path]:
    """Write files to import into ``folder`` and return them by name."""
    contents = {
        "root.cer": ROOT.certificate,
        "atlantis.cer": ATLANTIS.certificate,
        "list.ml": LIST,
        "revoked.crl": crl(5),
        "locked.p12": pkcs12_of(ROOT.certificate, password="đúng"),
        "emulated.cer": issued().csca,
        "text": b"hello",
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in contents}


def fill(ecid: Command, store: Path, files: dict[str, Path]) -> Path:
    """Import an anchor, a list it vouches for, and a revocation list into ``store``."""
    names = ("root.cer", "list.ml", "revoked.crl")
    assert ecid("trust", "import", *(files[n] for n in names), "--store", store).code == 0
    return store


def refused(answer: Answer, code: str, exit_code: int = 20) -> dict[str, object]:
    """Assert that the answer is one error object with this code, and return it."""
    assert list(answer.json) == ERROR_KEYS
    assert (answer.code, answer.json["exit"], answer.json["code"]) == (exit_code, exit_code, code)
    return answer.json
