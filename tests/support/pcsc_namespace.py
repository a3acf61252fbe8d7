"""The first process of a private network and mount namespace: runs pcscd and nothing else.

Started by ``pcsc_stack``. Every line on standard input is a command, answered by one line:
``start [OPTION]...`` starts pcscd and waits until it can be asked, ``kill``, ``pause`` and
``resume`` send it a signal. At the end of input, whoever closed it, pcscd is killed.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

_RUN = Path("/run/pcscd")
_USB = Path("/sys/bus/usb/devices")
_SOCKET = _RUN / "pcscd.comm"
_SIOCSIFFLAGS = 0x8914
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
_PATIENCE = 10.0
_PAUSE = 0.01


def main() -> None:
    """Set the namespace up, say so, and obey until the input ends."""
    _set_up()
    _say("ready")
    daemon: subprocess.Popen[bytes] | None = None
    try:
        for line in sys.stdin:
            word, *options = line.split()
            if word == "start":
                daemon = _start(options)
            elif daemon is not None:
                _signal(daemon, word)
            _say("done")
    finally:
        if daemon is not None:
            _signal(daemon, "kill")


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def _set_up() -> None:
    """Bring the loopback interface up; hide the socket of a pcscd outside, and USB readers."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh", b"lo", _IFF_UP | _IFF_RUNNING)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)
    _RUN.mkdir(exist_ok=True)
    for folder in (_RUN, _USB):
        if folder.is_dir():
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=True)


def _start(options: list[str]) -> subprocess.Popen[bytes]:
    """Return pcscd, listening."""
    for leftover in _RUN.iterdir():
        leftover.unlink()
    daemon = subprocess.Popen(
        ["pcscd", "--foreground", *options],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
    )
    end = time.monotonic() + _PATIENCE
    while not _listens():
        if daemon.poll() is not None or time.monotonic() > end:
            sys.exit(f"pcscd does not start ({daemon.poll()})")
        time.sleep(_PAUSE)
    return daemon


def _listens() -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(os.fspath(_SOCKET)) == 0


def _signal(daemon: subprocess.Popen[bytes], word: str) -> None:
    names = {"kill": signal.SIGKILL, "pause": signal.SIGSTOP, "resume": signal.SIGCONT}
    daemon.send_signal(names[word])
    if word == "kill":
        daemon.wait()


if __name__ == "__main__":
    main()
