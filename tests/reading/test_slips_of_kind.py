"""Slips of kind: text for a list, a list for a map, a number for text, a name that nothing has."""

from slips import Slip, each, is_cured_for_good, is_told_once_at_its_line

SLIPS = {
    "an unquoted yes in the old environment section": Slip(
        """\
definitions:
  services:
    mysql:
      image: mysql:5.7
      environment:
        MYSQL_RANDOM_ROOT_PASSWORD: yes
        MYSQL_PORT: 3306
pipelines:
  default:
    - step:
        services: [mysql]
        script: [a]
""",
        [("PL108", 6), ("PL109", 7)],
        cured=True,
    ),
    "default as a map": Slip(
        """\
pipelines:
  default:
    step:
      script:
        - a
""",
        [("PL101", 3)],
        cured=True,
    ),
    "a script as text": Slip(
        """\
pipelines:
  default:
    - step:
        script: npm test
""",
        [("PL113", 4)],
        cured=True,
    ),
    "a colon in a command": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - echo "Deploying to: prod"
          - curl -H "Content-Type: application/json" http://x
""",
        [("PL110", 5), ("PL110", 6)],
        cured=True,
    ),
    "a misspelt service": Slip(
        """\
pipelines:
  default:
    - step:
        services:
          - postgress
        script: [a]
definitions:
  services:
    postgres:
      image: postgres:15
      variables: {POSTGRES_PASSWORD: x}
""",
        [("PL201", 5)],
    ),
    "a service defined in a step": Slip(
        """\
pipelines:
  default:
    - step:
        services:
          mysql:
            image: mysql
        script: [a]
""",
        [("PL101", 5)],
    ),
    "a number as image": Slip(
        """\
image: 3.7
pipelines:
  default:
    - step:
        script: [a]
""",
        [("PL109", 1)],
        cured=True,
    ),
    "a size without x": Slip(
        """\
pipelines:
  default:
    - step:
        size: 2
        script: [a]
""",
        [("PL106", 4)],
        cured=True,
    ),
    "parallel as a map with step": Slip(
        """\
pipelines:
  default:
    - parallel:
        step:
          script: [a]
""",
        [("PL101", 4)],
        cured=True,
    ),
    "caches as text": Slip(
        """\
pipelines:
  default:
    - step:
        caches: node
        script: [a]
""",
        [("PL101", 4)],
        cured=True,
    ),
    "variables as a list": Slip(
        """\
definitions:
  services:
    db:
      image: postgres
      variables:
        - POSTGRES_PASSWORD=x
pipelines:
  default:
    - step:
        services: [db]
        script: [a]
""",
        [("PL101", 6)],
    ),
    "an unquoted true in a pipe": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - pipe: atlassian/aws-s3-deploy:1.1.0
            variables:
              DEBUG: true
              X: 12:30:45
""",
        [("PL108", 7), ("PL109", 8)],
        cured=True,
    ),
    "a variable without a value": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - pipe: atlassian/aws-s3-deploy:1.1.0
            variables:
              DEBUG:
""",
        [("PL102", 7)],
    ),
    "variables that MySQL does not know": Slip(
        """\
definitions:
  services:
    db:
      image: mysql:8
      variables:
        MYSQL_USERNAME: x
        MYSQL_DB: y
pipelines:
  default:
    - step:
        services: [db]
        script: [a]
""",
        [("PL212", 6), ("PL213", 6), ("PL212", 7)],
        cured=True,
    ),
    "true as a command": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - true
          - 5
""",
        [("PL108", 5), ("PL109", 6)],
        cured=True,
    ),
    "memory with a unit": Slip(
        """\
definitions:
  services:
    docker:
      memory: 4096m
pipelines:
  default:
    - step:
        services: [docker]
        script: [a]
""",
        [("PL101", 4)],
    ),
    "a depth in quotes": Slip(
        """\
clone:
  depth: "1"
pipelines:
  default:
    - step:
        clone:
          enable: false
        script: [a]
""",
        [("PL101", 2), ("PL103", 7)],
        cured=True,
    ),
    "an empty script": Slip(
        """\
pipelines:
  default:
    - step:
        name: x
        script:
""",
        [("PL102", 5)],
    ),
    "an empty branch": Slip(
        """\
pipelines:
  branches:
    main:
  default:
    - step:
        script: [a]
""",
        [("PL102", 3)],
    ),
    "a stage as a list": Slip(
        """\
pipelines:
  default:
    - stage:
        - step:
            script: [a]
""",
        [("PL101", 4)],
        cured=True,
    ),
    "environment as a map in a step": Slip(
        """\
pipelines:
  default:
    - step:
        environment:
          A: b
        script: [a]
""",
        [("PL101", 5)],
    ),
    "a merge key with one sign": Slip(
        """\
a: &a
  script: [a]
pipelines:
  default:
    - step:
        <: *a
        name: x
""",
        [("PL103", 6)],
        cured=True,
    ),
    "step where a parallel map takes steps": Slip(
        """\
pipelines:
  default:
    - parallel:
        fail-fast: true
        step:
          script:
            - a
""",
        [("PL101", 5)],
        cured=True,
    ),
    "named artifacts without upload": Slip(
        """\
pipelines:
  default:
    - step:
        script: [a]
        artifacts:
          - name: x
            paths: [b]
""",
        [("PL101", 6)],
        cured=True,
    ),
    "service variables as NAME=value": Slip(
        """\
definitions:
  services:
    db:
      image: redis
      variables:
        - A=b c
pipelines:
  default:
    - step:
        services: [db]
        script: [a]
""",
        [("PL101", 6)],
        cured=True,
    ),
    "the keywords of a step with dashes": Slip(
        """\
pipelines:
  default:
    - step:
        - name: x
        - script: [a]
""",
        [("PL101", 4)],
        cured=True,
    ),
    "custom variables as a map": Slip(
        """\
pipelines:
  custom:
    go:
      - variables:
          name: A
          default: b
      - step: {script: [a]}
""",
        [("PL101", 5)],
        cured=True,
    ),
}


@each(SLIPS)
def test_a_slip_of_kind_is_told_once_at_its_line_for_what_it_is(slip: Slip) -> None:
    is_told_once_at_its_line(slip)


@each(SLIPS, only=lambda slip: slip.cured)
def test_a_slip_of_kind_with_a_safe_cure_is_cured_for_good(slip: Slip) -> None:
    is_cured_for_good(slip)
