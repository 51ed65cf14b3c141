"""How does a table become numbers? Columns of numbers, text, booleans and dates, and the encoding that fits them."""

from chainrule.data.tables.boolean_column import BooleanColumn
from chainrule.data.tables.conversion import as_table
from chainrule.data.tables.encoders import COLUMN_ENCODERS
from chainrule.data.tables.encoding import TableEncoding
from chainrule.data.tables.stray_text import StrayText, find_stray_text
from chainrule.data.tables.table import Column, Table, missing_in
from chainrule.data.tables.text_column import TextColumn

__all__ = [
    "COLUMN_ENCODERS",
    "BooleanColumn",
    "Column",
    "StrayText",
    "Table",
    "TableEncoding",
    "TextColumn",
    "as_table",
    "find_stray_text",
    "missing_in",
]
