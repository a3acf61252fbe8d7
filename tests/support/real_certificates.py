"""The certificates of the corpus: anchors, and what the states' master lists hold."""

from __future__ import annotations

from pathlib import Path

from ecid.encoding.tlv import children, parse_one
from ecid.trust.intake.pem import blocks, is_pem
from ecid.trust.signed_data import SignedData, parse_signed_data


def anchor(corpus: Path, name: str) -> bytes:
    """Return the one certificate (DER) of the anchor file ``name``."""
    (certificate,) = certificates_in(corpus / "pki" / "anchors" / name)
    return certificate


def certificates_in(file: Path) -> list[bytes]:
    """Return the certificates (DER) of a file, DER or PEM."""
    data = file.read_bytes()
    return [each for _, each in blocks(data) if each is not None] if is_pem(data) else [data]


def anchor_files(corpus: Path) -> list[Path]:
    """Return the files of single anchors, in order."""
    return sorted(p for p in (corpus / "pki" / "anchors").iterdir() if p.suffix != ".pem")


def bundle(corpus: Path) -> Path:
    """Return the file of 720 anchors in PEM."""
    return corpus / "pki" / "anchors" / "AndyQ_masterList.pem"


def master_lists(corpus: Path) -> dict[str, SignedData]:
    """Return the CMS of every master list by file name."""
    files = sorted((corpus / "pki" / "masterlists").iterdir())
    return {file.name: parse_signed_data(file.read_bytes(), "master list") for file in files}


def listed(master_list: SignedData) -> list[bytes]:
    """Return the certificates that a master list lists (Doc 9303-12 §8.1.1)."""
    _, certificates = children(parse_one(master_list.content or b"", 0x30, "master list"))
    return [certificate.raw for certificate in children(certificates)]


def all_certificates(corpus: Path) -> list[bytes]:
    """Return every certificate of anchors and master lists once, in order."""
    found = [c for file in anchor_files(corpus) for c in certificates_in(file)]
    found += certificates_in(bundle(corpus))
    for master_list in master_lists(corpus).values():
        found += master_list.certificates
        found += listed(master_list)
    return sorted(set(found))
