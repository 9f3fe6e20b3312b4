"""The largest body of a request: 1 MB, and more where a file is expected, for those who can send it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.clinic.web.test_error_pages import page_of

pytestmark = pytest.mark.django_db

LOGIN, IMPORT = "/accounts/login/", "/admin/planning/muscle/import/"
FORM = "application/x-www-form-urlencoded"
TOO_LARGE = "What you sent is too large: the limit is {}. Your entries were not saved."


class Dropped(io.RawIOBase):
    """A body of zeros without an end, of which only a small piece can be read at once."""

    taken = 0

    def read(self, size=-1):
        assert 0 < size <= 100_000, "read into memory"
        self.taken += size
        return bytes(size)


def large(client, address, length, method="POST", **headers):
    environ = {"CONTENT_LENGTH": str(length), "wsgi.input": Dropped(), "CONTENT_TYPE": FORM}
    return client.generic(method, address, headers=headers, **environ)


@pytest.fixture
def checked():
    """A client whose forms need a CSRF token, as in a browser: Django looks for it in the body."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("length", [1_000_001, 40_000_000])
@pytest.mark.parametrize("address", [LOGIN, "/accounts/logout/", "/patients/new/", "/admin/login/", IMPORT])
def test_large_body_before_login_is_dropped(checked, address, length):
    assert TOO_LARGE.format("1 MB") in page_of(large(checked, address, length), 413)


def test_one_megabyte_is_accepted(client, login, neurologist):
    assert client.generic("POST", LOGIN, b"x=" + b"x" * 999_998, FORM).status_code == 200
    assert client.generic("POST", LOGIN, b"x=" + b"x" * 999_999, FORM).status_code == 413


def test_file_on_a_page_without_files_is_limited(login, neurologist):
    file = SimpleUploadedFile("scan.pdf", b"x" * 1_000_000)
    assert login(neurologist).post("/patients/new/", {"note": file}).status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_the_limit_applies_to_every_method(client, method):
    assert large(client, LOGIN, 1_000_001, method).status_code == 413


def test_script_gets_the_message(client):
    for name, value in (("HX-Request", "true"), ("X-Requested-With", "form")):
        response = large(client, LOGIN, 1_000_001, **{name: value})
        assert (response.status_code, response.json()) == (413, {"message": TOO_LARGE.format("1 MB")})


def test_program_gets_a_problem_document(client):
    response = large(client, "/api/v1/patients/", 1_000_001)
    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")
    assert response.json()["detail"] == "The body is too large. Send at most a million bytes."


def chunked(client, address, stream):
    environ = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": stream}
    return client.generic("POST", address, **environ)


@pytest.mark.parametrize("address", [LOGIN, IMPORT, "/api/v1/patients/"])
def test_body_without_length_is_measured_and_cut_off(client, address):
    stream = Dropped()
    assert chunked(client, address, stream).status_code == 413
    assert stream.taken < 101_000_000
    assert chunked(client, address, io.BytesIO(b"x" * 1_000_000)).status_code != 413


@pytest.mark.parametrize("length", ["-1", "abc", "1e9", " "])
def test_invalid_length_counts_as_empty(client, length):
    assert client.generic("POST", LOGIN, CONTENT_LENGTH=length).status_code == 200


def test_too_many_fields_are_too_large(client):
    response = client.post(LOGIN, {f"field-{number}": "" for number in range(1_001)})
    assert TOO_LARGE.format("1000 fields") in page_of(response, 413)


@pytest.mark.parametrize("who", ["neurologist", "staff", "superuser", "auditor", "trainee"])
def test_upload_limit_needs_the_permission_of_the_page(login, who, request):
    client = login(request.getfixturevalue(who))
    assert TOO_LARGE.format("1 MB") in page_of(large(client, IMPORT, 1_000_001), 413)


def test_upload_page_takes_twenty_megabytes(login, catalogue_manager):
    client = login(catalogue_manager)
    assert TOO_LARGE.format("20 MB") in page_of(large(client, IMPORT, 20_000_001), 413)
    for address in ("/admin/planning/muscle/add/", "/admin/planning/muscle/"):
        assert TOO_LARGE.format("1 MB") in page_of(large(client, address, 1_000_001), 413)
    text = "nonsense\n" + 30 * ("x" * 100_000 + "\n")
    assert client.post(IMPORT, {"file": SimpleUploadedFile("file.csv", text.encode())}).status_code == 200
    assert client.post(IMPORT, {"text": text, "confirmed": "yes"}).status_code == 200
