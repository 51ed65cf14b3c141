"""A competitor's own process: it lives through all rounds, so that nothing is measured cold.

The two sides exchange lines of JSON. The driver first sends a setting; then questions with a "do": to prepare a job,
answered by why that cannot be done or null; to run it so many times, answered by the units done and the seconds that
they took; or to run it once, answered by the bytes by which the process grew at its peak.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TextIO

from benchmarks.competitors import Job, job_of
from benchmarks.workload import Setting, Workload

__all__ = ["MissingCompetitor", "Worker", "peak_growth", "serve"]

ROOT = Path(__file__).parents[1]
"""Where ``python -m benchmarks`` runs."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
"""Read by the libraries when they are loaded, so they have to be there before that; the last one is XLA's."""

SINGLE_THREAD = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}
"""What one thread takes besides."""

RETURNING_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""Makes the allocator of GNU's C library give arrays back to the system at once, so that a peak is seen."""


class MissingCompetitor(Exception):
    """The library of a competitor cannot be had here."""


class Done(NamedTuple):
    """What a run of a job did: steps or calls."""

    units: int
    seconds: float

    @property
    def microseconds(self) -> float:
        """Of one unit."""
        return self.seconds / self.units * 1e6


class Worker:
    """The driver's end: starts the process, and asks it for one measurement after the other."""

    def __init__(self, setting: Setting, environment: Mapping[str, str] | None = None) -> None:
        self.setting = setting
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | thread_environment(setting.threads) | dict(environment or {}),
            start_new_session=True,  # Ctrl-C is for the driver alone; a worker ends with its input
        )
        self._send(list(setting))

    def prepare(self, kind: str, workload: Workload, *more: int) -> None:
        """Make a job, in place of the one before.

        Raises
        ------
        MissingCompetitor
            If the library cannot be had.
        """
        missing = self._ask({"do": "prepare", "kind": kind, "workload": asdict(workload), "more": more})["missing"]
        if missing:
            self.close()
            raise MissingCompetitor(f"{self.setting.competitor} is left out: {missing}.")

    def run(self, times: int) -> Done:
        """Do the job."""
        answer = self._ask({"do": "run", "times": times})
        return Done(answer["units"], answer["seconds"])

    def peak_growth(self) -> int:
        """Do the job once; the bytes by which the process was larger at its peak than before."""
        return int(self._ask({"do": "peak"})["bytes"])

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _send(self, question: Any) -> None:
        assert self._process.stdin is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)

    def _ask(self, question: Any) -> dict[str, Any]:
        assert self._process.stdout is not None
        self._send(question)
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"The process of {self.setting} ended; what it wrote is above.")
        answer: dict[str, Any] = json.loads(line)
        return answer


def thread_environment(threads: int) -> dict[str, str]:
    """The variables that set the number of threads; none of them for 0, where the library decides."""
    if not threads:
        return {}
    return dict.fromkeys(THREAD_VARIABLES, str(threads)) | (SINGLE_THREAD if threads == 1 else {})


def serve(questions: TextIO, answers: TextIO) -> None:
    """The other end: what the process does until its input ends."""
    setting = Setting(*json.loads(questions.readline()))
    job: Job | None = None
    for line in questions:
        question = json.loads(line)
        if question["do"] == "prepare":
            job = None  # its memory is free before the next one takes any
            job, missing = _prepared(setting, question)
            answer: dict[str, Any] = {"missing": missing}
        elif question["do"] == "peak":
            answer = {"bytes": peak_growth(job)}
        else:
            began = time.perf_counter()
            units = job(question["times"])
            answer = {"units": units, "seconds": time.perf_counter() - began}
        print(json.dumps(answer), file=answers, flush=True)


def _prepared(setting: Setting, question: dict[str, Any]) -> tuple[Job | None, str | None]:
    workload = Workload.from_dict(question["workload"])
    try:
        return job_of(question["kind"], setting, workload, *question["more"]), None
    except (ImportError, OSError) as error:  # the latter where a shared library is missing
        return None, str(error).splitlines()[0].rstrip(".")


def peak_growth(job: Job) -> int:
    """The bytes by which this process (of Linux) is larger at its peak, while the job is done, than before."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # sets the peak back to what is there now
    before = _status("VmRSS")
    job(1)
    return _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
