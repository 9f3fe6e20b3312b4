"""The forms of a page as a browser would send them: every field as shown, and each button separately."""

import re
from html.parser import HTMLParser
from typing import NamedTuple


class Sending(NamedTuple):
    """What one button of a form sends, and where."""

    path: str
    fields: dict


class _Forms(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.forms, self.inside = path, {}, None
        self.select = self.textarea = None

    def handle_starttag(self, tag, attributes):
        attrs = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = attrs.get("id") or f"form {len(self.forms)}"
            form = self._form(self.inside)
            form["posts"], form["action"] = attrs.get("method", "").lower() == "post", attrs.get("action") or self.path
        elif tag == "input":
            self._input(attrs)
        elif tag == "select":
            self.select = (attrs, [])
        elif tag == "option" and self.select:
            self.select[1].append((attrs.get("value", ""), "selected" in attrs))
        elif tag == "textarea":
            self.textarea = (attrs, [])
        elif tag == "button" and attrs.get("type", "submit") == "submit":
            form = self._form(attrs.get("form") or self.inside)
            form["buttons"].append((attrs.get("name"), attrs.get("value", ""), attrs.get("formaction")))

    def _form(self, name):
        return self.forms.setdefault(name, {"posts": False, "action": "", "fields": {}, "buttons": []})

    def _set(self, attrs, value):
        if attrs.get("name"):
            self._form(attrs.get("form") or self.inside)["fields"][attrs["name"]] = value

    def _input(self, attrs):
        kind = attrs.get("type", "text")
        if kind in {"checkbox", "radio"} and "checked" not in attrs:
            return
        self._set(attrs, attrs.get("value", "on" if kind in {"checkbox", "radio"} else ""))

    def handle_data(self, data):
        if self.textarea:
            self.textarea[1].append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = None
        elif tag == "select" and self.select:
            attrs, options = self.select
            self.select = None
            chosen = [value for value, selected in options if selected] or [value for value, _ in options[:1]]
            if chosen:
                self._set(attrs, chosen[0])
        elif tag == "textarea" and self.textarea:
            attrs, texts = self.textarea
            self.textarea = None
            self._set(attrs, "".join(texts).removeprefix("\n"))


def undo_form(page):
    """What the Undo button of a message sends, and where."""
    form = re.search(r'<form class="undo" method="post" action="([^"]+)">(.*?)</form>', page.content.decode(), re.S)
    return form and (form[1], dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2])))


def sendings(body, path):
    """All that the page at `path` can post."""
    parser = _Forms(path)
    parser.feed(body)
    found = []
    for form in parser.forms.values():
        if not form["posts"]:
            continue
        for name, value, elsewhere in form["buttons"] or [(None, "", None)]:
            fields = {key: text for key, text in form["fields"].items() if key != "csrfmiddlewaretoken"}
            found.append(Sending(elsewhere or form["action"], {**fields, **({name: value} if name else {})}))
    return found
