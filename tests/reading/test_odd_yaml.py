"""YAML that looks odd but that Bitbucket reads as its writer meant is let be: anchors, merges, folded text."""

import pytest
from slips import is_let_be

SOUND = {
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


@pytest.mark.parametrize("name", SOUND)
def test_yaml_that_looks_odd_but_is_sound_is_let_be(name: str) -> None:
    is_let_be(SOUND[name])
