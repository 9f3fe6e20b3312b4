"""Parts of a page that are the same for all users and requests."""

from django.template import Context, Library, Node
from django.urls import get_script_prefix

register = Library()


class OnceNode(Node):
    """Renders its content once in a process.

    The content gets an empty context, so it cannot contain anything about a user, a patient or a request.
    """

    def __init__(self, content):
        self.content, self.rendered = content, {}

    def render(self, context):
        prefix = get_script_prefix()  # part of every URL
        if prefix not in self.rendered:
            alone = Context(autoescape=context.autoescape)
            alone.template = context.template
            self.rendered[prefix] = self.content.render(alone)
        return self.rendered[prefix]


@register.tag
def once(parser, token):
    content = parser.parse(["endonce"])
    parser.delete_first_token()
    return OnceNode(content)
