"""Which PACEInfo is chosen, and which are refused by name."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecid.encoding import der_write as w
from ecid.encoding.tlv import encode
from ecid.errors import Misuse, UnsupportedData
from ecid.lds.security_infos import PaceInfo, SecurityInfos, parse_card_access
from ecid.protocols.pace import PacePassword, PasswordReference, choose, is_ambiguous
from pace_chip import every_suite, suite


def info(protocol: str, parameter_id: int | None = None, version: int = 2) -> bytes:
    """Return a PACEInfo, ``protocol`` being the last two arcs of its identifier."""
    number = b"" if parameter_id is None else w.integer(parameter_id)
    return w.seq(w.oid(f"0.4.0.127.0.7.2.2.4.{protocol}"), w.integer(version), number)


def access(*infos: bytes) -> SecurityInfos:
    """Return an EF.CardAccess with these infos, sorted as DER wants them."""
    return parse_card_access(encode(0x31, b"".join(sorted(infos))))


def offered(*infos: bytes) -> tuple[PaceInfo, ...]:
    """Return the PACEInfos among ``infos``."""
    return access(*infos).pace


@pytest.mark.parametrize(
    ("infos", "oid", "parameter_id"),
    [
        # The cipher comes first, ...
        ([info("2.1", 13), info("2.2", 12)], "2.2", 12),
        ([info("2.2", 16), info("2.4", 12)], "2.4", 12),
        ([info("4.4", 13), info("2.2", 12)], "4.4", 13),
        ([info("6.2", 13), info("2.4", 13)], "2.4", 13),
        # ... then the mapping, ...
        ([info("2.2", 13), info("6.2", 13)], "6.2", 13),
        ([info("2.2", 18), info("6.2", 8)], "6.2", 8),
        ([info("4.2", 18), info("2.2", 13)], "2.2", 13),
        # ... then the strength of the parameters, curves before finite fields, ...
        ([info("2.2", 12), info("2.2", 16)], "2.2", 16),
        ([info("1.2", 2), info("2.2", 11)], "2.2", 11),
        ([info("1.2", 2), info("2.2", 8)], "1.2", 2),
        ([info("1.2", 0), info("2.2", 8)], "2.2", 8),
        # ... then the lower number.
        ([info("2.2", 13), info("2.2", 12)], "2.2", 12),
        ([info("1.2", 2), info("1.2", 1)], "1.2", 1),
        # What cannot be run is passed over.
        ([info("2.4"), info("2.1", 12)], "2.1", 12),
        ([info("2.4", 31), info("2.1", 12)], "2.1", 12),
        ([info("2.4", 32), info("2.1", 12)], "2.1", 12),
        ([info("4.4", 10), info("2.1", 12)], "2.1", 12),
        ([info("1.4", 12), info("2.1", 12)], "2.1", 12),
        ([info("2.4", 12, 1), info("2.1", 12)], "2.1", 12),
    ],
)
def test_the_best_is_chosen(infos: list[bytes], oid: str, parameter_id: int) -> None:
    """In the stated order, and what cannot be run is passed over."""
    chosen = choose(offered(*infos))
    assert (chosen.oid, chosen.parameter_id) == (f"0.4.0.127.0.7.2.2.4.{oid}", parameter_id)


@pytest.mark.parametrize(
    ("infos", "reason"),
    [
        ([], "pace_not_offered"),
        ([info("2.2", 13, 1)], "pace_version"),
        ([info("2.2")], "pace_parameters_proprietary"),
        ([info("2.2", 32)], "pace_parameters_proprietary"),
        ([info("2.2", 2**64)], "pace_parameters_proprietary"),
        ([info("2.2", -1)], "pace_parameters_proprietary"),
        ([info("2.2", 31)], "pace_parameters_unknown"),
        ([info("2.2", 7)], "pace_parameters_unknown"),
        ([info("2.2", 0)], "pace_parameters_of_other_kind"),
        ([info("1.2", 13)], "pace_parameters_of_other_kind"),
        ([info("6.2", 2)], "pace_parameters_of_other_kind"),
        ([info("4.2", 10)], "pace_im_parameters_10"),
        ([info("4.2", 10), info("2.2", 31)], "pace_im_parameters_10"),
    ],
)
def test_nothing_to_choose(infos: list[bytes], reason: str) -> None:
    """Refused by name: the same name whatever the order."""
    with pytest.raises(UnsupportedData) as caught:
        choose(offered(*infos))
    assert (caught.value.where, caught.value.what) == ("EF.CardAccess", reason)


def test_generic_mapping_with_parameters_10() -> None:
    """P-224 is refused for integrated mapping only."""
    assert choose(offered(info("2.2", 10))) == suite("2.2", 10)
    assert choose(offered(info("6.2", 10))) == suite("6.2", 10)


def test_proprietary_parameters_beside_standardised_ones() -> None:
    """Explicit parameters of the chip's choice are never used, whatever they are called."""
    explicit = w.seq(
        w.oid("0.4.0.127.0.7.2.2.4.2"),
        w.seq(w.oid("1.2.840.10045.2.1"), w.seq(w.integer(1))),
        w.integer(13),
    )
    infos = access(info("2.2", 13), info("2.4", 40), explicit)
    assert len(infos.pace_domain_parameters) == 1
    assert choose(infos.pace) == suite("2.2", 13)


@pytest.mark.parametrize(("arcs", "number"), every_suite())
def test_every_variant_is_chosen_when_alone(arcs: str, number: int) -> None:
    """All 141 of them, with the domain that belongs to the number."""
    assert choose(offered(info(arcs, number))) == suite(arcs, number)


def test_there_are_141_variants() -> None:
    """Doc 9303-11 §4.4.3 and §9.5.1, less 3DES for chip authentication mapping and IM with 10."""
    assert len(every_suite()) == len(set(every_suite())) == 141


@given(st.lists(st.sampled_from(every_suite()), min_size=2, max_size=5))
def test_d11_the_order_does_not_matter(suites: list[tuple[str, int]]) -> None:
    """Defect D11: a PACEInfo is chosen by what it says, never by where it stands."""
    infos = [offered(info(*each))[0] for each in suites]
    chosen = {choose(shuffled) for shuffled in permutations(infos)}
    assert len(chosen) == 1


def test_d11_a_shuffled_set() -> None:
    """Defect D11: a SET in the wrong order, other infos between, is read and named."""
    others = [
        w.seq(w.oid("0.4.0.127.0.7.2.2.2"), w.integer(1)),
        w.seq(w.oid("0.4.0.127.0.7.2.2.3.2.2"), w.integer(1)),
    ]
    infos = [info("2.2", 13), *others, info("6.2", 13)]
    for shuffled in permutations(infos):
        read = parse_card_access(encode(0x31, b"".join(shuffled)))
        assert choose(read.pace) == suite("6.2", 13)
        assert read.deviations in {(), ("set_order",)}


@pytest.mark.parametrize(
    ("infos", "ambiguous"),
    [
        ([info("2.2", 13)], False),
        ([info("2.2", 13), info("2.4", 13)], False),
        ([info("2.2", 13), info("6.2", 13)], False),
        ([info("2.2", 13), info("2.2", 12)], True),
        ([info("2.2", 13), info("6.2", 12)], True),
        ([info("2.2", 13), info("2.2", 40)], True),
        ([info("2.2", 13), info("2.4")], True),
        ([], False),
    ],
)
def test_ambiguous_parameters(infos: list[bytes], ambiguous: bool) -> None:
    """More than one set of parameters, usable here or not, wants the choice named (§4.4.4.1)."""
    assert is_ambiguous(offered(*infos)) == ambiguous


# Passwords --------------------------------------------------------------------------------

PASSWORDS = {
    PasswordReference.CAN: PacePassword.from_can("123456"),
    PasswordReference.PIN: PacePassword.from_pin("123456"),
    PasswordReference.PUK: PacePassword.from_puk("123456"),
    PasswordReference.MRZ: PacePassword.from_mrz_information("123456"),
}


@pytest.mark.parametrize("reference", PasswordReference)
def test_passwords(reference: PasswordReference) -> None:
    """Each has its reference; all but the MRZ are their own characters (§9.7.3)."""
    password = PASSWORDS[reference]
    assert password.reference is reference
    assert password.is_mrz == (reference is PasswordReference.MRZ)
    assert (password.secret == b"123456") != password.is_mrz


@pytest.mark.parametrize("reference", PasswordReference)
def test_password_is_not_printed(reference: PasswordReference) -> None:
    """No repr shows the password."""
    assert "123456" not in repr(PASSWORDS[reference])
    assert "secret" not in repr(PASSWORDS[reference])


def test_password_in_another_script() -> None:
    """Passwords are ISO 8859-1: what has no such bytes is a mistake of the caller."""
    assert PacePassword.from_pin("é").secret == b"\xe9"
    with pytest.raises(Misuse):
        PacePassword.from_can("１２３４５６")
