"""Static files as a visitor loads them: few, small, and with their hash in the name so that they can be cached without end."""

import subprocess
from pathlib import Path

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

# What is made of a page's entry and all that it imports. On a phone every further file costs a round trip of half a second.
BUNDLES = {"voice/chat.bundle.js": "voice/chat.js", "voice/page.css": "voice/page.css"}
ESBUILD = [
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--external:../vendor/*",
    "--external:./sheets/*",
    "--log-level=error",
]


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, module imports included. Without esbuild nothing is bundled: the page loads its parts one by one."""

    support_js_module_import_aggregation = True

    def post_process(self, paths, dry_run=False, **options):
        esbuild = next(Path(settings.BASE_DIR, "node_modules", "@esbuild").glob("*/bin/esbuild"), None)
        for name, entry in BUNDLES.items() if esbuild and not dry_run else ():
            if entry in paths:
                self._bundle(esbuild, entry, name)
                paths = {**paths, name: (self, name)}
        yield from super().post_process(paths, dry_run, **options)

    def _bundle(self, esbuild, entry, name):
        command = [esbuild, self.path(entry), f"--outfile={self.path(name)}", "--allow-overwrite", *ESBUILD]
        subprocess.run(command, check=True)  # noqa: S603  our own command; the paths are those of our files
