"""What must not run by accident: everything that changes something outside the replay."""

# ruff: noqa: E501 - a table of patterns reads best with a pattern a line

from __future__ import annotations

import re

from pipelinelab.model.pipelines import Pipe

# (what it is, where a shell would run it). Each looks for the tool as a command word, not inside a longer word.
_START = r"(?:^|[;&|(`]|&&|\|\||\bsudo\s+(?:-\S+\s+)*|\bnpx\s+|\b(?:then|do|else)\s+|\$\(|\bexec\s+|\btime\s+|\bxargs\s+|\b(?:ba|da|z)?sh\s+(?!-n\b)(?:-\S+\s+)*|\w+=\S*\s+)\s*"
_TOOLS: tuple[tuple[str, str], ...] = (
    ("git push", r"git\b(?:\s+-\S+(?:\s+[^-\s]\S*)?)*?\s+push(?![\w-])"),
    ("the Heroku CLI", r"heroku\s+(?!--version|version|help)"),
    ("the AWS CLI", r"aws\s+(?!--version|help|sts\b|configure\b|\S+\s+(?:describe|list|get|wait)\b|s3\s+ls\b|ecr\s+get-login)"),
    ("Elastic Beanstalk", r"eb\s+(?:deploy|create|terminate|swap|use)\b"),
    ("kubectl", r"kubectl\b.*\b(?:apply|create|delete|set|rollout|replace|patch|scale|edit|annotate|label)\b"),
    ("Helm", r"helm\b.*\b(?:install|upgrade|uninstall|rollback|delete|push)\b"),
    ("Terraform", r"(?:terraform|terragrunt|tofu)\b.*\b(?:apply|destroy|import)\b"),
    ("Pulumi", r"pulumi\b.*\b(?:up|destroy)\b"),
    ("Serverless", r"(?:serverless|sls)\b.*\b(?:deploy|remove)\b"),
    ("a cloud deployment", r"(?:cdk|sam|firebase|netlify|vercel|wrangler|fly|flyctl|now|surge|cap|dep|deployer|fastlane|cf|gcloud|az|oc|eas|amplify|railway|doctl)\b.*\b(?:deploy|publish|push|apply|promote|production|submit|create|delete|update|upload)\b"),
    ("Ansible", r"ansible(?:-playbook)?\s+(?!--version)"),
    ("a package upload", r"(?:npm|yarn|pnpm|lerna|cargo|poetry|flit|hatch|uv|vsce|semantic-release|pub)\b.*\b(?:publish|release)\b"),
    ("a package upload", r"(?:twine\s+upload|gem\s+push|pod\s+trunk\s+push|(?:dotnet\s+)?nuget\s+push|semantic-release\b)"),
    ("a package upload", r"python\S*\s+(?:-m\s+twine\s+upload|setup\.py\b.*\bupload\b)"),
    ("a Maven or Gradle release", r"(?:\./)?(?:mvnw?|gradlew?)\b.*\b(?:deploy|release:perform|publish\w*|uploadArchives)\b"),
    ("docker push", r"docker\b.*\bpush\b"),
    ("a copy to another host", r"(?:rsync|scp)\b.*\s\S*[\w.}-]+:(?!//)\S*"),
    ("a shell on another host", r"ssh\s+(?!-V\b|-Q\b)\S"),
    ("a file transfer", r"(?:sftp|lftp|ftp|ncftpput|git-ftp|git\s+ftp|rclone)\s+\S"),
    ("Salesforce", r"sfd?x?\b.*\bdeploy\b"),
    ("a deploy script", r"(?:make|npm\s+run|yarn(?:\s+run)?|pnpm(?:\s+run)?|composer(?:\s+run(?:-script)?)?|rake|invoke|fab|just|task)\s+(?:\S+\s+)*?[\w:-]*\b(?:deploy|publish|release|push|upload)\b"),
    ("a deploy tool", r"npx\s+(?:-\S+\s+)*\S+\s+(?:\S+\s+)*?(?:deploy|publish)\b"),
    ("a deploy script", r"(?:(?:ba)?sh\s+|source\s+|\.\s+|python\S*\s+|node\s+|ruby\s+|php\s+)?(?:\./|\S*/)?[\w./-]*\bdeploy\b[\w-]*(?:\.(?:sh|py|js|rb|php|pl|ts))?(?=\s|$)"),
)  # fmt: skip
_COMPILED = tuple((what, re.compile(_START + "(?:" + pattern + ")", re.MULTILINE)) for what, pattern in _TOOLS)
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
# Pipes that only look, test or tell; every other pipe may change the world.
_HARMLESS = re.compile(r"(?:scan|sonar|snyk|trivy|lint|test|audit|report|demo)", re.IGNORECASE)


def deploys(script: str) -> str:
    """What in this shell text deploys, publishes or pushes; "" if nothing known does."""
    text = _COMMENT.sub("", script).replace("\\\n", " ")
    for what, pattern in _COMPILED:
        if pattern.search(text):
            return what
    return ""


def pipe_deploys(pipe: Pipe) -> str:
    """Why this pipe is guarded; "" for one that is known only to look."""
    image = pipe.pipe.removeprefix("docker://").partition("@")[0]
    name = image.rpartition(":")[0] or image
    return "" if _HARMLESS.search(name.rpartition("/")[2]) else f"the pipe {pipe.pipe}"
