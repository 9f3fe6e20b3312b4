"""The catalogue as shipped: six muscles, six products; no strength, no dose, no dilution."""

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


def fill(apps, schema_editor):
    muscles = apps.get_model("planning", "Muscle").objects
    keys = apps.get_model("planning", "MuscleKey").objects
    products = apps.get_model("planning", "Product").objects
    if not muscles.exists():
        for order, (name, latin, short, group, description, uberon, fma, ta98, place) in enumerate(MUSCLES, start=1):
            muscle = muscles.create(
                name=name, latin_name=latin, short_name=short, sides=LATERAL, description=description,
                group=muscles.get(name=group) if group else None,
                uberon=uberon, fma=fma, ta98=ta98, map_place=place, order=order * 10,
            )  # fmt: skip
            for label in (name, short):
                keys.create(muscle=muscle, key=" ".join(re.findall(r"\w+", label.lower())))
    if not products.exists():
        for order, (brand, nonproprietary) in enumerate(PRODUCTS, start=1):
            products.create(brand_name=brand, nonproprietary_name=nonproprietary, order=order * 10)


class Migration(migrations.Migration):
    dependencies = [("planning", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
