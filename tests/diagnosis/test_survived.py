# ruff: noqa: E501 - logs are lines of their own length
import pytest

from pipelinelab.diagnosis import diagnose
from pipelinelab.recording.bitbucket_log import parse_log


@pytest.mark.parametrize(
    "log",
    [
        "\x1d+ until nc -z 127.0.0.1 3306; do sleep 1; done; ./migrate\nnc: connect to 127.0.0.1 port 3306 (tcp) failed: "
        "Connection refused\nOperations to perform:\n  Apply all migrations: shop\n",
        "\x1d+ curl --retry 5 -fsSL https://api.example.com\ncurl: (7) Failed to connect to api.example.com port 443: "
        'Connection refused\nWarning: Problem : connection refused. Will retry in 1 seconds. 5 retries left.\n{"a": 1}\n',
        "\x1d+ echo \"If this fails with 'permission denied', run chmod +x\"\n"
        "If this fails with 'permission denied', run chmod +x\n",
        "\x1d+ rm old.zip || true\nrm: cannot remove 'old.zip': No such file or directory\n",
        "\x1d+ ls dist || mkdir dist\nls: cannot access 'dist': No such file or directory\n",
        '\x1d+ docker build .\n => [3/5] RUN apt-get update || echo "E: Unable to locate package foo"\n => exporting to image\n',
        "\x1d+ ./sync.sh\nredis-cli: Could not connect to Redis at 127.0.0.1:6379: Connection refused\n"
        "cache is off\ncopying 120 files\nwrote index.html\n",
        '\x1d+ make check\n./slow.sh || echo "no slow check here"\n/bin/sh: 1: ./slow.sh: not found\nno slow check here\n',
        '\x1d+ ansible-playbook site.yml\nfatal: [web1]: FAILED! => {"msg": "no key"}\n...ignoring\nok: [web1]\n',
        "\x1d+ git log --oneline -2\nd99f0a1 Handle No space left on device\n",
        "\x1d+ stylelint src || true\nError: No configuration provided for src/a.css\n    at module (a.js:1)\nmore\n    at b\nc\n",
        "\x1d+ npx scan\n[10:11:12] Could not find executable in '/c/scanner'.\n[10:11:12] Proceed with download of scanner 4\n",
        "\x1d+ ssh web './restart.sh'\nrm: cannot remove 'tmp/app.pid': No such file or directory\nrestarted\n",
        "\x1d+ tail -n 20 prod.log\nbash: foo: command not found\n",
        '\x1d+ psql -f x.sql\npsql:x.sql:1: NOTICE:  relation "a" already exists, skipping\n',
        "\x1d+ webpack\nmain.js 1 KiB [emitted]\n\nWARNING in ./src/index.js\nModule not found: Error: Can't resolve './x' in 'src'\n",
        "\x1d+ ssh web 'cd /srv && (git pull || echo first deploy); ls'\nfatal: not a git repository\nfirst deploy\n",
        "\x1d+ next build\nusing the snapshot TypeError: fetch failed\n  cause: Error: connect ECONNREFUSED 127.0.0.1:4000\n"
        " ✓ Generating static pages (5/5)\n",
        "\x1d+ java Old\njava.io.IOException: No space left on device (expected in self-test)\n\tat Old.main(Old.java:1)\n",
        "\x1d+ ./push.sh\nattempt 1 failed: connection refused\nattempt 2 failed: connection refused\nattempt 3 ok\n",
        "\x1d+ node q.js\n[ioredis] connect ECONNREFUSED 127.0.0.1:6379\nqueued\n",
        "\x1d+ python3 wait.py\nattempt 1/10 failed: <urlopen error [Errno 111] Connection refused>\n"
        'attempt 2/10 failed: <urlopen error [Errno 111] Connection refused>\n{"status":"up"}\n',
        "\x1d+ node s.js\nExecuting (default): select * from nope\nfallback: Table 'shop.nope' doesn't exist\n",
        "\x1d+ ssh web 'echo deployed; rm /var/nothing || true'\nrm: cannot remove '/var/nothing': No such file or directory\n",
        "\x1d+ php import.php\nReports: could not find driver\nfalling back to CSV\nimported 41 rows, 2 errors ignored\n",
        "\x1d+ bash sync.sh\ncurl: (7) Failed to connect to 127.0.0.1 port 9: Connection refused\ntables: de, fr\n",
        '\x1d+ sftp -b put.txt web\nsftp> -mkdir logs\nremote mkdir "/srv/logs": Failure\nsftp> put a.txt\n',
        "\x1d+ redis-cli set lock 1; redis-cli lpush lock x\nOK\nWRONGTYPE Operation against a key holding the wrong kind of value\n\n",
        '\x1d+ mysql -v shop < log.sql\n--------------\nINSERT INTO log VALUES (1, "ERROR 1045 (28000): Access denied for user")\n--------------\n\n',
        "\x1d+ mysql --show-warnings shop < a.sql\nWarning (Code 1265): Data truncated for column 'name' at row 1\n",
    ],
    ids=[
        "a wait that ended",
        "a retry that helped",
        "an echoed text",
        "an item that forgives",
        "another way out",
        "a build's step",
        "a program that went on",
        "the answer of another way",
        "an error that Ansible ignores",
        "a commit's title",
        "a long output of an item that forgives",
        "a next line that says that it goes on",
        "a small tool's complaint within a larger command",
        "a log that the command only shows",
        "a notice",
        "a heading that only warns",
        "the answer within a remote command",
        "a tick after it",
        "an error that says that it was expected",
        "an attempt that helped",
        "a client's own log of a connection that it makes again",
        "attempts that are counted",
        "a line that calls itself a fallback",
        "an item that forgives on another machine",
        "a later line that says that it was borne",
        "a script of the project's own that went on",
        "a line of sftp's batch that may fail",
        "an answer of Redis, after which its client ends with 0",
        "a statement that the mysql client shows",
        "a warning that the mysql client was asked for",
    ],
)
def test_an_alarm_that_was_overcome_is_no_cause(log: str) -> None:
    assert not diagnose(parse_log(log.encode())).findings


@pytest.mark.parametrize(
    ("log", "rule"),
    [
        ("\x1d+ for i in $(seq 60); do sleep 2 & done; wait\nbash: fork: retry: Resource temporarily unavailable\n"
         "bash: fork: Interrupted system call\n", "process-limit"),
        ("\x1d+ wget -q https://x.example/a || curl -fsSO https://x.example/a\ncurl: (6) Could not resolve host: x.example\n", "dns-failure"),
        ("\x1d+ until nc -z 127.0.0.1 3306; do sleep 1; done\nnc: connect to 127.0.0.1 port 3306 (tcp) failed: "
         "Connection refused\nnc: connect to 127.0.0.1 port 3306 (tcp) failed: Connection refused\n", "mysql-refused"),
        ("\x1d+ pip install six\nretrying\nWARNING: Retrying (Retry(total=0)) after connection broken by "
         "'Temporary failure in name resolution'\nERROR: No matching distribution found for six\n", "dns-failure"),
        ("\x1d+ dockerize -wait tcp://127.0.0.1:3306\nProblem with dial: dial tcp 127.0.0.1:3306: connect: connection "
         "refused. Retrying in 1s\nTimeout after 1m0s waiting on dependencies\n", "mysql-refused"),
        ("\x1d+ node app.js\nError: connect ECONNREFUSED 127.0.0.1:6379\n    at TCP.onConnect (node:net:1595:16) {\n"
         "  errno: -111,\n  code: 'ECONNREFUSED',\n  port: 6379\n}\n\nNode.js v20.20.2\n", "redis-refused"),
        ("\x1d+ python3 -m venv v\nThe virtual environment was not created successfully because ensurepip is not\n"
         "available.  On Debian/Ubuntu systems, you need to install the python3-venv\npackage using the following command.\n"
         "\n    apt install python3.8-venv\n", "python-venv-missing"),
        ("\x1d+ dep deploy\n[a] < sh: 1: ssh: not found\n✔ Ok [0ms]\n", "command-not-found"),
        ("\x1d+ ansible-playbook x.yml\nfatal: [a]: UNREACHABLE! => {\"msg\": \"Warning: added a.\\r\\nx@a: Permission denied "
         "(publickey).\"}\n\nPLAY RECAP ***\na : ok=0  changed=0  unreachable=1  failed=0\n", "ssh-publickey"),
        ("\x1d+ ls dist || mkdir dist; cp app.js dist\ncp: cannot stat 'app.js': No such file or directory\n", "file-not-found"),
        ("\x1d+ bash sync.sh\ncurl: (6) Could not resolve host: x.example\nCleaning up the work folder\n", "dns-failure"),
        ("\x1d+ bash check.sh\n==> lint\nci.sh: line 3: yamllint: command not found\n==> size\n12K src\nOne or more checks failed.\n",
         "command-not-found"),
    ],
    ids=["a fork that bash retries", "the second way's own words", "a wait that goes on", "a retry that failed", "a retry that gave up", "an object after the error", "advice in prose", "a task that Deployer runs after it", "a warning within an error",
         "another way out of another command", "a script's clean-up after it", "a script that tells it at its end"],
)  # fmt: skip
def test_an_alarm_that_was_not_overcome_stays_the_cause(log: str, rule: str) -> None:
    assert diagnose(parse_log(log.encode())).findings[0].rule == rule


def test_where_the_exit_code_tells_that_it_failed_an_alarm_that_seemed_overcome_is_better_than_none() -> None:
    log = "+ ./sync.sh\nredis-cli: Could not connect to Redis at 127.0.0.1:6379: Connection refused\na 1\nb 2\nc 3\n"
    assert not diagnose(parse_log(log.encode())).findings
    assert diagnose(parse_log(f"{log}# exit=1\n".encode())).findings[0].rule == "redis-refused"


def test_where_one_of_a_rules_lines_was_survived_another_may_be_the_cause() -> None:
    log = (
        "\x1d+ apt-get update\nErr:3 http://deb.example.com/debian buster Release\n  404  Not Found [IP: 192.0.2.1 80]\n"
        "Reading package lists...\nE: The repository 'http://deb.example.com/debian buster Release' does not have a Release file.\n"
    )
    assert diagnose(parse_log(log.encode())).findings[0].rule == "apt-release-gone"
