"""A setting is changed where it gets its last value, through imports, updates and calls; or nowhere."""

import pytest
from curing import FILE, cured, cures, step

HOST = "database-host"
MANAGE = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.ci")\n'
BASE = "DATABASES = {'default': {'ENGINE': 'mysql', 'NAME': 'shop', 'HOST': 'localhost'}}\n"
RUN = "python manage.py test"


def host(ci: str, *script: str, base: str = BASE, **more: str) -> dict[str, list[str]]:
    """What the cure changes in a project of base.py and ci.py, by the file's name."""
    script = script or (RUN,)
    files = {"manage.py": MANAGE, "shop/settings/base.py": base, "shop/settings/ci.py": ci, FILE: step(*script)}
    files |= {f"shop/settings/{name}.py": text for name, text in more.items()}
    return {path.rpartition("/")[2]: lines for path, lines in cured(HOST, *script, files=files).items()}


@pytest.mark.parametrize(
    ("ci", "line"),
    [
        ("DATABASES['default']['HOST'] = 'localhost'", "DATABASES['default']['HOST'] = '127.0.0.1'"),
        ('DATABASES["default"].update(HOST="localhost")', 'DATABASES["default"].update(HOST="127.0.0.1")'),
        ("DATABASES['default'].update({'HOST': 'db'})", "DATABASES['default'].update({'HOST': '127.0.0.1'})"),
        ("DATABASES.update(default=dict(HOST=''))", "DATABASES.update(default=dict(HOST='127.0.0.1'))"),
        ("DATABASES['default'] = dict(HOST='db')", "DATABASES['default'] = dict(HOST='127.0.0.1')"),
        (
            "DATABASES = {'default': {**DATABASES['default'], 'HOST': 'db'}}",
            "DATABASES = {'default': {**DATABASES['default'], 'HOST': '127.0.0.1'}}",
        ),
        ("DB = DATABASES['default']\nDB['HOST'] = 'db'", "DB['HOST'] = '127.0.0.1'"),
        ("WHERE = 'db'\nDATABASES['default']['HOST'] = WHERE", "WHERE = '127.0.0.1'"),
        ("import os\nif os.environ.get('CI'):\n    DATABASES['default']['HOST'] = 'db'", None),
        ("import os\nif 'CI' in os.environ:\n    DATABASES['default']['HOST'] = 'db'", None),
        ("import os\nif os.getenv('CI') == 'true':\n    DATABASES['default']['HOST'] = 'db'", None),
        ("# DATABASES['default']['HOST'] = 'prod'\nDATABASES['default']['HOST'] = 'db'  # ünsere", None),
    ],
)
@pytest.mark.parametrize("star", ["from .base import *  # noqa", "from shop.settings.base import DATABASES"])
def test_the_last_assignment_is_the_one_that_changes(ci: str, line: str | None, star: str) -> None:
    line = line or ci.splitlines()[-1].strip().replace("'db'", "'127.0.0.1'")
    assert host(f"{star}\n{ci}\n") == {"ci.py": [line]}


@pytest.mark.parametrize(
    "ci",
    [
        "from .base import *",
        "from .base import *\nDATABASES['default']['USER'] = 'root'",
        "from .base import *\nDATABASES['replica'] = dict(DATABASES['default'], HOST='localhost')",
        "import copy\nfrom .base import *\nD = copy.deepcopy(DATABASES)\nD['default']['HOST'] = 'db'",
        "from .base import *\nimport os\nif not os.environ.get('CI'):\n    DATABASES['default']['HOST'] = 'db'",
        "from .base import *\ntry:\n    from .local import *\nexcept ImportError:\n    pass",
        "from .base import *\ndef other():\n    DATABASES['default']['HOST'] = 'db'",
    ],
)
def test_where_the_module_that_runs_changes_no_host_the_base_is_the_place(ci: str) -> None:
    assert list(host(f"{ci}\n")) == ["base.py"]


@pytest.mark.parametrize(
    "ci",
    [
        "import os\nif os.environ.get('LOCAL'):\n    DATABASES['default']['HOST'] = 'db'",
        "for one in DATABASES.values():\n    one['HOST'] = where()",
        "DATABASES['default'].update(env.db())",
        "DATABASES['default'] = env.db()",
        "DATABASES = load()",
        "DATABASES[name]['HOST'] = 'db'",
        "DATABASES['default']['HOST'] = 'db.example.com'",
    ],
)
def test_where_nobody_can_tell_the_last_value_there_is_no_diff(ci: str) -> None:
    assert host(f"from .base import *\n{ci}\n") == {}


def test_a_file_that_may_not_be_in_the_clone_is_not_counted_on() -> None:
    ci = "from .base import *\ntry:\n    from .local import *\nexcept ImportError:\n    pass\n"
    assert host(ci, local="from .base import *\nDATABASES['default']['HOST'] = 'localhost'\n") == {}


def test_settings_that_nobody_names_are_not_changed_where_another_file_overrides_them() -> None:
    ci = "from .base import *\nDATABASES['default']['HOST'] = 'localhost'\n"
    files = {"shop/settings/base.py": BASE, "shop/settings/ci.py": ci, FILE: step("make test")}
    assert cures(HOST, "make test", files=files) == ()


def test_a_variable_that_the_script_sets_decides_an_if() -> None:
    ci = "from .base import *\nimport os\nif os.environ.get('IN_CI'):\n    DATABASES['default']['HOST'] = 'db'\n"
    assert list(host(ci, "export IN_CI=1", RUN)) == ["ci.py"]


def test_a_mapping_made_by_a_call_is_changed_itself_and_its_copies_are_not() -> None:
    text = """\
REDIS = {"HOST": "localhost"}
DB = dict(
    ENGINE='mysql', NAME='shop',
    HOST='localhost')
DATABASES = {'default': DB, 'replica': dict(DB, HOST='localhost')}
"""
    (cure,) = cures(HOST, RUN, files={"manage.py": MANAGE, "shop/settings/ci.py": text, FILE: step(RUN)})
    assert cure.edits[0].after == text.replace("    HOST='localhost')\nDATA", "    HOST='127.0.0.1')\nDATA")


def test_of_two_databases_the_one_that_is_a_server_counts() -> None:
    ci = "import sys\nif 'test' in sys.argv:\n    DATABASES = {'default': {'ENGINE': 'sqlite3'}}\nelse:\n    " + BASE
    assert list(host(ci)) == ["ci.py"]


@pytest.mark.parametrize(
    ("path", "text", "then"),
    [
        ("app.ini", "[db]\n; local\nhost = localhost\nuser = root\n", "host = 127.0.0.1"),
        ("conf/app.toml", '[database]\nhost = "mysql"\n', 'host = "127.0.0.1"'),
        ("app.cfg", "mysql_db: x\n[a]\nuser = u\ndb_host = localhost\n", "db_host = 127.0.0.1"),
    ],
)
def test_the_only_configuration_that_names_the_databases_host_is_changed(path: str, text: str, then: str) -> None:
    files = {FILE: step("python load.py"), path: text, "tox.ini": "[testenv]\nhost = localhost\n"}
    assert cured(HOST, "python load.py", files=files) == {path: [then]}
    assert cures(HOST, "python load.py", files={**files, "b.ini": "[mysql]\nhost = db\n"}) == ()


@pytest.mark.parametrize("text", ["[server]\nhost = db\n", "[db]\nhost = db.example.com\n", "[db]\n#host = db\n"])
def test_a_host_of_something_else_stays(text: str) -> None:
    assert cures(HOST, "python load.py", files={FILE: step("python load.py"), "app.ini": text}) == ()
