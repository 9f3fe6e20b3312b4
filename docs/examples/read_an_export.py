"""Reads an export of everything without Collum, and checks it.

    python manage.py export_all everything.zip --reason "…"
    python docs/examples/read_an_export.py everything.zip

It needs Python 3.11 or later, and nothing else. It checks that the export is complete (the manifest), that each row has
the columns and types of the data dictionary, that NDJSON and CSV contain the same, and that references lead somewhere.
Then it recomputes the hashes of the signed records: of each content, of each record, and the chain from the first
record of a session to its last. A MAC is not checked, because that needs the key of the clinic.

A dose is text, and stays text here.
"""

import csv
import hashlib
import io
import json
import re
import sys
import zipfile

FORMAT = "collum-export/1"
UTC = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00:00")
# By type of the data dictionary, whether a value in NDJSON has it.
HAS_TYPE = {
    "text": lambda value: isinstance(value, str),
    "dose": lambda value: isinstance(value, str),
    "uuid": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "decimal": lambda value: isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value),
    "date": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value),
    "datetime": lambda value: isinstance(value, str) and UTC.fullmatch(value),
    "time": lambda value: isinstance(value, str) and re.fullmatch(r"\d{2}:\d{2}:\d{2}(\.\d+)?", value),
    "json": lambda value: isinstance(value, str) and json.loads(value) is not None,
}
SIGNED = ("number", "content_hash", "previous_hash", "signer_id", "signer_name", "signer_roles", "signed_at", "meaning")


class Export:
    def __init__(self, archive):
        self.archive = archive
        self.manifest = json.loads(archive.read("manifest.json"))
        self.dictionary = json.loads(archive.read("data-dictionary.json"))
        self.faults = []

    def rows(self, table):
        with self.archive.open(table["ndjson"]) as file:
            for line in file:
                yield json.loads(line)

    def cells(self, table):
        with self.archive.open(table["csv"]) as file:
            yield from csv.reader(io.TextIOWrapper(file, "utf-8-sig", newline=""))

    def check(self):
        if self.manifest["format"] != FORMAT or self.dictionary["format"] != FORMAT:
            self.faults.append(f"The format is not {FORMAT}.")
        self.check_files()
        keys = {table["name"]: {row[table["key"]] for row in self.rows(table)} for table in self.dictionary["tables"]}
        for table in self.dictionary["tables"]:
            self.check_table(table, keys)
        return self.check_signed_records()

    def check_files(self):
        for name, about in self.manifest["files"].items():
            found = hashlib.sha256()
            with self.archive.open(name) as file:
                while block := file.read(1 << 20):
                    found.update(block)
            if found.hexdigest() != about["sha256"]:
                self.faults.append(f"{name} does not match the SHA-256 of the manifest.")

    def check_table(self, table, keys):
        name, columns = table["name"], table["columns"]
        names = [column["name"] for column in columns]
        cells = self.cells(table)
        if next(cells) != names:
            self.faults.append(f"{table['csv']} has other columns than the data dictionary.")
        count = 0
        for count, row in enumerate(self.rows(table), start=1):
            place = f"{name}, row {count}"
            if list(row) != names:
                self.faults.append(f"{place} has other columns than the data dictionary.")
                continue
            for column in columns:
                self.check_value(f"{place}, {column['name']}", row[column["name"]], column, keys)
            if [as_text(cell) for cell in next(cells, [])] != [in_csv(value) for value in row.values()]:
                self.faults.append(f"{place} differs between NDJSON and CSV.")
        if any(self.manifest["files"][table[kind]]["rows"] != count for kind in ("ndjson", "csv")) or any(cells):
            self.faults.append(f"{name} has not as many rows as the manifest says.")

    def check_value(self, place, value, column, keys):
        if value is None:
            if not column["null"]:
                self.faults.append(f"{place} is null.")
            return
        if not HAS_TYPE[column["type"]](value):
            self.faults.append(f"{place} is not of the type {column['type']}.")
        if column["longest"] and isinstance(value, str) and len(value) > column["longest"]:
            self.faults.append(f"{place} is longer than {column['longest']} characters.")
        table, _, _ = (column["references"] or "").partition(".")
        if table and value not in keys.get(table, ()):
            self.faults.append(f"{place} refers to a row of {table} that is missing.")

    def check_signed_records(self):
        tables = {table["name"]: table for table in self.dictionary["tables"]}
        last, count = {}, 0
        for row in sorted(
            self.rows(tables["planning_signedrecord"]), key=lambda row: (row["session_id"], row["number"])
        ):
            count += 1
            session, place = row["session_id"], f"Signed record {row['number']} of session {row['session_id']}"
            before = last.get(session)
            if hash_of(canonical(json.loads(row["content_text"]))) != row["content_hash"]:
                self.faults.append(f"{place}: the content does not match its hash.")
            if hash_of(row["content_text"] + canonical({name: row[name] for name in SIGNED})) != row["hash"]:
                self.faults.append(f"{place}: the record does not match its hash.")
            if (row["number"], row["previous_hash"]) != ((before["number"] + 1, before["hash"]) if before else (1, "")):
                self.faults.append(f"{place} does not follow the record before.")
            last[session] = row
        return count


def canonical(content):
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def in_csv(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def as_text(cell):
    """Without the apostrophe that is added before text that a spreadsheet would execute."""
    begins_a_formula = cell.lstrip("'").startswith(
        ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    )
    return cell[1:] if cell.startswith("'") and begins_a_formula else cell


def main(path):
    try:
        with zipfile.ZipFile(path) as archive:
            export = Export(archive)
            records = export.check()
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        sys.exit(f"{path} is not a complete export of Collum: {error}")
    for fault in export.faults:
        print(fault, file=sys.stderr)
    rows = sum(about["rows"] for name, about in export.manifest["files"].items() if name.startswith("ndjson/"))
    print(
        f"{export.manifest['clinic']}, {export.manifest['exported_at']}: {len(export.dictionary['tables'])} tables, "
        f"{rows} rows, {records} signed records with their hashes recomputed, {len(export.faults)} faults"
    )
    sys.exit(1 if export.faults else 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
