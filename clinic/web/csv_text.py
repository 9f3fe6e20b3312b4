"""CSV files as spreadsheets write them: how their bytes become text."""

import codecs

# What a German Excel writes without being asked is Windows-1252.
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def encodings_of(content):
    """The names of the encodings that these bytes can have, by codec; the first that decodes them is meant."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return {"utf-16": "UTF-16"}
    return ENCODINGS
