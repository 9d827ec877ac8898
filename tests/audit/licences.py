"""Whether every package may be used by whoever runs the site, whatever they do with it."""

import json
import re
from importlib import metadata

from packaging.utils import canonicalize_name

from demo.steps import ROOT

PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU",
    "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
# How packages that do not speak SPDX name them.
ALSO_CALLED = {
    "3-clause bsd license": "BSD-3-Clause", "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0", "bsd 3-clause": "BSD-3-Clause", "bsd license": "BSD", "isc license (iscl)": "ISC",
    "mit license": "MIT", "new bsd": "BSD-3-Clause", "the unlicense (unlicense)": "Unlicense",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "python software foundation license": "PSF-2.0",
}  # fmt: skip
# What is taken all the same: the licence as the package tells it, and why that will do. Nothing of the GPL or AGPL.
EXCEPTIONS = {
    "certifi": ("MPL-2.0", "a list of certificates, used as it comes; the MPL asks for changes to its own files alone"),
    "tqdm": ("MPL-2.0 AND MIT", "used as it comes; the MPL asks for changes to its own files alone"),
    "hypothesis": ("MPL-2.0", "of the tests alone, used as it comes"),
    "axe-core": ("MPL-2.0", "of the tests alone, used as it comes"),
    "psycopg": ("LGPL-3.0-only", "a library of its own, unchanged, fetched by whoever installs the site, who may put another in its place"),
    "psycopg-binary": ("LGPL-3.0-only", "as psycopg"),
    "pypdfium2": (
        "BSD-3-Clause, Apache-2.0, dependency licenses",
        "BSD-3-Clause and Apache-2.0 for itself; PDFium and what is built into it are permissive, and named in its wheel",
    ),
}  # fmt: skip
NEVER = re.compile(r"(?<!L)\bA?GPL|GNU (Affero )?General Public|SSPL|BUSL|Commons Clause", re.IGNORECASE)


def complaints():
    """A sentence for every package whose licence will not do."""
    for name, told in sorted({**of_python(), **of_npm()}.items()):
        if problem := refused(name, told):
            yield f"{name}: {problem}"


def of_python():
    """{package: its licence} of everything that is installed."""
    return {canonicalize_name(found.name): licence(found.metadata) for found in metadata.distributions()}


def of_npm():
    """{package: its licence} of everything in package-lock.json."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    return {name.rpartition("node_modules/")[2]: told.get("license", "") for name, told in packages.items() if name}


def licence(told):
    """As the package says it: its SPDX expression, else its short text, else its classifiers."""
    text = (told.get("License") or "").strip()
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    named = [one for one in classified if one != "OSI Approved"]
    if told.get("License-Expression"):
        return told["License-Expression"]
    if text and len(text) < 60 and (is_permissive(text) or not named):
        return text
    return " AND ".join(named) or text[:60]


def refused(name, told):
    """Why this package may not be used; "" when it may."""
    exception, _why = EXCEPTIONS.get(name, ("", ""))
    if told and exception in (told, spdx(told)):
        return ""
    if not told:
        return "it tells no licence; read its files, then say in EXCEPTIONS of tests/audit/licences.py what you found"
    if is_permissive(told):
        return ""
    if NEVER.search(told):
        return f"{told} cannot be used here; take another package"
    return f"{told} is not among the permissive ones of tests/audit/licences.py; take another package, or give a reason there"


def is_permissive(told):
    """Of `A OR B` one must be permissive, of `A AND B` both."""
    choices = re.split(r" OR ", told.strip().removeprefix("(").removesuffix(")"))
    return any(all(spdx(part) in PERMISSIVE for part in re.split(r" AND ", choice)) for choice in choices)


def spdx(name):
    return ALSO_CALLED.get(name.strip().lower(), name.strip())
