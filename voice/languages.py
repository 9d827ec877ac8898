"""In which language a page is: the one chosen there, else what the browser asks for, else the site's own."""

from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers


class Language(LocaleMiddleware):
    """Django's, and every cache is told that the choice stands in a cookie, which Django leaves out."""

    def process_response(self, request, response):
        patch_vary_headers(response, ("Cookie",))
        return super().process_response(request, response)
