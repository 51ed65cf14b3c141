"""A training that is killed again and again, and ends as if nothing had happened, to the last bit."""

import os
import signal
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.datasets import load_digits

from chainrule import Adam, Callback, Checkpoint, Dense, Dropout, Network, load


class Kill(Callback):
    """Ends the process after an epoch, without a chance to tidy up."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch(self, run):
        if run.training.epoch == self.epoch:
            os.kill(os.getpid(), signal.SIGKILL)


def train(path, *others):
    """The same call starts and restarts."""
    x, y = load_digits(return_X_y=True)
    nn = Network(layers=[Dense(64, 32, "relu"), Dropout(0.2), Dense(32, 10, "softmax")], seed=1)
    callbacks = [Checkpoint(path, every=2), *others]
    nn.fit(x / 16, y, epochs=12, optimizer=Adam(), callbacks=callbacks, resume=path, verbose=False)


if len(sys.argv) > 1:
    train(sys.argv[1], Kill(int(sys.argv[2])))
    sys.exit("it was to be killed")

with tempfile.TemporaryDirectory() as folder:
    whole, killed = f"{folder}/whole.safetensors", f"{folder}/killed.safetensors"
    train(whole)
    for epoch in (3, 5, 10):
        done = subprocess.run([sys.executable, __file__, killed, str(epoch)], check=False)
        stands = load(killed).training.epoch
        print(f"killed in epoch {epoch} (exit status {done.returncode}); the checkpoint stands at epoch {stands}")
    train(killed)
    one, other = load(whole), load(killed)
    print("the same parameters, bit for bit:", np.array_equal(one.theta, other.theta))
    print("the same history:", one.history["J"] == other.history["J"])
