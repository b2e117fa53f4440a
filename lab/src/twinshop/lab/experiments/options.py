"""Options of an experiment: one model that parses `--set`, validates, documents itself in `--help` and is stored."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from twinshop.lab.errors import UsageError

BY_EFFORT = "by effort"

Positive = Annotated[float, Field(gt=0)]
Names = Annotated[
    tuple[str, ...] | None,
    BeforeValidator(lambda text: text.split(",") if isinstance(text, str) and text != BY_EFFORT else None),
]
"""Separated by commas; None: as many as the effort has."""


class Options(BaseModel):
    """Base of the options of an experiment; `NAME` is that of the experiment on the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    NAME: ClassVar[str]

    @classmethod
    def defaults(cls, effort: str) -> Mapping[str, Any]:
        """Return what an effort has instead of the defaults of the fields."""
        del effort
        return {}

    @classmethod
    def of(cls, effort: str, given: Mapping[str, str]) -> Self:
        """
        Return the options of this experiment.

        Args:
            effort: how much is measured.
            given: the options of all experiments, by `<experiment>.<option>`.

        Raises:
            UsageError: there is no such option, or it has no such value.
        """
        prefix = f"{cls.NAME}."
        own = {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}
        if unknown := own.keys() - cls.model_fields.keys():
            has = ", ".join(cls.listed()) or "none"
            raise UsageError(f"{cls.NAME} has no option `{min(unknown)}`. Its options and their defaults: {has}.")
        try:
            return cls.model_validate({**cls.defaults(effort), **own})
        except ValidationError as error:
            first = error.errors()[0]
            name = first["loc"][0]
            reason = first["msg"].removeprefix("Value error, ")
            raise UsageError(
                f"invalid {prefix}{name}: {reason[0].lower()}{reason[1:]}, not `{own[str(name)]}`."
            ) from error

    @classmethod
    def listed(cls) -> list[str]:
        """Return each option with its default, as it is typed."""
        return [
            f"{cls.NAME}.{name}={field.title or (BY_EFFORT if field.default is None else field.default)}"
            for name, field in cls.model_fields.items()
        ]

    @classmethod
    def described(cls) -> list[tuple[str, str]]:
        """Return each option with its default, and what it means."""
        texts = (field.description or "" for field in cls.model_fields.values())
        return list(zip(cls.listed(), texts, strict=True))
