"""The OpenAPI document describes the signed content as it is stored."""

import pytest
from rest_framework.serializers import BaseSerializer, ListSerializer

from planning.signing.api.signed_content import ContentSigned
from tests import builders

pytestmark = pytest.mark.django_db


def undescribed(content, serializer):
    """The paths of members that only one of the two has."""
    if isinstance(serializer, ListSerializer):
        return {path for each in content for path in undescribed(each, serializer.child)}
    found = content.keys() ^ serializer.fields.keys()
    for name, field in serializer.fields.items():
        if isinstance(field, BaseSerializer) and content.get(name) is not None:
            found |= {f"{name}.{path}" for path in undescribed(content[name], field)}
    return found


def test_signed_content_is_described(neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session, by=neurologist)
    builders.sign(session, by=neurologist)
    builders.an_amendment(builders.now(session), by=neurologist)
    content = builders.now(session).content()
    assert all(content[name] for name in ("product", "amendment", "operator", "vials", "injections"))
    assert undescribed(content, ContentSigned()) == set()
