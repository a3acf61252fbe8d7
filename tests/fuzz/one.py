"""Fuzzes one target under atheris: ``python -m tests.fuzz.one TARGET FOLDER... -FLAG=...``.

The flags are those of libFuzzer. The first folder is written to.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any


def main(arguments: list[str]) -> None:
    """Never returns: libFuzzer ends the process."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["ecid", "ecid_crypto", "ecid_readers"]):
        targets = importlib.import_module("tests.fuzz.targets")
    name, rest = arguments[0], arguments[1:]

    def one_input(data: bytes) -> None:
        targets.run(name, data)

    one_input(b"")  # what is made once is made before the clock runs
    atheris.Setup([sys.argv[0], *rest], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
