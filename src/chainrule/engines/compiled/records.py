"""The table that drives the compiled program: a record for each layer, and one for the job of each thread.

The program is compiled once, for any network: what a network is stands in these records, as sizes, addresses of buffers
and addresses of compiled functions. Addresses are in bytes; places within theta and the state are in numbers.
"""

from __future__ import annotations

import numpy as np

__all__ = ["JOB", "LAYER"]


def _record(whole_numbers: str, numbers: str) -> np.dtype[np.void]:
    fields = [(name, np.int64) for name in whole_numbers.split()] + [(name, np.float64) for name in numbers.split()]
    return np.dtype(fields)


LAYER = _record(
    # its own address; its compiled passes: forward, backward (0 where nothing needs it), its parameters' gradient
    # (0 for none)
    "address forward backward gradient n_in n_out "
    # into how many units its gradient can be cut, and how many parameters of w a unit has
    "n_units unit_size "
    # where its parameters start in theta (w and b, or scale and shift; -1 for no bias), its statistics in the state;
    # whether b, too, is cut into units
    "w b b_by_units state "
    # buffers of a batch of rows: what comes in and goes out, and the derivatives of J with respect to them
    "input z output d_input d_output "
    # of norms: the normalised input; 1 / deviation, mean and variance
    "normalised inverse_deviation mean variance "
    # of dense layers: the activation's compiled functions, and whether products are large enough for BLAS
    "f f_backward settings forward_by_blas backward_by_blas gradient_by_blas "
    # of dropout: the units that earlier dropout layers have, which draw their numbers first
    "units_before "
    # of a residual connection: the buffers that the branch is added from, forward and backward
    "other_input other_d_output "
    # of the output layer: whether the loss has given dJ/dz already
    "delta_is_given",
    "rate epsilon momentum",
)
"""A layer."""

JOB = _record(
    # its own address; which networks, and which steps of the epoch
    "address first_network last_network first_step last_step n_steps "
    # this thread's number among those that share the rows of a batch
    "thread n_threads barrier yield_core "
    # the rows: addresses, the steps between rows and columns in numbers
    "n_rows batch_size x x_row x_column n_inputs y y_row y_column n_targets weights "
    # the orders of the rows, epoch by epoch: how many steps an epoch has, and how far epochs and networks are apart
    "order order_of_network order_of_epoch steps_per_epoch "
    # buffers of a batch: its encoded targets, and the rows' shares of J and of a batch norm's means
    "batch_y shares norm_shares uses_norm_shares "
    # of a prediction: from which row to which, and where the outputs go
    "first_row last_row outputs "
    # the parameters: addresses of the first network's, and how many numbers each network has
    "theta n_parameters state n_statistics gradient "
    # the optimizer: its compiled rule, the addresses of what it remembers, and the values of each step
    "update remembered values values_of_network n_values number "
    "clip_norm clip_value value_first average average_state average_decay "
    # the penalty's mask, or 0; the loss and its settings
    "mask loss loss_settings J penalty "
    # numbers of dropout: their address, and how many a row and a network have
    "draws units_drawn draws_of_network dropout_factors factors_of_network "
    # constants and scratch memory: a row of zeros, a one, sums of threads, a transposed matrix, BLAS and its arguments
    "zeros one sums transposed product update_part gather blas scratch "
    # how the gradient is made: from blocks of so many rows, or unit by unit from all rows
    "by_rows row_block n_layers layers",
    "l1 l2",
)
"""What one thread does in one call."""
