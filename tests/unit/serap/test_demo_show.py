"""What the demo prints, as wide as a terminal is."""

import io

from rich.console import Console

from serap.demo.show import JUDGED, MEANINGS, final_table


def test_the_result_fits_a_terminal_of_80_columns_with_every_word_and_number_whole() -> None:
    numbers: dict[str, float] = {name: 100_000 + place for place, name in enumerate(MEANINGS | JUDGED)}
    printed = io.StringIO()
    Console(file=printed, width=80).print(final_table(numbers))
    assert "\u2026" not in printed.getvalue()
    for name, number in numbers.items():
        assert any(name in line and f"{number:g}" in line for line in printed.getvalue().splitlines())
