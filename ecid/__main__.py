"""``python -m ecid`` is the command ``ecid``."""

from ecid.cli.main import entry_point

if __name__ == "__main__":
    entry_point()
