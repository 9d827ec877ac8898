"""While workers are replaced, an old one hands out the files of the new one's pages, and nothing else."""

import pytest
from django.http import HttpResponse

from config.latecomers import Latecomers


@pytest.fixture
def asked(settings, tmp_path, rf):
    """What a process that began with an empty folder answers: asked(address)."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    (tmp_path / "secret.txt").write_text("SECRET_KEY")
    handing_out = Latecomers(lambda request: HttpResponse("not found", status=404))
    return lambda address: handing_out(rf.get(address))


def test_a_file_that_came_after_the_process_began_is_handed_out(asked, settings):
    assert asked("/static/chat.1234.js").status_code == 404
    (settings.STATIC_ROOT / "chat.1234.js").write_text("export {};")
    answer = asked("/static/chat.1234.js")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"export {};")
    assert "javascript" in answer["Content-Type"]


@pytest.mark.parametrize(
    "address", ["/static/../secret.txt", "/static//etc/hostname", "/static/", "/static", "/static/%2e%2e/secret.txt"]
)
def test_nothing_outside_of_the_folder_is(asked, address):
    assert asked(address).status_code == 404
