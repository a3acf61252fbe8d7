"""``ecid explain``: a page for every code that anything here can print, in both languages."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from importlib import resources

import pytest

from catalogue_scan import KINDS, raised
from ecid.inspection.checks import CHECK_IDS
from ecid.outcome import Reason
from ecid.profiles.vietnam.scanner import Damage
from ecid.text import keys, template
from ecid.trust.listed import CODES, OTHER
from inspection_kit import Answer, Command

LANGUAGES = ("vi", "en")
REASONS = sorted(reason.value for reason in Reason)
DAMAGES = sorted(damage.value for damage in Damage)


def error_codes() -> list[str]:
    """Return the codes that the source raises, the default ones, and those of lower packages."""
    found = {error.code for error in raised()} | {kind.default_code for kind in KINDS.values()}
    written = {key.split(".")[1] for key in keys("en") if key.startswith("error.")}
    return sorted(found | written)


def deviations() -> list[str]:
    """Return every deviation of the table of tolerances and of the lists of issuers."""
    source = resources.files("ecid.trust").joinpath("tolerances.toml").read_text("utf-8")
    tolerated = {str(each["deviation"]) for each in tomllib.loads(source)["tolerance"]}
    return sorted(tolerated | set(CODES.values()) | {OTHER, "unanchored_list"})


#: Every code with a page, by what kind of code it is.
CODES_BY_KIND = {
    "reason": REASONS,
    "error": error_codes(),
    "deviation": deviations(),
    "damage": DAMAGES,
    "check": list(CHECK_IDS),
}
EVERY_CODE = [(kind, code) for kind, codes in CODES_BY_KIND.items() for code in codes]


def explained(ecid: Command, code: str, language: str) -> Answer:
    """Return the answer about ``code``, which must be one."""
    answer = ecid("explain", code, "--lang", language)
    assert (answer.code, answer.err) == (0, "")
    return answer


def page(answer: Answer, code: str, kind: str, language: str) -> list[str]:
    """Return the lines of the one page about ``code`` as a code of this kind."""
    title = f"{code} ({template(f'cli.explain.{kind}', language)})"
    [found] = [each for each in answer.out.strip().split("\n\n") if each.startswith(title)]
    first, *lines = found.splitlines()
    assert first == title
    return lines


@pytest.mark.parametrize(("kind", "code"), EVERY_CODE)
def test_page(ecid: Command, kind: str, code: str) -> None:
    """The page has the meaning in a sentence of the language, and at most one next action."""
    said = []
    for language in LANGUAGES:
        meaning, *following = page(explained(ecid, code, language), code, kind, language)
        label = template("cli.next", language).partition("{")[0]
        assert meaning
        assert len(following) <= 1
        assert all(line.startswith(label) and len(line) > len(label) for line in following)
        said.append(meaning)
    # The name of a file is the same in every language.
    assert len(set(said)) == (1 if code == "cardsecurity" else 2)


@pytest.mark.parametrize(
    ("kind", "code"), [found for found in EVERY_CODE if found[0] in {"reason", "error"}]
)
def test_next_action(ecid: Command, kind: str, code: str) -> None:
    """A reason and an error say what to do: one action, in both languages."""
    for language in LANGUAGES:
        assert len(page(explained(ecid, code, language), code, kind, language)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_hole_in_a_page(ecid: Command, language: str) -> None:
    """No page shows a placeholder that nobody filled in, nor the braces written twice."""
    for _, code in EVERY_CODE:
        out = explained(ecid, code, language).out
        assert re.search(r"\{\w*\}|\{\{|\}\}", out) is None, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_hole_for_any_data_group(ecid: Command, language: str) -> None:
    """``dg`` alone is the page of every data group: an ellipsis where the number is."""
    _, line, *_ = ecid("explain", "dg", "--lang", language).out.splitlines()
    assert "…" in line
    assert "  " not in line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_one_action(reason: str, language: str) -> None:
    """What to do about a reason is one thing, and nothing is laid to anybody's charge."""
    following = template(f"reason.{reason}.next", language)
    assert re.search(r";|\. |, or |, hoặc | rồi |, then ", following) is None
    assert re.search(r"coi (là|thẻ)|treat", following, re.IGNORECASE) is None


def test_wording_of_red() -> None:
    """Signs of irregularity go to the head of the desk, in the words of the glossary."""
    for key in ("reason.bad_signature.next", "reason.wrong_answer.next", "error.limit.next"):
        assert template(key, "vi") == "Có dấu hiệu bất thường: báo lãnh đạo."
    assert template("reason.qr_mismatch.next", "vi") == "Kiểm tra có quét nhầm thẻ khác."
    every = (template(key, "vi").casefold() for key in keys("vi"))
    assert not any("coi là bất thường" in each or "coi là thẻ" in each for each in every)


def test_never_a_forgery(ecid: Command) -> None:
    """A desk sees signs of irregularity: that a card is false is for others to say."""
    for _, code in EVERY_CODE:
        out = unicodedata.normalize("NFC", explained(ecid, code, "vi").out).casefold()
        assert re.search(r"thẻ\s+giả", out) is None, code


def test_kinds_that_share_a_word(ecid: Command) -> None:
    """Where a word is a reason and an error, both pages are shown."""
    both = sorted(set(REASONS) & set(error_codes()))
    assert "malformed" in both
    for code in both:
        out = ecid("explain", code).out
        assert f"{code} ({template('cli.explain.reason', 'en')})" in out
        assert f"{code} ({template('cli.explain.error', 'en')})" in out


@pytest.mark.parametrize("typed", ["no_csca", "NO_CSCA", " no_csca "])
def test_as_typed(ecid: Command, typed: str) -> None:
    """Case and spaces round the code do not matter."""
    assert ecid("explain", typed).out == ecid("explain", "no_csca").out


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("code", "repeated"),
    [
        *((code, code) for code in ("no_such_code", "dg.0", "dg.17", "dg.1.2", "no_csca.text")),
        *((code, "…") for code in ("", "{code}", "000090123456", "Nguyễn Văn Mẫu", "x" * 41)),
    ],
)
def test_unknown(ecid: Command, code: str, repeated: str, language: str) -> None:
    """A code without a page: exit 2 and one sentence, which repeats no name and no number."""
    answer = ecid("explain", code, "--lang", language)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        template("error.unknown_code.message", language).format(code=repeated)
        + " "
        + template("cli.next", language).format(next=template("error.unknown_code.next", language))
        + "\n"
    )


def test_unknown_with_control_characters(ecid: Command) -> None:
    """What was typed is shown without obeying it, and not at any length."""
    answer = ecid("explain", "\x1b[31m" + "x" * 1000)
    assert answer.code == 2
    assert "\x1b" not in answer.err
    assert len(answer.err) < 400


def test_no_code(ecid: Command) -> None:
    """Without a code: exit 2."""
    answer = ecid("explain")
    assert (answer.code, answer.out) == (2, "")
