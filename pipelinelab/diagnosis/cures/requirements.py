"""Cures that have the step install a Python distribution that it lacks: from requirements that it leaves out, or
written into those that it installs. Pure.

Only well-known distributions are named: one that is merely called like a module may be anybody's."""

from __future__ import annotations

import posixpath
import re
from functools import partial
from itertools import pairwise

from pipelinelab.diagnosis.cures.case import Case, Made, before
from pipelinelab.diagnosis.cures.shell import Simple

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
_PROGRAMS = {"py.test": "pytest", "django-admin": "django", "sphinx-build": "sphinx", "nosetests": "nose",
             "ansible-playbook": "ansible", "ansible-lint": "ansible-lint", "behave": "behave"}  # fmt: skip
_FILE = re.compile(r"(?:^|/)(?:requirements[\w.-]*\.txt|requirements/[\w.-]+\.txt)$")
_INCLUDES = re.compile(r"(?m)^[ \t]*(?:-r|--requirement)[ =]*(\S+)")
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
    if not name or _left_out(case, name):
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


def install_requirements(case: Case) -> Made:
    """The requirements file that names the missing program or module installed too, where the project has one such
    and the step installs it not: in the step's own pip line, else by a line of its own."""
    wanted = case.params["name"].rpartition("/")[2]
    name = distribution_of(wanted) or _PROGRAMS.get(wanted, wanted.partition(".")[0])
    path = _left_out(case, name)
    if not path or case.item is None or case.yaml is None:
        return Made()
    title = f"Install {path} too, which has {name}"
    for one in reversed(case.script.commands):
        given = _given(one)
        if given and one.folder is not None:
            new = posixpath.relpath(path, one.folder or ".")
            told = re.compile(rf"(?:-r ?|--requirement[= ])([\"']?){re.escape(given[-1])}\1(?=[\s;&|)'\"]|$)")
            items = [item for item in case.yaml.items if item.step is case.item.step and item.key == case.item.key]
            mine = [item for item in items if item.index == one.item]
            with_it = partial(told.sub, rf"\g<0> -r {new}", count=1)
            return Made(case.yaml_edit(case.yaml.change_items(with_it, mine)), title=title)
    if case.script.start is None:
        return Made()
    made = before(case, [f"python -m pip install -r {posixpath.relpath(path, case.script.start or '.')}"])
    return Made(made.edits, made.advice, title)


def _left_out(case: Case, name: str) -> str:
    """The only requirements file that names the distribution; "" where the step installs one that does, or where the
    project has none or several."""
    naming = [path for path in case.files if _FILE.search(path) and _names(case.files.get(path) or "", name)]
    return naming[0] if len(naming) == 1 and naming[0] not in _with_included(case, _installed(case)) else ""


def _with_included(case: Case, paths: list[str]) -> set[str]:
    """The files, and those that they include with -r."""
    found: set[str] = set()
    while paths:
        path = paths.pop()
        if path not in found:
            found.add(path)
            inner = _INCLUDES.findall(case.files.get(path) or "")
            paths += [posixpath.normpath(posixpath.join(posixpath.dirname(path), one)) for one in inner]
    return found


def _installed(case: Case) -> list[str]:
    """The requirements files that the step's script installs, the last one first."""
    found = [(one.folder, value) for one in case.script.commands for value in _given(one)]
    return [posixpath.normpath(posixpath.join(folder, value)) for folder, value in found if folder is not None][::-1]


def _given(command: Simple) -> list[str]:
    """The requirements files that a pip command names, as it names them."""
    words = command.words
    if not any(_INSTALLS.search(word) for word in words[:3]) or "install" not in words:
        return []
    return [value for flag, value in pairwise(words) if flag in ("-r", "--requirement")]


def _names(text: str, distribution: str) -> bool:
    wanted = _normal(distribution)
    lines = (re.match(r"[\w.-]+", line.strip()) for line in text.splitlines())
    return any(_normal(line[0]) in (wanted, wanted.removesuffix("-binary")) for line in lines if line)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
