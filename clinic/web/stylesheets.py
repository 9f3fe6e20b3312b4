"""The stylesheets of every page in one file, and of a library only the rules that a page can use."""

import re

import tinycss2

PACKAGES = ("clinic", "patients", "planning", "templates")
WORD = re.compile(r"[\w-]+")
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
NEGATION = re.compile(r":not\([^()]*\)")
COMMA = re.compile(r",(?![^(]*\))")
BOOTSTRAP = "clinic/vendor/bootstrap/bootstrap.min.css"
LAST = "clinic/css/collum.css"
OF_EVERY_PAGE = (BOOTSTRAP, "clinic/css/theme.css", "clinic/css/base.css", LAST)


def in_one_file(read, *, words):
    """A rule of Bootstrap stays if its classes are among `words`; `read(name)` returns the text of a stylesheet."""
    texts = (used_rules(read(name), words) if name == BOOTSTRAP else read(name) for name in OF_EVERY_PAGE)
    return "\n".join(texts)


def words_of(root):
    """Each word that occurs in a template, a script or a module: a class that is not among them is on no page."""
    files = (file for package in PACKAGES for file in (root / package).rglob("*"))
    texts = (
        file.read_text() for file in files if file.suffix in (".html", ".js", ".py") and "vendor" not in file.parts
    )
    return {word for text in texts for word in WORD.findall(text)}


def used_rules(css, words):
    return "".join(_used(rule, words) for rule in tinycss2.parse_stylesheet(css, skip_whitespace=True))


def _used(rule, words):
    if rule.type == "qualified-rule":
        selectors = [each for each in COMMA.split(tinycss2.serialize(rule.prelude)) if _can_match(each, words)]
        return f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}" if selectors else ""
    if rule.type == "at-rule" and rule.lower_at_keyword == "media":
        inner = "".join(_used(each, words) for each in tinycss2.parse_rule_list(rule.content, skip_whitespace=True))
        return f"@media{tinycss2.serialize(rule.prelude)}{{{inner}}}" if inner else ""
    if rule.type == "at-rule" and rule.lower_at_keyword == "charset":
        return ""  # valid at the beginning of a file only
    # The licence stays, and so does every other rule.
    return rule.serialize()


def _can_match(selector, words):
    return words.issuperset(CLASS.findall(NEGATION.sub("", selector)))
