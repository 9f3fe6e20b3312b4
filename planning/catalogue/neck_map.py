"""The neck map: the drawn regions, their muscles, and which are selected."""

from dataclasses import dataclass

from planning.catalogue.models.muscle import MapPlace, Muscle, Side

FRONT, BACK = "front", "back"

# Each region is drawn as the patient's own right (the left half of the front view, the right half of the back view);
# the left is its mirror image (x becomes 320 - x).
DRAWINGS = {
    (FRONT, MapPlace.SCALENE): (
        "M119,170C117,196 114,226 112,260L102,261C107,228 112,196 113,172Z"
        "M115,172C111,200 102,232 95,261L84,261C94,234 105,202 109,174Z"
        "M113,182C107,208 92,236 80,260L69,259C84,236 100,208 106,184Z",
        "M120,162C116,196 111,228 108,258M115,170C110,200 100,232 91,258",
    ),
    (FRONT, MapPlace.STERNOCLEIDOMASTOID): (
        "M96,112C99,109 104,110 106,115C110,138 118,160 126,182C134,206 143,232 153,257C151,262 147,263 143,261"
        "C135,246 128,232 123,220C124,234 124,246 123,257L106,257C110,236 109,210 106,186C102,160 98,136 96,112Z",
        "M101,116C108,156 128,214 147,258M104,150C112,182 117,220 114,255",
    ),
    (BACK, MapPlace.LEVATOR_SCAPULAE): (
        "M196,146C190,143 184,146 182,151C182,184 192,220 210,256C215,252 219,246 223,243C211,220 201,188 196,146Z",
        "M189,149C193,188 203,222 216,248",
    ),
}


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

    @property
    def label(self):
        return ", ".join(part for part in (self.name, self.side, self.chosen) if part)


def regions_for_choosing(muscles, rows):
    by_place = {muscle.map_place: muscle for muscle in muscles if muscle.map_place}
    chosen = {}
    for row in rows:
        if row.muscle.map_place:
            chosen[row.muscle.map_place, row.side] = "chosen"
        elif row.muscle.group_id and row.muscle.group.map_place:
            chosen.setdefault((row.muscle.group.map_place, row.side), "a part chosen")
    return _regions(by_place, chosen)


def regions_of_content(content):
    chosen = {}
    for row in content["injections"]:
        muscle = row["muscle"]
        if place := muscle["map_place"] or muscle["group_map_place"]:
            chosen[place, row["side"]] = "not given" if row["not_given"] else "chosen"
    return _regions({}, chosen)


def _regions(by_place, chosen):
    views = {FRONT: {}, BACK: {}}
    for (view, place), (outline, fibre) in DRAWINGS.items():
        muscle = by_place.get(place)
        views[view][place.replace("-", "_")] = [
            Region(
                view=view,
                place=place,
                side=side,
                outline=outline,
                fibre=fibre,
                mirrored=side == Side.LEFT,
                muscle=muscle,
                name=muscle.name if muscle else place.label.partition(" (")[0],
                chosen=chosen.get((place, side), ""),
            )
            for side in (Side.RIGHT, Side.LEFT)
        ]
    return views
