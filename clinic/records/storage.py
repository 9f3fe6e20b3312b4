"""Static files in production: named by their content, compressed with gzip."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzipManifestStorage(CompressedManifestStaticFilesStorage):
    def create_compressor(self, **kwargs):
        # Brotli is slow, and would be used whenever another package happens to bring it.
        return super().create_compressor(use_brotli=False, **kwargs)
