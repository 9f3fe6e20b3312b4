"""The API of patients and their records."""

from clinic.api import router
from patients.people.api.patients import PatientResource

urlpatterns = []

router.register(
    {
        "patients": PatientResource,
    }
)
