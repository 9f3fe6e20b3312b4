"""Known faults of pages that are not Collum's own."""

# Faults of Django's admin site and of what other packages add to it, by the URL they show at: the words of the
# console, and the cause. Any other message is a fault.
KNOWN_OF_THE_ADMIN = {
    "history of an entry": {
        "path": r"^/admin/(planning/(muscle|product|instrument|reasonnotgiven)|clinic/clinic)/\d+/history/$",
        "console": "Applying inline style violates the following Content Security Policy directive",
        "cause": 'simple_history/object_history_list.html writes style="border-top: 0" on its page numbers; '
        "the policy drops it, and a line is drawn above them.",
    },
}

# Faults of Swagger UI that no setting and no style of ours can change: axe's rule, where, and the cause.
KNOWN_OF_SWAGGER_UI = {
    "button that folds a type": {
        "axe": "button-name",
        "at": ".model-box-control",
        "cause": "The button in front of the type of a field contains only an arrow.",
    },
    "responses of two operations": {
        "axe": "landmark-unique",
        "at": "_responses",
        "cause": "The responses of each operation are a region, and all these regions have the same name.",
    },
}
