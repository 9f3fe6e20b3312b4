"""The API’s router. Each package registers its own resources in its `urls.py`."""

from rest_framework.routers import SimpleRouter

RESOURCES = {}  # by prefix, in the order of the document
router = SimpleRouter(use_regex_path=False)


def register(resources):
    """Add resources by prefix, for example `"patients/<int:patient>/coverage": CoverageResource`."""
    RESOURCES.update(resources)
    for prefix, resource in resources.items():
        router.register(prefix, resource, basename=resource.kind)
