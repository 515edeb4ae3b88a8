"""How a package is installed in an image, and what a script can wait with there. Pure; what is not known is ""."""

from __future__ import annotations

import re

_APT = "apt-get"
_MANAGERS = (  # of the base images that are known not to be Debian or Ubuntu; "" where there is none
    (r"alpine|(?:^|/)docker(?::|$)", "apk"),
    (r"distroless|(?:^|/)scratch\b|kaniko|nanoserver|servercore|windows|busybox", ""),
    (r"(?:slim|buster|bullseye|bookworm|trixie|jammy|focal|noble)", _APT),
    (r"ubi\d*-(?:minimal|micro)|(?:^|/)(?:openjdk:(?:1[2-9]|2\d)|mysql:[89])|oraclelinux\S*slim", "microdnf"),
    (r"amazonlinux|amazoncorretto|amazon/aws-cli|aws-sam-cli|centos|lambda/", "yum"),
    (r"fedora|rockylinux|almalinux|oraclelinux|/ubi\d", "dnf"),
)  # fmt: skip
_PROGRAMS = {
    "ssh": "openssh-client", "scp": "openssh-client", "ssh-keyscan": "openssh-client",
    "mysql": "default-mysql-client", "mysqldump": "default-mysql-client", "mysqladmin": "default-mysql-client",
    "psql": "postgresql-client", "pg_isready": "postgresql-client", "gcc": "build-essential", "pip": "python3-pip",
    "pip3": "python3-pip", "node": "nodejs", "java": "default-jre-headless", "nc": "netcat-openbsd",
    "xvfb-run": "xvfb", "envsubst": "gettext-base", "gpg": "gnupg", "xz": "xz-utils",
    **{name: name for name in ("curl", "git", "make", "zip", "unzip", "jq", "rsync", "wget", "bash", "python3", "npm",
                               "ffmpeg", "lftp", "sshpass", "expect", "bzip2", "file", "sudo")},
}  # fmt: skip
_SAME = {"curl", "git", "make", "zip", "unzip", "jq", "rsync", "wget", "bash", "file", "bzip2", "sudo", "lftp",
         "expect", "python3", "ca-certificates", "tzdata", "autoconf", "automake", "libtool", "gettext"}  # fmt: skip
_NAMES = {
    "apk": {
        "default-mysql-client": "mysql-client", "openssh-client": "openssh-client", "build-essential": "build-base",
        "python3-pip": "py3-pip", "python3-venv": "python3", "gettext-base": "gettext", "xz-utils": "xz", "g++": "g++",
        "default-jre-headless": "openjdk17-jre", "python3-dev": "python3-dev", "libpq-dev": "libpq-dev",
        "libjpeg-dev": "jpeg-dev", "zlib1g-dev": "zlib-dev", "default-libmysqlclient-dev": "mariadb-dev",
        "pkg-config": "pkgconf", "ninja-build": "ninja", "postgresql-client": "postgresql-client", "gnupg": "gnupg",
        "nodejs": "nodejs", "npm": "npm", "netcat-openbsd": "netcat-openbsd", "ffmpeg": "ffmpeg", "xvfb": "xvfb-run",
    },
    "yum": {
        "openssh-client": "openssh-clients", "build-essential": "gcc gcc-c++ make", "python3-pip": "python3-pip",
        "python3-venv": "python3", "python3-dev": "python3-devel", "gettext-base": "gettext", "xz-utils": "xz",
        "g++": "gcc-c++", "netcat-openbsd": "nmap-ncat", "gnupg": "gnupg2", "pkg-config": "pkgconfig",
        "zlib1g-dev": "zlib-devel", "libjpeg-dev": "libjpeg-turbo-devel", "nodejs": "nodejs", "npm": "npm",
    },
}  # fmt: skip
_APT_LINE = re.compile(r"apt-get update && apt-get install -y ([\w+. -]+?)( && update-ca-certificates)?")


def package_of(program: str) -> str:
    """Debian's package that has the program, "" where that is not known."""
    return _PROGRAMS.get(program, "")


def manager_of(image: str) -> str:
    """The image's package manager: of images that no sign tells another of, Debian's. "" where it has none."""
    return next((name for sign, name in _MANAGERS if re.search(sign, image.lower())), _APT)


def install(packages: str, image: str) -> str:
    """The line that installs Debian's packages (their names with blanks between) in the image, "" where no such line
    is known."""
    manager = manager_of(image)
    if manager == _APT:
        return f"apt-get update && apt-get install -y {packages}"
    names = _NAMES["apk" if manager == "apk" else "yum"]
    known = [names.get(one) or (one if one in _SAME else "") for one in packages.split()]
    if not manager or not all(known):
        return ""
    return f"{'apk add --no-cache' if manager == 'apk' else f'{manager} install -y'} {' '.join(dict.fromkeys(known))}"


def as_there(line: str, image: str) -> str:
    """A line that installs with apt-get as the image wants it; any other line as it is."""
    found = _APT_LINE.fullmatch(line)
    if found is None or manager_of(image) == _APT:
        return line
    there = install(found[1], image)
    if found[2] and manager_of(image) != "apk":
        return ""
    return there and there + (found[2] or "")


def wait(port: str, image: str) -> str:
    """A loop, a minute at most, that waits for a port of 127.0.0.1: with bash's /dev/tcp, or with BusyBox where there
    is no bash."""
    small = manager_of(image) in ("apk", "")
    tried = f"nc -z 127.0.0.1 {port}" if small else f"(echo > /dev/tcp/127.0.0.1/{port}) 2>/dev/null"
    return f"for i in $(seq 60); do {tried} && break; sleep 1; done"
