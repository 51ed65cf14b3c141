"""Checkpoints: when they are written, what they hold, and that an earlier one stays when a new one cannot be written."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule import Callback, Network, Quantile
from chainrule.errors import FileNotWritten, InvalidArgument, InvalidType
from chainrule.optimizers import Adam, MovingAverage
from chainrule.training.checkpoint import Checkpoint
from tests.training.networks import fit, network, rows, same_training, without_seconds


class Written(Callback):
    """Notes after which epochs a file was written, by its inode, which a replacement changes."""

    after_others = True

    def __init__(self, path):
        self.path, self.epochs, self._inode = Path(path), [], None

    def look(self, run):
        if self.path.exists() and self.path.stat().st_ino != self._inode:
            self._inode = self.path.stat().st_ino
            self.epochs.append(run.training.epoch)

    on_start = on_epoch = on_end = look


def written(*checkpoints, **settings):
    watchers = [Written(checkpoint.path) for checkpoint in checkpoints]
    fit(network(), callbacks=[*checkpoints, *watchers], **settings)
    return [watcher.epochs for watcher in watchers]


@pytest.mark.parametrize(
    ("every", "epochs", "expected"), [(1, 3, [0, 1, 2, 3]), (2, 6, [0, 2, 4, 6]), (4, 6, [0, 4, 6])]
)
def test_it_is_written_at_the_start_every_so_many_epochs_and_at_the_end(every, epochs, expected):
    assert written(Checkpoint("c.safetensors", every=every), epochs=epochs) == [expected]


def test_the_best_is_written_after_the_epochs_that_are_the_best_so_far():
    class Says(Callback):
        def on_epoch(self, run):
            run.history["val_J"][-1] = [5, 6, 4, 4, 3, 9][run.training.epoch - 1]

    best, last = Checkpoint("best.safetensors", monitor="val_J"), Checkpoint("last.safetensors", every=5)
    watchers = [Written(best.path), Written(last.path)]
    fit(network(), callbacks=[best, last, Says(), *watchers], validation=rows())
    assert [watcher.epochs for watcher in watchers] == [[1, 3, 5], [0, 5, 6]]
    assert chainrule.load("best.safetensors").training.epoch == 5


def test_a_training_that_is_stopped_within_an_epoch_writes_where_it_stands():
    class Stops(Callback):
        def on_batch(self, run):
            if run.training.variables.step == 13:
                run.stop("enough")

    whole, nn = network(), network()
    fit(nn, callbacks=[Stops(), Checkpoint("c.safetensors", every=5)])
    loaded = chainrule.load("c.safetensors")
    assert (loaded.training.epoch, loaded.training.position) == (1, 3)
    fit(whole)
    fit(loaded, resume=True)
    same_training(loaded, whole)


def test_a_training_that_fails_leaves_the_earlier_checkpoint():
    class Fails(Callback):
        def on_epoch(self, run):
            if run.training.epoch == 3:
                raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        fit(network(), callbacks=[Checkpoint("c.safetensors", every=2), Fails()])
    assert chainrule.load("c.safetensors").training.epoch == 2


def test_it_holds_the_average_to_predict_with_and_the_parameters_to_go_on_with():
    optimizer, data = MovingAverage(Adam(), decay=0.9), rows()
    settings = {"optimizer": optimizer, "learning_rate": 0.01}
    whole, nn = network(), network()
    fit(nn, epochs=3, callbacks=[Checkpoint("c.safetensors")], validation=data, **settings)
    loaded = chainrule.load("c.safetensors")
    np.testing.assert_array_equal(loaded.theta, nn.training.variables.remembered["average"])
    np.testing.assert_array_equal(loaded.predict(data[0]), nn.predict(data[0]))
    assert nn.history["val_J"][-1] == nn.evaluate(*data)["J"]
    np.testing.assert_array_equal(loaded.state, nn.training.variables.remembered["average_statistics"])
    assert (loaded.training.variables.theta != loaded.theta).any()
    assert (loaded.training.variables.state != loaded.state).any()
    fit(loaded, validation=data, **settings, resume=True)
    fit(whole, validation=data, **settings)
    same_training(loaded, whole)


def test_what_another_training_left_there_is_not_replaced():
    fit(network(), callbacks=[Checkpoint("c.safetensors")])
    nn = network()
    with pytest.raises(FileNotWritten, match=r"is there already.*resume='.*c.safetensors'"):
        fit(nn, callbacks=[Checkpoint("c.safetensors")])
    assert nn.training is None
    assert chainrule.load("c.safetensors").training.epoch == 6


def test_a_training_that_goes_on_does_not_replace_another_one_either():
    fit(network(), epochs=5, callbacks=[Checkpoint("other.safetensors")])
    nn = network(seed=6)
    fit(nn, epochs=2)
    for resume in (True, False):
        with pytest.raises(FileNotWritten, match="is there already"):
            fit(nn, epochs=7, callbacks=[Checkpoint("other.safetensors")], resume=resume)
    network().save("network.safetensors")
    Path("text.safetensors").write_text("mine")
    for path in ("network.safetensors", "text.safetensors"):
        with pytest.raises(FileNotWritten, match="is there already"):
            fit(nn, epochs=7, callbacks=[Checkpoint(path)], resume=True)
    assert Path("text.safetensors").read_text() == "mine"
    assert chainrule.load("other.safetensors").training.epoch == 5


def test_a_later_stand_within_the_epoch_is_not_replaced_by_an_earlier_one():
    class StopAt(Callback):
        def on_batch(self, run):
            if run.training.variables.step == 13:
                run.stop("enough")

    fit(network(), epochs=1, callbacks=[Checkpoint("early.safetensors")])
    fit(network(), callbacks=[StopAt(), Checkpoint("c.safetensors", every=5)])
    older = chainrule.load("early.safetensors")
    with pytest.raises(FileNotWritten, match="is there already"):
        fit(older, epochs=3, resume=True, callbacks=[Checkpoint("c.safetensors")])
    assert chainrule.load("c.safetensors").training.variables.step == 13


def test_a_best_that_could_not_be_written_is_no_reason_to_write_no_other():
    class Says(Callback):
        def on_epoch(self, run):
            run.history["val_J"][-1] = [5, 4, 1, 3, 2, 6][run.training.epoch - 1]

    checkpoint = Checkpoint("best.safetensors", monitor="val_J")
    original = checkpoint._write

    def full(run):
        if run.training.epoch == 3:
            raise FileNotWritten("the disk is full")
        original(run)

    checkpoint._write = full
    nn = network()
    with pytest.raises(FileNotWritten, match="the disk is full"):
        fit(nn, validation=rows(), callbacks=[Says(), checkpoint])
    best = Checkpoint("best.safetensors", monitor="val_J")
    fit(nn, validation=rows(), callbacks=[Says(), best], resume=True)
    assert chainrule.load("best.safetensors").training.epoch == 5
    added = Checkpoint("added.safetensors", monitor="val_J")
    fit(nn, epochs=7, validation=rows(), callbacks=[added], resume=True)
    assert chainrule.load("added.safetensors").training.epoch == 7


def test_what_is_written_can_be_read_however_long_its_texts_are():
    class Stops(Callback):
        def on_epoch(self, run):
            run.stop("x" * 3000)

    x, _ = rows()
    nn = Network((4, 401), ("identity",), seed=1)
    levels = Quantile(np.linspace(0.01, 0.99, 401))
    nn.fit(x, x[:, 0], levels, callbacks=[Stops(), Checkpoint("c.safetensors")], verbose=False)
    loaded = chainrule.load("c.safetensors")
    loaded.fit(x, x[:, 0], levels, epochs=2, resume=True, verbose=False)
    assert loaded.history["epoch"] == [1, 2]


def test_an_earlier_stand_of_the_same_training_is_replaced():
    nn = network()
    fit(nn, epochs=2, callbacks=[Checkpoint("c.safetensors")])
    fit(nn, epochs=4, resume=True)
    fit(nn, epochs=6, resume=True, callbacks=[Checkpoint("c.safetensors")])
    assert chainrule.load("c.safetensors").training.epoch == 6


def test_two_checkpoints_in_one_file_are_refused_before_anything_is_written():
    with pytest.raises(InvalidArgument, match="Two checkpoints are to be written to .*c.safetensors"):
        fit(network(), callbacks=[Checkpoint("c.safetensors"), Checkpoint("./c.safetensors", monitor="J")])
    assert not Path("c.safetensors").exists()


@pytest.mark.parametrize("path", ["a\0b", "x" * 300, "/dev/null", "."])
def test_places_that_can_hold_no_file_are_refused(path):
    with pytest.raises(FileNotWritten):
        fit(network(), callbacks=[Checkpoint(path)])


def test_a_callback_that_changes_the_folder_moves_no_checkpoint(tmp_path):
    class Moves(Callback):
        def on_start(self, run):
            (tmp_path / "elsewhere").mkdir()
            os.chdir(tmp_path / "elsewhere")

    fit(network(), callbacks=[Moves(), Checkpoint("c.safetensors")])
    assert chainrule.load(tmp_path / "c.safetensors").training.epoch == 6


@pytest.mark.parametrize("state", [[1], None, 3])
def test_a_state_that_no_file_can_keep_is_refused_before_the_first_step(state):
    class Bad(Callback):
        def state(self):
            return state

    nn = network()
    with pytest.raises(InvalidType, match="The state of the callback 'Bad' must be a dict"):
        fit(nn, callbacks=[Bad(), Checkpoint("c.safetensors")])
    assert nn.training is None


def test_a_missing_folder_is_made_and_an_impossible_one_is_refused_before_the_first_step():
    fit(network(), callbacks=[Checkpoint("a/b/c.safetensors")])
    assert chainrule.load("a/b/c.safetensors").training.epoch == 6
    Path("file").write_text("x")
    for path in ("file/c.safetensors", "file/deeper/c.safetensors"):
        nn = network()
        with pytest.raises(FileNotWritten, match=r"file"):
            fit(nn, callbacks=[Checkpoint(path)])
        assert nn.training is None


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"path": 3}, InvalidType),
        ({"path": "c", "every": 0}, InvalidArgument),
        ({"path": "c", "every": 1.5}, InvalidType),
        ({"path": "c", "every": 2, "monitor": "J"}, InvalidArgument),
        ({"path": "c", "mode": "min"}, InvalidArgument),
        ({"path": "c", "monitor": "J", "mode": "x"}, InvalidArgument),
    ],
)
def test_a_setting_out_of_its_range_is_refused(settings, error):
    with pytest.raises(error):
        Checkpoint(**settings)


def test_a_column_that_there_will_not_be_is_refused():
    with pytest.raises(InvalidArgument, match="no column 'val_f1'"):
        fit(network(), callbacks=[Checkpoint("c", monitor="val_f1")], metrics=["macro_f1"])


def test_a_history_with_infinite_numbers_can_be_kept():
    class Says(Callback):
        def on_epoch(self, run):
            run.history["val_J"][-1] = [np.inf, np.nan, 1.0][run.training.epoch - 1]

    fit(network(), callbacks=[Says(), Checkpoint("c.safetensors")], validation=rows(), epochs=3)
    np.testing.assert_array_equal(chainrule.load("c.safetensors").history["val_J"], [np.inf, np.nan, 1])


# --- a full disk and a read-only folder ----------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_on_a_full_disk_there_is_a_sentence_and_the_earlier_checkpoint_stays(small_disk):
    path = small_disk / "c.safetensors"

    class Fills(Callback):
        def on_epoch(self, run):
            if run.training.epoch == 3:
                fill(small_disk)

    whole, nn = network(), network()
    with pytest.raises(FileNotWritten, match="could not be written: No space left on device. What was there before"):
        fit(nn, callbacks=[Fills(), Checkpoint(path)])
    assert chainrule.load(path).training.epoch == 2
    assert [file.name for file in small_disk.iterdir() if file.name != "filler"] == ["c.safetensors"]
    (small_disk / "filler").unlink()
    fit(nn, callbacks=[Checkpoint(path)], resume=True)  # nothing of what was learned is lost
    fit(whole)
    same_training(nn, whole)
    same_training(chainrule.load(path), whole)


def test_where_a_file_may_not_grow_there_is_a_sentence_and_the_earlier_checkpoint_stays():
    """The limit of a process on the size of its files: a full disk for those who may not mount one."""
    code = textwrap.dedent("""
        import resource, signal
        from chainrule import Callback, Network, Quantile
        from chainrule.training.checkpoint import Checkpoint
        from tests.training.networks import fit, network
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        class Limits(Callback):
            def on_epoch(self, run):
                if run.training.epoch == 3:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            fit(network(), callbacks=[Limits(), Checkpoint("c.safetensors")])
        except Exception as error:
            print(type(error).__name__, error)
    """)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.startswith("FileNotWritten")
    assert "could not be written: File too large. What was there before is as it was." in done.stdout
    assert chainrule.load("c.safetensors").training.epoch == 2
    assert [path.name for path in Path().iterdir()] == ["c.safetensors"]


def fill(folder):
    with open(folder / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 1024)
        except OSError:
            return


def test_a_read_only_folder_gives_a_sentence_and_the_earlier_checkpoint_stays(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    fit(network(), epochs=2, callbacks=[Checkpoint(place / "c.safetensors")])
    code = textwrap.dedent("""
        import os, sys
        import chainrule
        from chainrule.training.checkpoint import Checkpoint
        from tests.training.networks import fit, network
        nn = network()
        fit(nn, epochs=1)
        chainrule.load(sys.argv[1])  # all modules are loaded now, which others may not be allowed to read
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)  # root may write everywhere
        try:
            fit(nn, callbacks=[Checkpoint(sys.argv[1])], resume=sys.argv[1])
        except Exception as error:
            print(type(error).__name__, error)
    """)
    place.chmod(0o555)
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.stat().st_uid == os.getuid() and folder != Path(folder.anchor):
            folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-c", code, str(place / "c.safetensors")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    place.chmod(0o755)
    assert done.stdout.startswith("FileNotWritten")
    assert "could not be written: Permission denied. What was there before is as it was." in done.stdout
    assert chainrule.load(place / "c.safetensors").training.epoch == 2


# --- a process that is killed --------------------------------------------------------------------------------

TRAINING = """
import os, signal, sys
from chainrule.files import whole_file
from chainrule.training.checkpoint import Checkpoint
from chainrule.training.early_stopping import EarlyStopping
from chainrule.optimizers import Adam, MovingAverage
from chainrule.optimizers.schedules import Plateau
from tests.training.networks import fit, network, rows

path, die_at, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class DyingFile:  # writes half, and is killed
    def __init__(self, file): self.file = file
    def __enter__(self): self.file.__enter__(); return self
    def __exit__(self, *error): return self.file.__exit__(*error)
    def __getattr__(self, name): return getattr(self.file, name)
    def write(self, content):
        self.file.write(content[: len(content) // 2]); self.file.flush(); die()

count = 0
original_open, original_replace, original_fsync = open, os.replace, os.fsync

def opened(*args, **kwargs):
    global count
    file = original_open(*args, **kwargs)
    if args[1:] == ("wb",):
        count += 1
        if count == die_at and how == "mid-write":
            return DyingFile(file)
    return file

def synced(handle):
    if count == die_at and how == "before the sync": die()
    original_fsync(handle)

def replaced(*args):
    if count == die_at and how == "before the rename": die()
    original_replace(*args)
    if count == die_at and how == "after the rename": die()

whole_file.open = opened
os.fsync, os.replace = synced, replaced
print("ready", flush=True)
nn = network()
fit(nn, epochs=30, optimizer=MovingAverage(Adam()), learning_rate=Plateau(0.05, patience=3), validation=rows(),
    callbacks=[Checkpoint(path), EarlyStopping(patience=None)], resume=path)
print("done", flush=True)
"""


def train_once(path, die_at=0, how="never", kill_after=None):
    """Run the training in a process of its own; killed from outside after so many seconds, or by itself mid-write."""
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINING, str(path), str(die_at), how],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    out = process.communicate(timeout=120)[0]
    return process.returncode, "done" in out


PHASES = ["mid-write", "before the sync", "before the rename", "after the rename"]


def test_a_training_that_is_killed_40_times_ends_as_one_that_never_was(tmp_path):
    """Killed at random moments and at every phase of a write; the checkpoint can be read after each."""
    kills, rng = 40, random.Random(1)
    expected = tmp_path / "whole.safetensors"
    began = time.perf_counter()
    assert train_once(expected) == (0, True)
    longest = time.perf_counter() - began
    path, killed = tmp_path / "c.safetensors", 0
    while killed < kills:
        if killed % 2:
            status, done = train_once(path, kill_after=rng.uniform(0, longest / 4))
        else:
            status, done = train_once(path, die_at=rng.randint(1, 6), how=PHASES[killed // 2 % len(PHASES)])
        assert status in (0, -signal.SIGKILL)
        if path.exists():
            assert chainrule.load(path).training.epoch >= 0  # it can always be read
        if done:  # it came to its end before it could be killed: from the start again
            path.unlink()
        killed += status == -signal.SIGKILL
    assert train_once(path) == (0, True)
    whole, parts = chainrule.load(expected), chainrule.load(path)
    same_training(parts, whole)
    assert without_seconds(parts.history) == without_seconds(whole.history)
    assert parts.history["epoch"] == list(range(1, 31))


def test_a_checkpoint_is_data_that_any_reader_of_safetensors_can_open():
    from safetensors import safe_open

    fit(network(), callbacks=[Checkpoint("c.safetensors")])
    with safe_open("c.safetensors", framework="numpy") as opened:
        names = set(opened.keys())
        description = json.loads(opened.metadata()["chainrule"].partition(" ")[2])
    assert {"w[1]", "training/optimizer.velocity", "training/history.J", "training/J"} <= names
    assert "training/theta" not in names  # the network's, not written twice
    assert description["training"]["epoch"] == 6
