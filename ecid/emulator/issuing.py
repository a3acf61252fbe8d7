"""Issuing the shipped cards, and issuing foreign data groups again under an emulated issuer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from ecid.emulator.behaviour import profile as behaviour_profile
from ecid.emulator.chip.cv_certificates import trust_point
from ecid.emulator.chip_keys import chip_keys
from ecid.emulator.cms import sign_card_security
from ecid.emulator.definition import CardDefinition
from ecid.emulator.definitions import definition as shipped_definition
from ecid.emulator.issued import CardSecrets, ChipKeys, IssuedCard
from ecid.emulator.keys import DhSecret, RsaSecret
from ecid.emulator.personalise.data_groups import cvca
from ecid.emulator.personalise.files import EMRTD_AID, card_security_infos, unsigned_files
from ecid.emulator.personalise.holder import Bearer
from ecid.emulator.personalise.person import Person
from ecid.emulator.pkcs8 import from_pkcs8
from ecid.emulator.pki import SIGNING_TIME, emulated_issuer, sign_sod
from ecid.emulator.terminal_issuing import terminal_pki
from ecid.encoding import der_write as w
from ecid.errors import Misuse

__all__ = ["EMRTD_AID", "issue", "personalise", "reissue", "sign"]

_GROUP = re.compile(r"DG([1-9]|1[0-6])")
_COUNTRIES = {"vn-cccd": "VN", "passport": "UT"}


def issue(card: str | CardDefinition, *, seed: int = 0) -> IssuedCard:
    """Return a card, shipped or defined by the caller; the same ``seed`` gives the same bytes.

    The keys are anybody's who knows the seed. Raises ``Misuse`` for an unknown name.
    """
    if isinstance(card, str):
        return _issue_shipped(card, seed)
    return issue_to(card.bearer, card, chip_keys(card, seed), seed)


@cache
def _issue_shipped(name: str, seed: int) -> IssuedCard:
    return issue(shipped_definition(name), seed=seed)


def personalise(
    person: Person, keys: ChipKeys, *, name: str, profile: str, seed: int = 0
) -> IssuedCard:
    """Return a Vietnamese card of ``person`` with these chip keys, which must both be there."""
    behaviour_profile(profile)
    definition = replace(shipped_definition("vn-cccd-2021"), name=name, profile=profile)
    return issue_to(person, definition, keys, seed)


def issue_to(bearer: Bearer, definition: CardDefinition, keys: ChipKeys, seed: int) -> IssuedCard:
    """Return the card of a definition with another holder, or with other keys.

    Raises ``Misuse`` if a key that the definition wants is absent.
    """
    country = _COUNTRIES[definition.layout]
    files = unsigned_files(definition, bearer, keys)
    signed_infos = card_security_infos(definition, keys)
    if signed_infos:
        _, signer = emulated_issuer(seed, country=country)
        files["CardSecurity"] = sign_card_security(w.set_of(*signed_infos), signer, SIGNING_TIME)
    terminal = terminal_pki(definition, seed)
    points = [trust_point(certificate) for certificate in terminal.trusted]
    if points:
        files["CVCA"] = cvca(point.reference for point in points if point is not None)
    card = IssuedCard(
        name=definition.name,
        files=files,
        secrets=replace(
            CardSecrets.from_mrz(bearer.mrz, can=bearer.can, qr=bearer.qr),
            pin=definition.pin,
            puk=definition.puk,
        ),
        chip_keys=keys,
        csca=b"",
        profile=definition.profile,
        settings=_settings(definition),
        seed=seed,
        country=country,
        terminal=terminal,
    )
    return sign(card)


def _settings(definition: CardDefinition) -> Mapping[str, object]:
    """Return the settings of a behaviour; the hash of RSA stands nowhere else in the chip."""
    aa = definition.active_authentication
    if aa is None or not aa.key.startswith("RSA") or aa.hash.value == "SHA-1":
        return definition.settings
    return MappingProxyType({**definition.settings, "active_authentication_hash": aa.hash.value})


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
    _, signer = emulated_issuer(card.seed, issuer, card.country)
    csca, _ = emulated_issuer(card.seed, trusted, card.country)
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
