"""Static files in production: compressed, named by a hash of their content, and one stylesheet for every page."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from clinic.web.stylesheets import LAST, in_one_file, words_of


class GzipManifestStorage(CompressedManifestStaticFilesStorage):
    # A module has one URL, whether a page or another module names it; under two it would run twice.
    support_js_module_import_aggregation = True

    def __init__(self, *args, **kwargs):
        # Next to the folder that is served, not in it.
        super().__init__(*args, manifest_storage=FileSystemStorage(location=settings.VAR_DIR), **kwargs)

    def post_process(self, paths, dry_run=False, **options):
        if LAST in paths and not dry_run:
            # From their sources: an earlier collectstatic left all of them in the last one.
            css = in_one_file(lambda name: Path(finders.find(name)).read_text(), words=words_of(settings.BASE_DIR))
            Path(self.path(LAST)).write_text(css)
            paths[LAST] = (self, LAST)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def create_compressor(self, **kwargs):
        # Brotli is slow, and would be used if another package happened to install it.
        return super().create_compressor(use_brotli=False, **kwargs)
