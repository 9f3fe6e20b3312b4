"""A neurologist with a session to sign: `python -m tests.browser.deployed_world` stores them and prints JSON."""

import json

import django

if __name__ == "__main__":
    django.setup()
    from tests import builders

    neurologist = builders.a_person("neurologist", printed_name="Dr A. Morgan")
    neurologist.set_password(builders.PASSWORD)
    neurologist.save()
    session = builders.a_given_session(by=neurologist)
    print(json.dumps({"username": neurologist.username, "session": session.pk}))  # noqa: T201 (its result)
