"""Issuing the shipped cards, and issuing foreign data groups again under an emulated issuer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from ecid.emulator.behaviour import profile as behaviour_profile
from ecid.emulator.issued import CardSecrets, ChipKeys, IssuedCard
from ecid.emulator.keys import DhSecret, EcSecret, RsaSecret, generate_ec, generate_rsa
from ecid.emulator.personalise import data_groups as write
from ecid.emulator.personalise.dg13 import dg13
from ecid.emulator.personalise.person import Person, people, portrait
from ecid.emulator.pkcs8 import from_pkcs8
from ecid.emulator.pki import SIGNING_TIME, emulated_issuer, sign_sod
from ecid.errors import Misuse
from ecid_crypto.curves import curve_by_name
from ecid_crypto.rng import SeededRng

EMRTD_AID = bytes.fromhex("A0000002471001")
"""The eMRTD application (Doc 9303-10 §3.8.1)."""

_LISTED = (1, 2, 3, 13, 15, 14)
_GROUP = re.compile(r"DG([1-9]|1[0-6])")


@dataclass(frozen=True, slots=True)
class CardDefinition:
    """A shipped card: whose it is, and how its chip behaves; ``doc`` says it in one line."""

    person: str
    profile: str
    doc: str


DEFINITIONS: Mapping[str, CardDefinition] = MappingProxyType(
    {
        "vn-cccd-2021": CardDefinition("nam", "vn-cccd-2021", "a man, valid until 2030"),
        "vn-cccd-2021-mf": CardDefinition(
            "nam", "vn-cccd-2021-mf", "the same card; SELECT MF answers 9000"
        ),
        "vn-cccd-2021-nu": CardDefinition(
            "nu", "vn-cccd-2021", "a woman, married, without an old number"
        ),
        "vn-cccd-2021-permanent": CardDefinition(
            "lao", "vn-cccd-2021", "an old man, whose card does not expire"
        ),
        "vn-cccd-2021-pace-mrz": CardDefinition(
            "nam", "vn-cccd-2021-pace-mrz", "the first card; its chip refuses PACE with the CAN"
        ),
        "vn-cccd-2021-bac": CardDefinition(
            "nam", "vn-cccd-2021-bac", "the first card; its chip refuses to start PACE"
        ),
        "vn-cccd-2021-tuoi-24": CardDefinition(
            "tuoi-24", "vn-cccd-2021", "a woman of 24, to be exchanged at 25"
        ),
        "vn-cccd-2021-tuoi-26": CardDefinition(
            "tuoi-26", "vn-cccd-2021", "a man of 26, born on 29 February, valid to 40"
        ),
        "vn-cccd-2021-hai-chu": CardDefinition("hai-chu", "vn-cccd-2021", "a name of two words"),
        "vn-cccd-2021-bay-chu": CardDefinition("bay-chu", "vn-cccd-2021", "a name of seven words"),
        "vn-cccd-2021-khong-cha": CardDefinition(
            "vo-danh-cha", "vn-cccd-2021", "a name of the highlands, no father"
        ),
        "vn-cccd-2021-het-han": CardDefinition("het-han", "vn-cccd-2021", "expired in 2025"),
        "vn-cccd-2021-dai": CardDefinition("dai", "vn-cccd-2021", "fields of 300 bytes in DG13"),
        "vn-cc-2024": CardDefinition("can-cuoc-2024", "vn-cccd-2021", "the layout of 2024"),
        "vn-cc-2024-tre-em": CardDefinition(
            "tre-em", "vn-cccd-2021", "a child, layout of 2024, to be exchanged at 14"
        ),
    }
)
"""The shipped cards by name."""


def names() -> tuple[str, ...]:
    """Return the names of the shipped cards."""
    return tuple(DEFINITIONS)


@cache
def issue(name: str, *, seed: int = 0) -> IssuedCard:
    """Return the shipped card ``name``; the same ``seed`` gives the same bytes.

    The keys are anybody's who knows the seed. Raises ``Misuse`` for an unknown name.
    """
    if name not in DEFINITIONS:
        raise Misuse
    definition = DEFINITIONS[name]
    person = people()[definition.person]
    keys = _chip_keys(definition.person, seed)
    return personalise(person, keys, name=name, profile=definition.profile, seed=seed)


def personalise(
    person: Person, keys: ChipKeys, *, name: str, profile: str, seed: int = 0
) -> IssuedCard:
    """Return a Vietnamese card of ``person`` with these chip keys, which must both be there."""
    ca, aa = keys.chip_authentication, keys.active_authentication
    if not isinstance(ca, EcSecret) or aa is None:
        raise Misuse
    files = {
        "CardAccess": write.card_access(),
        "DIR": write.directory(EMRTD_AID),
        "COM": write.com(_LISTED),
        "DG1": write.dg1(person.mrz),
        "DG2": write.dg2(portrait(person.portrait), 480, 640),
        "DG3": write.dg3(b"EMULATED, no fingerprint"),
        "DG13": dg13(person),
        "DG14": write.dg14(ca.public),
        "DG15": write.dg15(aa.public),
    }
    card = IssuedCard(
        name=name,
        files=files,
        secrets=CardSecrets.from_mrz(person.mrz, can=person.can, qr=person.qr),
        chip_keys=keys,
        csca=b"",
        profile=profile,
        seed=seed,
    )
    return sign(card)


def sign(card: IssuedCard, *, issuer: str = "issuer", trusted: str = "issuer") -> IssuedCard:
    """Return ``card`` with a new SOD over all of its data groups, and the CSCA to trust.

    ``issuer`` and ``trusted`` are labels of ``emulated_issuer``: where they differ, the SOD is
    signed under a CSCA that the verifier does not have.
    """
    groups = {
        int(matched[1]): data
        for name, data in card.files.items()
        if (matched := _GROUP.fullmatch(name))
    }
    _, signer = emulated_issuer(card.seed, issuer)
    csca, _ = emulated_issuer(card.seed, trusted)
    sod = sign_sod(groups, signer, signing_time=SIGNING_TIME)
    files = MappingProxyType({**card.files, "SOD": sod})
    return replace(card, files=files, csca=csca.certificate)


def reissue(
    files: Mapping[str, bytes],
    *,
    ca_key_pkcs8: bytes | None,
    aa_key_pkcs8: bytes | None,
    secrets: CardSecrets,
    seed: int = 0,
    profile: str = "standard",
) -> IssuedCard:
    """Return a card with these files (names of ``ecid.lds.files``) and a new SOD over them.

    Key pairs are taken as they are and need not fit DG14 or DG15. Raises ``MalformedData`` or
    ``UnsupportedData`` for a key that cannot be read, ``Misuse`` for an unknown profile.
    """
    behaviour_profile(profile)
    ca = None if ca_key_pkcs8 is None else from_pkcs8(ca_key_pkcs8)
    aa = None if aa_key_pkcs8 is None else from_pkcs8(aa_key_pkcs8)
    if isinstance(ca, RsaSecret) or isinstance(aa, DhSecret):
        raise Misuse
    card = IssuedCard(
        name="reissued",
        files=files,
        secrets=secrets,
        chip_keys=ChipKeys(chip_authentication=ca, active_authentication=aa),
        csca=b"",
        profile=profile,
        seed=seed,
    )
    return sign(card)


@cache
def _chip_keys(person: str, seed: int) -> ChipKeys:
    rng = SeededRng(f"ecid emulator/chip/{person}/{seed}".encode())
    return ChipKeys(
        chip_authentication=generate_ec(curve_by_name("brainpoolP256r1"), rng),
        active_authentication=generate_rsa(2048, rng),
    )
