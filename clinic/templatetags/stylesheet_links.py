"""`{% stylesheets %}`: the links to the stylesheets of every page."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join

from clinic.web.stylesheets import LAST, OF_EVERY_PAGE

register = template.Library()
LINK = '<link rel="stylesheet" href="{}">'


@register.simple_tag
def stylesheets():
    """Where static files are collected, the last one has all of them. An @import would load one after the other."""
    if settings.PRODUCTION:
        return format_html(LINK, static(LAST))
    return format_html_join("\n", LINK, ((static(name),) for name in OF_EVERY_PAGE))
