"""`python -m tests.fakes.stack DIR PORT_BASE`: a real stack, but its services are fakes. Otherwise as `serap up`."""

import sys
from pathlib import Path

from serap import cli
from serap.commands import up
from serap.commands.arguments import say
from serap.options import StackOptions
from serap.ports import PortPlan
from serap.runner import run_stack


def main() -> None:
    options = StackOptions(
        data_dir=Path(sys.argv[1]),
        ports=PortPlan(int(sys.argv[2])),
        command=lambda service: [sys.executable, "-m", "tests.fakes.service", service],
    )
    cli.guarded(lambda: sys.exit(run_stack(options, up.wait, say)))


if __name__ == "__main__":
    main()
