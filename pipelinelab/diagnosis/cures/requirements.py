"""Cures that write a missing Python distribution into the requirements that the step installs. Pure.

Only well-known distributions are named: one that is merely called like a module may be anybody's."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise

from pipelinelab.diagnosis.cures.case import Case, Made

_DISTRIBUTIONS = {
    "Crypto": "pycryptodome", "MySQLdb": "mysqlclient", "OpenSSL": "pyOpenSSL", "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "corsheaders": "django-cors-headers", "crispy_forms": "django-crispy-forms", "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil", "debug_toolbar": "django-debug-toolbar", "decouple": "python-decouple",
    "dj_database_url": "dj-database-url", "django_extensions": "django-extensions", "django_filters": "django-filter",
    "docx": "python-docx", "dotenv": "python-dotenv", "environ": "django-environ", "factory": "factory-boy",
    "flask_cors": "Flask-Cors", "flask_migrate": "Flask-Migrate", "flask_sqlalchemy": "Flask-SQLAlchemy",
    "git": "GitPython", "import_export": "django-import-export", "jose": "python-jose", "jwt": "PyJWT",
    "magic": "python-magic", "model_bakery": "model-bakery", "modeltranslation": "django-modeltranslation",
    "mysql": "mysql-connector-python", "phonenumber_field": "django-phonenumber-field", "psycopg2": "psycopg2-binary",
    "pytest_django": "pytest-django", "rest_framework": "djangorestframework", "serial": "pyserial",
    "simple_history": "django-simple-history", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "slugify": "python-slugify", "storages": "django-storages", "yaml": "PyYAML",
    **{name: name for name in (
        "aiohttp", "alembic", "asyncpg", "boto3", "celery", "coverage", "cryptography", "django", "faker", "fastapi",
        "flask", "freezegun", "gunicorn", "httpx", "jinja2", "lxml", "markdown", "mock", "numpy", "pandas", "paramiko",
        "psycopg", "pydantic", "pymongo", "pymysql", "pytest", "redis", "requests", "responses", "scipy", "setuptools",
        "six", "sqlalchemy", "tqdm", "uvicorn", "waitress", "whitenoise",
    )},
}  # fmt: skip
_INSTALLS = re.compile(r"(?:^|/)(?:pip[\d.]*|uv)$")


def distribution_of(module: str) -> str:
    """The well-known distribution that has the module ("django-environ" for environ), "" for any other."""
    return _DISTRIBUTIONS.get(module.partition(".")[0], "")


def add_requirement(case: Case) -> Made:
    """A line for the module's distribution at the end of the requirements file that the step installed before; where
    it installs none that is known, the command as advice. Nothing where the file names it already: then it was
    installed for another Python."""
    module = case.params["module"]
    name = distribution_of(module)
    if not name:
        return Made()
    title = f"Add {name} to what the step installs"
    for path in _installed(case):
        text = case.files.get(path)
        if text is None:
            continue
        if _names(text, name):
            return Made()
        new = f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{name}\n"
        return Made([case.edit(path, new)], title=f"Add {name}, which has {module.partition('.')[0]}, to {path}")
    return Made(advice=f"python -m pip install {name}", title=title)


def _installed(case: Case) -> list[str]:
    """The requirements files that the step's script installs, the last one first."""
    found: list[str] = []
    for one in case.script.commands:
        words = one.words
        if one.folder is None or not any(_INSTALLS.search(word) for word in words[:3]) or "install" not in words:
            continue
        for flag, value in pairwise(words):
            if flag in ("-r", "--requirement"):
                found.append(posixpath.normpath(posixpath.join(one.folder, value)))
    return found[::-1]


def _names(text: str, distribution: str) -> bool:
    wanted = _normal(distribution)
    lines = (re.match(r"[\w.-]+", line.strip()) for line in text.splitlines())
    return any(_normal(line[0]) in (wanted, wanted.removesuffix("-binary")) for line in lines if line)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
