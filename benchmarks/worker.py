"""A competitor's own process: it lives through all rounds, so that nothing is measured cold.

The two sides exchange lines of JSON. First the setting and the workload, answered by whether the library is there;
then a null for each measurement, answered by the number of steps and the seconds that they took.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from benchmarks.competitors import COMPETITORS
from benchmarks.workload import Setting, Workload

__all__ = ["MissingCompetitor", "Worker", "serve"]

ROOT = Path(__file__).parents[1]
"""Where ``python -m benchmarks`` runs."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Read by the linear algebra libraries when they are loaded, so they have to be there before that."""


class MissingCompetitor(Exception):
    """The library of a competitor cannot be imported."""


class Worker:
    """The driver's end: starts the process, and asks it for one measurement after the other.

    Raises
    ------
    MissingCompetitor
        If the library cannot be imported.
    """

    def __init__(self, setting: Setting, workload: Workload) -> None:
        self.setting, self.workload = setting, workload
        environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(setting.threads))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the driver alone; a worker ends with its input
        )
        missing = self._ask({"setting": setting, "workload": asdict(workload)})["missing"]
        if missing:
            self.close()
            raise MissingCompetitor(f"{setting.competitor} is left out, because it cannot be imported: {missing}.")

    def microseconds_a_step(self) -> float:
        """Do the training once."""
        answer = self._ask()
        if answer["steps"] != self.workload.steps:
            raise RuntimeError(f"{self.setting} did {answer['steps']} steps, not {self.workload.steps}.")
        return float(answer["seconds"]) / self.workload.steps * 1e6

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _ask(self, question: Any = None) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"The process of {self.setting} ended; what it wrote is above.")
        answer: dict[str, Any] = json.loads(line)
        return answer


def serve(questions: TextIO, answers: TextIO) -> None:
    """The other end: what the process does until its input ends."""
    first = json.loads(questions.readline())
    workload = Workload(**first["workload"] | {"dimensions": tuple(first["workload"]["dimensions"])})
    setting = Setting(*first["setting"])
    try:
        train = COMPETITORS[setting.competitor](workload, setting)
    except (ImportError, OSError) as error:  # the latter where a shared library is missing
        print(json.dumps({"missing": str(error).splitlines()[0]}), file=answers, flush=True)
        return
    print(json.dumps({"missing": None}), file=answers, flush=True)
    for _ in questions:
        began = time.perf_counter()
        steps = train()
        answer = {"steps": steps, "seconds": time.perf_counter() - began}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
