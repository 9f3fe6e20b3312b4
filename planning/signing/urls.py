"""The API of signing, signed records and prints."""

from clinic.api import router
from planning.signing.api.records import RecordResource
from planning.signing.api.sessions import SessionResource

urlpatterns = []

router.register(
    {
        "sessions": SessionResource,
        "records": RecordResource,
    }
)
