"""The columns of formats without columns: bundles and cards. They are named so that they are matched by themselves."""

PEOPLE_COLUMNS = (
    "ID", "Family name", "Given names", "Birth date", "Sex", "Phone", "Email", "Address", "Language", "Deceased",
    "Identifiers", "Note",
)  # fmt: skip


def cells_of(facts):
    """The texts of one person, by the names of the columns, in their order."""
    return [str(facts.get(column) or "").strip() for column in PEOPLE_COLUMNS]
