"""Which protocol and key of DG14 is chosen, and what is not guessed."""

from __future__ import annotations

from itertools import permutations

import pytest

from ecid.encoding import der_write as w
from ecid.encoding.dh_spki import write_dh_spki
from ecid.encoding.spki import write_spki
from ecid.encoding.tlv import encode
from ecid.errors import UnsupportedData
from ecid.lds import dg14
from ecid.protocols.chip_authentication import (
    DH_3DES,
    ECDH_3DES,
    ChipAuthenticationChoice,
    choose,
)
from ecid_crypto.cipher import Cipher
from ecid_crypto.curves import curve_by_name
from ecid_crypto.dh import DhGroup, DhPrivateKey, DhPublicKey, standardised_group
from ecid_crypto.domain import standardised_domain
from ecid_crypto.ec_key import EcPrivateKey
from ecid_crypto.public_key import EcPublicKey
from ecid_crypto.rng import SeededRng

SMARTCARD = "0.4.0.127.0.7.2.2"


def ec_info(label: str, key_id: int | None = None, curve: str = "brainpoolP256r1") -> bytes:
    """Return a ChipAuthenticationPublicKeyInfo with a key that ``label`` stands for."""
    private = EcPrivateKey.generate(curve_by_name(curve), SeededRng(label.encode()))
    return key_info("2", write_spki(EcPublicKey(private.curve, private.public_point())), key_id)


def dh_info(label: str, key_id: int | None = None, group: DhGroup | None = None) -> bytes:
    """Return the same with a key over a finite field."""
    private = DhPrivateKey.generate(group or standardised_group(2), SeededRng(label.encode()))
    spki = write_dh_spki(DhPublicKey(private.group, private.public_value()))
    return key_info("1", spki, key_id)


def key_info(kind: str, spki: bytes, key_id: int | None) -> bytes:
    """Return a ChipAuthenticationPublicKeyInfo."""
    return w.seq(w.oid(f"{SMARTCARD}.1.{kind}"), spki, number(key_id))


def info(protocol: str, key_id: int | None = None, version: int = 1) -> bytes:
    """Return a ChipAuthenticationInfo, ``protocol`` being the last two arcs."""
    return w.seq(w.oid(f"{SMARTCARD}.3.{protocol}"), w.integer(version), number(key_id))


def number(key_id: int | None) -> bytes:
    """Return an optional key id."""
    return b"" if key_id is None else w.integer(key_id)


#: A key in a group of 5 bits.
TOY_KEY = key_info(
    "1",
    w.seq(
        w.seq(w.oid("1.2.840.113549.1.3.1"), w.seq(w.integer(23), w.integer(5))),
        w.bits(w.integer(8)),
    ),
    None,
)


def chosen(*infos: bytes) -> ChipAuthenticationChoice | None:
    """Return the choice from a DG14 with these infos, which their order does not change."""
    read = [
        choose(dg14.parse(encode(0x6E, encode(0x31, b"".join(shuffled)))))
        for shuffled in list(permutations(infos))[:24]
    ]
    assert len(set(read)) == 1
    return read[0]


def test_no_key() -> None:
    """A DG14 without key offers no chip authentication."""
    assert chosen(info("2.2")) is None


@pytest.mark.parametrize(("key", "oid"), [(ec_info("a"), ECDH_3DES), (dh_info("a"), DH_3DES)])
def test_key_without_protocol(key: bytes, oid: str) -> None:
    """CA-13: a key and no ChipAuthenticationInfo means 3DES (TR-03110-1 §3.4)."""
    choice = chosen(key)
    assert choice is not None
    assert (choice.oid, choice.cipher, choice.key_id) == (oid, Cipher.TDES, None)


def test_key_with_id_and_without_protocol() -> None:
    """The id of the only key is named to the chip all the same."""
    choice = chosen(ec_info("a", 5))
    assert choice is not None
    assert (choice.oid, choice.key_id) == (ECDH_3DES, 5)


@pytest.mark.parametrize(
    ("infos", "expected"),
    [
        ([info("2.1"), info("2.2"), ec_info("a")], ("2.2", None)),
        ([info("2.3"), info("2.4"), ec_info("a")], ("2.4", None)),
        ([info("2.2", 1), ec_info("a", 1), ec_info("b", 2)], ("2.2", 1)),
        ([info("2.2", 2), ec_info("a", 1), ec_info("b", 2)], ("2.2", 2)),
        ([info("2.4", 7), info("2.2", 1), ec_info("a", 1)], ("2.2", 1)),
        (
            [
                info("2.2", 1),
                info("2.2", 2),
                ec_info("a", 1),
                ec_info("b", 2, "brainpoolP512r1"),
            ],
            ("2.2", 2),
        ),
        # Equally strong: the lower id.
        ([info("2.2", 3), info("2.2", 2), ec_info("a", 2), ec_info("b", 3)], ("2.2", 2)),
        # A finite field, and an elliptic curve beside it.
        ([info("1.4"), dh_info("a")], ("1.4", None)),
        ([info("1.4"), info("2.2"), ec_info("a"), dh_info("b")], ("1.4", None)),
        ([info("1.2"), info("2.2"), ec_info("a"), dh_info("b")], ("2.2", None)),
        # The only key of its kind needs no id; one side may leave it out.
        ([info("2.2", 1), ec_info("a")], ("2.2", 1)),
        ([info("2.2"), ec_info("a", 1)], ("2.2", 1)),
        # What cannot be run is passed over.
        ([info("1.4"), info("2.2"), ec_info("a"), TOY_KEY], ("2.2", None)),
        ([info("2.4", None, 2), info("2.2"), ec_info("a")], ("2.2", None)),
        ([info("2.4"), info("2.2", 1), ec_info("a", 1), ec_info("b", 2)], ("2.2", 1)),
    ],
)
def test_the_strongest_is_chosen(infos: list[bytes], expected: tuple[str, int | None]) -> None:
    """Cipher first, then strength, and always a protocol with the key that it names (CA6, CA7)."""
    choice = chosen(*infos)
    assert choice is not None
    assert (choice.oid.removeprefix(f"{SMARTCARD}.3."), choice.key_id) == expected


@pytest.mark.parametrize(
    ("infos", "reason"),
    [
        ([info("2.2", 3), ec_info("a", 1), ec_info("b", 2)], "ca_key_id_unmatched"),
        ([info("2.2", 1), ec_info("a", 2)], "ca_key_id_unmatched"),
        ([info("2.2", 1), ec_info("a"), ec_info("b")], "ca_key_id_unmatched"),
        ([info("2.2"), ec_info("a"), ec_info("b")], "ca_key_ambiguous"),
        ([info("2.2"), ec_info("a", 1), ec_info("b", 2)], "ca_key_ambiguous"),
        ([info("2.2", 1), ec_info("a", 1), ec_info("b", 1)], "ca_key_ambiguous"),
        ([ec_info("a"), ec_info("b")], "ca_key_ambiguous"),
        ([info("1.2"), ec_info("a")], "ca_key_missing"),
        ([info("2.2"), dh_info("a")], "ca_key_missing"),
        ([info("2.2", None, 2), ec_info("a")], "ca_version"),
        ([TOY_KEY], "dh_group"),
        ([info("1.2"), TOY_KEY], "dh_group"),
    ],
)
def test_nothing_to_choose(infos: list[bytes], reason: str) -> None:
    """CA-10, CA-11: keys that no protocol names, or that several could mean, are not guessed."""
    with pytest.raises(UnsupportedData) as caught:
        chosen(*infos)
    assert (caught.value.where, caught.value.what) == ("DG14", reason)


def test_the_key_is_the_one_that_is_named() -> None:
    """Two keys in one DG14: the public value is that of the id."""
    keys = {1: ec_info("a", 1), 2: ec_info("b", 2)}
    domain = standardised_domain(13)
    for key_id, label in ((1, b"a"), (2, b"b")):
        choice = chosen(info("2.2", key_id), *keys.values())
        assert choice is not None
        assert choice.domain == domain
        assert domain.generate(SeededRng(label)).public() == choice.public


def test_key_is_not_printed() -> None:
    """The static key of a chip tells its holder apart."""
    choice = chosen(info("2.2"), ec_info("a"))
    assert choice is not None
    assert repr(choice.public) not in repr(choice)
