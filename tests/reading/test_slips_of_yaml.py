"""Slips in the YAML itself: what is no YAML, or is other YAML than its writer meant."""

from slips import Slip, each, is_cured_for_good, is_told_once_at_its_line

SLIPS = {
    "a colon in a name": Slip(
        """\
pipelines:
  default:
    - step:
        name: Build: all
        script: [a]
""",
        [("PL010", 4)],
        cured=True,
    ),
    "a dash that is a part of the command above": Slip(
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
    "an unquoted star": Slip(
        """\
pipelines:
  branches:
    *:
      - step:
          script: [a]
""",
        [("PL013", 3)],
        cured=True,
    ),
    "a keyword without its colon": Slip(
        """\
pipelines:
  default
    - step:
        script: [a]
""",
        [("PL010", 2)],
        cured=True,
    ),
    "text after a quote": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - "foo" bar
""",
        [("PL010", 5)],
        cured=True,
    ),
    "an alias of nothing": Slip(
        """\
pipelines:
  default:
    - step: *build
""",
        [("PL013", 3)],
    ),
    "variables deeper than pipe": Slip(
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
    "a tab": Slip(
        "pipelines:\n  default:\n    - step:\n        script:\n          - a\n\t  - b\n",
        [("PL011", 6)],
    ),
    "a no-break space": Slip(
        "pipelines:\n  default:\n    - step:\n\xa0       script:\n          - a\n",
        [("PL017", 4)],
        cured=True,
    ),
    "a branch twice": Slip(
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
    "a stage without steps": Slip(
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
    "a command that begins with a bracket": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - [ -f x ] && echo y
""",
        [("PL010", 5)],
        cured=True,
    ),
    "a placeholder": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - {{ cmd }}
""",
        [("PL007", 5)],
    ),
    "a command that begins with a percent sign": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - %CMD%
          - @echo off
""",
        [("PL010", 5)],
        cured=True,
    ),
    "a merge conflict": Slip(
        "a: b\r\n<<<<<<< HEAD\r\nimage: a\r\n=======\r\n>>>>>>> x\r\n",
        [("PL006", 2)],
    ),
    "a command that begins with >": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - > foo.txt echo hi
""",
        [("PL010", 5)],
    ),
    "a quote in a quoted command": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - 'echo 'it's''
""",
        [("PL010", 5)],
        cured=True,
    ),
    "a dash without a blank, told where it stands and not where the parser stumbles": Slip(
        """\
pipelines:
  default:
    - parallel:
        -step:
            script: [a]
        - step:
            script: [b]
""",
        [("PL012", 4)],
        cured=True,
    ),
    "a dash without a blank before the only step": Slip(
        """\
pipelines:
  default:
    -step:
        script:
          - a
""",
        [("PL012", 3)],
        cured=True,
    ),
    "a colon without a blank": Slip(
        """\
pipelines:
  default:
    - step:
        name:Build
        script: [a]
""",
        [("PL010", 4)],
        cured=True,
    ),
    "a colon without a blank in a pipe": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - pipe:a/b:1
            variables: {A: b}
""",
        [("PL010", 5)],
        cured=True,
    ),
    "a merge key without its colon": Slip(
        """\
a: &a
  script: [a]
pipelines:
  default:
    - step:
        << *a
        name: x
""",
        [("PL010", 6)],
        cured=True,
    ),
    "a script without its colon": Slip(
        """\
pipelines:
  default:
    - step:
        script
          - a
""",
        [("PL101", 4)],
        cured=True,
    ),
    "a wide colon": Slip(
        """\
pipelines:
  default:
    - step:
        script：
          - a
""",
        [("PL101", 4)],
        cured=True,
    ),
    "a dash of a word processor before a step": Slip(
        """\
pipelines:
  default:
    – step:
        script: [a]
""",
        [("PL017", 3)],
        cured=True,
    ),
    "a dash of a word processor before a command": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - a
          – b
""",
        [("PL017", 6)],
        cured=True,
    ),
    "a text block that is not indented": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - |
          if true; then
            echo a
          fi
""",
        [("PL012", 6)],
    ),
    "a comment between the lines of a command": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - docker run
            # the image
            alpine ls
""",
        [("PL010", 7)],
    ),
    "more after a command in quotes": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - 'npm run build' > log.txt
""",
        [("PL010", 5)],
        cured=True,
    ),
    "text after an alias": Slip(
        """\
a: &a b
pipelines:
  default:
    - step:
        script:
          - *a && c
""",
        [("PL010", 6)],
    ),
    "two keywords in one line": Slip(
        """\
pipelines:
  default:
    - step: name: x
        script: [a]
""",
        [("PL012", 3)],
        cured=True,
    ),
    "a pattern that begins with a star and goes on with a dash": Slip(
        """\
pipelines:
  branches:
    *-x:
      - step: {script: [a]}
""",
        [("PL013", 3)],
        cured=True,
    ),
    "backslashes in a command that YAML folds": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - pytest tests \\
              --maxfail 1
""",
        [("PL222", 5)],
        cured=True,
    ),
    "a dash without a blank before the last command": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - a
          -npm test

    - step:
        script: [b]
""",
        [("PL012", 6)],
        cured=True,
    ),
    "a script without a blank after any dash": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          -npm ci
          -npm test
""",
        [("PL012", 5)],
        cured=True,
    ),
    "a last command without a dash": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - a
          npm test
""",
        [("PL012", 6)],
        cured=True,
    ),
    "a word alone in its line": Slip(
        """\
pipelines:
  default:
    - step:
        script: [a]
        packages
""",
        [("PL012", 5)],
    ),
    "a command that goes on with the one above": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - a
          - && b
""",
        [("PL010", 6)],
    ),
    "a command in quotes that holds an apostrophe": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          - 'echo it's done'
""",
        [("PL010", 5)],
        cured=True,
    ),
    "an anchor without a name": Slip(
        """\
pipelines:
  default:
    - step: &
        script: [a]
""",
        [("PL013", 3)],
    ),
    "a keyword without its colon above its list": Slip(
        """\
pipelines:
  default:
    - step:
        caches
          - node
        script: [a]
""",
        [("PL010", 4)],
        cured=True,
    ),
    "a dash without a blank before the first command": Slip(
        """\
pipelines:
  default:
    - step:
        script:
          -a b
          - c
        caches: [node]
""",
        [("PL012", 5)],
        cured=True,
    ),
    "a step without a dash before steps that have one": Slip(
        """\
pipelines:
  default:
      step:
        script: [a]
    - step:
        script: [b]
""",
        [("PL012", 3)],
        cured=True,
    ),
    "a quote that is closed where another opens": Slip(
        """\
pipelines:
  default:
    - step:
        name: "x
        image: "y"
        script: [a]
""",
        [("PL019", 4)],
    ),
    "a keyword one column off, above others that line up": Slip(
        """\
pipelines:
  default:
    - step:
         name: x
        image: y
        script: [a]
""",
        [("PL012", 4)],
    ),
}


@each(SLIPS)
def test_a_slip_of_yaml_is_told_once_at_its_line_for_what_it_is(slip: Slip) -> None:
    is_told_once_at_its_line(slip)


@each(SLIPS, only=lambda slip: slip.cured)
def test_a_slip_of_yaml_with_a_safe_cure_is_cured_for_good(slip: Slip) -> None:
    is_cured_for_good(slip)
