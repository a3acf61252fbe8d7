"""What states publish, taken apart and admitted into a trust store, each piece with a reason."""
