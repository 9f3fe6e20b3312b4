"""Injections and vials of a session, for programs.

A dose is the string that a person typed, in both directions.
"""

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.decorators import action as operation
from rest_framework.response import Response

from clinic.accounts.permissions import Permission, require_person
from clinic.api.fields import NEEDED, Change, IdField, Query, QueryId, Sent, SentFields, Shown, TruthField
from clinic.api.resources import Collection
from clinic.records import audit_log
from planning.catalogue.models.muscle import Muscle, Side
from planning.catalogue.models.product import Product
from planning.sessions.actions.injections import (
    DOSES,
    add_typed_injection,
    change_injection,
    remove_injection,
    restore_injection,
)
from planning.sessions.actions.products import require_product
from planning.sessions.actions.sessions import PERSON_RECORDS, PERSON_TYPES_DOSES
from planning.sessions.actions.vials import add_vial, change_vial, remove_vial
from planning.sessions.doses import DoseValue
from planning.sessions.models.injection import Injection
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.vial import VIAL_FIELDS, Vial


class ProductField(Shown.serializer_related_field):
    """The session’s product, which every write of a row or a vial must name."""

    def __init__(self):
        help_text = "The id of the session’s product. Send it with each change."
        super().__init__(source="session.product", read_only=True, allow_null=True, help_text=help_text)


PRODUCT_SEEN = (
    "The session’s product when this was typed. If the session now has another product, the response is a conflict."
)


class ProductSeen(Sent):
    """Adds the product that was shown, required even in a partial change."""

    product = IdField(
        queryset=Product.objects.all(),
        allow_null=True,
        help_text=f"{PRODUCT_SEEN} Always required. Null before a product is chosen.",
    )

    def to_internal_value(self, data):
        if isinstance(data, dict) and "product" not in data:
            raise serializers.ValidationError({"product": NEEDED})
        return super().to_internal_value(data)


class RemovalQuery(Query):
    product = QueryId(help_text=f"{PRODUCT_SEEN} Omit it before a product is chosen.")


class InjectionShown(Shown):
    """For a signed session, names are as in the signed record."""

    muscle_name = serializers.SerializerMethodField()
    planned_dose = DoseValue()
    given_dose = DoseValue()
    unit = serializers.CharField(
        source="session.unit_text",
        help_text="The unit label of the session’s product. Empty before a product is chosen.",
    )
    product = ProductField()
    product_name = serializers.CharField(source="session.product_text")

    class Meta:
        model = Injection
        fields = [
            "id", "muscle", "muscle_name", "side", "planned_dose", "given_dose", "not_given", "not_given_reason",
            "unit", "product", "product_name", "sites", "guidance", "vial", "note", "version",
        ]  # fmt: skip

    def get_muscle_name(self, row) -> str:
        return row.session.muscle_names_as_signed().get(row.muscle_id, row.muscle.name)


class VialShown(Shown):
    product = ProductField()

    class Meta:
        model = Vial
        fields = ["id", *VIAL_FIELDS, "product", "version"]


class InjectionTyped(ProductSeen, SentFields):
    """What is typed into a row. While a session is planned only `planned_dose` is taken, while it is recorded only
    `given_dose`."""

    planned_dose = DoseValue()
    given_dose = DoseValue()
    vial = IdField(queryset=Vial.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Injection
        fields = ["not_given", "not_given_reason", "sites", "guidance", "note"]


class InjectionAdded(InjectionTyped):
    muscle = IdField(queryset=Muscle.objects.select_related("group"))
    side = serializers.ChoiceField(Side, help_text="The patient’s own side.")
    another_vial = TruthField(
        required=False, help_text="Adds a second row for a muscle and side that already have a row with a vial."
    )


class InjectionChange(Change, InjectionTyped):
    pass


class RemovedRow(Change, ProductSeen):
    """The removed row that you read."""


class BeneathSession(Collection):
    """Records of the session in the URL."""

    queries = {"destroy": RemovalQuery}

    def _session(self):
        session = get_object_or_404(InjectionSession.objects.for_page(), pk=self.kwargs["session"])
        self.concerns(session.visit.patient_id)
        return session

    def show_parent(self):
        audit_log.shown(self._session().visit.patient_id)

    def get_queryset(self):
        return super().get_queryset().filter(session=self.kwargs["session"])

    def patients_of(self, row):
        return [row.session.visit.patient_id]

    def the_record(self):
        """If a change of product deleted the record, the error says so instead of 404."""
        try:
            return super().the_record()
        except Http404:
            self._require_same_product()
            raise

    def sent(self, **context):
        """If a change of product caused the error, such as an unknown vial id, it is a conflict."""
        try:
            return super().sent(**context)
        except serializers.ValidationError:
            self._require_same_product()
            raise

    def _require_same_product(self):
        if product := self._product_in_query() or self._product_in_body():
            require_product(product, self._session())

    def _product_in_body(self):
        """The product in the body, even if the rest of the body is not valid."""
        body = self.request.data if isinstance(self.request.data, dict) else {}
        sent = ProductSeen(data={"product": body.get("product")})
        return sent.validated_data["product"] if sent.is_valid() else None

    def _product_in_query(self):
        return Product.objects.filter(pk=self.query_values.get("product")).first()

    def removed_by(self, remove, **row):
        removed = remove(by=self.request.user, product=self._product_in_query(), version=self.version_read(), **row)
        audit_log.shown(*self.concerned)
        # A removed row can be restored with this version.
        return Response(status=204, headers={"ETag": f'"{removed.version}"'} if "injection" in row else None)

    def list(self, request, **kwargs):
        self.show_parent()
        return super().list(request, **kwargs)


ROWS = {
    "list": Permission.SEE_SESSIONS,
    "retrieve": Permission.SEE_SESSIONS,
    "create": Permission.CHANGE_SESSIONS,
    "partial_update": Permission.CHANGE_SESSIONS,
    "destroy": Permission.CHANGE_SESSIONS,
}


class InjectionResource(BeneathSession):
    """The rows of a session: a muscle on one side, what was planned for it and what was given."""

    kind = "injection"
    permissions = {**ROWS, "restore": Permission.CHANGE_SESSIONS}
    token_notes = dict.fromkeys(
        ("create", "partial_update", "destroy", "restore"),
        "A token can plan muscles and sides. It never writes a dose or anything that was given.",
    )
    # One instance of the session for all rows, so that its facts are loaded once.
    queryset = Injection.objects.select_related("muscle").prefetch_related(
        Prefetch("session", InjectionSession.objects.for_page().prefetch_related("records"))
    )
    serializer_class = InjectionShown
    bodies = {"create": InjectionAdded, "partial_update": InjectionChange, "restore": RemovedRow}

    def get_queryset(self):
        """Removed rows are found only when they are restored."""
        rows = super().get_queryset()
        return rows if self.action in {"restore", "destroy"} else rows.filter(removed_at=None)

    def sent(self, **context):
        if isinstance(self.request.data, dict) and DOSES & self.request.data.keys():
            require_person(self.request.user, PERSON_TYPES_DOSES)
        sent = super().sent(**context)
        if {"not_given", "not_given_reason", "vial"} & sent.keys():
            require_person(self.request.user, PERSON_RECORDS)
        return sent

    def create(self, request, **kwargs):
        """Add a muscle on one side, with `planned_dose` or `given_dose` as a person typed them."""
        return self.created_by(add_typed_injection, session=self._session())

    def partial_update(self, request, **kwargs):
        """Change what was typed into a row.

        The muscle and side of a row never change: remove the row and add another.
        """
        return self.changed_by(change_injection, injection=self.the_record())

    def destroy(self, request, **kwargs):
        """Remove a row. The typed text stays with the row. The ETag contains the version needed to restore it."""
        return self.removed_by(remove_injection, injection=self.the_record())

    @operation(detail=True, methods=["post"], url_path="restore")
    def restore(self, request, **kwargs):
        """Restore a removed row as it was typed."""
        return self.changed_by(restore_injection, injection=self.the_record())


class VialTyped(ProductSeen, SentFields):
    class Meta:
        model = Vial
        fields = VIAL_FIELDS


class VialChange(Change, VialTyped):
    pass


class VialResource(BeneathSession):
    """The vials of a session, as typed. Collum does not calculate from them."""

    kind = "vial"
    permissions = ROWS
    person_only = dict.fromkeys(("create", "partial_update", "destroy"), PERSON_RECORDS)
    queryset = Vial.objects.select_related("session__visit")
    serializer_class = VialShown
    bodies = {"create": VialTyped, "partial_update": VialChange}

    def create(self, request, **kwargs):
        """Add a vial to a session that is being recorded."""
        return self.created_by(add_vial, session=self._session())

    def partial_update(self, request, **kwargs):
        """Change what was typed for a vial."""
        return self.changed_by(change_vial, vial=self.the_record())

    def destroy(self, request, **kwargs):
        """Remove a vial that no injection names."""
        return self.removed_by(remove_vial, vial=self.the_record())
