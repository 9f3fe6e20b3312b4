"""The configuration in deploy/, started here: nginx with TLS, gunicorn, and PostgreSQL with its two roles."""

import base64
import json
import os
import re
import secrets
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import expect

from tests import builders
from tests.clinic.accounts.factor_steps import code_now
from tests.clinic.records.test_database_roles import run, urls
from tests.ports import free_ports, text_at

__all__ = ["urls"]  # a fixture
DEPLOY = settings.BASE_DIR / "deploy"

pytestmark = [
    pytest.mark.full,
    pytest.mark.browser,
    pytest.mark.engine,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="production runs on PostgreSQL"),
]


def nginx_configuration(folder, *, http, https, app):
    """deploy/nginx.conf with ports and a certificate of this test."""
    site = (DEPLOY / "nginx.conf").read_text()
    site = re.sub(r"\n *listen \[::\].*", "", site)
    certificates = "/etc/letsencrypt/live/collum.example"
    replaced = {
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443": f"listen 127.0.0.1:{https}",
        "127.0.0.1:8000": f"127.0.0.1:{app}",
        f"{certificates}/fullchain.pem": f"{folder}/cert.pem",
        f"{certificates}/privkey.pem": f"{folder}/key.pem",
        "collum.example": "localhost",
    }
    for old, new in replaced.items():
        assert old in site
        site = site.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    started = f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}"
    main = f"{started} http {{ {paths}\n{site}\n}}\n"
    (folder / "nginx.conf").write_text(main)
    return folder / "nginx.conf"


@pytest.fixture(scope="module")
def deployed(urls, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("deployed")
    owner, app, _ = urls
    run("manage.py", "migrate", "--verbosity", "0", url=owner)
    world = json.loads(run("-m", "tests.browser.deployed_world", url=app, DJANGO_SETTINGS_MODULE="clinic.settings"))
    http, https, gunicorn, metrics = free_ports(4)
    production = {
        **os.environ,
        "COLLUM_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "AUDIT_KEYS": f"1:{secrets.token_urlsafe(60)}",
        "SECOND_FACTOR_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "localhost",
        "CSRF_TRUSTED_ORIGINS": f"https://localhost:{https}",
        "BEHIND_TLS_PROXY": "true",
        "DATABASE_URL": app,
        "DATABASE_WITHOUT_TLS": "true",  # the server of the tests
        "COLLUM_VAR": str(tmp_path / "var"),
        "BIND": f"127.0.0.1:{gunicorn}",
        "METRICS_BIND": f"127.0.0.1:{metrics}",
    }
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "collectstatic", "--no-input", "--verbosity", "0"], env=production, check=True)
    certificate = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem", "-subj", "/CN=localhost"]
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *certificate]
    subprocess.run(request, check=True, capture_output=True)
    serve = [sys.executable, "-m", "gunicorn", "--config", DEPLOY / "gunicorn.conf.py", "clinic.wsgi"]
    with (tmp_path / "gunicorn.log").open("w") as log:
        server = subprocess.Popen(serve, env=production, cwd=settings.BASE_DIR, stderr=log)
    configuration = nginx_configuration(tmp_path, http=http, https=https, app=gunicorn)
    proxy = subprocess.Popen(["nginx", "-c", configuration])
    try:
        text_at(f"http://127.0.0.1:{gunicorn}/readyz")
        yield {**world, "http": http, "https": https, "metrics": metrics, "log": tmp_path / "gunicorn.log"}
    finally:
        for process in (proxy, server):
            process.terminate()
            process.wait()


def test_main_job_is_done_over_https_with_a_second_factor(browser, deployed):
    page = browser.new_context(base_url=f"https://localhost:{deployed['https']}", ignore_https_errors=True).new_page()

    # Given a neurologist who logs in, and must set up an authenticator app first
    page.goto("/")
    page.get_by_label("User name").fill(deployed["username"])
    page.get_by_label("Password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("This clinic requires a second factor.")).to_be_visible()
    page.goto(f"/sessions/{deployed['session']}/sign/")
    expect(page.get_by_role("heading", name="Read back and sign")).not_to_be_visible()
    page.goto("/account/security/app/")
    secret = page.locator("main code").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(code_now(secret))
    page.get_by_label("Your password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Set up the app").click()
    expect(page.locator(".codes li")).to_have_count(10)

    # When the session is read back and signed
    page.goto(f"/sessions/{deployed['session']}/sign/")
    page.locator("[name=weeks]").fill("12")
    page.get_by_label("Your password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Sign", exact=False).first.click()
    expect(page.get_by_text("Signed. This record is now read-only.")).to_be_visible()

    # Then the page was compressed, monitoring counts it, and the log has lines of JSON only
    with page.expect_response(lambda response: response.url.endswith("/patients/")) as found:
        page.goto("/patients/")
    assert found.value.headers["content-encoding"] == "gzip"
    assert found.value.headers["strict-transport-security"]
    counted = text_at(f"http://127.0.0.1:{deployed['metrics']}/metrics")
    assert 'collum_requests_total{method="POST",page="planning:session-sign",status="204"} 1.0' in counted
    lines = [line for line in deployed["log"].read_text().splitlines() if line.startswith("{")]
    assert all(json.loads(line)["level"] != "ERROR" for line in lines)


def test_plain_http_leads_to_https(deployed):
    def status_of(path):
        with socket.create_connection(("127.0.0.1", deployed["http"])) as line:
            line.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return line.recv(4096).decode().split()[1]

    assert status_of("/patients/") == "301"
    assert status_of("/api/v1/patients/") == "403"
