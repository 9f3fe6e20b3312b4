"""What a browser with an empty cache receives in production: few requests, and few bytes."""

import gzip
import mimetypes
from email.message import Message
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tests import builders
from tests.bench.load import first_load
from tests.bench.targets import MOST_AT_FIRST
from tests.clinic.web.test_production import SAFE, start

COLLECT = (
    "import sys; sys.argv = ['manage.py', 'collectstatic', '--no-input', '--verbosity', '0'];"
    "import runpy; runpy.run_path('manage.py', run_name='__main__')"
)


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("collected")
    done = start(COLLECT, **SAFE, COLLUM_VAR=str(folder))
    assert done.returncode == 0, done.stderr
    return folder


class Browser:
    """Receives pages from this process, and static files as they were collected."""

    def __init__(self, client, static):
        self.client, self.static = client, static

    def get(self, path, **headers):
        if not path.startswith("/static/"):
            response = self.client.get(path, headers=headers)
            assert response.status_code == 200, path
            return self._response(response.content, "text/html", response.get("Content-Encoding"))
        file = self.static / path.removeprefix("/static/")
        compressed = file.with_name(f"{file.name}.gz")
        kind = mimetypes.guess_type(file.name)[0]
        if compressed.exists():
            return self._response(compressed.read_bytes(), kind, "gzip")
        return self._response(file.read_bytes(), kind)

    def _response(self, body, kind, encoding=None):
        headers = Message()
        headers["Content-Type"] = kind
        if encoding:
            headers["Content-Encoding"] = encoding
        return SimpleNamespace(body=body, headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", reverse("planning:today")])
def test_first_load_is_small(path, collected, settings):
    settings.PRODUCTION = True  # its pages name one stylesheet
    client = Client()
    if path != "/accounts/login/":
        client.force_login(builders.a_clinician())
        builders.a_visit()
    requests, size = first_load(Browser(client, collected / "static"), SimpleNamespace(path=path))
    most_requests, most_bytes = MOST_AT_FIRST
    assert 3 < requests <= most_requests
    assert 20_000 < size <= most_bytes


def test_list_of_static_files_is_not_served(collected):
    assert (collected / "staticfiles.json").exists()
    assert list((collected / "static").rglob("staticfiles.json*")) == []


def test_stylesheet_of_every_page_has_the_library(collected):
    (hashed,) = (collected / "static/clinic/css").glob("collum.????????????.css")
    assert all(part in hashed.read_text() for part in ("Licensed under MIT", "--ground:", ".topbar"))
    assert gzip.decompress(hashed.with_name(f"{hashed.name}.gz").read_bytes()) == hashed.read_bytes()


def test_module_has_the_same_url_everywhere(collected):
    (page,) = (collected / "static/clinic/js").glob("page.????????????.js")
    (elements,) = (collected / "static/clinic/js").glob("elements.????????????.js")
    assert f'"./{elements.name}"' in page.read_text()
