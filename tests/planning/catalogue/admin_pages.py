"""The pages of the admin site, and the forms on them."""

from django.urls import reverse

INDEX = "admin:index"
MUSCLES, NEW_MUSCLE, CHANGE_MUSCLE = (f"admin:planning_muscle_{view}" for view in ("changelist", "add", "change"))
INSTRUMENTS, NEW_INSTRUMENT, CHANGE_INSTRUMENT = (
    f"admin:planning_instrument_{view}" for view in ("changelist", "add", "change")
)
PEOPLE, NEW_PERSON, CHANGE_PERSON = (f"admin:clinic_user_{view}" for view in ("changelist", "add", "change"))


def form_of(client, address):
    """What a browser would send back of the form at `address`, unchanged."""
    form = client.get(address).context["adminform"].form
    sent = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, list):
            sent[bound.html_name] = [getattr(one, "pk", one) for one in value]
        elif value is not None and value is not False:
            sent[bound.html_name] = value
    return sent


def change_address(muscle):
    return reverse(CHANGE_MUSCLE, args=[muscle.pk])


def errors_of(response):
    return response.context["adminform"].form.errors
