"""The instruments as shipped, each with the source of its range, and the lots that earlier records name."""

import json

from django.db import migrations

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
    instruments = apps.get_model("planning", "Instrument").objects
    if instruments.exists():
        return
    made = {"": None}
    for order, (name, full_name, part_of, lowest, highest, fractions, levels, source) in enumerate(INSTRUMENTS, 1):
        made[name] = instruments.create(
            name=name, full_name=full_name, part_of=made[part_of], lowest=lowest, highest=highest,
            allows_fractions=fractions, higher_is_worse=True, levels="\n".join(levels), source=source, order=order * 10,
        )  # fmt: skip


def fill_lots(apps, schema_editor):
    lots = apps.get_model("planning", "SignedLot")
    records = apps.get_model("planning", "SignedRecord").objects.order_by("pk")
    for pk, content in records.values_list("pk", "content_text").iterator():
        named = {vial["lot_number"]: None for vial in json.loads(content)["vials"] if vial["lot_number"]}
        lots.objects.bulk_create(lots(record_id=pk, lot_number=lot) for lot in named)


class Migration(migrations.Migration):
    dependencies = [("planning", "0008_the_course")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(fill_lots, migrations.RunPython.noop),
    ]
