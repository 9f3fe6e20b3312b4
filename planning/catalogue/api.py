"""The catalogue for programs: readable with retired entries, changed by catalogue managers."""

from rest_framework import serializers
from rest_framework.decorators import action as operation
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, IdField, LineField, Sent, Shown, WholeNumberField, record_serializers
from clinic.api.resources import Collection
from clinic.records.numbers import LARGEST_ID
from planning.catalogue.actions import entries, muscle_sets
from planning.catalogue.actions.entries import add_entry, change_entry
from planning.catalogue.models.entry import NameMeaning
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.models.muscle import Muscle, Side
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
        return self.respond_created(self.once(add_entry, entry=entry))

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


MuscleSetShown, MuscleSetSent, MuscleSetChange = record_serializers(
    MuscleSet, ["name"], after=["entries", "version"], shown_as={"entries": MuscleSetEntryShown(many=True)}
)


class MuscleAdded(Sent):
    muscle = IdField(queryset=Muscle.objects.all())
    side = serializers.ChoiceField(Side, help_text="The patient’s own side.")


class EntryTaken(Change):
    entry = WholeNumberField(min_value=1, max_value=LARGEST_ID, help_text="The id of the entry that you read.")


class MuscleSetResource(Collection):
    """Your own sets of muscles and sides. Other users cannot see or use them."""

    kind = "muscle-set"
    permissions = {
        **dict.fromkeys(("list", "retrieve"), Permission.SEE_SESSIONS),
        **dict.fromkeys(("create", "partial_update", "destroy", "add", "take"), Permission.CHANGE_SESSIONS),
    }
    queryset = MuscleSet.objects.prefetch_related("entries")
    serializer_class = MuscleSetShown
    bodies = {
        "create": MuscleSetSent, "partial_update": MuscleSetChange, "add": MuscleAdded, "take": EntryTaken,
    }  # fmt: skip
    orderings = ("id", "-id")

    def get_queryset(self):
        return super().get_queryset().filter(owner=self.request.user)

    def field_of(self, name):
        return {"typed": "muscle"}.get(name, name)

    def create(self, request):
        """Create an empty set."""
        return self.created_by(muscle_sets.make_set)

    def partial_update(self, request, pk):
        """Rename a set."""
        muscle_set, sent = self.the_record(), self.sent_with_version()
        muscle_sets.rename_set(muscle_set=muscle_set, by=request.user, **{"name": muscle_set.name, **sent})
        return self.respond(muscle_set.pk)

    def destroy(self, request, pk):
        """Delete a set. Sessions to which it was added do not change."""
        muscle_sets.remove_set(muscle_set=self.the_record(), by=request.user, version=self.version_read())
        return Response(status=204)

    @operation(detail=True, methods=["post"])
    def add(self, request, pk):
        """Add a muscle on one side to a set. If the set already has it, nothing changes."""
        muscle_set, sent = self.the_record(), self.sent()
        muscle_sets.add_to_set(muscle_set=muscle_set, muscle=sent["muscle"], sides=[sent["side"]], by=request.user)
        return self.respond(muscle_set.pk)

    @operation(detail=True, methods=["post"])
    def take(self, request, pk):
        """Remove a muscle from a set, by the id of its entry. Repeating it succeeds."""
        return self.changed_by(muscle_sets.take_from_set, muscle_set=self.the_record())
