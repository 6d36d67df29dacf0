"""One way to answer with a page: template + view -> HTML with the security headers, in the reader's language."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.contracts.vocabulary import Language
from shared.pages import HERE, TEMPLATES, dates
from shared.pages.static import static_url
from shared.pages.words import Words
from shared.runtime.problems import language_of
from shared.runtime.settings import Settings

CSP = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: it would turn the Origin of our own forms into `null`, and a tracking code stays on its origin anyway.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
CONFIDENTIAL = "private, no-store"
"""Cache-Control of pages that show a citizen's text, code or PIN: nothing stays on a shared computer."""
PRIVATE = "private, no-cache"
"""Cache-Control of forms: the back button keeps what was typed."""
PUBLIC = "public, max-age=60"
"""Cache-Control of pages that are the same for everybody."""
LANGUAGE_PARAMETER = "bahasa"


@dataclass(frozen=True, slots=True)
class Site:
    """What the frame of every page knows: who the city is, and where the other services' pages are (absolute URLs)."""

    nav: Mapping[str, str]
    """Any of `submit`, `track`, `map`, `results`, in this order: only what exists is shown."""
    city: str = "Kota Tangerang"
    emergency: str = "112"
    demo: bool = False

    @classmethod
    def of(cls, settings: Settings, city: str, emergency: str) -> "Site":
        """The site as the settings and the city pack describe it."""
        nav = {"submit": f"{settings.intake_url}/", "track": f"{settings.intake_url}/t", "map": f"{settings.reporting_url}/"}
        return cls(nav=nav, city=city, emergency=emergency, demo=settings.demo)


def language_for(request: Request) -> Language:
    """`?bahasa=` if the reader chose one, else `Accept-Language`, else Indonesian. No cookie."""
    chosen = request.query_params.get(LANGUAGE_PARAMETER)
    return Language(chosen) if chosen in ("id", "en") else language_of(request.headers.get("accept-language"))


class Pages:
    """The pages of one service. `templates`: its own folder, which may hold `words.toml`."""

    def __init__(self, templates: Path, site: Site) -> None:
        self.words = Words(HERE / "words.toml", *([file] if (file := templates / "words.toml").exists() else []))
        self._environment = _environment(templates, self.words, site)

    def render(
        self,
        request: Request,
        template: str,
        view: object = None,
        *,
        status: int = 200,
        cache: str = PRIVATE,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """The page; in the template: `view`, `lang`, `t(key, **values)`, `link(url)`, the filters of `dates`.

        Compressed where the browser takes it and the page holds no secret (a compressed secret can be guessed by its length).
        """
        language = language_for(request)
        body = self._environment.get_template(template).render(view=view, lang=language, query=request.query_params).encode()
        sent = {**SECURITY_HEADERS, "Cache-Control": cache, "Content-Language": language.value, **(headers or {})}
        sent["Vary"] = "Accept-Language, Accept-Encoding"
        if cache != CONFIDENTIAL and "gzip" in request.headers.get("accept-encoding", ""):
            body, sent["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
        return HTMLResponse(body, status, sent)

    def problem(self, request: Request, status: int, slug: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
        """The error page; `slug` is a key of `[problem]` in words.toml: not-found, unavailable, internal, too-many, bad."""
        return self.render(
            request, "problem.html", {"slug": slug, "status": status}, status=status, cache=CONFIDENTIAL, headers=headers
        )


def _environment(templates: Path, words: Words, site: Site) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(templates), FileSystemLoader(TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    @pass_context
    def t(context: Context, key: str, **values: object) -> str:
        return words.say(context["lang"], key, **values)

    environment.globals.update(
        site=site, static_url=static_url, t=t, knows=words.__contains__, link=_link, other_language=_other_language
    )
    for name in ("day", "short_day", "brief_day", "month", "moment", "clock", "number", "percent"):
        environment.filters[name] = _localised(getattr(dates, name))
    return environment


def _localised(formatter: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def filtered(context: Context, value: Any, *rest: int) -> str:
        return formatter(value, context["lang"], *rest)

    return filtered


@pass_context
def _link(context: Context, url: str) -> str:
    """`url`, with the language if the reader chose one by hand."""
    query: QueryParams = context["query"]
    if LANGUAGE_PARAMETER not in query:
        return url
    base, hash_sign, fragment = url.partition("#")
    return f"{base}{'&' if '?' in base else '?'}{LANGUAGE_PARAMETER}={context['lang'].value}{hash_sign}{fragment}"


@pass_context
def _other_language(context: Context, language: str) -> str:
    """This page in `language`: the same query with another `bahasa`."""
    query: QueryParams = context["query"]
    kept = [(key, value) for key, value in query.multi_items() if key != LANGUAGE_PARAMETER]
    return "?" + urlencode([*kept, (LANGUAGE_PARAMETER, language)])
