"""The secret key that development makes for itself."""

import os
import stat
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from rescind.domain.authority import Authority
from rescind.errors import SettingsError
from rescind.secret_key import ensure_secret_key
from rescind.settings import Settings
from tests.given_settings import KEY

# Each line that comes in names an instance folder to start in; the answer is the key of this process then.
STARTER = """
import sys
from rescind.secret_key import ensure_secret_key
from rescind.settings import Settings

for line in sys.stdin:
    settings = Settings.load({}, instance_path=line.rstrip("\\n"))
    print(ensure_secret_key(settings).secret_key[0], flush=True)
"""


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


def in_other_processes(count: int, instances: list[Path]) -> list[set[str]]:
    """Start in each folder from as many processes at once, and return the keys that they ended with."""
    source = str(Path(sys.modules[Settings.__module__].__file__ or "").parents[1])
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", STARTER],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    bufsize=1,
                    env={**os.environ, "PYTHONPATH": source},
                )
            )
            for _ in range(count)
        ]
        return [race(processes, instance) for instance in instances]


def race(processes: list[subprocess.Popen[str]], instance: Path) -> set[str]:
    for process in processes:
        assert process.stdin
        process.stdin.write(f"{instance}\n")
    return {process.stdout.readline().strip() for process in processes if process.stdout}


def test_a_secret_key_that_is_set_makes_no_file(instance: Path) -> None:
    settings = Settings.load({"RESCIND_SECRET_KEY": KEY}, instance_path=str(instance))

    assert ensure_secret_key(settings) is settings
    assert not instance.exists()


def test_development_makes_a_key_that_only_its_owner_reads(
    instance: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings.load({}, instance_path=str(instance))

    first, second = ensure_secret_key(settings), ensure_secret_key(settings)

    assert first == second
    assert first.secret_key == ((instance / "secret_key").read_text().strip(),)
    assert len(first.secret_key[0]) == 43
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert not caplog.messages
    assert [file.name for file in instance.iterdir()] == ["secret_key"]


def test_a_folder_that_is_made_for_the_store_alone_is_its_owners_too(instance: Path) -> None:
    # As it is of itself for whoever shares a machine with a group.
    before = os.umask(0o002)
    try:
        authority = Authority.open(Settings(instance_path=str(instance), secret_key=(KEY,)))
    finally:
        os.umask(before)

    authority.store.dispose()
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700


def test_two_instances_have_two_keys(tmp_path: Path) -> None:
    one, other = (ensure_secret_key(Settings(instance_path=str(tmp_path / name))) for name in "ab")

    assert one.secret_key != other.secret_key


def test_a_key_that_others_could_read_is_closed_to_them(
    instance: Path, caplog: pytest.LogCaptureFixture
) -> None:
    instance.mkdir()
    file = instance / "secret_key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o644)

    settings = ensure_secret_key(Settings(instance_path=str(instance)))

    assert settings.secret_key == (KEY,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert caplog.messages == [f"{file} could be read by others; now only its owner can"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n", id="newline"),
        pytest.param(b"hunter2\n", id="short"),
        pytest.param(b"\xff" * 32, id="no text"),
        pytest.param(b"hunter2-hunter2-,hunter2-hunter2-", id="comma"),
        pytest.param(b"hunter2-hunter2-\nhunter2-hunter2-\n", id="two lines"),
    ],
)
def test_a_file_that_holds_no_key_is_refused_and_left(instance: Path, content: bytes) -> None:
    instance.mkdir()
    (instance / "secret_key").write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        ensure_secret_key(Settings(instance_path=str(instance)))

    assert str(caught.value) == (
        f"{instance / 'secret_key'} holds no secret key: remove it, or set RESCIND_SECRET_KEY."
    )
    assert (instance / "secret_key").read_bytes() == content


def test_a_key_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError) as caught:
        ensure_secret_key(Settings(instance_path=str(tmp_path / "file" / "instance")))

    assert str(caught.value) == (
        f"The secret key of development can't be kept in {tmp_path / 'file' / 'instance' / 'secret_key'} "
        "(Not a directory): set RESCIND_SECRET_KEY."
    )


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    instances = [tmp_path / str(number) for number in range(40)]

    keys = in_other_processes(4, instances)

    assert keys == [{(instance / "secret_key").read_text().strip()} for instance in instances]
    assert [len(list(instance.iterdir())) for instance in instances] == [1] * 40
