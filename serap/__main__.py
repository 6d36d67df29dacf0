"""`python -m serap`: the same as `serap`."""

from serap.cli import main

main()
