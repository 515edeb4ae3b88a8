"""Slips in the layout of the YAML: columns, blanks, dashes and colons."""

from slips import Slip, each, is_cured_for_good, is_told_once_at_its_line

SLIPS = {
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
def test_a_slip_of_layout_is_told_once_at_its_line_for_what_it_is(slip: Slip) -> None:
    is_told_once_at_its_line(slip)


@each(SLIPS, only=lambda slip: slip.cured)
def test_a_slip_of_layout_with_a_safe_cure_is_cured_for_good(slip: Slip) -> None:
    is_cured_for_good(slip)
