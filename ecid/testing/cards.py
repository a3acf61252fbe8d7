"""A valid card, and the same card with one part of it changed.

Everything is made by ``ecid.emulator``; the functions here only put a part in the place of
another. What is not signed again after a change is a forgery, and ought to be found out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from ecid.emulator.issued import IssuedCard
from ecid.emulator.issuing import issue, personalise, sign
from ecid.emulator.personalise.data_groups import dg2
from ecid.emulator.personalise.person import people, portrait
from ecid.emulator.pki import SIGNING_TIME, Authority, Signer, emulated_issuer, sign_sod
from ecid.lds.files import DATA_GROUPS
from ecid.trust.store import TrustStore

PROFILE = "vn-cccd-2021"


@cache
def canary_card() -> IssuedCard:
    """Return a valid card of an invented person whose data cannot be met by chance.

    Reading it must leave none of this data anywhere but in the report's identity. Its portrait
    is only the beginning of one, so that it is read quickly; nobody here decodes pixels.
    """
    person = replace(
        people()["nam"],
        number="000090731945",
        full_name="Canarynguyễn Thị Hoàng Yến",
        surname="CANARYNGUYEN",
        given_names="THI HOANG YEN",
        sex="Nữ",
        residence="Số 8 Ngõ Canary, Phường Canary, Tỉnh Canary",
        father_name="Canarynguyễn Văn Cha",
        mother_name="Canarytrần Thị Mẹ",
        old_number="987654321",
    )
    card = personalise(person, issue(PROFILE).chip_keys, name="canary", profile=PROFILE)
    return resigned(card, DG2=dg2(portrait(person.portrait)[:2_400], 480, 640))


@cache
def large_card() -> IssuedCard:
    """Return a valid card with a DG2 of 40 KiB: its end can only be read with the odd INS B1."""
    drawing = portrait(people()["nam"].portrait)
    padded = drawing + bytes(40 * 1024 - len(drawing))
    return resigned(canary_card(), DG2=dg2(padded, 480, 640))


def with_files(card: IssuedCard, **files: bytes | None) -> IssuedCard:
    """Return ``card`` with whole files replaced, or taken away where None; nothing is signed.

    Names are those of ``ecid.lds.files``: ``SOD``, ``DG1``, ``CardAccess``.
    """
    kept = {name: data for name, data in card.files.items() if name not in files}
    return replace(card, files=kept | {k: v for k, v in files.items() if v is not None})


def resigned(card: IssuedCard, **files: bytes | None) -> IssuedCard:
    """Return ``card`` with files changed, and a genuine SOD of its issuer over all of them."""
    return sign(with_files(card, **files))


def signed_by(card: IssuedCard, signer: Signer, **overrides: Any) -> IssuedCard:
    """Return ``card`` with a SOD of another signer; ``overrides`` are those of ``sod_of``."""
    return with_files(card, SOD=sod_of(card, signer, **overrides))


def issued_by(
    card: IssuedCard, authority: Authority, signer: Signer, **overrides: Any
) -> IssuedCard:
    """Return a card with the same data of another issuer: its SOD, and the anchor to trust."""
    return replace(signed_by(card, signer, **overrides), csca=authority.certificate)


def issuer_of(card: IssuedCard) -> tuple[Authority, Signer]:
    """Return the CSCA and the document signer, private keys included, that issued ``card``."""
    return emulated_issuer(card.seed, country=card.country)


def sod_of(card: IssuedCard, signer: Signer | None = None, **overrides: Any) -> bytes:
    """Return a signed SOD over the data groups of ``card``.

    ``signer`` is the card's own unless given; ``overrides`` are the parts that
    ``ecid.emulator.pki.sign_sod`` takes: econtent, attributes, signer_infos, certificates ...
    """
    chosen = issuer_of(card)[1] if signer is None else signer
    return sign_sod(data_groups(card), chosen, **{"signing_time": SIGNING_TIME, **overrides})


def data_groups(card: IssuedCard) -> Mapping[int, bytes]:
    """Return the data groups of ``card`` by number."""
    files = {ef.sfi: card.files.get(ef.name) for ef in DATA_GROUPS}
    return {number: data for number, data in files.items() if data is not None}


def trust_of(card: IssuedCard) -> TrustStore:
    """Return a store that holds the anchor of ``card`` and nothing else."""
    return TrustStore.of(card.csca)
