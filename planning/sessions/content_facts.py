"""The records of one session side by side, fact by fact, with the changes from record to record."""

from typing import NamedTuple

from planning.sessions.content import day

ABSENT = "–"


class FactCell(NamedTuple):
    """A fact in one record, and whether it differs from the record before."""

    text: str
    changed: bool


class Fact(NamedTuple):
    label: str
    cells: list[FactCell]

    @property
    def changed(self):
        return any(cell.changed for cell in self.cells)


def side_by_side(contents):
    stated = [facts_of(content) for content in contents]
    labels = {key: label for facts in stated for key, (label, _) in facts.items()}
    return [Fact(label, _cells([facts.get(key, ("", ABSENT))[1] for facts in stated])) for key, label in labels.items()]


def differs(one, other):
    return any(fact.changed for fact in side_by_side([one, other]))


def not_recorded(content):
    """For the read-back, what else a record can contain. Never a dose."""
    recorded = {
        "lot number": any(vial["lot_number"] for vial in content["vials"]),
        "consent": content["consent"] is not None,
        "alerts": content["patient"]["alerts"] != "not asked",
    }
    return [name for name, is_recorded in recorded.items() if not is_recorded]


def _cells(texts):
    return [FactCell(text, changed=place > 0 and text != texts[place - 1]) for place, text in enumerate(texts)]


def facts_of(content):
    product, operator, consent = content["product"], content["operator"], content["consent"]
    unit = product["unit_label"] if product else ""
    facts = {
        "product": (
            "Product",
            f"{product['brand_name']} ({product['nonproprietary_name']}), {unit}" if product else ABSENT,
        )
    }
    unit = f"{unit} {product['brand_name']}" if product else ""
    for row in content["injections"]:
        facts["row", row["id"]] = (f"{row['muscle']['name']}, {row['side']}", _row(row, unit))
    for vial in content["vials"]:
        facts["vial", vial["number"]] = (f"Vial {vial['number']}", _vial(vial))
    return facts | {
        "given_on": ("Given on", day(content["given_on"])),
        "operator": ("Who injected", operator["name"] if operator else "not recorded"),
        "consent": (
            "Consent",
            f"{consent['given_by']}, {day(consent['given_on'])}, form {consent['form_version']}"
            if consent
            else "not recorded",
        ),
        "complications": ("Complications", content["complications"] or "none recorded"),
        "notes": ("Notes", content["notes"] or ABSENT),
    }


def _row(row, unit):
    """Every dose with its unit, in the order of the record's columns."""
    if row["not_given"]:
        given = f"not given: {row['not_given_reason']}" if row["not_given_reason"] else "not given"
    else:
        given = f"given {row['given_dose']} {unit}" if row["given_dose"] else "given: not recorded"
    return " · ".join(
        filter(
            None,
            [
                f"planned {row['planned_dose']} {unit}" if row["planned_dose"] else "not planned",
                given,
                f"sites: {row['sites']}" if row["sites"] is not None else "",
                row["guidance"],
                f"vial {row['vial']}" if row["vial"] else "",
                row["note"],
            ],
        )
    )


def _vial(vial):
    parts = [
        f"lot {vial['lot_number'] or 'not recorded'}",
        f"expiry {vial['expiry'] or 'not recorded'}",
        f"size {vial['size']}" if vial["size"] else "",
        vial["diluent"],
        f"discarded {vial['discarded']}" if vial["discarded"] else "",
        f"shared: {vial['shared']}" if vial["shared"] else "",
    ]
    return " · ".join(filter(None, parts))
