"""The catalogue for programs: readable with retired entries, changed by catalogue managers."""

from rest_framework import serializers
from rest_framework.decorators import action as operation

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, IdField, LineField, Shown, record_serializers
from clinic.api.resources import Collection
from planning.catalogue.actions import entries
from planning.catalogue.actions.entries import add_entry, change_entry
from planning.catalogue.models.entry import NameMeaning
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.models.muscle import Muscle
from planning.catalogue.models.muscle_set import MuscleSet, MuscleSetEntry
from planning.catalogue.models.product import Product
from planning.catalogue.scores import ScoreValue


class EntryShown(Shown):
    retired = serializers.BooleanField(source="is_retired")


class EntryChange(Change):
    """A new name for an entry that records use requires its meaning."""

    meaning = serializers.ChoiceField(
        NameMeaning.choices,
        required=False,
        help_text="Required if the name changes. If it now means something else, create a new entry.",
    )
    reason = LineField(max_length=100, required=False, help_text="The reason for the new name.")


class CatalogueResource(Collection):
    """Entries of the catalogue, including retired entries, which old records name."""

    permissions = {
        "list": Permission.SEE_CATALOGUE,
        "retrieve": Permission.SEE_CATALOGUE,
        **dict.fromkeys(("create", "partial_update", "retire", "restore"), Permission.CHANGE_CATALOGUE),
    }
    orderings = ("order", "-order", "id", "-id")

    def create(self, request):
        """Add an entry."""
        entry = self.queryset.model(**self.sent())
        return self.answer_created(self.once(add_entry, entry=entry))

    def partial_update(self, request, pk):
        """Change an entry. A new name for an entry that records use needs `meaning` and `reason`."""
        return self.changed_by(change_entry, entry=self.the_record())

    @operation(detail=True, methods=["post"])
    def retire(self, request, pk):
        """Retire an entry. Records and open sessions still name it."""
        return self.changed_by(entries.retire, entry=self.the_record())

    @operation(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Restore a retired entry. It is offered again."""
        return self.changed_by(entries.restore, entry=self.the_record())


def _serializers(model, **kwargs):
    """The serializers of an entry’s response, and of the request bodies by operation."""
    shown, sent, change = record_serializers(model, model.details(), shown=EntryShown, change=EntryChange, **kwargs)
    return shown, {"create": sent, "partial_update": change, "retire": Change, "restore": Change}


def _entry_field(model):
    return IdField(queryset=model.objects.all(), required=False, allow_null=True)


class MuscleResource(CatalogueResource):
    kind = "muscle"
    queryset = Muscle.objects.all()
    serializer_class, bodies = _serializers(Muscle, sent_as={"group": _entry_field(Muscle)})


class ProductResource(CatalogueResource):
    kind = "product"
    queryset = Product.objects.all()
    serializer_class, bodies = _serializers(Product)


class InstrumentResource(CatalogueResource):
    kind = "instrument"
    queryset = Instrument.objects.all()
    serializer_class, bodies = _serializers(
        Instrument,
        shown_as={"lowest": ScoreValue(), "highest": ScoreValue()},
        sent_as={"lowest": ScoreValue(), "highest": ScoreValue(), "part_of": _entry_field(Instrument)},
    )


class MuscleSetEntryShown(Shown):
    class Meta:
        model = MuscleSetEntry
        fields = ["id", "muscle", "side"]


class MuscleSetShown(Shown):
    entries = MuscleSetEntryShown(many=True)

    class Meta:
        model = MuscleSet
        fields = ["id", "name", "entries", "version"]


class MuscleSetResource(Collection):
    """Your own sets of muscles and sides. Other users cannot see or use them."""

    kind = "muscle-set"
    permissions = {"list": Permission.SEE_SESSIONS, "retrieve": Permission.SEE_SESSIONS}
    queryset = MuscleSet.objects.prefetch_related("entries")
    serializer_class = MuscleSetShown
    orderings = ("id", "-id")

    def get_queryset(self):
        return super().get_queryset().filter(owner=self.request.user)
