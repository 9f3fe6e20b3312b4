"""Another name for a muscle, a product or an instrument that records name: spelling only, and why."""

import pytest
from django.urls import reverse

from planning.models import Instrument, Muscle, Product
from tests import builders
from tests.planning.catalogue.admin_pages import errors_of, form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(login, catalogue_manager):
    return login(catalogue_manager)


@pytest.fixture
def used(neurologist):
    """A muscle in two signed sessions and an open one; the product in all three."""
    for hour in (9, 11):
        builders.a_signed_session(
            by=neurologist,
            visit=builders.an_arrived_visit(clinician=neurologist, hour=hour),
            muscles=[("SCM", "right")],
        )
    builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=14), muscles=[("SCM", "left")]
    )
    return builders.a_muscle("SCM")


def rename(client, entry, **typed):
    address = reverse(f"admin:planning_{entry._meta.model_name}_change", args=[entry.pk])
    return client.post(address, form_of(client, address) | typed)


def test_renaming_a_used_muscle_shows_its_uses_and_asks(manager, used):
    response = rename(manager, used, name="Sternomastoid")
    assert errors_of(response)["meaning"] == [
        "Sternocleidomastoid is named in 2 signed sessions and 1 open session. Select what the new name means."
    ]
    assert Muscle.objects.get(pk=used.pk).name == "Sternocleidomastoid"
    assert 'value="Sternomastoid"' in response.content.decode()


def test_different_meaning_needs_a_new_entry(manager, used):
    response = rename(manager, used, name="Trapezius", meaning="another", reason="typed anew")
    assert "cannot become something else" in errors_of(response)["meaning"][0]
    assert Muscle.objects.get(pk=used.pk).name == "Sternocleidomastoid"


def test_change_of_spelling_needs_a_reason_for_the_history(manager, used, catalogue_manager):
    response = rename(manager, used, name="Sternocleido-mastoid", meaning="spelling")
    assert errors_of(response)["reason"] == ["Enter why the name changes."]
    rename(manager, used, name="Sternocleido-mastoid", meaning="spelling", reason="As the atlas writes it")
    renamed = Muscle.objects.get(pk=used.pk)
    last = renamed.history.first()
    assert renamed.name == "Sternocleido-mastoid"
    assert (last.history_change_reason, last.history_user) == ("As the atlas writes it", catalogue_manager)
    history = manager.get(reverse("admin:planning_muscle_history", args=[used.pk])).content.decode()
    assert "As the atlas writes it" in history
    assert "Cato Logue" in history


def test_signed_records_keep_the_signed_name(manager, used, neurologist, login):
    rename(manager, used, name="Sternocleido-mastoid", meaning="spelling", reason="As the atlas writes it")
    from planning.models import SignedRecord

    for record in SignedRecord.objects.all():
        assert record.content["injections"][0]["muscle"]["name"] == "Sternocleidomastoid"


def test_unused_muscle_is_renamed_without_asking(manager):
    assert rename(manager, builders.a_muscle("LS"), name="Levator").status_code == 302


def test_other_change_of_a_used_muscle_does_not_ask(manager, used):
    assert rename(manager, used, latin_name="m. sternocleidomastoideus").status_code == 302


def test_renaming_a_used_product_asks(manager, used):
    product = Product.objects.get(brand_name="Botox")
    response = rename(manager, product, nonproprietary_name="something")
    assert "is named in 2 signed sessions and 1 open session" in errors_of(response)["meaning"][0]
    sent = {"nonproprietary_name": "OnabotulinumtoxinA", "meaning": "spelling", "reason": "A capital letter"}
    assert rename(manager, product, **sent).status_code == 302


def test_renaming_a_used_instrument_asks(manager, neurologist):
    instrument = builders.an_instrument("Tsui")
    for hour in (9, 11):
        builders.an_assessment(
            visit=builders.an_arrived_visit(clinician=neurologist, hour=hour), scores=[(instrument, 3)]
        )

    response = rename(manager, instrument, name="Tsui scale")
    assert errors_of(response)["meaning"] == ["Tsui is named in 2 scores. Select what the new name means."]
    response = rename(manager, instrument, name="Burke", meaning="another", reason="typed anew")
    assert "Tsui cannot become something else" in errors_of(response)["meaning"][0]
    assert rename(manager, instrument, name="Tsui scale", meaning="spelling", reason="In full").status_code == 302
    assert Instrument.objects.get(pk=instrument.pk).history.first().history_change_reason == "In full"


def test_unused_instrument_is_renamed_without_asking(manager):
    tsui, cdq = (Instrument.objects.get(name=name) for name in ("Tsui", "CDQ-24"))
    builders.an_assessment(scores=[(tsui, 3)])

    assert rename(manager, cdq, name="CDQ").status_code == 302
    assert rename(manager, tsui, full_name="Score of Tsui").status_code == 302
