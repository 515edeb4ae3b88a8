"""What the categories of the shipped rules mean. A team's own rules may have others. Pure."""

from __future__ import annotations

from collections.abc import Mapping

GENERAL = "general"
"""The category of findings that sort what a command says itself, where no rule knows its program."""

CHECKS = "checks"
TESTS = "tests"

CATEGORIES: Mapping[str, str] = {
    "bitbucket": "what Bitbucket itself refuses or fails at: minutes, pipes, caches, permissions of a run",
    "browsers": "a browser, its driver or its display does not work",
    CHECKS: "a linter, scanner or coverage service, its set-up or its gate",
    "crash": "a program was ended by a signal or aborted itself",
    "database": "SQLite, Oracle, SQL Server and migrations of any database",
    "deployment": "clouds, hosts, clusters and the tools that deploy to them",
    "django": "Django's settings, commands and test database",
    "docker": "Dockerfiles, builds, registries and the Docker service",
    "dotnet": "the .NET SDK, NuGet and MSBuild",
    "files": "a file is missing, damaged or not of the kind that was expected",
    GENERAL: "told in the command's own words, because no rule knows its program",
    "git": "clones, branches, submodules, large files and pushes",
    "go": "the go command and its modules",
    "image": "the step's image lacks a program or library, or is for another processor",
    "java": "Maven, Gradle, sbt and the JVM",
    "languages": "Elixir, Haskell, Julia, Nix, Perl and R",
    "limits": "the disk, open files, processes or arguments have no room left",
    "memory": "the step or a service needs more memory than it has",
    "mobile": "Android, iOS and Flutter: tools, signing, stores",
    "mysql": "MySQL and MariaDB: the server's answers and their drivers'",
    "native": "C and C++: compilers, linkers, CMake, Make, Meson, Conan",
    "network": "an address was not found or did not answer",
    "node": "Node.js, npm, Yarn, pnpm, TypeScript, bundlers and frameworks",
    "packages": "a package index or the system's package manager",
    "permission": "a user or key is known and may not do this",
    "php": "PHP, Composer and its frameworks",
    "postgres": "PostgreSQL: the server's answers and its drivers'",
    "prompt": "a program asks, and nobody is there to answer",
    "python": "Python, its modules and its tools",
    "ruby": "Ruby, Bundler and Rails",
    "rust": "Cargo and rustc",
    "secrets": "a login, key or token is missing, wrong or expired",
    "service": "a service container or server is not there, not ready or not reachable",
    "shell": "the shell's own complaints about the script",
    "ssh": "keys, known hosts and connections of SSH",
    "system": "users, locales, archives and the container's rights",
    TESTS: "a test runner's set-up, or what made the tests fail",
    "time": "something took longer than it may",
    "tls": "certificates and the versions of TLS",
    "usage": "a command was called with an option, task or name that it does not know",
    "variables": "a variable is missing, empty or malformed",
    "yaml": "the pipelines file",
}
"""Each category of the shipped rules, and what its findings are about."""
