"""The signed content of a session in the OpenAPI document. The content itself is a dictionary that was stored."""

from rest_framework import serializers
from rest_framework.fields import BooleanField, CharField, DateField, IntegerField

from planning.sessions.doses import DoseValue


class ClinicSigned(serializers.Serializer):
    name = CharField()
    address = CharField()
    phone = CharField()
    time_zone = CharField()


class PatientSigned(serializers.Serializer):
    id = IntegerField()
    record_number = CharField()
    family_name = CharField()
    given_name = CharField()
    date_of_birth = DateField()
    sex = CharField()
    diagnosis = CharField()
    diagnosis_code = CharField()
    alerts = CharField()


class VisitSigned(serializers.Serializer):
    id = IntegerField()
    kind = CharField()
    starts_at = CharField(help_text="Local date and time of the clinic, ISO 8601 with offset.")
    clinician = CharField()


class SessionSigned(serializers.Serializer):
    id = IntegerField()
    version = IntegerField()


class ProductSigned(serializers.Serializer):
    id = IntegerField()
    brand_name = CharField()
    nonproprietary_name = CharField()
    unit_label = CharField()


class AmendmentSigned(serializers.Serializer):
    of_record = IntegerField(help_text="The number of the record that this one amends.")
    kind = CharField()
    reason = CharField()


class PersonSigned(serializers.Serializer):
    id = IntegerField()
    name = CharField()


class ConsentSigned(serializers.Serializer):
    given_by = CharField()
    given_on = DateField()
    form_version = CharField()


class VialSigned(serializers.Serializer):
    number = IntegerField(help_text="As rows refer to it.")
    version = IntegerField()
    lot_number = CharField()
    expiry = CharField()
    size = CharField()
    diluent = CharField()
    discarded = CharField()
    shared = CharField()


class MuscleSigned(serializers.Serializer):
    id = IntegerField()
    name = CharField()
    latin_name = CharField()
    map_place = CharField()
    group_map_place = CharField()


class InjectionSigned(serializers.Serializer):
    id = IntegerField()
    version = IntegerField()
    muscle = MuscleSigned()
    side = CharField()
    planned_dose = DoseValue()
    given_dose = DoseValue()
    not_given = BooleanField()
    not_given_reason = CharField()
    sites = IntegerField(allow_null=True)
    guidance = CharField()
    vial = IntegerField(allow_null=True, help_text="The number of its vial.")
    note = CharField()


class ContentSigned(serializers.Serializer):
    """What was signed; every name is copied."""

    clinic = ClinicSigned()
    patient = PatientSigned()
    visit = VisitSigned()
    session = SessionSigned()
    product = ProductSigned(allow_null=True)
    amendment = AmendmentSigned(allow_null=True, help_text="Null in a first record.")
    given_on = DateField()
    operator = PersonSigned(allow_null=True)
    recorder = PersonSigned(allow_null=True)
    consent = ConsentSigned(allow_null=True)
    vials = VialSigned(many=True)
    injections = InjectionSigned(many=True)
    complications = CharField()
    notes = CharField()
