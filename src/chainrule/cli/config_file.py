"""The option --config: a TOML or JSON file with the names of the options and their values."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cyclopts
from cyclopts.config import Dict

from chainrule.errors import FileFormatError, FileMissing, InvalidArgument, nearest_names

__all__ = ["options_from_config_file"]

NOT_IN_A_FILE = {"config", "json", "debug", "help", "version"}


def options_from_config_file(
    app: cyclopts.App, commands: tuple[str, ...], arguments: cyclopts.ArgumentCollection
) -> None:
    """Fill in what the command line leaves open, from the file that it names; for cyclopts, before it converts.

    Raises
    ------
    FileMissing, FileFormatError
        If the file is not there or is not of its format.
    InvalidArgument
        If it sets something that is no option.
    """
    tokens = [token for argument in arguments if "--config" in argument.names for token in argument.tokens]
    if not tokens:
        return
    file = Path(tokens[-1].value)
    values = _read(file)
    names = {_key(name) for argument in arguments for name in argument.names if name.startswith("--")}
    _check_names(file, values, names - NOT_IN_A_FILE)
    given = {key.replace("_", "-"): _texts(key, value, file) for key, value in values.items() if value is not None}
    Dict(given, source=str(file), use_commands_as_keys=False)(app, commands, arguments)


def _key(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise FileMissing(f"There is no config file {file}.")
    try:
        text = file.read_text(encoding="utf-8-sig")
        values = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError, OSError) as error:
        kind = "JSON" if file.suffix == ".json" else "TOML"
        raise FileFormatError(f"The config file {file} cannot be read as {kind}: {error}.") from None
    if not isinstance(values, dict):
        raise FileFormatError(f"The config file {file} holds no names and values.")
    if isinstance(values.get("options"), dict):  # the settings of a run
        return {"table": values.get("table"), **values["options"]}
    section = values.pop("train", {})
    if not isinstance(section, dict):
        raise InvalidArgument(f"{file} sets 'train' to {section!r}: it can be a section, [train], with options in it.")
    given: dict[str, Any] = {}
    for key, value in [*values.items(), *section.items()]:
        name = str(key).replace("-", "_")
        if name in given:
            raise InvalidArgument(f"{file} sets {name!r} twice: leave one of them out.")
        given[name] = value
    return given


def _check_names(file: Path, values: Mapping[str, Any], names: set[str]) -> None:
    for name in values:
        if name not in names:
            if isinstance(values[name], dict):
                raise InvalidArgument(f"{file} has a section {name!r}: leave the section out, and keep its options.")
            raise InvalidArgument(f"{file} sets {name!r}, which is no option; {nearest_names(name, names)}")


def _texts(name: str, value: Any, file: Path) -> Any:
    """A value as the command line would have it."""
    if isinstance(value, dict):
        if name != "kinds":
            raise InvalidArgument(f"{file} sets {name} to {value!r}: give a text, a number or a list of these.")
        value = [f"{key}={each}" for key, each in value.items()]
    if isinstance(value, list):
        if not all(isinstance(each, str | int | float) for each in value):
            raise InvalidArgument(f"{file} sets {name} to {value!r}: give a list of texts or numbers.")
        texts = [f'"{each}"' if "," in str(each) else str(each) for each in value]
        return ",".join(texts) or ("none" if name == "hidden" else "")
    return value
