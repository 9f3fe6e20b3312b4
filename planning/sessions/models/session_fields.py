"""The fields of a session that are entered on its page and by the API."""

# Apart from the product. Rows and vials have their own.
SESSION_FIELDS = ("operator", "given_on", "consent", "complications", "notes")
# Those that are entered only while the session is recorded, as a message names them.
RECORDING_FIELDS = {"operator": "who injected", "given_on": "when it was given", "complications": "complications"}
