"""What an operator can mend: one clear line that says what is wrong, and what to do."""


class OperatorError(Exception):
    """Printed by the command line as one line, without a stack trace. `fix`: what to do about it."""

    def __init__(self, what: str, fix: str = "") -> None:
        self.what, self.fix = what, fix
        super().__init__(f"{what}. {fix}" if fix else what)


class PortTaken(OperatorError):
    """Somebody else listens where one of our parts should."""

    def __init__(self, port: int, part: str) -> None:
        self.port = port
        super().__init__(
            f"port {port} is taken, and {part} needs it",
            "Stop what listens there, or move the whole stack: serap up --port-base 8800",
        )
