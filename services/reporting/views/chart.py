"""The chart over time: an Altair specification rendered to SVG on the server. No chart script reaches the browser."""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import altair
import vl_convert
from babel.dates import format_date
from markupsafe import Markup, escape

from services.reporting.domain.disclosure import Hidden, Published
from shared.contracts.vocabulary import Language

BAR = "#25808f"
INK, LINE = "#14262b", "#6a787e"
WIDTH, HEIGHT, GAP = 284, 140, 4
_STYLE = re.compile(r'\sstyle="([^"]*)"')
_FORBIDDEN = re.compile(
    r'\s(?:xlink:)?href="(?!#)[^"]*"|\sxmlns:xlink="[^"]*"|\saria-[a-z]+="[^"]*"|\srole="[^"]*"|<style.*?</style>', re.S
)
_ROOT = re.compile(r"<svg [^>]*?>", re.S)


@lru_cache(maxsize=128)
def monthly_chart(rows: tuple[tuple[date, Published], ...], label: str, language: Language) -> Markup:
    """Bars per month as an `<svg>` of native size, `role="img"`; `label`: the one sentence that a screen reader says.

    A hidden count has no bar, only its sign. The first call of a process takes about a second.
    """
    svg = vl_convert.vegalite_to_svg(_specification(rows, language).to_dict())
    root = _ROOT.search(svg)
    if not root:
        raise ValueError("vl-convert returned no <svg>")
    sizes = re.findall(r'(?:width|height|viewBox)="[^"]+"', root.group())
    opening = f'<svg class="grafik" xmlns="http://www.w3.org/2000/svg" {" ".join(sizes)} role="img" aria-label="{escape(label)}">'
    return Markup(opening + _without_styles(_FORBIDDEN.sub("", svg[root.end() :])))  # noqa: S704 - made here, label escaped


def _specification(rows: Sequence[tuple[date, Published]], language: Language) -> altair.LayerChart:
    names = [format_date(month, "MMM yy" if len(rows) > 12 else "MMM", locale=language.value) for month, _ in rows]
    values = [
        {"place": place, "name": name, "count": 0, "text": count.value}
        if isinstance(count, Hidden)
        else {"place": place, "name": name, "count": count, "text": str(count)}
        for place, (name, (_, count)) in enumerate(zip(names, rows, strict=True))
    ]
    axis = altair.Axis(
        title=None, labelAngle=0, ticks=False, labelExpr=f"{names}[datum.value]", labelOverlap=True, labelPadding=6
    )
    base = altair.Chart(altair.InlineData(values=values)).encode(
        x=altair.X("place:O", axis=axis, scale=altair.Scale(paddingInner=0.08, paddingOuter=0)),
        y=altair.Y("count:Q", axis=None),
    )
    bars = base.mark_bar(color=BAR)
    numbers = base.mark_text(dy=-6, fontSize=11, color=INK).encode(text="text:N")
    chart: altair.LayerChart = (bars + numbers).properties(width=WIDTH, height=HEIGHT, padding=GAP)
    plain: altair.LayerChart = chart.configure_view(stroke=None).configure_axis(
        labelFontSize=11, labelColor=INK, domainColor=LINE
    )
    return plain


def _without_styles(svg: str) -> str:
    """Inline styles as attributes: the CSP forbids `style=`."""

    def as_attributes(found: re.Match[str]) -> str:
        pairs = (rule.split(":", 1) for rule in found.group(1).split(";") if ":" in rule)
        return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)

    return _STYLE.sub(as_attributes, svg)
