"""Static files in production: named by a hash of their content, compressed with gzip."""

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzipManifestStorage(CompressedManifestStaticFilesStorage):
    def __init__(self, *args, **kwargs):
        # Next to the folder that is served, not in it.
        super().__init__(*args, manifest_storage=FileSystemStorage(location=settings.VAR_DIR), **kwargs)

    def create_compressor(self, **kwargs):
        # Brotli is slow, and would be used if another package happened to install it.
        return super().create_compressor(use_brotli=False, **kwargs)
