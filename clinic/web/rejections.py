"""Why a form was not saved, as data for a script."""


def reasons(form):
    """Errors by the names of the inputs; for a conflict also who stored what, and the version to continue from."""
    answer = {
        "errors": {form.add_prefix(name): list(errors) for name, errors in form.errors.items() if name != "__all__"},
        "message": " ".join(form.non_field_errors()),
    }
    if hasattr(form, "stored_values"):
        answer["version"] = form.data[form.add_prefix("version")]
        answer["stored_by"] = form.stored_by
        answer["stored"] = {
            form.add_prefix(name): {"label": str(form.fields[name].label), "value": str(value)}
            for name, value in form.stored_values.items()
        }
    return answer
