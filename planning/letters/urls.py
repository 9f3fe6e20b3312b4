"""URLs of letters."""

from django.urls import path

from clinic.api import router
from planning.letters.api import LetterResource, LetterTemplateResource
from planning.letters.views import letters

urlpatterns = [
    path("sessions/<int:pk>/letters/new/", letters.letter_new, name="letter-new"),
    path("letters/<int:pk>/", letters.letter_detail, name="letter-detail"),
    path("letters/<int:pk>/change/", letters.letter_change, name="letter-change"),
    path("letters/<int:pk>/sign-off/", letters.letter_sign_off, name="letter-sign-off"),
    path("letters/<int:pk>/replace/", letters.letter_replace, name="letter-replace"),
    path("letters/<int:pk>/send/", letters.letter_send, name="letter-send"),
    path("letters/<int:pk>/entered-in-error/", letters.letter_error, name="letter-error"),
    path("letters/<int:pk>/print/", letters.letter_print, name="letter-print"),
    path("letters/<int:pk>/text/", letters.letter_text, name="letter-text"),
    path("letters/<int:pk>/pdf/", letters.letter_pdf, name="letter-pdf"),
]

router.register({"letters": LetterResource, "letter-templates": LetterTemplateResource})
