#!/bin/bash
# The first start of the official mysql image, by its documentation: a root option is required, MYSQL_DATABASE is created,
# MYSQL_USER gets every privilege on that database and on no other, arguments go to the server. A data directory that is
# already there is left as it is.
set -eu

datadir=/var/lib/mysql
init=/run/mysqld/init.sql

note() { printf '%s+00:00 [%s] [Entrypoint]: %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S')" "$1" "$2"; }

# A string as an SQL literal. Backslash and quote are all that MariaDB's default sql_mode treats specially in one line.
quote() {
  local text=${1//\\/\\\\}
  text=${text//\'/\\\'}
  printf "'%s'" "${text//$'\n'/\\n}"
}

# shellcheck disable=SC2016  # backticks quote a name in SQL
identifier() { printf '`%s`' "${1//\`/\`\`}"; }

# Like the official image: the value of NAME, or of the file that NAME_FILE names.
from_file() {
  local file=$1_FILE
  [ -z "${!file:-}" ] || printf -v "$1" '%s' "$(< "${!file}")"
}

first_start() {
  local name user
  for name in MYSQL_ROOT_PASSWORD MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD; do from_file "$name"; done
  if [ -z "${MYSQL_ROOT_PASSWORD:-}${MYSQL_ALLOW_EMPTY_PASSWORD:-}${MYSQL_RANDOM_ROOT_PASSWORD:-}" ]; then
    note ERROR 'Database is uninitialized and password option is not specified'
    echo '    You need to specify one of the following as an environment variable:'
    printf '    - %s\n' MYSQL_ROOT_PASSWORD MYSQL_ALLOW_EMPTY_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD
    exit 1
  fi >&2
  if [ "${MYSQL_USER:-}" = root ]; then
    note ERROR 'MYSQL_USER="root": the root user is there already; use MYSQL_ROOT_PASSWORD for its password' >&2
    exit 1
  fi
  if [ -n "${MYSQL_USER:-}" ] && [ -z "${MYSQL_PASSWORD:-}" ]; then
    note Warn 'MYSQL_USER specified, but missing MYSQL_PASSWORD; MYSQL_USER will not be created' >&2
  elif [ -z "${MYSQL_USER:-}" ] && [ -n "${MYSQL_PASSWORD:-}" ]; then
    note Warn 'MYSQL_PASSWORD specified, but missing MYSQL_USER; MYSQL_PASSWORD will be ignored' >&2
  fi

  note Note 'Initializing database files'
  cp -a /usr/share/mysql-template/. "$datadir"
  if [ -n "${MYSQL_RANDOM_ROOT_PASSWORD:-}" ]; then
    MYSQL_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
    note Note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
  fi

  # The server reads this before it accepts the first connection, so no temporary server is needed.
  {
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quote "${MYSQL_ROOT_PASSWORD:-}");"
    if [ "${MYSQL_ROOT_HOST:-%}" != localhost ]; then
      echo "CREATE USER 'root'@$(quote "${MYSQL_ROOT_HOST:-%}") IDENTIFIED BY $(quote "${MYSQL_ROOT_PASSWORD:-}");"
      echo "GRANT ALL ON *.* TO 'root'@$(quote "${MYSQL_ROOT_HOST:-%}") WITH GRANT OPTION;"
    fi
    if [ -n "${MYSQL_DATABASE:-}" ]; then
      echo "CREATE DATABASE IF NOT EXISTS $(identifier "$MYSQL_DATABASE");"
    fi
    if [ -n "${MYSQL_USER:-}" ] && [ -n "${MYSQL_PASSWORD:-}" ]; then
      user="$(quote "$MYSQL_USER")@'%'"
      echo "CREATE USER $user IDENTIFIED BY $(quote "$MYSQL_PASSWORD");"
      if [ -n "${MYSQL_DATABASE:-}" ]; then
        # An underscore in a GRANT is a wildcard: escaped, or the user of my_db could also use myXdb.
        echo "GRANT ALL ON $(identifier "${MYSQL_DATABASE//_/\\_}").* TO $user;"
      fi
    fi
  } > "$init"
  chown mysql: "$init"
  chmod 600 "$init"
  set -- --init-file="$init" "$@"
  exec mariadbd --user=mysql "$@"
}

[ "${1:0:1}" != - ] || set -- mysqld "$@"
case $1 in
  mysqld | mariadbd) shift ;;
  *) exec "$@" ;;
esac
[ -d "$datadir/mysql" ] || first_start "$@"
exec mariadbd --user=mysql "$@"
