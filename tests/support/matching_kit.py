"""What the tests of comparing a card with something presented share."""

from __future__ import annotations

from pathlib import Path

from ecid.emulator.personalise.person import Person, people
from inspection_kit import Answer, Command, issued

#: In date until 2035, so that success is exit 0.
CARD = "vn-cccd-2021-nu"
HOLDER, SOMEBODY = people()["nu"], people()["tuoi-24"]
QR = issued(CARD).secrets.qr


def read(ecid: Command, anchor: Path, *more: object, card: str = CARD) -> Answer:
    """Read the shipped ``card`` and return the answer as JSON."""
    return ecid("read", "--card", card, "--trust", anchor, *more, "--json")


def values(person: Person) -> set[str]:
    """Return what only ``person`` has, in the notations of chip and QR."""
    texts = (person.number, person.full_name, person.residence, person.birth_date)
    return {
        *texts,
        person.birth_date.replace("/", ""),
        "-".join(person.birth_date.split("/")[::-1]),
    }


def named_only(answer: Answer, check: str, *fields: str) -> None:
    """Assert that ``check`` alone failed and names ``fields``; no value is anywhere."""
    assert answer.code == 13
    found = answer.check(check)
    assert found["outcome"] == "failed"
    assert sorted(found["detail"]["fields"].split(", ")) == sorted(fields)
    failed = [each["id"] for each in answer.json["checks"] if each["outcome"] == "failed"]
    assert failed == [check]
    assert answer.json["identity"] is None
    said = answer.out + answer.err
    assert not any(value in said for value in values(HOLDER) | values(SOMEBODY))
