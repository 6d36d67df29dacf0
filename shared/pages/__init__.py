"""The look of every page: one style sheet, one Jinja2 environment, the parts and words that all services share.

*Owns* `static/serap.css`, `templates/` (base, macros, error page, API reference), `words.toml`.
*Never* asks for anything of another origin, writes inline style or script, or sets a cookie.
"""

from pathlib import Path

HERE = Path(__file__).parent
STATIC = HERE / "static"
TEMPLATES = HERE / "templates"
