"""Keywords that look odd but that Bitbucket knows are let be."""

import pytest
from slips import is_let_be

SOUND = {
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
}


@pytest.mark.parametrize("name", SOUND)
def test_keywords_that_look_odd_but_are_known_are_let_be(name: str) -> None:
    is_let_be(SOUND[name])
