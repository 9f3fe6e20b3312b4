"""The app of the project package: admin site, signals and database guards."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.staticfiles import apps as static_apps
from django.db.models.signals import post_migrate, pre_migrate


class CollumAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "clinic.accounts.sites.CollumAdminSite"


class CollumStaticFilesConfig(static_apps.StaticFilesConfig):
    default = False
    # The extensions of htmx: Collum uses none of them, and one names a module that does not exist.
    ignore_patterns = [*static_apps.StaticFilesConfig.ignore_patterns, "ext"]


class ClinicConfig(AppConfig):
    default = True
    name = "clinic"

    def ready(self):
        from allauth.account.signals import password_changed, password_reset
        from allauth.mfa.signals import authenticator_used

        from clinic.accounts import forgotten_password, lockout, login_sessions
        from clinic.accounts.second_factor import signals as second_factor
        from clinic.audit import clinic_labels, labels
        from clinic.backup import backed_up_tables
        from clinic.records import privileges, sealing, triggers
        from clinic.records.date_fields import TypedDateInput

        triggers.register(
            "clinic",
            triggers.append_only("clinic_auditentry", unique_together=[("nonce",)])
            + triggers.append_only("clinic_auditedpatient", unique_together=[("entry_id", "patient_id")])
            + triggers.append_only(
                "clinic_auditseal", key="number", unique_together=[("first_entry",), ("last_entry",), ("previous_mac",)]
            )
            + sealing.GUARDS,
        )
        backed_up_tables.register_filled("auth_group", "clinic_clinic")
        TypedDateInput.url_name = "clinic:date-check"
        labels.register(
            pages=clinic_labels.PAGES, api=clinic_labels.API, actions=clinic_labels.ACTIONS, nouns=clinic_labels.NOUNS
        )
        pre_migrate.connect(triggers.lift_before_migrate, dispatch_uid="clinic.lift_triggers")
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="clinic.records.triggers")
        post_migrate.connect(privileges.withdraw_after_migrate, dispatch_uid="clinic.records.privileges")
        user_logged_in.connect(lockout.audit_login, dispatch_uid="clinic.audit_login")
        user_logged_out.connect(lockout.audit_logout, dispatch_uid="clinic.audit_logout")
        user_logged_in.connect(login_sessions.note_login, dispatch_uid="clinic.note_login")
        user_logged_out.connect(login_sessions.note_logout, dispatch_uid="clinic.note_logout")
        authenticator_used.connect(second_factor.audit_recovery_code, dispatch_uid="clinic.audit_recovery_code")
        password_reset.connect(forgotten_password.audit_password_reset, dispatch_uid="clinic.audit_password_reset")
        password_changed.connect(lockout.audit_password_change, dispatch_uid="clinic.audit_password_change")
