"""Each named misbehaviour does what its line says, and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature as ForeignInvalidSignature

from chip_terminal import Terminal
from ecid.emulator import EmulatedCard, card, fault_names, issue
from ecid.emulator.faults import FAULTS
from ecid.encoding.tlv import children, parse_one
from ecid.errors import CardRemoved, Misuse
from ecid.lds import dg1, dg15
from ecid.lds.security_object import unwrap_sod
from ecid_crypto.errors import InvalidSignature
from ecid_crypto.iso9796_2 import verify_scheme1
from ecid_crypto.public_key import RsaPublicKey

GOOD = issue("vn-cccd-2021")


def opened(chip: EmulatedCard) -> Terminal:
    """Return a terminal after PACE and SELECT AID."""
    terminal = Terminal(chip)
    assert terminal.pace(b"123456").sw == 0x9000
    assert terminal.select_application().sw == 0x9000
    return terminal


def differing(chip: EmulatedCard) -> set[str]:
    """Return the files that are not those of the good card."""
    both = set(GOOD.files) | set(chip.issued.files)
    return {name for name in both if GOOD.files.get(name) != chip.issued.files.get(name)}


def signer(sod: bytes) -> x509.Certificate:
    """Return the certificate in a SOD."""
    content = children(parse_one(unwrap_sod(sod), 0x30, "SOD"))[1]
    signed = children(children(content)[0])
    return x509.load_der_x509_certificate(children(signed[3])[0].raw)


def test_names_and_lines() -> None:
    """Each has one line that begins without a capital and ends without a stop."""
    assert fault_names() == tuple(FAULTS)
    assert all(0 < len(fault.doc) < 100 for fault in FAULTS.values())
    assert not any("\n" in fault.doc or fault.doc.endswith(".") for fault in FAULTS.values())


def test_unknown_fault() -> None:
    """There is no such fault: ``Misuse``."""
    with pytest.raises(Misuse):
        card("vn-cccd-2021", fault="coffee")


def test_dg1_altered() -> None:
    """One byte of DG1 differs; the check digits are still right, the hash is not."""
    chip = card("vn-cccd-2021", fault="dg1-altered")
    assert differing(chip) == {"DG1"}
    altered = opened(chip).read_file(0x0101)
    assert sum(a != b for a, b in zip(altered, GOOD.files["DG1"], strict=True)) == 1
    assert dg1.parse(altered).mrz.wrong_check_digits == ()
    digest = hashlib.sha256(altered).digest()
    assert digest not in chip.issued.files["SOD"]


def test_dg1_altered_without_dg1(tmp_path: Path) -> None:
    """A card without DG1 cannot have it altered."""
    (tmp_path / "EF_COM.bin").write_bytes(GOOD.files["COM"])
    with pytest.raises(Misuse):
        card(tmp_path, fault="dg1-altered")


def test_clone() -> None:
    """Files are the good ones; AA does not verify, and CA ends in keys nobody else has."""
    chip = card("vn-cccd-2021", fault="clone")
    assert differing(chip) == set()
    terminal = opened(chip)
    answer = terminal.send("00880000", bytes(8), 256).data
    key = dg15.parse(GOOD.files["DG15"]).key
    assert isinstance(key, RsaPublicKey)
    with pytest.raises(InvalidSignature):
        verify_scheme1(key, answer, bytes(8))
    assert terminal.chip_authentication(GOOD.files["DG14"][-65:]).sw == 0x9000
    session = terminal.session
    assert session is not None
    assert chip.transmit(session.protect(bytes.fromhex("00B08100"), le=1)) == b"\x69\x88"


def test_clone_of_a_card_without_keys(tmp_path: Path) -> None:
    """What the original cannot do, its clone cannot either: they are the same."""
    (tmp_path / "EF_DG1.bin").write_bytes(GOOD.files["DG1"])
    with pytest.raises(Misuse):
        card(tmp_path, fault="clone")


def test_dg15_withheld() -> None:
    """The SOD still lists DG15, the chip says 6A82."""
    chip = card("vn-cccd-2021", fault="dg15-withheld")
    assert differing(chip) == {"DG15"}
    assert hashlib.sha256(GOOD.files["DG15"]).digest() in chip.issued.files["SOD"]
    assert opened(chip).select(0x010F).sw == 0x6A82


def test_rogue_csca() -> None:
    """The CSCA to trust is the good one; the signer names it and was signed by another."""
    chip = card("vn-cccd-2021", fault="rogue-csca")
    assert chip.issued.csca == GOOD.csca
    assert differing(chip) == {"SOD"}
    trusted = x509.load_der_x509_certificate(GOOD.csca)
    rogue = signer(chip.issued.files["SOD"])
    assert rogue.issuer == trusted.subject
    with pytest.raises(ForeignInvalidSignature):
        rogue.verify_directly_issued_by(trusted)


def test_expired() -> None:
    """Genuine in everything, and out of date; opened with the secrets printed on it."""
    chip = card("vn-cccd-2021", fault="expired")
    assert differing(chip) == {"DG1", "DG13", "SOD"}
    assert chip.issued.secrets.expiry_date == "220715"
    assert chip.issued.csca == GOOD.csca
    signer(chip.issued.files["SOD"]).verify_directly_issued_by(
        x509.load_der_x509_certificate(GOOD.csca)
    )
    assert dg1.parse(opened(chip).read_file(0x0101)).mrz.expiry_date == "220715"


@pytest.mark.parametrize("folder", ["somebody", "vn-cccd-2021"])
def test_expired_needs_a_shipped_card(tmp_path: Path, folder: str) -> None:
    """A foreign card cannot be personalised again, whatever its folder is called."""
    issue("vn-cccd-2021-nu").save(tmp_path / folder)
    with pytest.raises(Misuse):
        card(tmp_path / folder, fault="expired")


def test_wrong_mac() -> None:
    """The first response after CA verifies, the second does not."""
    terminal = opened(card("vn-cccd-2021", fault="wrong-mac"))
    assert terminal.chip_authentication(GOOD.files["DG14"][-65:]).sw == 0x9000
    assert terminal.select(0x0101).sw == 0x9000
    with pytest.raises(AssertionError, match="wrong MAC"):
        terminal.read(0, 1)


def test_removed() -> None:
    """19 answers, then the card is gone, until it is laid on the reader again."""
    chip = card("vn-cccd-2021", fault="removed")
    for _ in range(2):
        for _ in range(19):
            assert chip.transmit(bytes.fromhex("00B09C0001")) == b"\x31\x90\x00"
        for _ in range(2):
            with pytest.raises(CardRemoved):
                chip.transmit(bytes.fromhex("00B09C0001"))
        chip.reset()


def test_wrong_mac_needs_chip_authentication() -> None:
    """A new session without CA counts nothing: all of its answers verify."""
    chip = card("vn-cccd-2021", fault="wrong-mac")
    assert opened(chip).chip_authentication(GOOD.files["DG14"][-65:]).sw == 0x9000
    chip.reset()
    assert opened(chip).read_file(0x010D) == GOOD.files["DG13"]
