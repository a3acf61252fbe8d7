"""Hardware: bytes to a chip and back. No keys, no documents."""
