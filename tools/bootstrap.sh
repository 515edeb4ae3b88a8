#!/bin/sh
# tools/bootstrap.sh [EXTRA...]: the virtual environment .venv with pipelinelab and these extras of pyproject.toml in it.
# A stamp for each extra, keyed to pyproject.toml and the Python, makes the second run quick.
# PYTHON=/path/to/python chooses the Python; else the first on PATH that is 3.11 or later.
set -eu
cd "$(dirname "$0")/.."

say() { echo "==> $*"; }
fail() { echo "error: $1" >&2; echo "  → $2" >&2; exit 3; }

good() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; }

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    good "$PYTHON" && echo "$PYTHON"
    return
  fi
  for name in python3 python python3.14 python3.13 python3.12 python3.11; do
    if path=$(command -v "$name") && good "$path"; then
      echo "$path"
      return
    fi
  done
}

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; }

apt_install() {
  say "installing $* with apt-get"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"; } \
    > /tmp/pipelinelab-apt.log 2>&1 < /dev/null || fail "apt-get could not install $*" "see /tmp/pipelinelab-apt.log"
}

if ! { [ -x .venv/bin/python ] && good .venv/bin/python && .venv/bin/python -m pip --version > /dev/null 2>&1; }; then
  python=$(find_python || :)
  if [ -z "$python" ] && may_install; then
    apt_install python3 python3-venv
    python=$(find_python || :)
  fi
  [ -n "$python" ] || fail "there is no Python 3.11 or later on PATH" "install one, or name it: PYTHON=/path/to/python make …"
  say "making .venv with $("$python" --version)"
  rm -rf .venv
  if ! said=$("$python" -m venv .venv 2>&1); then
    # Debian's python3 comes without ensurepip.
    rm -rf .venv
    may_install || fail "$python cannot make a virtual environment: $(echo "$said" | tail -n 1)" "install python3-venv"
    apt_install python3-venv "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    "$python" -m venv .venv
  fi
fi

key=$({ cat pyproject.toml; .venv/bin/python --version; } | cksum | tr -d ' ')
stamps=.venv/.pipelinelab
missing=
for extra in "$@"; do
  [ "$(cat "$stamps/$extra" 2> /dev/null)" = "$key" ] || missing=yes
done
if [ "$(cat "$stamps/itself" 2> /dev/null)" = "$key" ] && [ -z "$missing" ]; then
  exit 0
fi

list=$(echo "$*" | tr ' ' ',')
say "installing pipelinelab${list:+ with the extras $list} into .venv (a minute or two the first time)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --editable ".${list:+[$list]}" \
  || fail "pip could not install pipelinelab" "its reason is above; behind a proxy set PIP_CERT and PIP_INDEX_URL"
mkdir -p "$stamps"
for extra in itself "$@"; do
  echo "$key" > "$stamps/$extra"
done
