"""A field with a choice of records reads them once."""

import pytest
from django import forms
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import User
from clinic.web.choices import ReadChoiceField, offer
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


class ChosenForm(forms.Form):
    own = ReadChoiceField(User.objects.none(), empty_label=None)
    offered = forms.ModelChoiceField(User.objects.none())

    def __init__(self):
        super().__init__()
        self.fields["own"].queryset = User.objects.clinicians()
        offer(self.fields["offered"], User.objects.clinicians(), empty_label="Choose")


@pytest.mark.parametrize("name", ["own", "offered"])
def test_required_field_reads_its_records_once(name):
    clinician = builders.a_clinician()
    form = ChosenForm()
    with CaptureQueriesContext(connection) as queries:
        assert str(clinician) in str(form[name])
    assert len(queries) == 1
    assert ("Choose" in str(form[name])) is (name == "offered")
    assert str(builders.a_clinician()) in str(ChosenForm()[name]), "each form reads anew"
