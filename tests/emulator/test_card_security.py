"""EF.CardSecurity, EF.CVCA, EF.DIR and EF.ATR/INFO of the emulated cards."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chip_terminal import AID, Terminal, tlv
from ecid.emulator import EmulatedCard, IssuedCard, issue, names
from ecid.encoding.oid import SECURITY_OBJECT, decode_oid
from ecid.encoding.tlv import children, parse_one
from ecid.lds.cvc import parse_cvca_file
from pace_terminal import Suite, pace

WITH_CAM = ["pace-cam-aes128-13", "pace-cam-aes256-18", "utopia-td3"]
SUITES = {name: Suite("CAM", 2, 13) for name in WITH_CAM} | {
    "pace-cam-aes256-18": Suite("CAM", 4, 18)
}


def signed_parts(content_info: bytes) -> tuple[str, bytes, bytes, list[bytes], bytes]:
    """Return content type, content, certificate, attributes and signature."""
    _, content = children(parse_one(content_info, 0x30, "CardSecurity"))
    version, _, encapsulated, certificates, infos = children(children(content)[0])
    assert version.value == b"\x03"
    content_type, wrapped = children(encapsulated)
    (info,) = children(infos)
    attributes = children(children(info)[3])
    return (
        decode_oid(content_type.value),
        children(wrapped)[0].value,
        children(certificates)[0].raw,
        [attribute.raw for attribute in attributes],
        children(info)[5].value,
    )


@pytest.mark.parametrize("name", WITH_CAM)
def test_signature_and_content(name: str) -> None:
    """Signed by a document signer of the same CSCA; DG14 says the same (Doc 9303-11 §9.2.11)."""
    issued = issue(name)
    kind, content, certificate, attributes, signature = signed_parts(issued.files["CardSecurity"])
    assert kind == SECURITY_OBJECT
    signer = x509.load_der_x509_certificate(certificate)
    signer.verify_directly_issued_by(x509.load_der_x509_certificate(issued.csca))
    key = signer.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    body = b"".join(sorted(attributes))
    key.verify(signature, tlv(0x31, body), ec.ECDSA(hashes.SHA256()))
    assert hashlib.sha256(content).digest() in body
    infos = {info.raw for info in children(parse_one(content, 0x31, "CardSecurity"))}
    access = {
        info.raw for info in children(parse_one(issued.files["CardAccess"], 0x31, "CardAccess"))
    }
    group = parse_one(issued.files["DG14"], 0x6E, "DG14")
    assert access <= infos
    assert infos <= {info.raw for info in children(children(group)[0])}


def test_only_cards_with_the_mapping_have_it() -> None:
    """Where there is no chip authentication mapping there is no EF.CardSecurity."""
    assert {name for name in names() if "CardSecurity" in issue(name).files} == set(WITH_CAM)


@pytest.mark.parametrize("name", WITH_CAM)
def test_needs_pace(name: str) -> None:
    """6982 in the clear and after BAC, read after PACE at the master file (Doc 9303-10 §3.11)."""
    issued = issue(name)
    terminal = Terminal(EmulatedCard(issued))
    assert terminal.select(0x011D).sw == 0x6982
    assert terminal.raw("00B09D0000").sw == 0x6982
    by_bac = Terminal(EmulatedCard(issued))
    by_bac.select_application()
    assert by_bac.bac(issued.secrets.mrz_information).sw == 0x9000
    assert by_bac.send("00A4000C", bytes.fromhex("3F00")).sw == 0x9000
    assert by_bac.select(0x011D).sw == 0x6982
    assert pace(terminal, SUITES[name], issued.secrets.can.encode()).reply.sw == 0x9000
    assert terminal.read_file(0x011D) == issued.files["CardSecurity"]


@pytest.fixture
def passport() -> IssuedCard:
    """Return the passport with everything."""
    return issue("utopia-td3")


def test_free_files(passport: IssuedCard) -> None:
    """EF.DIR and EF.ATR/INFO are read in the clear; the latter has both lengths."""
    terminal = Terminal(EmulatedCard(passport))
    terminal.select(0x2F00)
    assert terminal.read(0, 256).data == tlv(0x61, tlv(0x4F, AID))
    terminal.select(0x2F01)
    length = tlv(0x02, b"\xff\xff")
    expected = tlv(0x47, bytes.fromhex("8001E0")) + tlv(0x7F66, length + length)
    assert terminal.read(0, 256).data == expected


def test_cvca(passport: IssuedCard) -> None:
    """EF.CVCA is in the application, 36 bytes, and names both keys, the newer first."""
    terminal = Terminal(EmulatedCard(passport))
    pace(terminal, Suite("GM", 2, 13), passport.secrets.can.encode())
    assert terminal.select_application().sw == 0x9000
    content = terminal.read_file(0x011C)
    assert (len(content), content) == (36, passport.files["CVCA"])
    assert parse_cvca_file(content) == ("UTCVCAEMUL00002", "UTCVCAEMUL00001")
