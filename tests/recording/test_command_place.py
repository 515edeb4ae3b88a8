import pytest

from pipelinelab.recording.command_place import place_of


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ('ssh deploy@web1.example.com "cd /srv && npm ci"', "the host web1.example.com"),
        ("ssh -o StrictHostKeyChecking=no -i key $USER@$SERVER <<EOF\nnpm ci\nEOF", "the host $SERVER"),
        ("sshpass -p secret ssh -p 22 a@b ls", "the host b"),
        ("ssh -p22 -oBatchMode=yes h ls", "the host h"),
        ("ssh $SERVER 'bash -s' < deploy.sh", "the host $SERVER"),
        ("FOO=1 ssh h 'npm ci\nnpm test'", "the host h"),
        ("cd deploy && ssh h ls && echo done", "the host h"),
        ("ssh h ls || echo no", "the host h"),
        ("docker exec -it app npm test", "the container app"),
        ("docker run --rm -v $PWD:/app -w /app node:20 npm ci", "the container node:20"),
        ("docker-compose exec -T web pytest", "the container web"),
        ("docker compose run --rm web pytest", "the container web"),
        ("kubectl exec -n shop pod -- ls", "the container pod"),
    ],
)
def test_a_command_may_work_elsewhere(command: str, place: str) -> None:
    assert str(place_of(command)) == place


@pytest.mark.parametrize(
    "command",
    [
        "npm ci",
        "ssh -T git@bitbucket.org",
        "docker run -d redis",
        "git clone ssh://git@example.com/a.git",
        "npm ci && ssh h ls",  # either may have spoken
        "ssh h ls; npm ci",
        "ssh h ls\nnpm ci",
        "cat dump | ssh h 'cat > dump'",
        "echo 'a quote that is never closed",
        "",
    ],
)
def test_any_other_works_in_the_step(command: str) -> None:
    assert place_of(command) is None
