"""The app of the project package: admin site, signals and database guards."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_migrate, pre_migrate


class CollumAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "clinic.accounts.sites.CollumAdminSite"


class ClinicConfig(AppConfig):
    default = True
    name = "clinic"

    def ready(self):
        from allauth.account.signals import password_changed, password_reset

        from clinic.accounts import forgotten_password, lockout
        from clinic.audit import clinic_in_words as said
        from clinic.audit import words
        from clinic.records import triggers

        triggers.register(
            "clinic",
            triggers.append_only("clinic_auditentry")
            + triggers.append_only("clinic_auditedpatient", unique_together=[("entry_id", "patient_id")]),
        )
        words.register(pages=said.PAGES, api=said.API, actions=said.ACTIONS, nouns=said.NOUNS)
        pre_migrate.connect(triggers.lift_before_migrate, dispatch_uid="clinic.lift_triggers")
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="clinic.records.triggers")
        user_logged_in.connect(lockout.audit_login, dispatch_uid="clinic.audit_login")
        user_logged_out.connect(lockout.audit_logout, dispatch_uid="clinic.audit_logout")
        password_reset.connect(forgotten_password.audit_password_reset, dispatch_uid="clinic.audit_password_reset")
        password_changed.connect(lockout.audit_password_change, dispatch_uid="clinic.audit_password_change")
