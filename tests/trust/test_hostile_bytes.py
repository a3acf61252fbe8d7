"""Bytes from outside: a value, a finding or ``EcidError``, never anything else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding.tlv import encode
from ecid.errors import EcidError
from ecid.outcome import Finding
from ecid.protocols.passive_authentication import authenticate
from ecid.trust.certificate import parse_certificate
from ecid.trust.chain import find_chain
from ecid.trust.intake.contents import contents
from ecid.trust.signed_data import parse_signed_data
from ecid.trust.signer_profile import check_signer_profile
from ecid.trust.store import TrustStore
from ecid.trust.verification import check_issued
from forged_sod import CSCA, GREEN, SIGNER, TRUST, all_verdicts, genuine
from real_certificates import anchor

PARSERS: dict[str, Callable[[bytes], object]] = {
    "certificate": parse_certificate,
    "signed data": lambda data: parse_signed_data(data, "SOD"),
    "file": lambda data: list(contents(data)),
    "passive authentication": lambda data: authenticate(data, TRUST),
}


def value_or_error(parse: Callable[[bytes], object], data: bytes) -> object:
    """Return what ``parse`` makes of ``data``, None for a named error; the rest comes through."""
    with suppress(EcidError):
        return parse(data)
    return None


def judge(data: bytes, trust: TrustStore) -> tuple[Finding, ...]:
    """Parse a certificate and ask everything of it that the library asks."""
    try:
        certificate = parse_certificate(data)
    except EcidError:
        return ()
    findings = [find_chain(certificate, trust).finding, check_signer_profile(certificate)]
    with suppress(EcidError):
        _ = (certificate.country, certificate.common_name)
    with suppress(EcidError):
        check_issued(certificate, certificate.public_key)
    return tuple(findings)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes(name: str, data: bytes) -> None:
    """Any bytes, bare and inside the tags that each format begins with."""
    for candidate in (
        data,
        encode(0x30, data),
        encode(0x77, data),
        encode(0x77, encode(0x30, data)),
    ):
        value_or_error(PARSERS[name], candidate)


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("start", [CSCA.certificate, genuine(), genuine()[4:]])
@given(data=st.data())
def test_pieces(name: str, start: bytes, data: st.DataObject) -> None:
    """Genuine bytes cut, doubled and turned round."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(start)), min_size=2, max_size=2)))
    one, two, three = start[: cuts[0]], start[cuts[0] : cuts[1]], start[cuts[1] :]
    for candidate in (one + three, one + two + two + three, two + one + three, one + two[::-1]):
        value_or_error(PARSERS[name], candidate)


@given(st.integers(0, len(SIGNER.certificate) - 1), st.integers(1, 255))
def test_changed_byte_of_a_signer(at: int, change: int) -> None:
    """A document signer with one byte changed is never vouched for."""
    changed = bytearray(SIGNER.certificate)
    changed[at] ^= change
    findings = judge(bytes(changed), TRUST)
    assert not findings or not all(finding.ok for finding in findings)


@pytest.mark.slow
def test_every_changed_byte_of_a_real_signer(corpus: Path) -> None:
    """The Vietnamese document signer under its CSCA, every byte changed by one bit."""
    real = anchor(corpus, "DSC_NationalIdentification_00013.cer")
    trust = TrustStore.of(anchor(corpus, "CSCA_Vietnam_001.cer"))
    assert all(finding.ok for finding in judge(real, trust))
    vouched = []
    for at in range(len(real)):
        changed = real[:at] + bytes((real[at] ^ 1,)) + real[at + 1 :]
        findings = judge(changed, trust)
        if findings and all(finding.ok for finding in findings):
            vouched.append(at)
    assert vouched == []


@given(at=st.integers(min_value=0), change=st.integers(1, 255))
def test_changed_byte_of_a_real_signer(corpus: Path, at: int, change: int) -> None:
    """The same for any byte and any change."""
    real = bytearray(anchor(corpus, "DSC_NationalIdentification_00013.cer"))
    trust = TrustStore.of(anchor(corpus, "CSCA_Vietnam_001.cer"))
    real[at % len(real)] ^= change
    findings = judge(bytes(real), trust)
    assert not findings or not all(finding.ok for finding in findings)


@pytest.mark.parametrize(
    "name",
    [
        "der_huge_oid_arc.bin",
        "der_huge_tag.bin",
        "der_nested_3000.bin",
        "pkcs7_no_content_CVE-2023-49083.bin",
        "sod_gmrtd_indef.bin",
        "sod_len_4GiB.bin",
    ],
)
def test_published_malformed_files(corpus: Path, name: str) -> None:
    """Files that stopped other readers."""
    data = (corpus / "malformed" / name).read_bytes()
    for parse in PARSERS.values():
        value_or_error(parse, data)
    for sod in (data, encode(0x77, data)):
        assert all_verdicts(authenticate(sod, TRUST)) != GREEN
        assert not authenticate(sod, TRUST).format.ok
