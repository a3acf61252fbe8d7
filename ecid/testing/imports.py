"""What a trust store makes of a file: imported as an operator does it, then a card judged with it.

    StoreImport(holder=card, before={"csca.cer": anchor, "2.crl": newer},
                files={"1.crl": older}, good={"3.crl": newest})

An import that is refused has to leave the store as it was; what the card comes to with the store
afterwards shows whether it did.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import ecid
from ecid.emulator.issued import IssuedCard
from ecid.errors import Misuse
from ecid.testing.subject import NOW, ImportResult, Workplace, digest_of
from ecid.trust.store import TrustStore
from ecid.trust.store_folder import check_whole

#: How a line on standard error ends that says what was left out, and by which rule.
_LEFT_OUT = re.compile(r"\((\w+)\)\.$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreImport:
    """An import into a store that already holds something, through ``ecid trust import``.

    ``before`` is what the store holds, ``files`` is what is imported, and ``good`` what is
    imported in the control: files by name. ``options`` are those of the command. Afterwards the
    stored files of ``card`` (the holder's unless given) are verified with the store.
    """

    holder: IssuedCard = field(repr=False)
    before: Mapping[str, bytes] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    good: Mapping[str, bytes] = field(repr=False)
    options: Sequence[str] = ()
    policy: str = "passive"
    at: datetime = NOW

    @property
    def key(self) -> str:
        """Policy, moment, options, and everything that goes into the store of the control."""
        digest = digest_of(self.holder, self.before, self.good)
        return f"import/{self.policy}/{self.at}/{' '.join(self.options)}/{digest}"

    def control(self) -> StoreImport:
        """Return the same import of what is in order."""
        return replace(self, files=self.good)

    def attempt(self, place: Workplace) -> ImportResult:
        """Fill a store, import into it, and judge the holder's card with it.

        Raises ``Misuse`` if the store cannot be filled, ``StoreError`` if the import damages it.
        """
        folder = place.new_folder()
        if self.before and _imported(place.folder(self.before), folder)[0] is not None:
            raise Misuse
        before = TrustStore.open(folder)
        code, rules = _imported(place.folder(self.files), folder, self.options)
        check_whole(folder)
        after = TrustStore.open(folder)
        return ImportResult(
            report=self._judged(place, after),
            code=code,
            rules=rules,
            added=len(_anchors(after) - _anchors(before)),
            before=before.digest,
            after=after.digest,
        )

    def _judged(self, place: Workplace, trust: TrustStore) -> ecid.Report:
        folder = place.new_folder()
        self.holder.save(folder)
        evidence = ecid.Evidence.from_folder(folder)
        return ecid.verify(evidence, trust=trust, policy=self.policy, at=self.at)


def _anchors(store: TrustStore) -> set[bytes]:
    return {entry.fingerprint for entry in store.entries}


def _imported(
    files: Path, store: Path, options: Sequence[str] = ()
) -> tuple[str | None, tuple[str, ...]]:
    """Import a folder; return the code of the error, if any, and the rules that were broken."""
    # The command brings everything that prints; who only reads cards does without.
    from ecid.cli.main import run  # noqa: PLC0415

    command = ["trust", "import", str(files), "--store", str(store), "--allow-test-anchor"]
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        exit_code = run([*command, *options, "--json", "--lang", "en"])
    # What the command says is looked through like everything else.
    sys.stdout.write(output.getvalue())
    sys.stderr.write(errors.getvalue())
    said = json.loads(output.getvalue())
    if exit_code:
        return said["code"], tuple(_LEFT_OUT.findall(errors.getvalue()))
    return None, tuple(each["rule"] for each in said["skipped"])
