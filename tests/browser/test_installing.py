"""The site can be put on a home screen."""

import io

import pytest
from PIL import Image

pytestmark = pytest.mark.django_db(transaction=True)


def test_chromium_finds_nothing_that_keeps_the_site_from_being_installed(open_page, persona):
    page = open_page("/")
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == [] and manifest["url"].endswith("/manifest.webmanifest")
    obstacles = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in obstacles} <= {"in-incognito"}  # as every page of a test is
    described = page.request.get("/manifest.webmanifest").json()
    assert page.request.get(described["start_url"]).ok
    assert {purpose for icon in described["icons"] for purpose in icon["purpose"].split()} == {"any", "maskable"}
    for icon in described["icons"]:
        fetched = page.request.get(icon["src"])
        assert fetched.ok and fetched.headers["content-type"].startswith(icon["type"]), icon
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_an_apple_telephone_gets_a_picture_and_no_other_size_is_drawn(client):
    picture = Image.open(io.BytesIO(client.get("/icon-180.png").content))
    assert picture.size == (180, 180)
    assert picture.getpixel((2, 2)) == (11, 107, 98) and picture.getpixel((90, 58)) == (255, 255, 255)
    assert client.get("/icon-4000.png").status_code == 404
