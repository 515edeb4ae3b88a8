"""Commands that stop to ask a question, and the option that keeps them from it. Source: the tools' own manuals."""

from __future__ import annotations

import re
from functools import lru_cache

_RULES: tuple[tuple[str, str, str], ...] = (
    (r"(?:\S*python\S*\s+(?:-\S+\s+)*)?\S*manage\.py\s+(?:flush|migrate|collectstatic|createsuperuser|reset_db|"
     r"makemigrations)\b", r"--no-?input\b|--keepdb\b|--check\b|--dry-run\b|--help\b|--plan\b", "add --noinput"),
    (r"(?:django-admin|\S+\s+-m\s+django)\s+(?:flush|migrate|collectstatic)\b", r"--no-?input\b", "add --noinput"),
    (r"(?:(?:\S*python\S*\s+(?:-\S+\s+)*)?\S*manage\.py|django-admin|\S+\s+-m\s+django)\s+test\b",
     r"--no-?input\b|--keepdb\b|--help\b", "add --keepdb (--noinput would answer by deleting the test database)"),
    (r"apt(?:-get)?\s+(?:-\S+\s+)*(?:install|upgrade|dist-upgrade|full-upgrade|remove|purge|autoremove)\b",
     r"(?:^|\s)-[a-zA-Z]*y|--yes|--assume-yes|-qq|--force-yes|(?:^|\s)-s\b|--download-only", "add -y"),
    (r"(?:yum|dnf|microdnf)\s+(?:-\S+\s+)*(?:install|update|upgrade|remove|groupinstall)\b",
     r"(?:^|\s)-[a-zA-Z]*y|--assumeyes", "add -y"),
    (r"pacman\s+-S", r"--noconfirm", "add --noconfirm"),
    (r"zypper\s+(?:in|install|up|update)\b", r"(?:^|\s)-[a-zA-Z]*y|-n\b|--non-interactive",
     "add --non-interactive"),
    (r"add-apt-repository\b", r"(?:^|\s)-[a-zA-Z]*y|--yes", "add -y"),
    (r"(?:\S*python\S*\s+-m\s+)?pip3?\s+uninstall\b", r"(?:^|\s)-y|--yes", "add -y"),
    (r"(?:conda|mamba)\s+(?:install|create|update|remove|upgrade)\b", r"(?:^|\s)-y|--yes|-qy", "add -y"),
    (r"(?:npm|yarn|pnpm)\s+init\b", r"(?:^|\s)-y\b|--yes\b|(?:^|\s)-w\b", "add -y"),
    (r"npm\s+(?:login|adduser)\b", r"--auth-type=legacy.*<", "write the token to .npmrc instead"),
    (r"(?:composer)\s+init\b", r"(?:^|\s)-n\b|--no-interaction", "add --no-interaction"),
    (r"\S*(?:artisan)\s+migrate\b", r"--force|--pretend|-n\b|--no-interaction|:status", "add --force"),
    (r"\S*bin/console\s+doctrine:(?:migrations:migrate|fixtures:load)\b", r"(?:^|\s)-n\b|--no-interaction|-q\b",
     "add --no-interaction"),
    (r"terraform\s+(?:-\S+\s+)*(?:apply|destroy)\b",
     r"-auto-approve|-input=false|-help|\S*(?:plan|\.tfplan)\S*\s*[\"']?$", "add -auto-approve"),
    (r"pulumi\s+(?:up|destroy)\b", r"(?:^|\s)-y\b|--yes|--skip-preview", "add --yes"),
    (r"cdk\s+deploy\b|npx\s+cdk\s+deploy\b", r"--require-approval|-y\b|--yes", "add --require-approval never"),
    (r"sam\s+deploy\b.*--guided", r"\0", "take --guided away, and keep its answers in samconfig.toml"),
    (r"gcloud\s+.*\b(?:delete|deploy|update|create)\b", r"--quiet|(?:^|\s)-q\b|CLOUDSDK_CORE_DISABLE_PROMPTS",
     "add --quiet"),
    (r"ssh-keygen\b(?=.*-f|\s*(?:-[tbC]\s+\S+\s*)*$)", r"-N\b|-[lyRFHE]\b", "add -N '' and -f FILE"),
    (r"docker\s+login\b", r"--password|(?:^|\s)-p\b|--password-stdin|ecr", "add --password-stdin"),
    (r"mysql(?:dump|admin)?\s.*(?:^|\s)(?:-p|--password)(?:\s|$)", r"\0",
     "write the password at once: -p\"$PASSWORD\", without a blank, or use MYSQL_PWD"),
    (r"read\s+(?:-\S+\s+)*-?p?\b", r"<<<|<|-t\b", "take the value from a variable"),
    (r"git\s+commit\b(?!.*(?:-\w*m|--message|-F|--file|--amend\s+--no-edit|--no-edit|-C))", r"\0",
     "add -m MESSAGE"),
    (r"git\s+rebase\s+(?:-i|--interactive)\b", r"GIT_SEQUENCE_EDITOR|GIT_EDITOR", "take -i away"),
    (r"(?:nano|vim?|emacs|less|more|top|htop)\s", r"\0", "nobody can answer an editor or a pager here"),
    (r"(?:heroku|firebase|eas|vercel|netlify|expo)\s+login\b", r"--ci\b|--token|-t\b|(?:^|\s)-p\b", "use a token"),
    (r"snyk\s+auth\s*$|gh\s+auth\s+login\s*$|az\s+login\s*$", r"\0", "give it a token or a service principal"),
)  # fmt: skip
"""(what asks, what keeps it from asking, the cure), the first two as regular expressions."""


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]:
    """The rules ready to use; made when the first script is read, for a file without one should not wait for them."""
    before = r"^\s*(?:sudo\s+(?:-\w+\s+)*)?(?:\w+=\S*\s+)*"
    return tuple((re.compile(before + what), re.compile(unless), cure) for what, unless, cure in _RULES)


def question(command: str) -> str:
    """What to do about a command that would ask a question; "" for one that does not."""
    for what, unless, cure in _compiled():
        if what.search(command) and not unless.search(command):
            return cure
    return ""
