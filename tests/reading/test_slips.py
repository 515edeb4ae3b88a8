"""What people get wrong: each slip is told once, at its line, for what it is; and what looks odd but runs is let be."""

import pytest

from pipelinelab.reading.cured import cured
from pipelinelab.reading.read import read_text

WRONG = {
    "an unquoted yes in the old environment section": (
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
    ),
    "default as a map": (
        """\
pipelines:
  default:
    step:
      script:
        - a
""",
        [("PL101", 3)],
    ),
    "a script as text": (
        """\
pipelines:
  default:
    - step:
        script: npm test
""",
        [("PL113", 4)],
    ),
    "a colon in a command": (
        """\
pipelines:
  default:
    - step:
        script:
          - echo "Deploying to: prod"
          - curl -H "Content-Type: application/json" http://x
""",
        [("PL110", 5), ("PL110", 6)],
    ),
    "a GitHub workflow": (
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
    "a GitLab pipeline": (
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
    "steps for step": (
        """\
pipelines:
  default:
    - steps:
        script: [a]
""",
        [("PL103", 3)],
    ),
    "a step without step": (
        """\
pipelines:
  default:
    - name: x
      script:
        - a
""",
        [("PL104", 3)],
    ),
    "a misspelt service": (
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
    "services at the top": (
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
    "branches at the top": (
        """\
image: node
branches:
  main:
    - step:
        script: [a]
""",
        [("PL105", 2)],
    ),
    "a service defined in a step": (
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
    "a number as image": (
        """\
image: 3.7
pipelines:
  default:
    - step:
        script: [a]
""",
        [("PL109", 1)],
    ),
    "max-time at the top": (
        """\
max-time: 30
pipelines:
  default:
    - step:
        max_time: 30
        script: [a]
""",
        [("PL105", 1), ("PL103", 5)],
    ),
    "a size without x": (
        """\
pipelines:
  default:
    - step:
        size: 2
        script: [a]
""",
        [("PL106", 4)],
    ),
    "a deployment twice": (
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
    "parallel as a map with step": (
        """\
pipelines:
  default:
    - parallel:
        step:
          script: [a]
""",
        [("PL101", 4)],
    ),
    "parallel in parallel": (
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
    "a colon in a name": (
        """\
pipelines:
  default:
    - step:
        name: Build: all
        script: [a]
""",
        [("PL010", 4)],
    ),
    "a dash that is a part of the command above": (
        """\
pipelines:
  default:
    - step:
        name: x
        script:
        - a
         - b
""",
        [("PL220", 7)],
    ),
    "an unquoted star": (
        """\
pipelines:
  branches:
    *:
      - step:
          script: [a]
""",
        [("PL013", 3)],
    ),
    "a keyword without its colon": (
        """\
pipelines:
  default
    - step:
        script: [a]
""",
        [("PL010", 2)],
    ),
    "text after a quote": (
        """\
pipelines:
  default:
    - step:
        script:
          - "foo" bar
""",
        [("PL010", 5)],
    ),
    "an alias of nothing": (
        """\
pipelines:
  default:
    - step: *build
""",
        [("PL013", 3)],
    ),
    "keywords beside step": (
        """\
pipelines:
  default:
    - step:
      name: x
      script:
        - a
""",
        [("PL114", 3)],
    ),
    "script beside step": (
        """\
pipelines:
  default:
    - step:
        name: x
      script:
        - a
""",
        [("PL114", 5)],
    ),
    "caches as text": (
        """\
pipelines:
  default:
    - step:
        caches: node
        script: [a]
""",
        [("PL101", 4)],
    ),
    "variables as a list": (
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
    "an unquoted true in a pipe": (
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
    ),
    "a variable without a value": (
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
    "variables that MySQL does not know": (
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
    ),
    "variables deeper than pipe": (
        """\
pipelines:
  default:
    - step:
        script:
          - pipe: a/b:1
          variables:
            A: b
""",
        [("PL012", 6)],
    ),
    "variables with a dash of their own": (
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
    "a first step by hand": (
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
    "paths without changesets": (
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
    "include-paths": (
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
    ),
    "a name for artifacts": (
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
    "an alias without step": (
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
    ),
    "a tab": ("pipelines:\n  default:\n    - step:\n        script:\n          - a\n\t  - b\n", [("PL011", 6)]),
    "a no-break space": ("pipelines:\n  default:\n    - step:\n\xa0       script:\n          - a\n", [("PL017", 4)]),
    "a branch twice": (
        """\
pipelines:
  branches:
    main:
      - step:
          script: [a]
    main:
      - step:
          script: [b]
""",
        [("PL015", 6)],
    ),
    "true as a command": (
        """\
pipelines:
  default:
    - step:
        script:
          - true
          - 5
""",
        [("PL108", 5), ("PL109", 6)],
    ),
    "memory with a unit": (
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
    "a depth in quotes": (
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
    ),
    "an empty script": (
        """\
pipelines:
  default:
    - step:
        name: x
        script:
""",
        [("PL102", 5)],
    ),
    "an empty branch": (
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
    "custom as a list": (
        """\
pipelines:
  custom:
    - deploy:
        - step:
            script: [a]
""",
        [("PL115", 3)],
    ),
    "a branch beside branches": (
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
    "a stage without steps": (
        """\
pipelines:
  default:
    - stage:
        name: x
        - step:
            script: [a]
""",
        [("PL012", 5)],
    ),
    "a stage as a list": (
        """\
pipelines:
  default:
    - stage:
        - step:
            script: [a]
""",
        [("PL101", 4)],
    ),
    "environment as a map in a step": (
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
    "variables in a step": (
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
    "a command that begins with a bracket": (
        """\
pipelines:
  default:
    - step:
        script:
          - [ -f x ] && echo y
""",
        [("PL010", 5)],
    ),
    "a placeholder": (
        """\
pipelines:
  default:
    - step:
        script:
          - {{ cmd }}
""",
        [("PL007", 5)],
    ),
    "a command that begins with a percent sign": (
        """\
pipelines:
  default:
    - step:
        script:
          - %CMD%
          - @echo off
""",
        [("PL010", 5)],
    ),
    "a merge conflict": ("a: b\r\n<<<<<<< HEAD\r\nimage: a\r\n=======\r\n>>>>>>> x\r\n", [("PL006", 2)]),
    "a command that begins with >": (
        """\
pipelines:
  default:
    - step:
        script:
          - > foo.txt echo hi
""",
        [("PL010", 5)],
    ),
    "a quote in a quoted command": (
        """\
pipelines:
  default:
    - step:
        script:
          - 'echo 'it's''
""",
        [("PL010", 5)],
    ),
}

FINE = {
    "merge two": """\
definitions:
  a: &a
    image: node:20
  b: &b
    caches: [node]
pipelines:
  default:
    - step:
        <<: [*a, *b]
        script: [npm test]
    - step:
        <<: *a
        <<: *b
        script: [npm test]
""",
    "step anchor item": """\
definitions:
  steps:
    - &build
      step:
        script: [make]
pipelines:
  default:
    - *build
    - <<: *build
""",
    "script anchor": """\
definitions:
  scripts:
    - script: &setup |
        echo one
        echo two
  commands:
    - &cmd npm ci
pipelines:
  pull-requests:
    '**':
      - step:
          script:
            - *setup
            - *cmd
""",
    "pipeline alias": """\
pipelines:
  branches:
    main: &main
      - step:
          script: [a]
    develop: *main
  tags: &t
    'v*': *main
  bookmarks: *t
""",
    "runs on string": """\
pipelines:
  default:
    - step:
        runs-on: self.hosted
        max-time: 60
        size: 2x
        script:
          - docker build .
""",
    "old env": """\
image: python:3.6
clone:
  depth: full
pipelines:
  default:
    - step:
        name: Test
        image:
          name: python:3.7
        services:
          - mysql
        script:
          - python manage.py test
definitions:
  services:
    mysql:
      image: mysql:5.7
      environment:
        MYSQL_DATABASE: 'pipelines'
        MYSQL_ROOT_PASSWORD: $MYSQL_ROOT
""",
    "custom vars": """\
pipelines:
  custom:
    sonar: # a comment
      - variables:
          - name: Username
          - name: Region
            default: "ap-southeast-2"
            allowed-values:
              - "ap-southeast-2"
              - "us-east-1"
      - step:
          script:
            - echo "$Username manually triggered"
  default:
    - step:
        script:
          - echo hi
        after-script:
          - echo done
""",
    "ecr": """\
image:
  name: 123456789.dkr.ecr.us-east-1.amazonaws.com/x:latest
  aws:
    oidc-role: arn:aws:iam::123:role/x
pipelines:
  default:
    - step:
        oidc: true
        script: &x
          - a
        artifacts:
          download: false
          paths:
            - dist/**
""",
    "options only docker": """\
options:
  docker: true
  size: 2x
definitions:
  services:
    docker:
      memory: 3072
pipelines:
  branches:
    "{main,develop}":
      - step:
          script: [docker build .]
""",
    "flow seq steps": """\
pipelines:
  default:
  - parallel:
      fail-fast: true
      steps:
      - step: {name: a, script: ["true"]}
      - step: {name: b, script: ['exit 0'], fail-fast: false}
  - stage:
      name: Deploy
      deployment: prod
      steps:
        - parallel:
            - step:
                script: [a]
""",
    "import": """\
export: true
definitions:
  imports:
    shared: repo:main
  pipelines:
    p:
      - step:
          script: [a]
pipelines:
  branches:
    main:
      import: shared-repo:master:p
  custom:
    x:
      import: p@shared
""",
    "long strings": """\
pipelines:
  default:
    - step:
        script:
          - >-
            podman run
            --rm
            foo
          - echo "x:y"
          - echo http://foo
          - "echo 'a: b'"
          - if [ "$A" == "b" ]; then echo yes; fi
          - export A=`cat x`
          - "yes"
          - ls   # comment: with colon
          - pipe: docker://foo/bar:1
            variables:
              A: ${B}
              LIST: ['a', "b"]
              EMPTY: ''
""",
    "child pipeline": """\
pipelines:
  default:
    - step:
        name: kick
        type: pipeline
        custom: child
        input-variables:
          A: $B
  custom:
    child:
      - step:
          script: [a]
          output-variables:
            - X
""",
    "doc start": """\
---
image: node:18
pipelines:
  default:
    - step:
        script:
          - npm test
...
""",
    "x keys": """\
x-image: &image node:18
.template: &tpl
  caches: [node]
variables: &vars
  A: b
pipelines:
  default:
    - step:
        <<: *tpl
        image: *image
        script: [a]
""",
    "uppercase branches": """\
pipelines:
  branches:
    feature/*:
      - step:
          script: [a]
    release/1.0:
      - step:
          script: [a]
    hotfix/**:
      - step: &s
          deployment: Test
          trigger: automatic
          script: [a]
  tags:
    v1.*:
      - step: *s
    '*.*.*':
      - step: *s
""",
    "state cond": """\
pipelines:
  default:
    - stage:
        name: x
        condition:
          changesets:
            includePaths: ["src/**"]
        steps:
          - step:
              script: [a]
              runtime:
                cloud:
                  version: "3"
                  arch: arm
""",
    "memory ok": """\
definitions:
  services:
    a: {image: redis, memory: 512}
    b: {image: postgres, memory: 2048, variables: {POSTGRES_HOST_AUTH_METHOD: trust}}
pipelines:
  default:
    - step:
        services: [a, b]
        script: [a]
""",
    "win runner": """\
pipelines:
  default:
    - step:
        runs-on: ['self.hosted', 'windows']
        script:
          - Get-ChildItem -Path C:\\foo
""",
    "caches key": """\
definitions:
  caches:
    npm:
      key:
        files:
          - package-lock.json
      path: $HOME/.npm
    bundler: vendor/bundle
pipelines:
  default:
    - step:
        caches:
          - npm
          - bundler
        script:
          - a
""",
    "deploy alias twice diff pipelines": """\
definitions:
  steps:
    - step: &d
        deployment: production
        script: [a]
pipelines:
  branches:
    main:
      - step: *d
    master:
      - step:
          <<: *d
          deployment: staging
      - step: *d
""",
}

CURED = [
    "an unquoted yes in the old environment section",
    "default as a map",
    "a script as text",
    "a colon in a command",
    "steps for step",
    "a step without step",
    "a number as image",
    "max-time at the top",
    "a size without x",
    "parallel as a map with step",
    "a colon in a name",
    "an unquoted star",
    "a keyword without its colon",
    "text after a quote",
    "keywords beside step",
    "script beside step",
    "caches as text",
    "an unquoted true in a pipe",
    "variables that MySQL does not know",
    "include-paths",
    "an alias without step",
    "a no-break space",
    "true as a command",
    "a depth in quotes",
    "a stage as a list",
    "a command that begins with a bracket",
    "a command that begins with a percent sign",
    "a quote in a quoted command",
]


@pytest.mark.parametrize("name", WRONG)
def test_a_slip_is_told_once_at_its_line_for_what_it_is(name: str) -> None:
    text, expected = WRONG[name]
    reading = read_text(text)
    found = [(problem.code, problem.span.line) for problem in reading.errors + reading.warnings]
    assert found == expected, str(reading)


@pytest.mark.parametrize("name", FINE)
def test_what_looks_odd_but_runs_is_let_be(name: str) -> None:
    reading = read_text(FINE[name])
    assert not reading.errors + reading.warnings, str(reading)
    assert reading.pipelines is not None and reading.pipelines.pipelines


@pytest.mark.parametrize("name", CURED)
def test_a_slip_with_a_safe_cure_is_cured_for_good(name: str) -> None:
    before = read_text(WRONG[name][0])
    after = cured(before)
    assert not after.errors, str(after)
    assert after.pipelines is not None
    comments = [line.strip() for line in before.text.splitlines() if "#" in line]
    assert [line.strip() for line in after.text.splitlines() if "#" in line] == comments
