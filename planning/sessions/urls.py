"""The API of sessions and their reviews."""

from clinic.api import router
from planning.sessions.api.reviews import ReviewResource
from planning.sessions.api.rows import InjectionResource, VialResource

urlpatterns = []

router.register(
    {
        "sessions/<int:session>/injections": InjectionResource,
        "sessions/<int:session>/vials": VialResource,
        "reviews": ReviewResource,
    }
)
