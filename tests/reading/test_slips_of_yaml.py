"""Slips in the YAML itself, within a value: quotes, signs and aliases."""

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
}


@each(SLIPS)
def test_a_slip_of_yaml_is_told_once_at_its_line_for_what_it_is(slip: Slip) -> None:
    is_told_once_at_its_line(slip)


@each(SLIPS, only=lambda slip: slip.cured)
def test_a_slip_of_yaml_with_a_safe_cure_is_cured_for_good(slip: Slip) -> None:
    is_cured_for_good(slip)
