"""Forms as strings: the HTML of Django's templates, written by functions. See docs/decisions/0023."""

from html import escape

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe


class Field(BoundField):
    """A field with its label, its hint and its errors."""

    def as_field_group(self):
        text = escaped(self.help_text)
        hint = f'<p class="hint" id="{escaped(self.auto_id)}_helptext">{text}</p>' if self.help_text else ""
        kind = " has-error" if self.errors else ""
        begin = f'<div class="field field-{escaped(self.name)}{kind}">'
        return mark_safe(f"{begin}{self._with_label()}{hint}{escaped(self.errors)}</div>")  # noqa: S308

    def _with_label(self):
        if self.widget_type == "checkbox":
            return f'<div class="form-check">{escaped(self)} {self.label_tag()}</div>'
        if self.use_fieldset:
            choices = "".join([_choice(choice) for choice in self])
            return f"<fieldset>{self.legend_tag()}{choices}</fieldset>"
        required = ' <span class="required">required</span>' if self.field.required else ""
        label = f"{escaped(self.label)}{required}"
        return f'<label class="form-label" for="{escaped(self.id_for_label)}">{label}</label> {escaped(self)}'


class Renderer(TemplatesSetting):
    """What has no function in `STRINGS` is rendered from its template."""

    form_template_name = "_fragments/_form.html"
    bound_field_class = Field

    def render(self, template_name, context, request=None):
        if template_name in STRINGS:
            return STRINGS[template_name](**context)
        return super().render(template_name, context, request)


def escaped(value):
    """As `conditional_escape()`, in a third of its time: a page with a form escapes a thousand texts."""
    if type(value) is SafeString:
        return value
    if isinstance(value, Promise):
        value = str(value)
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


def _attributes(attrs):
    """True is an attribute without a value, and False is none. The names come from code and need no escaping."""
    return "".join(
        [
            f" {name}" if value is True else f' {name}="{escaped(value)}"'
            for name, value in attrs.items()
            if value is not False
        ]
    )


# Each value below is escaped here, or comes from a function that returns HTML.


def _input(widget):
    value = "" if widget["value"] is None else f' value="{escaped(widget["value"])}"'
    kind, name, attributes = escaped(widget["type"]), escaped(widget["name"]), _attributes(widget["attrs"])
    return mark_safe(f'<input type="{kind}" name="{name}"{value}{attributes}>')  # noqa: S308


def _textarea(widget):
    name, text = escaped(widget["name"]), escaped(widget["value"] or "")
    return mark_safe(f'<textarea name="{name}"{_attributes(widget["attrs"])}>\n{text}</textarea>')  # noqa: S308


def _select(widget):
    options = _options(widget, _option, '<optgroup label="{}">{}</optgroup>')
    name = escaped(widget["name"])
    return mark_safe(f'<select name="{name}"{_attributes(widget["attrs"])}>{options}</select>')  # noqa: S308


def _option(widget):
    value, label = escaped(widget["value"]), escaped(widget["label"])
    return mark_safe(f'<option value="{value}"{_attributes(widget["attrs"])}>{label}</option>')  # noqa: S308


def _choice(choice):
    """A radio button or checkbox of a field, with its label."""
    label = escaped(choice.choice_label)
    return f'<label class="form-check" for="{escaped(choice.id_for_label)}">{escaped(choice.tag())} {label}</label>'


def _radios_or_checkboxes(widget):
    named = {name: widget["attrs"][name] for name in ("id", "class") if widget["attrs"].get(name)}
    options = _options(widget, _input_in_list, "<div><label>{}</label>{}</div>")
    return mark_safe(f"<div{_attributes(named)}>{options}</div>")  # noqa: S308


def _options(widget, option_html, group_html):
    html = []
    for name, options, _ in widget["optgroups"]:
        group = "".join([option_html(option) for option in options])
        html.append(group_html.format(escaped(name), group) if name else group)
    return "".join(html)


def _input_in_list(widget):
    return f"<div>{_input_option(widget)}</div>"


def _input_option(widget):
    if not widget["wrap_label"]:
        return _input(widget)
    id_for_label = {"for": widget["attrs"]["id"]} if widget["attrs"].get("id") else {}
    text = f"<label{_attributes(id_for_label)}>{_input(widget)} {escaped(widget['label'])}</label>"
    return mark_safe(text)  # noqa: S308


def _label(*, label, attrs, use_tag, tag, **_):
    text = f"<{tag}{_attributes(attrs or {})}>{escaped(label)}</{tag}>" if use_tag else escaped(label)
    return mark_safe(text)  # noqa: S308


def _errors(*, errors, error_class):
    if not errors:
        return ""
    id_of_list = {"id": f"{errors.field_id}_error"} if errors.field_id else {}
    items = "".join([f"<li>{escaped(error)}</li>" for error in errors])
    return mark_safe(f"<ul{_attributes({'class': error_class, **id_of_list})}>{items}</ul>")  # noqa: S308


INPUTS = ("text", "email", "password", "hidden", "date", "datetime", "time", "checkbox", "file")
STRINGS = {
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/select_option.html": _option,
    "django/forms/widgets/radio.html": _radios_or_checkboxes,
    "django/forms/widgets/checkbox_select.html": _radios_or_checkboxes,
    "django/forms/widgets/radio_option.html": _input_option,
    "django/forms/widgets/checkbox_option.html": _input_option,
    "django/forms/label.html": _label,
    "django/forms/errors/list/default.html": _errors,
}
