"""Texts and patterns of the invented courses: complaints, reports and payers."""

from typing import NamedTuple

from patients.models import TherapyKind
from planning.course.models.adverse_event import EventKind
from planning.course.models.findings import Posture, Symptom

RIGHT, LEFT = "right", "left"


class Kind(NamedTuple):
    """How a course goes: the share of the complaints that each cycle relieves, and for how many days."""

    name: str
    gains: tuple
    days: tuple
    cycles: int
    words: tuple[str, ...] = ()
    drift: int = 0  # by how much the complaints grow from cycle to cycle


GOOD = Kind(
    "good response",
    gains=(0.4, 0.45, 0.5, 0.5, 0.5, 0.55, 0.55, 0.5),
    days=(70, 74, 76, 78, 78, 80, 79, 80),
    cycles=8,
    words=(
        "I can hold a book without leaning back.",
        "The pull came back in the last week only.",
        "I drove to my sister’s and did not think of my neck.",
        "My physiotherapist noticed it before I did.",
        "I sleep on my left side again.",
        "Best three months so far.",
        "I went swimming twice a week.",
        "It is simply quiet for most of the day.",
    ),
)
FADING = Kind(
    "fading response",
    gains=(0.5, 0.45, 0.35, 0.25, 0.15, 0.1),
    days=(77, 72, 63, 52, 41, 30),
    cycles=6,
    words=(
        "It was a relief.",
        "Good, but shorter than the first time.",
        "It wore off when I was on holiday.",
        "A few good weeks, then back to how it was.",
        "I noticed little.",
        "Hardly anything this time.",
    ),
    drift=1,
)
NONE = Kind("no response", gains=(0.0, 0.0), days=(0, 0), cycles=2, words=("I felt no difference.", "Nothing again."))
EVENT = Kind(
    "an adverse event",
    gains=(0.35, 0.4, 0.4, 0.4, 0.45),
    days=(70, 72, 74, 74, 76),
    cycles=5,
    words=("Better.", "Better, and it lasted.", "Swallowing was odd for some weeks.", "Fine this time.", "Good."),
)
MOVED = Kind(
    "moved away",
    gains=(0.3, 0.4, 0.4, 0.4),
    days=(66, 70, 74, 74),
    cycles=4,
    words=("It helps.", "It helps more than before.", "Steady.", "I hope the new clinic does it like that."),
)
USUAL = Kind("", gains=(0.3, 0.35, 0.4, 0.4, 0.35, 0.4, 0.45, 0.4), days=(68, 70, 74, 72, 70, 75, 74, 72), cycles=0)

# By family and given name: the patient's story, and their number in the order of patients.
STORIES = {
    ("Mustermann", "Erika"): (22, GOOD),
    ("Mustermann", "Max"): (18, FADING),
    ("Doe", "Jane"): (8, NONE),
    ("Bloggs", "Fred"): (16, EVENT),
    ("Rossi", "Mario"): (52, MOVED),
}

# The posture of a patient does not change.
POSTURES = (
    ((Posture.TORTICOLLIS, LEFT), (Posture.LATEROCAPUT, RIGHT)),
    ((Posture.TORTICAPUT, RIGHT),),
    ((Posture.LATEROCOLLIS, LEFT), (Posture.LATERAL_SHIFT, RIGHT)),
    ((Posture.ANTECOLLIS, ""), (Posture.RETROCAPUT, ""), (Posture.SAGITTAL_SHIFT, "")),
    ((Posture.RETROCOLLIS, ""), (Posture.TORTICAPUT, LEFT)),
    ((Posture.ANTECAPUT, ""), (Posture.LATEROCAPUT, LEFT)),
    ((Posture.TORTICOLLIS, RIGHT), (Posture.TORTICAPUT, RIGHT)),
)
# Complaints that treatment does not relieve, by the last digits of the patient's number.
LASTING_SYMPTOMS = {6: (Symptom.SWALLOWING,), 13: (Symptom.SPEAKING,)}
TRICKS = ("touches the chin", "rests the head against a wall", "hand at the back of the head", "touches the left cheek")
DAILY_LIFE = {
    "driving": ("short ways only", "turns the whole body at junctions", "does not drive"),
    "reading": ("with a book stand", "for ten minutes at a time"),
    "talking": ("avoids the telephone", "tires after long conversations"),
    "fatigue": ("tired by the afternoon", "rests after work"),
    "emotional_strain": ("worse before meetings", "worse with strangers"),
    "social_withdrawal": ("no longer goes to the choir", "sees friends at home"),
}

PAYERS = (
    ("Northern Mutual", "Basic"), ("Sample Health Fund", "Family"), ("Exampleton Insurance", "Plus"),
    ("Invented Care", ""),
)  # fmt: skip
AMOUNTS = ("111.11 EUR", "222.22 EUR", "333.33 EUR")
SHARES = ("11.11 EUR", "", "22.22 EUR")

THERAPIES = (
    (TherapyKind.PHYSICAL_THERAPY, "stretching and posture, once a week", "Practice at the Example Gate"),
    (TherapyKind.ORAL_MEDICATION, "a muscle relaxant at night", "family doctor"),
    (TherapyKind.NERVE_BLOCK, "greater occipital nerve, once", "pain clinic at Sampleford"),
    (TherapyKind.EARLIER_TOXIN, "some sessions before moving here", "clinic at the former home"),
    (TherapyKind.OTHER, "yoga with a teacher who knows the condition", ""),
)
SINCE = ("Jan {year}", "spring {year}", "{year}")

LEAFLET = "Injections for cervical dystonia: what to expect"
# Occasional adverse events, mild and temporary.
PASSING_EVENTS = (
    EventKind.BRUISING, EventKind.DRY_MOUTH, EventKind.INJECTION_SITE_PAIN, EventKind.HEADACHE,
    EventKind.FLU_LIKE_SYMPTOMS, EventKind.NECK_WEAKNESS, EventKind.SHOULDER_WEAKNESS,
)  # fmt: skip
