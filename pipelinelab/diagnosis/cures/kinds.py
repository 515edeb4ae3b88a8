"""The kinds of cure that rules name: the generator of each, and why it is safe or unsafe, where that is always so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipelinelab.diagnosis.cures import (
    artifacts,
    clients,
    database,
    hosts,
    limits,
    logins,
    pipeline,
    requirements,
    script,
    variables,
)
from pipelinelab.diagnosis.cures.case import Case, Made


@dataclass(frozen=True)
class Kind:
    """A kind of cure. ``make`` gives no edits where the files do not tell; ``safe`` and ``unsafe`` say why it is the
    one or the other where neither the rule nor the generator says it. ``advisable``: it says something without a
    diff too, for whom has a log only; another kind means nothing before the files show that it fits."""

    make: Callable[[Case], Made]
    safe: str = ""
    unsafe: str = ""
    advisable: bool = True

    def why(self, safety: str) -> str:
        """Why the cure is ``safe`` or ``unsafe``; empty where the kind does not tell."""
        return self.safe if safety == "safe" else self.unsafe


KINDS: Mapping[str, Kind] = {
    "add-artifacts": Kind(
        artifacts.add_artifacts,
        safe="the earlier step keeps what it made, and nothing else changes in it",
        advisable=False,
    ),
    "add-requirement": Kind(
        requirements.add_requirement, safe="the step gets one more package, and the versions of the others stay"
    ),
    "add-service": Kind(pipeline.add_service, safe="the service is defined already, and this step alone gets it"),
    "append-flag": Kind(
        script.append_flag,
        safe="only how this one command runs changes",
        unsafe="it switches off what the command checks",
    ),
    "chmod": Kind(script.chmod, safe="it sets the bit in the step's own clone, and your repository stays as it is"),
    "client-database": Kind(
        clients.client_database, safe="the service stays as it is, and the command uses the database that is there"
    ),
    "client-password": Kind(
        logins.client_password, safe="the service stays as it is, and the step sends the password that it has"
    ),
    "client-port": Kind(logins.client_port, safe="the service stays as it is, and the step asks where it listens"),
    "client-user": Kind(
        clients.client_user, safe="the service stays as it is, and the command uses the role that is there"
    ),
    "clone-full": Kind(pipeline.clone_full, safe="it fetches more history and changes none; the clone takes longer"),
    "connection-charset": Kind(
        database.connection_charset,
        safe="it changes how text is sent, not how tables keep it; utf8mb4 holds all that utf8 does",
    ),
    "crlf": Kind(script.crlf, safe="it changes the file in the step's own clone, and your repository stays as it is"),
    "database-charset": Kind(
        database.database_charset, safe="a new service's database has no tables yet, so every table is made in utf8mb4"
    ),
    "database-host": Kind(hosts.database_host, safe="it is the same server, over TCP in place of a socket or a name"),
    "flush-between": Kind(
        database.flush_between,
        safe="it empties the tables between the runs, as a new database would; the migrations' table stays",
    ),
    "give-variable": Kind(
        variables.give_variable, safe="the value is for this step's own service and tests, and no secret of yours"
    ),
    "insert-before": Kind(
        script.insert_before,
        safe="one more line in the step's own container; the commands after it stay as they are",
        unsafe="it changes what the rest of the step works with",
    ),
    "install-requirements": Kind(
        requirements.install_requirements,
        safe="it is what the project itself lists, in the step's own container",
        advisable=False,
    ),
    "install-command": Kind(script.install_command, safe="it is installed in the step's own container only"),
    "keepdb": Kind(database.keepdb, safe="it uses the service's database as it is: collation, grants and rows stay"),
    "laravel-login": Kind(clients.laravel_login, safe="the values are those of the step's own service"),
    "lower-size": Kind(pipeline.lower_size, safe="it is what the plan allows; the step may then lack memory"),
    "mysql-command-host": Kind(hosts.mysql_command_host, safe="it is the same server, over TCP in place of its socket"),
    "node-heap": Kind(limits.node_heap, safe="the step has that much memory left for it"),
    "noinput": Kind(
        database.noinput,
        unsafe="it drops and recreates the service's database: its collation, grants and rows are lost",
    ),
    "prefix-command": Kind(
        script.prefix_command,
        safe="the variable is set for this one command",
        unsafe="what it silences may be a real mistake",
    ),
    "push-to-branch": Kind(
        script.push_to_branch, safe="it pushes the commit that is checked out, and to the same branch, without force"
    ),
    "quote-script": Kind(pipeline.quote_script, safe="the shell gets the same text"),
    "quote-variables": Kind(pipeline.quote_variables, safe="the service gets the same text"),
    "rename-service-variable": Kind(pipeline.rename_service_variable, safe="the image does not read the old name"),
    "replace-in-command": Kind(
        script.replace_in_command,
        safe="the command does the same, written in full",
        unsafe="what it silences may be a real mistake",
    ),
    "root-user": Kind(database.root_user, unsafe="tests that run as root hide rights that are missing in production"),
    "service-memory": Kind(
        limits.service_memory,
        safe="the memory comes out of the step's own, and the build keeps what Bitbucket asks for",
    ),
    "service-password": Kind(
        logins.service_password, safe="the variable is new to the service, which does not start without one"
    ),
    "set-service-variable": Kind(
        pipeline.set_service_variable,
        safe="the variable is new to the service, so nothing counts on another value",
        unsafe="whatever else counts on the old value fails",
    ),
    "step-key": Kind(pipeline.step_key, safe="it holds for this step only"),
    "step-service": Kind(
        pipeline.step_service, safe="this step alone gets it, and 1024 MB of the step's memory go to it"
    ),
    "test-name-keepdb": Kind(
        database.test_name_keepdb,
        safe="the tests use the database that the service made, and change nothing of it but their own rows",
    ),
    "wait-for-port": Kind(
        script.wait_for_port, safe="it goes on as soon as the port answers, and after a minute in any case"
    ),
    "wait-for-service": Kind(
        script.wait_for_service, safe="it goes on as soon as the port answers, and after a minute in any case"
    ),
}
