"""The kinds of cure that rules name, each with its generator: a case gives edits, none where the files do not tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipelinelab.diagnosis.cures import clients, database, hosts, limits, pipeline, script
from pipelinelab.diagnosis.cures.case import Case, Made
from pipelinelab.diagnosis.values import Edit

KINDS: Mapping[str, Callable[[Case], Made | list[Edit]]] = {
    "add-service": pipeline.add_service,
    "append-flag": script.append_flag,
    "chmod": script.chmod,
    "client-database": clients.client_database,
    "client-user": clients.client_user,
    "clone-full": pipeline.clone_full,
    "connection-charset": database.connection_charset,
    "crlf": script.crlf,
    "database-charset": database.database_charset,
    "database-host": hosts.database_host,
    "flush-between": database.flush_between,
    "give-variable": clients.give_variable,
    "insert-before": script.insert_before,
    "install-command": script.install_command,
    "keepdb": database.keepdb,
    "laravel-login": clients.laravel_login,
    "lower-size": pipeline.lower_size,
    "mysql-command-host": hosts.mysql_command_host,
    "node-heap": limits.node_heap,
    "noinput": database.noinput,
    "prefix-command": script.prefix_command,
    "push-to-branch": script.push_to_branch,
    "quote-script": pipeline.quote_script,
    "quote-variables": pipeline.quote_variables,
    "rename-service-variable": pipeline.rename_service_variable,
    "replace-in-command": script.replace_in_command,
    "root-user": database.root_user,
    "service-memory": limits.service_memory,
    "set-service-variable": pipeline.set_service_variable,
    "step-key": pipeline.step_key,
    "step-service": pipeline.step_service,
    "test-name-keepdb": database.test_name_keepdb,
    "wait-for-port": script.wait_for_port,
    "wait-for-service": script.wait_for_service,
}
