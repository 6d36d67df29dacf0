"""What pages say, in Indonesian and English: `words.toml` files, one of the house and one of each service.

An entry is `key = ["Indonesian", "English"]`, or with a third text for English "1 day": `["{n} hari", "{n} days", "{n} day"]`.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from shared.contracts.vocabulary import Language

Entry = tuple[str, ...]


class Words:
    """All entries of the given files by `table.key`; a later file may not redefine an entry of an earlier one."""

    def __init__(self, *files: Path) -> None:
        self._entries: dict[str, Entry] = {}
        for file in files:
            for table, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
                self._add(file, table, entries)

    def _add(self, file: Path, table: str, entries: Mapping[str, list[str]]) -> None:
        for key, texts in entries.items():
            name = f"{table}.{key}"
            if name in self._entries:
                raise ValueError(f"{file}: {name} is said twice")
            if len(texts) not in (2, 3):
                raise ValueError(f"{file}: {name} needs Indonesian and English")
            self._entries[name] = tuple(texts)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def say(self, language: Language, key: str, **values: object) -> str:
        """The text of `key`, its `{placeholders}` filled. Not HTML: the template escapes it. KeyError: no such text."""
        indonesian, english, *singular = self._entries[key]
        text = indonesian
        if language is Language.EN:
            text = singular[0] if singular and values.get("n") == 1 else english
        return text.format(**values) if values else text
