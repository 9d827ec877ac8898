"""Page files for as long as two versions of the code serve side by side."""

import os

from whitenoise.base import MissingFileError
from whitenoise.middleware import WhiteNoiseMiddleware


class Latecomers(WhiteNoiseMiddleware):
    """WhiteNoise, which knows the files that were there when its process began; and those that came since.

    While workers are replaced, a page that a new one wrote names files that an old one is asked for.
    """

    def __call__(self, request):
        url = request.path_info
        if not self.autorefresh and url not in self.files and url.startswith(self.static_prefix):
            self._look_for(url)
        return super().__call__(request)

    def _look_for(self, url):
        root = os.path.join(os.path.abspath(self.static_root), "")
        path = os.path.join(root, url[len(self.static_prefix) :])
        if self.url_is_canonical(url) and self.path_is_child_of(path, root) and os.path.isfile(path):
            try:
                self.files[url] = self.find_file_at_path(path, url)
            except MissingFileError:
                return
