import pytest

from pipelinelab.diagnosis.under_way import migration_before

SAID = b'ERROR 1054: Unknown column "nam"'


@pytest.mark.parametrize(
    ("before", "migration"),
    [
        (b"  Applying a.0001... OK\n  Applying shop.0002_fill...Traceback (most recent call last)\n", "shop.0002_fill"),
        (b"INFO  [alembic.runtime.migration] Running upgrade 1a2b -> 3c4d, add names\n", "1a2b -> 3c4d, add names"),
        (b"== 20240101000000 AddNames: migrating =====\n-- add_column(:users, :name)\n", "20240101000000 AddNames"),
        (b"Migrating: 2024_01_01_000000_add_names\n", "2024_01_01_000000_add_names"),
        (b"  2024_01_01_000000_add_names ......... 12.5ms FAIL\n", "2024_01_01_000000_add_names"),
    ],
)  # fmt: skip
def test_the_migration_that_had_begun_is_told(before: bytes, migration: str) -> None:
    assert migration_before("mysql", before + SAID, len(before)) == migration


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"  Applying shop.0001_initial... OK\n",
        b"== 20240101000000 AddNames: migrating =====\n== 20240101000000 AddNames: migrated (0.1s) =====\n",
        b"Migrating: 2024_01_01_000000_add_names\nMigrated:  2024_01_01_000000_add_names (1.2ms)\n",
        b"  2024_01_01_000000_add_names ......... 12.5ms DONE\n",
    ],
)
def test_one_that_has_ended_is_not(before: bytes) -> None:
    assert migration_before("mysql", before + SAID, len(before)) == ""


def test_it_says_nothing_of_what_is_no_databases() -> None:
    assert migration_before("node", b"  Applying shop.0002_fill...", 28) == ""
