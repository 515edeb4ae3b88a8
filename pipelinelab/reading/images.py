"""What well-known service images make of their variables, and the port they listen on.

Source: the images' own public pages. Only names that begin with one of an image's prefixes are judged: anything else
may be read by something inside.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KnownImage:
    """An image. ``needs``: of each group, one at least must be given. ``pairs``: the first needs the second.
    ``meant``: what a name that it does not know was meant to be."""

    port: int
    prefixes: tuple[str, ...] = ()
    knows: frozenset[str] = frozenset()
    needs: tuple[tuple[str, ...], ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    meant: dict[str, str] = field(default_factory=dict)


_MYSQL = (
    "ROOT_PASSWORD", "ROOT_HOST", "DATABASE", "USER", "PASSWORD", "ALLOW_EMPTY_PASSWORD", "RANDOM_ROOT_PASSWORD",
    "ONETIME_PASSWORD", "INITDB_SKIP_TZINFO", "ROOT_PASSWORD_FILE", "PASSWORD_FILE", "DATABASE_FILE", "USER_FILE",
    "HOST", "PORT",
)  # fmt: skip
_MARIADB = (*_MYSQL, "ALLOW_EMPTY_ROOT_PASSWORD", "ROOT_PASSWORD_HASH", "PASSWORD_HASH", "AUTO_UPGRADE",
            "MYSQL_LOCALHOST_USER", "INITDB_SKIP_LOCAL", "DISABLE_UPGRADE_BACKUP")  # fmt: skip
_MEANT = {"USERNAME": "USER", "USER_NAME": "USER", "DB": "DATABASE", "DB_NAME": "DATABASE", "DATABASE_NAME": "DATABASE",
          "PASS": "PASSWORD", "ROOT_PASS": "ROOT_PASSWORD", "USER_PASSWORD": "PASSWORD"}  # fmt: skip


def _with(prefix: str, names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(prefix + name for name in names)


_POSTGRES = KnownImage(
    5432, ("POSTGRES_",),
    frozenset({"POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_INITDB_ARGS", "POSTGRES_INITDB_WALDIR",
               "POSTGRES_HOST_AUTH_METHOD", "POSTGRES_PASSWORD_FILE", "POSTGRES_USER_FILE", "POSTGRES_DB_FILE",
               "POSTGRES_INITDB_ARGS_FILE", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_MULTIPLE_DATABASES",
               "POSTGRES_EXTENSIONS", "POSTGRES_MULTIPLE_EXTENSIONS"}),
    needs=(("POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD", "POSTGRES_PASSWORD_FILE"),),
    meant={"POSTGRES_USERNAME": "POSTGRES_USER", "POSTGRES_DATABASE": "POSTGRES_DB", "POSTGRES_DB_NAME": "POSTGRES_DB",
           "POSTGRES_PASS": "POSTGRES_PASSWORD", "POSTGRES_NAME": "POSTGRES_DB"},
)  # fmt: skip
KNOWN = {
    "mysql": KnownImage(
        3306, ("MYSQL_",), _with("MYSQL_", _MYSQL),
        needs=(("MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD",
                "MYSQL_ROOT_PASSWORD_FILE"),),
        pairs=(("MYSQL_USER", "MYSQL_PASSWORD"),),
        meant={f"MYSQL_{name}": f"MYSQL_{real}" for name, real in _MEANT.items()},
    ),
    "mariadb": KnownImage(
        3306, ("MYSQL_", "MARIADB_"), _with("MYSQL_", _MARIADB) | _with("MARIADB_", _MARIADB),
        needs=(tuple(
            prefix + name for prefix in ("MARIADB_", "MYSQL_")
            for name in ("ROOT_PASSWORD", "ALLOW_EMPTY_ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD", "RANDOM_ROOT_PASSWORD",
                         "ROOT_PASSWORD_HASH", "ROOT_PASSWORD_FILE")
        ),),
        meant={f"{p}{name}": f"{p}{real}" for p in ("MYSQL_", "MARIADB_") for name, real in _MEANT.items()},
    ),
    "postgres": _POSTGRES,
    "postgis/postgis": _POSTGRES,
    "mongo": KnownImage(
        27017, ("MONGO_INITDB_",),
        frozenset({"MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD", "MONGO_INITDB_DATABASE",
                   "MONGO_INITDB_ROOT_USERNAME_FILE", "MONGO_INITDB_ROOT_PASSWORD_FILE"}),
        pairs=(("MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"),
               ("MONGO_INITDB_ROOT_PASSWORD", "MONGO_INITDB_ROOT_USERNAME")),
    ),
    "mcr.microsoft.com/mssql/server": KnownImage(
        1433, needs=(("ACCEPT_EULA",), ("SA_PASSWORD", "MSSQL_SA_PASSWORD")),
    ),
    "redis": KnownImage(6379),
    "memcached": KnownImage(11211),
    "rabbitmq": KnownImage(5672),
    "elasticsearch": KnownImage(9200),
    "docker.elastic.co/elasticsearch/elasticsearch": KnownImage(9200),
    "opensearchproject/opensearch": KnownImage(9200),
}  # fmt: skip


def base_name(reference: str) -> str:
    """An image reference without registry of the default hub, tag and digest: ``docker.io/library/mysql:8`` → mysql."""
    name = reference.partition("@")[0]
    head, slash, tail = name.rpartition("/")
    name = head + slash + tail.partition(":")[0]
    for prefix in ("docker.io/", "index.docker.io/", "registry-1.docker.io/"):
        name = name.removeprefix(prefix)
    return name.removeprefix("library/")


def known(reference: str) -> KnownImage | None:
    """What is known of an image; None where nothing is."""
    return KNOWN.get(base_name(reference))
