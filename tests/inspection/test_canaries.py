"""Personal data and keys leak nowhere: unique values are planted and looked for afterwards."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import ecid
from ecid.emulator import EmulatedCard, IssuedCard
from ecid.emulator.issuing import personalise
from ecid.emulator.personalise.person import people
from ecid.inspection.collect import Order
from ecid.inspection.report import Report
from ecid.profiles.vietnam import VIETNAM, VietnameseIdentity, qr, scanner, typed
from ecid.profiles.vietnam import forms as forms_of_services
from ecid.secret import AccessSecret
from ecid.session.keys import SessionKeys
from inspection_kit import (
    PACE_REFUSED,
    WITHOUT_CARD_ACCESS,
    Command,
    Link,
    Wire,
    by_can,
    by_mrz,
    issued,
)
from inspection_kit import read as read_card

pytestmark = pytest.mark.slow

PERSON = replace(
    people()["nam"],
    number="079183746592",
    full_name="Canarý Nguyễn Hoàng Yến",
    surname="CANARY",
    given_names="NGUYEN HOANG YEN",
    birth_date="29/02/1984",
    residence="Số 777 Đường Hoàng Yến",
    origin="Xã Chim Hót",
    religion="Đạo Chim",
    father_name="Canarý Bố",
    mother_name="Canarý Mẹ",
    old_number="871635294",
    chip_identifier="0294C0FFEE15DEAD",
    features="Lông vàng óng",
)


def forms(value: bytes) -> dict[str, bytes]:
    """Return the forms in which a value might turn up somewhere."""
    found = {
        "raw": value,
        "hex": value.hex().encode(),
        "HEX": value.hex().upper().encode(),
        "base64": base64.b64encode(value),
        "reversed": value[::-1],
        "spaced hex": value.hex(" ").encode(),
    }
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return found
    return found | {"utf-16": text.encode("utf-16-le"), "escaped": repr(text).encode()[1:-1]}


@dataclass
class Canaries:
    """The planted values by name."""

    values: dict[str, bytes]

    def found_in(self, *places: str) -> list[str]:
        """Return what of them stands in any of ``places``, and in which form."""
        found: list[str] = []
        for place in places:
            text = place.encode("utf-8", "surrogatepass")
            for name, value in self.values.items():
                found += [
                    f"{name} as {form}" for form, data in forms(value).items() if data in text
                ]
        return found


@pytest.fixture(scope="module")
def card() -> IssuedCard:
    """Return a card of the canary."""
    return personalise(PERSON, issued().chip_keys, name="canary", profile="vn-cccd-2021")


@pytest.fixture
def canaries(card: IssuedCard, monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """Return what is planted; session keys join while readings go on."""
    secrets = card.secrets
    values = {
        "mrz": secrets.mrz.encode(),
        "mrz line": secrets.mrz[:30].encode(),
        "mrz information": secrets.mrz_information.encode(),
        "can": secrets.can.encode(),
        "document number": secrets.document_number.encode(),
        "birth date": PERSON.birth_yymmdd.encode(),
        "birth date in DG13": PERSON.birth_date.encode(),
        "portrait": card.files["DG2"][200:216],
    }
    for name in ("number", "full_name", "surname", "given_names", "residence", "origin"):
        values[name] = getattr(PERSON, name).encode()
    for name in ("religion", "father_name", "mother_name", "old_number", "features"):
        values[name] = getattr(PERSON, name).encode()
    planted = Canaries(values)
    kept = SessionKeys.__init__

    def spy(self: SessionKeys, *args: object, **kwargs: object) -> None:
        kept(self, *args, **kwargs)  # type: ignore[arg-type]
        values[f"enc {len(values)}"], values[f"mac {len(values)}"] = self.enc, self.mac

    monkeypatch.setattr(SessionKeys, "__init__", spy)
    return planted


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Return everything that anybody logs at the lowest level."""
    caplog.set_level(1)
    logging.getLogger().setLevel(1)
    return caplog


def places(report: Report) -> list[str]:
    """Return what a programmer might print of a report, without asking for identity."""
    evidence = report.evidence
    things: list[object] = [report, evidence, report.unverified, report.checks, report.policy]
    things += [evidence.access, evidence.chip_authentication, evidence.active_authentication]
    return [f"{thing!r} {thing!s} {thing}" for thing in things]


def test_the_search_finds() -> None:
    """The control: each form of a planted value is found."""
    planted = Canaries({"x": b"CANARYNGUYEN"})
    for form in forms(b"CANARYNGUYEN").values():
        assert planted.found_in(f"before {form.decode('latin-1')} after")


def test_readings(canaries: Canaries, card: IssuedCard, log: pytest.LogCaptureFixture) -> None:
    """Reprs of what a reading returns, and its log, hold none of it."""
    links: list[Link | None] = [
        None,
        lambda c: Wire(c, WITHOUT_CARD_ACCESS),
        lambda c: Wire(c, PACE_REFUSED),
    ]
    seen: list[str] = []
    for link in links:
        secret = by_mrz(card)
        seen += [repr(secret), str(secret)]
        seen += [repr(secret.pace_passwords), repr(secret.bac_keys)]
        seen += places(read_card(card, secret, link=link))
    seen.append(repr(by_can(card)))
    assert sum(name.startswith("enc") for name in canaries.values) >= 4
    assert canaries.found_in(*seen, log.text) == []


def test_what_a_scan_and_a_form_become(canaries: Canaries, card: IssuedCard) -> None:
    """Reprs of everything that is made of a QR text, a typed form or a Vietnamese identity."""
    text, secret = card.secrets.qr, AccessSecret.from_qr(card.secrets.qr)
    report = read_card(card, secret, expect={"full_name": PERSON.full_name})
    form = json.dumps({"full_name": PERSON.full_name}, ensure_ascii=False)
    filled = forms_of_services.fill(forms_of_services.service("9"), {"mother": report})
    holder = VietnameseIdentity.from_report(report)
    things: list[object] = [
        secret,
        qr.read(text),
        typed.read(text),
        typed.read(card.secrets.mrz),
        scanner.mend(PERSON.full_name, PERSON.residence),
        Order(secret=secret, choose_profile=lambda _: VIETNAM, expected_form=form),
        report.evidence,
        holder,
        holder.number,
        holder.next_exchange,
        filled,
    ]
    assert canaries.found_in(document_text(filled))
    assert canaries.found_in(*(f"{thing!r} {thing!s}" for thing in things)) == []


def document_text(filled: forms_of_services.FilledForm) -> str:
    """Return the values of a filled form: the control, they are there."""
    return " ".join(each.value for each in filled.filled)


def test_report_without_identity(canaries: Canaries, card: IssuedCard) -> None:
    """The report of what is not verified holds no identity; asked for it, it does."""
    report = read_card(card, trust=ecid.TrustStore())
    assert canaries.found_in(report.to_json()) == []
    assert canaries.found_in(report.to_json(show_unverified=True))


@pytest.mark.parametrize("field", ["checks", "deviations", "files", "access", "timing", "source"])
def test_parts_of_the_report(canaries: Canaries, card: IssuedCard, field: str) -> None:
    """Even in a verified report identity stands in one place only."""
    found = read_card(card, by_mrz(card)).to_dict()
    assert canaries.found_in(repr(found["identity"]))
    assert canaries.found_in(repr(found[field])) == []


def test_failed_checks_name_no_values(canaries: Canaries, card: IssuedCard) -> None:
    """What differs is named; the values that differ are not."""
    other = by_mrz(issued())
    evidence = replace(read_card(card).evidence, presented_mrz="".join(other.mrz.lines))  # type: ignore[union-attr]
    report = ecid.verify(evidence, trust=ecid.TrustStore.of(card.csca))
    assert report.check("match.mrz").outcome == "failed"
    assert canaries.found_in(repr(report.checks)) == []


def test_exceptions(
    canaries: Canaries, card: IssuedCard, log: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Whatever goes wrong, neither message nor traceback holds a value."""
    secrets = card.secrets
    wrong = AccessSecret.from_can("000000")
    tries: list[Callable[[], object]] = [
        lambda: read_card(card, wrong),
        lambda: read_card(card, by_mrz(issued())),
        lambda: read_card(card, timeout=0),
        lambda: read_card(EmulatedCard(card, behaviour=vanishing(card, 40))),
        lambda: read_card(EmulatedCard(card, behaviour=vanishing(card, 90))),
        lambda: AccessSecret.from_can(secrets.mrz),
        lambda: AccessSecret.from_mrz(secrets.mrz[:-1]),
        lambda: AccessSecret.from_mrz(secrets.mrz.replace(secrets.document_number, "000000000")),
        lambda: AccessSecret.from_fields(secrets.document_number, "1984-02-29", "x"),
        lambda: read_card(card, trust=ecid.TrustStore()).identity,
        lambda: ecid.Evidence.load(broken(tmp_path, card)),
    ]
    for attempt in tries:
        with pytest.raises(ecid.EcidError) as caught:
            attempt()
        exc = caught.value
        # Source lines of a traceback are this file's and may name what they like; values may not.
        shown = "".join(traceback.format_exception_only(exc)) + repr(exc) + str(exc.__cause__)
        assert canaries.found_in(shown, repr(exc.fields), repr(exc.__context__)) == []
        for language in ("vi", "en"):
            said = exc.message(language) + exc.next_step(language)
            assert canaries.found_in(said) == []
    assert canaries.found_in(log.text) == []


def vanishing(card: IssuedCard, at: int) -> ecid.emulator.CardBehaviour:
    """Return a chip that leaves at the APDU ``at``."""
    return replace(EmulatedCard(card).behaviour, vanishes_at=at)


def broken(folder: Path, card: IssuedCard) -> Path:
    """Return an evidence file with one bit turned over."""
    path = folder / "x.ecid"
    read_card(card).evidence.save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("json", [(), ("--json",)])
def test_command(
    canaries: Canaries,
    card: IssuedCard,
    log: pytest.LogCaptureFixture,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    json: tuple[str, ...],
) -> None:
    """On the command line identity stands on standard output, and only where it is verified."""
    command, folder = Command(capsys), tmp_path / "c"
    card.save(folder)
    read_ = ("read", "--card", folder, "--can", card.secrets.can, *json)
    good = command(*read_, "--trust", folder / "csca.der", "--save", tmp_path / "x.ecid")
    assert good.code == 0
    assert canaries.found_in(good.out)
    assert canaries.found_in(good.err, log.text) == []
    for arguments in (
        read_,
        ("read", "--card", folder, "--can", card.secrets.mrz, *json),
        ("read", "--card", folder, "--mrz", card.secrets.mrz[:-1], *json),
        ("read", "--card", folder, "--can", "000000", *json),
        ("read", "--card", folder, "--document-number", card.secrets.document_number, *json),
        ("read", "--card", folder, "--can", "000000", card.secrets.mrz, *json),
        ("read", "--card", folder, "--dg", card.secrets.document_number, *json),
        ("verify", tmp_path / "x.ecid", *json),
    ):
        bad = command(*arguments)
        assert bad.code != 0
        assert canaries.found_in(bad.out, bad.err, log.text) == []
