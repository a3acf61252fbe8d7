"""Anchors known by fingerprint: which is meant, and no reason to trust it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ecid.text import LANGUAGES, text
from ecid.trust.certificate import parse_certificate
from ecid.trust.known import known, known_anchors
from ecid.trust.store import TrustStore
from ecid_crypto.hashes import Hash
from real_certificates import anchor, anchor_files
from trust_kit import ROOT

ID_CARD, PASSPORT = "vn_id_card_001", "vn_passport"


def test_anchors_of_the_corpus(corpus: Path) -> None:
    """The two Vietnamese ones are known by their fingerprint, and no other file is."""
    found = {}
    for file in anchor_files(corpus):
        what = known(Hash.SHA256.digest(anchor(corpus, file.name)))
        if what is not None:
            found[file.name] = (what.code, what.country, what.documents, what.wanted)
    assert found == {
        "CSCA_Vietnam_001.cer": (ID_CARD, "VN", "id_card", True),
        "CSCA_ePassport_Vietnam.cer": (PASSPORT, "VN", "passport", False),
    }


def test_end_of_the_private_key(corpus: Path) -> None:
    """What is known of the key's last day is what its certificate says."""
    for file in ("CSCA_Vietnam_001.cer", "CSCA_ePassport_Vietnam.cer"):
        certificate = parse_certificate(anchor(corpus, file))
        what = known(Hash.SHA256.digest(certificate.raw))
        assert what is not None
        period = certificate.extensions.private_key_usage
        end = None if period is None or period[1] is None else period[1].date()
        assert what.private_key_until in {end, None}
    assert known_anchors()[0].private_key_until == date(2026, 1, 21)


def test_table() -> None:
    """Every entry is whole, stands once and has words in every language."""
    table = known_anchors()
    assert len({each.fingerprint for each in table}) == len(table)
    for each in table:
        assert bytes.fromhex(each.fingerprint).hex() == each.fingerprint
        assert len(each.fingerprint) == 64
        assert each.documents in {"id_card", "passport"}
        for language in LANGUAGES:
            assert text(f"anchor.{each.code}.name", language)
            assert text(f"anchor.{each.code}.note", language)


def test_unknown() -> None:
    """Any other anchor is nobody in particular."""
    assert known(Hash.SHA256.digest(ROOT.certificate)) is None
    assert known(b"") is None


def test_known_is_not_trusted() -> None:
    """Nothing of the table is in a store unless somebody puts it there."""
    assert TrustStore().entries == ()
