"""What the tests of the session page read from a page and from the database."""

from planning.models import Injection, InjectionSession, Vial


def first(session):
    return session.injections.in_order().first()


def body_of(response):
    return response.content.decode()


def inputs(body, name):
    """The value of the input with that name; None where there is none."""
    tag = next((tag for tag in body.split("<input")[1:] if f'name="{name}"' in tag), None)
    if tag is None:
        return None
    tag = tag.split(">")[0]
    return tag.partition('value="')[2].partition('"')[0]


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (InjectionSession, Injection, Vial)]
