"""Template filters for a session's content, whose dates and times are text."""

from django import template

from planning.sessions import content

register = template.Library()

for text_filter in (content.day, content.timestamp, content.timestamp_with_offset, content.name_as_signed):
    register.filter(text_filter)
register.simple_tag(content.summary_of_content)
