"""The admin site: the catalogue for its managers, users and the clinic for the superuser; no patients."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator

from clinic.accounts.permissions import Permission, may


class CollumAdminSite(admin.AdminSite):
    site_header = site_title = "Collum"
    index_title = "Administration"
    site_url = reverse_lazy("clinic:start")
    enable_nav_sidebar = False

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register only classes with our own permission check; admin classes of other packages are left out."""
        if hasattr(admin_class, "is_open_to"):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request):
        user = request.user
        return user.is_active and (
            may(user, Permission.CHANGE_CATALOGUE) or (user.is_authenticated and user.is_superuser)
        )

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def checked(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return checked

    def get_urls(self):
        """Leave out the URL that redirects from any id to any record."""
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        if not request.user.is_authenticated:
            return redirect(f"{reverse('account_login')}?next={reverse('admin:index')}")
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    def logout(self, request, extra_context=None):
        return redirect("account_logout")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        return redirect("admin:index")
