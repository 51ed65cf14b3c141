from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from chainrule import Callback
from chainrule.errors import FileNotWritten, InvalidArgument, InvalidType
from chainrule.training.early_stopping import EarlyStopping
from chainrule.training.json_lines_log import JsonLinesLog
from tests.training.networks import fit, network, rows


def lines(path="log.jsonl"):
    text = Path(path).read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_there_is_a_line_for_the_start_every_epoch_and_the_end():
    history = fit(network(), epochs=3, callbacks=[JsonLinesLog("a/log.jsonl")], validation=rows(), metrics=["macro_f1"])
    start, *epochs, end = lines("a/log.jsonl")
    assert [each["event"] for each in (start, *epochs, end)] == ["start", "epoch", "epoch", "epoch", "end"]
    assert (start["epoch"], start["epochs"], start["rows"], start["batch_size"]) == (0, 3, 47, 5)
    assert start["parameters"] == network().theta.size
    assert start["time"].endswith("+00:00")
    for name, column in history.items():
        assert [epoch[name] for epoch in epochs] == column
    assert (end["epoch"], end["stopped"], end["failed"]) == (3, "", False)


def test_a_reader_sees_every_line_whole_while_the_file_grows():
    seen = []

    class Reads(Callback):
        after_others = True

        def on_epoch(self, run):
            seen.append(lines()[-1]["epoch"])

    fit(network(), callbacks=[JsonLinesLog("log.jsonl"), Reads()])
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_reader_in_another_thread_never_meets_half_a_line(monkeypatch):
    done, read = threading.Event(), []

    def follow():
        position = 0
        while not done.is_set() or position < Path("log.jsonl").stat().st_size:
            if Path("log.jsonl").exists():
                with open("log.jsonl") as file:
                    file.seek(position)
                    text = file.read()
                whole = text[: text.rfind("\n") + 1]
                position += len(whole)
                read.extend(json.loads(line) for line in whole.splitlines())

    reader = threading.Thread(target=follow)
    reader.start()
    fit(network(), epochs=40, callbacks=[JsonLinesLog("log.jsonl")])
    done.set()
    reader.join(60)
    assert [each["epoch"] for each in read if each["event"] == "epoch"] == list(range(1, 41))


def test_a_second_training_appends_and_a_resumed_one_says_where_it_begins():
    nn = network()
    fit(nn, epochs=2, callbacks=[JsonLinesLog("log.jsonl")])
    fit(nn, epochs=3, callbacks=[JsonLinesLog("log.jsonl")], resume=True)
    assert [(each["event"], each["epoch"]) for each in lines()] == [
        ("start", 0), ("epoch", 1), ("epoch", 2), ("end", 2), ("start", 2), ("epoch", 3), ("end", 3),
    ]  # fmt: skip


def test_a_line_that_a_kill_tore_is_taken_away():
    Path("log.jsonl").write_text('{"event": "start", "time": "now", "epoch": 0}\n{"event": "epo')
    fit(network(), epochs=1, callbacks=[JsonLinesLog("log.jsonl")])
    assert [each["event"] for each in lines()] == ["start", "start", "epoch", "end"]


def test_numbers_that_json_does_not_know_are_null():
    class Says(Callback):
        def on_epoch(self, run):
            run.history["val_J"][-1] = np.inf

    fit(network(), epochs=1, callbacks=[Says(), JsonLinesLog("log.jsonl")], validation=rows())
    assert lines()[1]["val_J"] is None


def test_a_failure_is_in_the_log():
    class Fails(Callback):
        def on_epoch(self, run):
            raise RuntimeError("a fault")

    with pytest.raises(RuntimeError):
        fit(network(), callbacks=[JsonLinesLog("log.jsonl"), Fails()])
    assert lines()[-1]["failed"] is True


def test_a_place_that_cannot_be_written_is_refused_before_the_first_step():
    Path("file").write_text("")
    nn = network()
    with pytest.raises(FileNotWritten, match="The log .*file/log.jsonl could not be written"):
        fit(nn, callbacks=[JsonLinesLog("file/log.jsonl")])
    assert nn.training is None


def test_what_is_no_path_is_refused():
    with pytest.raises(InvalidType, match="path is where the log is to be written, not 3"):
        JsonLinesLog(3)


@pytest.mark.parametrize("line", [1, 2, 4])
def test_a_disk_that_is_full_gives_a_sentence_and_the_file_is_closed(line, monkeypatch):
    log, written = JsonLinesLog("log.jsonl"), []
    original = JsonLinesLog._write

    def write(self, event, **values):
        written.append(event)
        if len(written) == line:
            self._file.close()
            self._file = open("/dev/full", "ab", buffering=0)  # noqa: SIM115
        original(self, event, **values)

    monkeypatch.setattr(JsonLinesLog, "_write", write)
    with pytest.raises(FileNotWritten, match="The log .*log.jsonl could not be written: No space left on device"):
        fit(network(), epochs=2, callbacks=[log])
    assert log._file is None


@pytest.mark.parametrize("content", [b"a,b\n1,2\n3,4", b"\x00\x01model", b"{}", b'{"event": "concert", "x": 1}'])
def test_a_file_of_something_else_is_refused_and_stays(content):
    Path("notes").write_bytes(content)
    with pytest.raises(FileNotWritten, match="it is there already and is no log of a training"):
        fit(network(), callbacks=[JsonLinesLog("notes")])
    assert Path("notes").read_bytes() == content


def test_one_log_is_not_for_two_trainings_at_once():
    log = JsonLinesLog("log.jsonl")

    class Nested(Callback):
        after_others = True

        def on_start(self, run):
            with pytest.raises(InvalidArgument, match="Another training is writing to this log"):
                fit(network(), callbacks=[log])

    fit(network(), callbacks=[log, Nested()])
    assert [each["event"] for each in lines()].count("start") == 1


def test_two_logs_in_one_file_and_one_callback_twice_are_refused():
    log = JsonLinesLog("log.jsonl")
    with pytest.raises(InvalidArgument, match="Two logs are to be written to"):
        fit(network(), callbacks=[log, JsonLinesLog("./log.jsonl")])
    with pytest.raises(InvalidArgument, match="A callback is given twice"):
        fit(network(), callbacks=[log, log])


def test_a_training_that_is_refused_leaves_no_log():
    with pytest.raises(InvalidArgument):
        fit(network(), callbacks=[JsonLinesLog("log.jsonl"), EarlyStopping("nope")])
    assert not Path("log.jsonl").exists()
