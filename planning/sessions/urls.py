"""The API of sessions."""

from clinic.api import router
from planning.sessions.api import InjectionResource, VialResource

urlpatterns = []

router.register(
    {
        "sessions/<int:session>/injections": InjectionResource,
        "sessions/<int:session>/vials": VialResource,
    }
)
