"""Letter templates in the admin site, for catalogue managers."""

from django.contrib import admin

from planning.catalogue.admin import PlainEntryAdmin
from planning.letters.models.template import LetterTemplate


@admin.register(LetterTemplate)
class LetterTemplateAdmin(PlainEntryAdmin):
    list_display = ["name", "about", "order", "state"]
