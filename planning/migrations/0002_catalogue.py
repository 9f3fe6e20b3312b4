"""The catalogue as shipped: six muscles, six products, nine instruments with their ranges; no strength, no dose, no dilution."""

import re

from django.db import migrations

SCALENES = "Scalene"
LATERAL = "lateral"

# name, Latin, short, group, description, UBERON, FMA, TA98, place on the map
MUSCLES = [
    (
        "Sternocleidomastoid", "musculus sternocleidomastoideus", "SCM", "",
        "on both sides of the neck; key to head movement; can produce painful spasms and abnormal posture",
        "0001128", "13407", "A04.2.01.008", "sternocleidomastoid",
    ),
    (
        SCALENES, "musculi scaleni", "SCAL", "",
        "from the upper cervical vertebrae to the first ribs; tightness gives abnormal head movement",
        "0008611", "64829", "", "scalene",
    ),
    ("Scalene, anterior", "m. scalenus anterior", "SCAL-A", SCALENES, "part of the scalenes",
     "0008622", "13385", "A04.2.01.004", ""),
    ("Scalene, middle", "m. scalenus medius", "SCAL-M", SCALENES, "part of the scalenes",
     "0001122", "13386", "A04.2.01.005", ""),
    ("Scalene, posterior", "m. scalenus posterior", "SCAL-P", SCALENES, "part of the scalenes",
     "0001123", "13387", "A04.2.01.006", ""),
    (
        "Levator scapulae", "m. levator scapulae", "LS", "",
        "from the cervical spine to the shoulder blade; can lift the shoulder and tilt or twist the head",
        "0005461", "32519", "A04.3.01.009", "levator-scapulae",
    ),
]  # fmt: skip

PRODUCTS = [
    ("Botox", "onabotulinumtoxinA"),
    ("Dysport", "abobotulinumtoxinA"),
    ("Xeomin", "incobotulinumtoxinA"),
    ("Daxxify", "daxibotulinumtoxinA"),
    ("Myobloc", "rimabotulinumtoxinB"),
    ("NeuroBloc", "rimabotulinumtoxinB"),
]


TWSTRS = (
    "Consky ES, Lang AE. Clinical assessments of patients with cervical dystonia. In: Jankovic J, Hallett M (eds). "
    "Therapy with Botulinum Toxin. New York: Marcel Dekker; 1994: 211–237"
)
TSUI = "Tsui JKC, Eisen A, Stoessl AJ, Calne S, Calne DB. Lancet 1986; 328: 245–247"
CDQ_24 = "Müller J, Wissel J, Kemmler G, et al. J Neurol Neurosurg Psychiatry 2004; 75: 749–753"
CGI = "Guy W. ECDEU Assessment Manual for Psychopharmacology, revised. US Department of Health 1976: 217–222"
PAIN = "Downie WW, Leatham PA, Rhind VM, et al. Ann Rheum Dis 1978; 37: 378–381"

# Of the Clinical Global Impression, a work of the US government and in the public domain; without its “mentally”.
SEVERITY = (
    "Normal, not at all ill", "Borderline ill", "Mildly ill", "Moderately ill", "Markedly ill", "Severely ill",
    "Among the most extremely ill patients",
)  # fmt: skip
IMPROVEMENT = (
    "Very much improved", "Much improved", "Minimally improved", "No change", "Minimally worse", "Much worse",
    "Very much worse",
)  # fmt: skip

# name, full name, part of, lowest, highest, whether fractions occur, levels, source; in all of them higher is worse
TOTAL = "TWSTRS total"
INSTRUMENTS = [
    (TOTAL, "Toronto Western Spasmodic Torticollis Rating Scale", "", 0, 85, True, (), TWSTRS),
    ("TWSTRS severity", "Torticollis severity", TOTAL, 0, 35, False, (), TWSTRS),
    ("TWSTRS disability", "Disability", TOTAL, 0, 30, False, (), TWSTRS),
    ("TWSTRS pain", "Pain", TOTAL, 0, 20, True, (), TWSTRS),
    ("Tsui", "Tsui score", "", 0, 25, False, (), TSUI),
    ("CDQ-24", "Craniocervical Dystonia Questionnaire, 24 items", "", 0, 100, True, (), CDQ_24),
    ("CGI-S", "Clinical Global Impression, severity", "", 1, 7, False, SEVERITY, CGI),
    ("CGI-I", "Clinical Global Impression, improvement", "", 1, 7, False, IMPROVEMENT, CGI),
    ("Pain 0–10", "Numerical rating scale of pain", "", 0, 10, False, (), PAIN),
]


def fill(apps, schema_editor):
    _muscles(apps)
    _products(apps)
    _instruments(apps)


def _muscles(apps):
    muscles = apps.get_model("planning", "Muscle").objects
    if muscles.exists():
        return
    for order, (name, latin, short, group, description, uberon, fma, ta98, place) in enumerate(MUSCLES, start=1):
        muscle = muscles.create(
            name=name, latin_name=latin, short_name=short, sides=LATERAL, description=description,
            group=muscles.get(name=group) if group else None,
            uberon=uberon, fma=fma, ta98=ta98, map_place=place, order=order * 10,
        )  # fmt: skip
        keys = apps.get_model("planning", "MuscleKey").objects
        for key in _keys(name, short, latin, uberon=uberon, fma=fma, ta98=ta98):
            keys.create(muscle=muscle, key=key)


def _keys(name, short, latin, **codes):
    """Names and codes as the catalogue compares them; of a Latin name without *musculus*."""
    names = [" ".join(re.findall(r"\w+", text.lower())) for text in (name, short, latin.partition(" ")[2])]
    return {*names, *(f"{system}:{code.lower()}" for system, code in codes.items() if code)}


def _products(apps):
    products = apps.get_model("planning", "Product").objects
    if products.exists():
        return
    for order, (brand, nonproprietary) in enumerate(PRODUCTS, start=1):
        products.create(brand_name=brand, nonproprietary_name=nonproprietary, order=order * 10)


def _instruments(apps):
    instruments = apps.get_model("planning", "Instrument").objects
    if instruments.exists():
        return
    made = {"": None}
    for order, (name, full_name, part_of, lowest, highest, fractions, levels, source) in enumerate(INSTRUMENTS, 1):
        made[name] = instruments.create(
            name=name, full_name=full_name, part_of=made[part_of], lowest=lowest, highest=highest,
            allows_fractions=fractions, higher_is_worse=True, levels="\n".join(levels), source=source, order=order * 10,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("planning", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
