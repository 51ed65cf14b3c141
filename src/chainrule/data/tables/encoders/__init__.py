"""What a column of each kind becomes, one kind a file."""

from chainrule.catalogue import Catalogue
from chainrule.data.tables.encoders.boolean_encoder import BooleanEncoder
from chainrule.data.tables.encoders.category_encoder import CategoryEncoder
from chainrule.data.tables.encoders.column_encoder import ColumnEncoder
from chainrule.data.tables.encoders.date_encoder import DateEncoder
from chainrule.data.tables.encoders.dropped_column import DroppedColumn
from chainrule.data.tables.encoders.numeric_encoder import NumericEncoder
from chainrule.data.tables.encoders.presence_encoder import PresenceEncoder

__all__ = [
    "COLUMN_ENCODERS",
    "BooleanEncoder",
    "CategoryEncoder",
    "ColumnEncoder",
    "DateEncoder",
    "DroppedColumn",
    "NumericEncoder",
    "PresenceEncoder",
]

COLUMN_ENCODERS: Catalogue[ColumnEncoder] = Catalogue(
    "column",
    ColumnEncoder,  # type: ignore[type-abstract]
    [BooleanEncoder, CategoryEncoder, DateEncoder, DroppedColumn, NumericEncoder, PresenceEncoder],
)
"""Every column encoder by name."""
