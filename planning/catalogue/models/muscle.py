"""The muscles of the catalogue, their sides and their names."""

import re
from collections import defaultdict

from django.db import models, transaction
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.records.numbers import Count
from clinic.records.text import Line, Lines, counted, search_key
from planning.catalogue.models.entry import (
    Catalogue,
    Retirable,
    RetirableQuerySet,
    deletion_obstacle,
    session_counts,
)


class Side(models.TextChoices):
    RIGHT = "right", "right"
    LEFT = "left", "left"
    MIDLINE = "midline", "midline"


class Sides(models.TextChoices):
    LATERAL = "lateral", "right and left"
    ANY = "any", "right, left and midline"
    MIDLINE = "midline", "midline only"

    def allowed(self):
        return {
            Sides.LATERAL: [Side.RIGHT, Side.LEFT],
            Sides.ANY: [Side.RIGHT, Side.LEFT, Side.MIDLINE],
            Sides.MIDLINE: [Side.MIDLINE],
        }[self]


class MapPlace(models.TextChoices):
    """Regions drawn on the neck map."""

    STERNOCLEIDOMASTOID = "sternocleidomastoid", "Sternocleidomastoid (front)"
    SCALENE = "scalene", "Scalene (front)"
    LEVATOR_SCAPULAE = "levator-scapulae", "Levator scapulae (back)"
    LONGUS_COLLI = "longus-colli", "Longus colli (front)"
    MASSETER = "masseter", "Masseter (front)"
    SUBMENTAL = "submental", "Submental muscles (front)"
    SPLENIUS_CAPITIS = "splenius-capitis", "Splenius capitis (back)"
    TRAPEZIUS = "trapezius", "Trapezius (back)"
    LONGISSIMUS = "longissimus", "Longissimus (back, deeper)"
    OBLIQUUS_CAPITIS_INFERIOR = "obliquus-capitis-inferior", "Obliquus capitis inferior (back, deeper)"
    SEMISPINALIS_CAPITIS = "semispinalis-capitis", "Semispinalis capitis (back, deeper)"


NAME_FIELDS = ("name", "latin_name", "short_name", "synonyms")
# Words with which a Latin name begins, and which people leave out.
MUSCULUS = {"musculus", "musculi", "musc", "m", "mm"}
# People write the coding system before a code, or leave it out.
CODE_PREFIXES = {
    "uberon": r"uberon",
    "fma": r"fma(?:id)?",
    "ta98": r"ta(?:98)?",
    "snomed_ct": r"s(?:nomed)?ct(?:id)?",
}


def key_of(name):
    """The normalised name of a muscle: without case, accents and marks, and without *musculus* or *m.*"""
    words = re.findall(r"\w+", search_key(name))
    return " ".join(words[1:] if len(words) > 1 and is_musculus(words[0], name) else words)


def is_musculus(word, text):
    """Whether the first word of a text is only *musculus*; an abbreviation must have its full stop."""
    return word in MUSCULUS and (len(word) > len("musc") or text.strip()[len(word) :].startswith("."))


def code_key(system, code):
    """The normalised code of a muscle, with its system; empty if it has no letter or digit."""
    text = re.sub(rf"^{CODE_PREFIXES[system]}[\W_]*(?=\w)", "", "".join(search_key(code).split()))
    return f"{system}:{text}" if re.search(r"\w", text) else ""


def names_in(synonyms):
    return [name.strip() for name in re.split("[,;]", synonyms) if name.strip()]


class MuscleQuerySet(RetirableQuerySet):
    def to_choose_from(self, *, also=()):
        """The offered muscles, and those with the ids `also`."""
        return (self.offered() | self.filter(pk__in=also)).select_related("group")

    def as_a_list(self):
        """Muscles and groups in their order; `offered_parts` of each, below it.

        A part whose group is retired is listed separately.
        """
        parts = models.Prefetch("parts", Muscle.objects.offered(), to_attr="offered_parts")
        return self.offered().filter(Q(group=None) | Q(group__retired_at__isnull=False)).prefetch_related(parts)


class Muscle(Retirable):
    """A muscle, without a side; a group of muscles has parts."""

    NAMED_BY = ("name",)
    PARENT = "group"

    name = Line(max_length=100)
    latin_name = Line("Latin name", max_length=100, blank=True)
    short_name = Line(max_length=20)
    synonyms = Line(max_length=300, blank=True, help_text="Other names, separated by commas.")
    group = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts",
        help_text="The group that this muscle belongs to.",
    )  # fmt: skip
    sides = models.CharField(max_length=10, choices=Sides, default=Sides.LATERAL)
    description = Lines(max_length=1000, blank=True, help_text="Anatomy. Never a dose.")
    source = Line(max_length=300, blank=True, help_text="Where the description comes from.")
    uberon = Line("UBERON", max_length=20, blank=True)
    fma = Line("FMA", max_length=20, blank=True)
    ta98 = Line("TA98", max_length=20, blank=True)
    snomed_ct = Line("SNOMED CT", max_length=20, blank=True)
    map_place = models.CharField(
        "position on the neck map", max_length=30, choices=MapPlace, blank=True,
        help_text="Each position is for one muscle. A muscle without a position appears in the list below the map.",
    )  # fmt: skip
    order = Count(default=0)

    objects = MuscleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["map_place"],
                condition=~Q(map_place="") & Q(retired_at=None),
                name="planning_muscle_map_place_is_unique",
                violation_error_message="Another muscle has this position on the map.",
            ),
            models.CheckConstraint(name="planning_muscle_sides_are_known", condition=Q(sides__in=Sides.values)),
            models.CheckConstraint(
                name="planning_muscle_map_place_is_known", condition=Q(map_place__in=["", *MapPlace.values])
            ),
            models.CheckConstraint(
                name="planning_muscle_has_a_name_and_a_short_name", condition=~Q(name="") & ~Q(short_name="")
            ),
            models.CheckConstraint(
                name="planning_muscle_is_not_its_own_group",
                condition=Q(group=None) | ~Q(group=models.F("pk")),
            ),
        ]

    def __str__(self):
        return self.name

    @transaction.atomic
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        self.refresh_keys([self])

    @classmethod
    def refresh_keys(cls, entries):
        MuscleKey.objects.refresh(entries)

    @classmethod
    def owners(cls, stored):
        return {key: stored[pk] for key, pk in MuscleKey.objects.values_list("key", "muscle") if pk in stored}

    def _checks(self, catalogue):
        stored = catalogue.stored(self)
        return {
            "group": self._group_obstacle(catalogue),
            "sides": self._sides_obstacle(stored),
            "map_place": self._place_obstacle(catalogue),
            **{field: self._name_obstacle(field, catalogue) for field in self._changed(NAME_FIELDS, stored)},
            **{system: self._code_obstacle(system, catalogue) for system in self._changed(CODE_PREFIXES, stored)},
        }

    def _group_obstacle(self, catalogue):
        if self.group is None:
            return None
        if self.group == self or self.group.group is not None:
            return "A part belongs to a group that is not itself a part."
        if part := catalogue.part_of(self):
            return f"{part.name} is a part of this muscle, so this muscle cannot become a part itself."
        return None

    def _sides_obstacle(self, stored):
        if stored is None or self.sides == stored.sides or self.sides not in Sides.values:
            return None
        used = set(self.injections.values_list("side", flat=True).distinct())
        if lost := [side.label for side in Side if side in used and side not in self.allowed_sides()]:
            return f"Sessions use it on this side: {', '.join(lost)}. A side in use cannot be removed."
        return None

    def _place_obstacle(self, catalogue):
        """The constraint checks the same, but form validation skips it because the form does not contain
        `retired_at`.
        """
        if not self.map_place or self.is_retired:
            return None
        others = (one for one in catalogue.entries if one.map_place == self.map_place)
        other = next((one for one in others if one != self and not one.is_retired), None)
        return f"{other.name} has this position on the neck map." if other else None

    def _changed(self, fields, stored):
        return [field for field in fields if stored is None or getattr(stored, field) != getattr(self, field)]

    def _name_obstacle(self, field, catalogue):
        names = names_in(self.synonyms) if field == "synonyms" else [getattr(self, field)]
        keys = {key_of(name): name for name in names if name}
        if "" in keys:
            return f"“{keys['']}” has no letter or digit."
        for key, name in keys.items():
            if taken := catalogue.owner(key, besides=self):
                return f"“{name}” is already a name of {taken.name}."
        return None

    def _code_obstacle(self, system, catalogue):
        code = getattr(self, system)
        if not code:
            return None
        key = code_key(system, code)
        if not key:
            return f"“{code}” has no letter or digit."
        taken = catalogue.owner(key, besides=self)
        label = self._meta.get_field(system).verbose_name
        return f"{label} {code} is already the code of {taken.name}." if taken else None

    def return_obstacle(self):
        place = Muscle(pk=self.pk, map_place=self.map_place)._place_obstacle(Catalogue(Muscle))
        return place and f"{self.name} cannot be restored: {place} Change the position of one of the two first."

    def deletion_obstacle(self):
        return deletion_obstacle(
            self,
            ("named in {}", "session", self.injections.values("session").distinct().count()),
            ("the group of {}", "muscle", self.parts.count()),
        )

    def usages(self):
        sets = self.set_entries.values("muscle_set").distinct().count()
        return [*([counted(sets, "muscle set")] if sets else []), *self.naming()]

    def naming(self):
        return session_counts(self.injections.active().sessions())

    def names(self):
        return [name for name in (self.name, self.short_name, *names_in(self.synonyms), self.latin_name) if name]

    def keys(self):
        return {key_of(name) for name in self.names()}

    def code_keys(self):
        return {code_key(system, getattr(self, system)) for system in CODE_PREFIXES} - {""}

    def unique_keys(self):
        return self.keys() | self.code_keys()

    def allowed_sides(self):
        return Sides(self.sides).allowed()

    def codes(self):
        fields = map(self._meta.get_field, CODE_PREFIXES)
        return [(field.verbose_name, code) for field in fields if (code := getattr(self, field.name))]


class MuscleKeyQuerySet(models.QuerySet):
    def refresh(self, muscles):
        stored = defaultdict(set)
        for muscle, key in self.filter(muscle__in=muscles).values_list("muscle", "key"):
            stored[muscle].add(key)
        wanted = {muscle.pk: muscle.unique_keys() for muscle in muscles}
        for muscle, keys in stored.items():
            if outdated := keys - wanted[muscle]:
                self.filter(muscle=muscle, key__in=outdated).delete()
        missing = ((muscle, key) for muscle, keys in wanted.items() for key in sorted(keys - stored[muscle]))
        self.bulk_create(MuscleKey(muscle_id=muscle, key=key) for muscle, key in missing)


class MuscleKey(models.Model):
    """One of the names or codes of a muscle, unique among those of all muscles. Only codes contain a colon."""

    muscle = models.ForeignKey(Muscle, on_delete=models.CASCADE, related_name="name_keys")
    key = models.CharField(max_length=300)

    objects = MuscleKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="planning_muscle_names_are_unique_together")]

    def __str__(self):
        return self.key
