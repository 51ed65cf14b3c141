"""The network of an ensemble that ``--member`` names."""

from __future__ import annotations

from chainrule.errors import InvalidArgument
from chainrule.model import Network
from chainrule.validation import whole_number

__all__ = ["chosen_member"]


def chosen_member(network: Network, member: int) -> Network:
    """The network to look into: one of an ensemble, or the only one.

    Parameters
    ----------
    network : Network
        What the run or the model file holds.
    member : int
        Which of an ensemble, counted from 1.

    Raises
    ------
    InvalidArgument
        If there is no such member.
    """
    if network.n_members is None:
        if member != 1:
            raise InvalidArgument("--member is of an ensemble, and this is one network: leave it out.")
        return network
    return network.member(whole_number("--member", member, minimum=1, maximum=network.n_members) - 1)
