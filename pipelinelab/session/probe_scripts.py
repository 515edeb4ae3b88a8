"""What is run in a kept step to answer diagnosis' questions. Each prints a line of JSON, or plain words."""

from __future__ import annotations

# Django's own view of its databases. Python 2.7 to 3.x, Django 1.8 to 5.2; needs no connection.
DJANGO = r"""
import json, os, re, sys
root = os.getcwd()
found = None
for folder, folders, files in os.walk(root):
    folders[:] = [f for f in folders if not f.startswith('.') and f not in ('node_modules', 'venv', 'env')]
    if folder[len(root):].count(os.sep) > 3:
        folders[:] = []
    if 'manage.py' in files:
        found = folder
        break
sys.path.insert(0, found or root)
os.chdir(found or root)
module = os.environ.get('DJANGO_SETTINGS_MODULE')
if not module and found:
    text = open('manage.py').read()
    match = re.search(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)", text)
    module = match and match.group(1)
os.environ['DJANGO_SETTINGS_MODULE'] = module or 'settings'
import django
from django.conf import settings
alias = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] else 'default'
base = settings.DATABASES[alias]
test = base.get('TEST') or {}
out = {
    'engine': base.get('ENGINE', ''), 'host': str(base.get('HOST') or ''), 'port': str(base.get('PORT') or ''),
    'name': str(base.get('NAME') or ''), 'user': str(base.get('USER') or ''),
    'test_name': test.get('NAME') or base.get('TEST_NAME'),
    'test_charset': test.get('CHARSET') or base.get('TEST_CHARSET'),
    'options': dict((str(k), str(v)) for k, v in (base.get('OPTIONS') or {}).items()
                    if not re.search('pass|secret|key', str(k), re.I)),
    'django': django.get_version(),
}
driver = {'module': '', 'version': '', 'client': ''}
try:
    import MySQLdb
    driver = {'module': 'pymysql' if 'pymysql' in (getattr(MySQLdb, '__file__', '') or '') else 'MySQLdb',
              'version': getattr(MySQLdb, '__version__', ''),
              'client': MySQLdb.get_client_info() if hasattr(MySQLdb, 'get_client_info') else ''}
except Exception:
    for name in ('pymysql', 'psycopg2', 'psycopg', 'mysql.connector'):
        try:
            driver = {'module': name, 'version': str(getattr(__import__(name), '__version__', '')), 'client': ''}
            break
        except Exception:
            pass
print(json.dumps({'settings': out, 'driver': driver}))
"""

# The Python that the project's own commands would find.
PYTHON = (
    'for p in python .venv/bin/python venv/bin/python env/bin/python python3; do command -v "$p" >/dev/null 2>&1'
    ' && "$p" -c "import django" 2>/dev/null && exec "$p" "$@"; done; exec python3 "$@"'
)

# Listening ports from the kernel's tables, one a line, hexadecimal; 0A is LISTEN.
PORTS = (
    "for t in /proc/net/tcp /proc/net/tcp6; do [ -r $t ] && while read -r _ l _ s _; do"
    ' [ "$s" = 0A ] && echo "${l##*:}"; done <$t; done; true'
)

# Processes that are blocked in read, as their command lines.
BLOCKED = (
    "for p in /proc/[0-9]*; do c=; read -r c <$p/syscall; case $c in '0 '*|'63 '*) w=; read -r w <$p/wchan; n=;"
    ' read -r n <$p/comm; printf "%s\\t%s\\t%s\\t%s\\n" "${p#/proc/}" "$n" "$w" "$c";; esac; done 2>/dev/null; true'
)

COLLATION = (
    "select default_character_set_name as charset_name, default_collation_name as collation_name"
    " from information_schema.schemata where schema_name = '{database}'"
)
TABLES = (
    "select table_name as t, table_collation as c from information_schema.tables"
    " where table_schema = '{database}' and table_type = 'BASE TABLE' order by table_name"
)
CHARSETS = (
    "select distinct character_set_name as c from information_schema.columns"
    " where table_schema = '{database}' and character_set_name is not null"
)
BOOKKEEPING = ("django_migrations", "django_content_type", "auth_permission", "django_session", "schema_migrations")
