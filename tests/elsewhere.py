"""An earlier session at another clinic, as an import adds it."""

from planning.course.actions.elsewhere import add_session_elsewhere


def a_session_elsewhere(*, patient, by, **details):
    typed = {
        "given_on": "2019-05",
        "product": "Elsewherin",
        "lot": "LOT-ELSE-1",
        "muscles": "splenius capitis right",
        "response": "less pull for two months",
    }
    return add_session_elsewhere(patient=patient, by=by, **{**typed, **details})
