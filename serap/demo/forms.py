"""HTML forms as a browser without JavaScript sees them: where they lead, what they carry, what they offer. Pure."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """`hidden`: fields that are sent as they are; `offered`: the values of each choice."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)

    def allows(self, name: str, value: str) -> bool:
        """Whether the form can be sent with this value in `name`."""
        return self.hidden.get(name) == value or value in self.offered.get(name, ())


def forms_of(page: str) -> list[Form]:
    """All forms of a page, in order."""
    parser = _Parser()
    parser.feed(page)
    return parser.forms


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and self.forms and "name" in given:
            if given.get("type") == "hidden":
                self.forms[-1].hidden[given["name"]] = given.get("value", "")
            elif given.get("type") in ("radio", "checkbox"):
                self.forms[-1].offered.setdefault(given["name"], set()).add(given.get("value", ""))
