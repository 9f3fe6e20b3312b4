"""Static files in production: named by a hash of their content, compressed with gzip."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzipManifestStorage(CompressedManifestStaticFilesStorage):
    def create_compressor(self, **kwargs):
        # Brotli is slow, and would be used if another package happened to install it.
        return super().create_compressor(use_brotli=False, **kwargs)
