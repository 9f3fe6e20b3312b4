"""URLs in groups of one first part: Django compares a URL with one pattern after the other, and there are hundreds."""

from django.urls import URLPattern, include, path


def by_first_part(patterns):
    """The same URLs of `path()`, with the same names. None of them begins with a converter."""
    groups = {}
    for pattern in _flat(patterns):
        first, slash, _ = str(pattern.pattern).partition("/")
        groups.setdefault(first + slash, []).append(pattern)
    return [_grouped(first, group) if len(group) > 1 else group[0] for first, group in groups.items()]


def _flat(patterns):
    """Without the lists that are included under no prefix and no namespace."""
    for pattern in patterns:
        is_flat = isinstance(pattern, URLPattern) or str(pattern.pattern) or pattern.namespace
        yield from [pattern] if is_flat else _flat(pattern.url_patterns)


def _grouped(first, group):
    return path(
        first,
        include([path(str(each.pattern)[len(first) :], each.callback, each.default_args, each.name) for each in group]),
    )
