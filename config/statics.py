"""How static files are stored: under a name with their digest, and compressed."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Compressed with gzip alone: brotli at its best would make the first start wait for half a minute."""

    def create_compressor(self, **options: Any) -> Compressor:
        """What whitenoise calls to compress one set of files."""
        return Compressor(use_brotli=False, **options)
