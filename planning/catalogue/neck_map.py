"""The neck map: the drawn regions, their muscles, and which are selected."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import mark_safe

from planning.catalogue.models.muscle import MapPlace, Muscle, Side
from planning.catalogue.neck_drawings import AREAS, DRAWINGS, VIEWS

# Drawn on every map, also without a muscle in the catalogue. The other places are drawn if a muscle has them.
LANDMARKS = {MapPlace.STERNOCLEIDOMASTOID, MapPlace.SCALENE, MapPlace.LEVATOR_SCAPULAE}


@dataclass(frozen=True)
class Region:
    """One muscle on one side, as drawn. Without a muscle it is only anatomy, and cannot be selected."""

    view: str
    place: str
    side: str
    outline: str
    fibre: str
    mirrored: bool
    muscle: Muscle | None
    name: str
    chosen: str = ""
    area: str = ""

    @property
    def label(self):
        return ", ".join(part for part in (self.name, self.side, self.chosen) if part)

    def svg(self):
        """Written without a template: a map has dozens of regions. A script makes the map one Tab stop."""
        kind = {"": "", "not given": " struck"}.get(self.chosen, " chosen")
        mirror = mark_safe(' transform="matrix(-1 0 0 1 320 0)"') if self.mirrored else ""
        return format_html(
            '<g class="region{}{}"{} aria-label="{}"{}>{}<path d="{}" /><path class="fibre" d="{}" /></g>',
            kind, " pressable" if self.muscle else "", self._role(), self.label, mirror, self._target(),
            self.outline, self.fibre,
        )  # fmt: skip

    def _role(self):
        if self.muscle is None:
            return mark_safe(' role="img"')
        return format_html(
            ' tabindex="-1" role="button" data-muscle="{}" data-side="{}" aria-pressed="{}"',
            self.muscle.pk, self.side, "true" if self.chosen else "false",
        )  # fmt: skip

    def _target(self):
        """A wide invisible edge, which makes the region easy to select."""
        if self.muscle is None:
            return ""
        return format_html('<path class="hit{}" d="{}" />', " area" if self.area else "", self.area or self.outline)


def regions_for_choosing(muscles, rows):
    by_place = {muscle.map_place: muscle for muscle in muscles if muscle.map_place}
    chosen = {}
    for row in rows:
        if row.muscle.map_place:
            chosen[row.muscle.map_place, row.side] = "chosen"
        elif row.muscle.group_id and row.muscle.group.map_place:
            chosen.setdefault((row.muscle.group.map_place, row.side), "a part chosen")
    return _regions(by_place, chosen, pressable=True)


def regions_of_content(content):
    chosen = {}
    for row in content["injections"]:
        muscle = row["muscle"]
        if place := muscle["map_place"] or muscle["group_map_place"]:
            chosen[place, row["side"]] = "not given" if row["not_given"] else "chosen"
    return _regions({}, chosen)


def regions_of_place(muscle):
    """The position of one muscle, on both sides: one that is selected as midline only is drawn in two halves."""
    place = MapPlace(muscle.map_place)
    return _regions({place: muscle}, {(place, side): "position of this entry" for side in (Side.RIGHT, Side.LEFT)})


def _regions(by_place, chosen, *, pressable=False):
    views = {view: {} for view in VIEWS}
    drawn = LANDMARKS | by_place.keys() | {place for place, _ in chosen}
    for (view, place), (outline, fibre) in DRAWINGS.items():
        if place not in drawn:
            continue
        muscle = by_place.get(place)
        views[view][place.replace("-", "_")] = [
            Region(
                view=view,
                place=place,
                side=side,
                outline=outline,
                fibre=fibre,
                mirrored=side == Side.LEFT,
                muscle=muscle if pressable else None,
                name=muscle.name if muscle else place.label.partition(" (")[0],
                chosen=chosen.get((place, side), ""),
                area=AREAS.get(place, ""),
            )
            for side in (Side.RIGHT, Side.LEFT)
        ]
    return views
