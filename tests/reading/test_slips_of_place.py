"""Slips of place: a keyword that is misspelt, missing, or where Bitbucket does not look for it."""

from slips import Slip, each, is_cured_for_good, is_told_once_at_its_line

SLIPS = {
    "a GitHub workflow": Slip(
        """\
name: CI
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v2
      - run: npm test
""",
        [("PL118", 1)],
    ),
    "a GitLab pipeline": Slip(
        """\
stages:
  - build
build:
  stage: build
  script:
    - make
""",
        [("PL118", 1)],
    ),
    "steps for step": Slip(
        """\
pipelines:
  default:
    - steps:
        script: [a]
""",
        [("PL103", 3)],
        cured=True,
    ),
    "a step without step": Slip(
        """\
pipelines:
  default:
    - name: x
      script:
        - a
""",
        [("PL104", 3)],
        cured=True,
    ),
    "services at the top": Slip(
        """\
pipelines:
  default:
    - step:
        services:
          - postgres
        script: [a]
services:
  postgres:
    image: postgres:15
""",
        [("PL105", 7)],
    ),
    "branches at the top": Slip(
        """\
image: node
branches:
  main:
    - step:
        script: [a]
""",
        [("PL105", 2)],
    ),
    "max-time at the top": Slip(
        """\
max-time: 30
pipelines:
  default:
    - step:
        max_time: 30
        script: [a]
""",
        [("PL105", 1), ("PL103", 5)],
        cured=True,
    ),
    "a deployment twice": Slip(
        """\
pipelines:
  default:
    - step:
        deployment: production
        script: [a]
    - step:
        deployment: production
        script: [a]
""",
        [("PL205", 7)],
    ),
    "parallel in parallel": Slip(
        """\
pipelines:
  default:
    - parallel:
        - parallel:
            - step:
                script: [a]
""",
        [("PL105", 4)],
    ),
    "keywords beside step": Slip(
        """\
pipelines:
  default:
    - step:
      name: x
      script:
        - a
""",
        [("PL114", 3)],
        cured=True,
    ),
    "script beside step": Slip(
        """\
pipelines:
  default:
    - step:
        name: x
      script:
        - a
""",
        [("PL114", 5)],
        cured=True,
    ),
    "variables with a dash of their own": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - pipe: a/b:1
          - variables:
              A: b
""",
        [("PL105", 6)],
    ),
    "a first step by hand": Slip(
        """\
pipelines:
  branches:
    main:
      - step:
          trigger: manual
          script: [a]
""",
        [("PL206", 5)],
    ),
    "paths without changesets": Slip(
        """\
pipelines:
  default:
    - step:
        condition:
          includePaths:
            - a/**
        script: [a]
""",
        [("PL105", 5)],
    ),
    "include-paths": Slip(
        """\
pipelines:
  default:
    - step:
        condition:
          changesets:
            include-paths:
              - a/**
        script: [a]
""",
        [("PL103", 6)],
        cured=True,
    ),
    "a name for artifacts": Slip(
        """\
pipelines:
  default:
    - step:
        script: [a]
        artifacts:
          name: x
          paths:
            - a/**
""",
        [("PL103", 6)],
    ),
    "an alias without step": Slip(
        """\
definitions:
  steps:
    - step: &a
        script: [a]
pipelines:
  default:
    - parallel:
      - *a
""",
        [("PL104", 8)],
        cured=True,
    ),
    "custom as a list": Slip(
        """\
pipelines:
  custom:
    - deploy:
        - step:
            script: [a]
""",
        [("PL115", 3)],
    ),
    "a branch beside branches": Slip(
        """\
pipelines:
  branches:
    default:
      - step:
          script: [a]
  master:
    - step:
        script: [a]
""",
        [("PL117", 6)],
    ),
    "variables in a step": Slip(
        """\
pipelines:
  default:
    - step:
        variables:
          A: b
        script: [a]
""",
        [("PL103", 4)],
    ),
    "default without pipelines": Slip(
        """\
default:
  - step:
      script: [a]
""",
        [("PL105", 1)],
    ),
    "tags inside branches": Slip(
        """\
pipelines:
  branches:
    main:
      - step: {script: [a]}
    tags:
      v*:
        - step: {script: [a]}
""",
        [("PL105", 5)],
    ),
    "definitions inside pipelines": Slip(
        """\
pipelines:
  definitions:
    services:
      redis: {image: redis}
  default:
    - step:
        services: [redis]
        script: [a]
""",
        [("PL105", 2)],
    ),
    "a misspelt definitions": Slip(
        """\
definition:
  services:
    redis: {image: redis}
pipelines:
  default:
    - step:
        services: [redis]
        script: [a]
""",
        [("PL103", 1)],
        cured=True,
    ),
    "a schedule": Slip(
        """\
pipelines:
  default:
    - step: {script: [a]}
  schedules:
    - cron: x
""",
        [("PL103", 4)],
    ),
    "a script under default": Slip(
        """\
pipelines:
  default:
    script:
      - a
""",
        [("PL104", 3)],
        cured=True,
    ),
    "branches as a list of names": Slip(
        """\
pipelines:
  branches:
    - main:
        - step: {script: [a]}
""",
        [("PL115", 3)],
        cured=True,
    ),
    "artifacts among the commands": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - a
          - artifacts:
              - b
""",
        [("PL105", 6)],
    ),
    "a pipe beside the script": Slip(
        """\
pipelines:
  default:
    - step:
        pipe: a/b:1
        script: [a]
""",
        [("PL103", 4)],
    ),
    "steps with a list where each is an item": Slip(
        """\
pipelines:
  default:
    - steps:
        - step: {script: [a]}
""",
        [("PL103", 3)],
    ),
}


@each(SLIPS)
def test_a_slip_of_place_is_told_once_at_its_line_for_what_it_is(slip: Slip) -> None:
    is_told_once_at_its_line(slip)


@each(SLIPS, only=lambda slip: slip.cured)
def test_a_slip_of_place_with_a_safe_cure_is_cured_for_good(slip: Slip) -> None:
    is_cured_for_good(slip)
