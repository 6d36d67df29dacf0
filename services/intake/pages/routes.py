"""The citizen's pages: the form at `/`, following under `/t`. No account, no cookie, no script.

Nothing here can be forged across sites: a browser brings along no cookie or other right by itself, so a foreign page can only
send what its author could send anyway. What needs a right needs the PIN, or the key that a page opened with it carries.
"""

from fastapi import FastAPI

from services.intake.pages.following import FollowingPages
from services.intake.pages.form import FormPages
from shared.pages.errors import Endpoint, telling_trouble
from shared.pages.render import Pages
from shared.pages.serve import add_pages


def add_citizen_pages(app: FastAPI, pages: Pages, form: FormPages, following: FollowingPages) -> None:
    """Adds them, and what every service with pages has."""
    add_pages(app, pages)
    routes: tuple[tuple[str, str, Endpoint], ...] = (
        ("/", "GET", form.new),
        ("/", "POST", form.answer),
        ("/t", "GET", following.look_up),
        ("/t/{code}", "GET", following.show),
        ("/t/{code}", "POST", following.open),
        ("/t/{code}/reply", "GET", following.go_back),
        ("/t/{code}/reply", "POST", following.reply),
    )
    for path, method, endpoint in routes:
        app.add_route(path, telling_trouble(endpoint), methods=[method], include_in_schema=False)
