"""The faults that the control room offers: those of the catalogue whose effects an audience can see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import Unsupported
from twinshop.lab.faults import FAULTS, Fault, FaultSpec


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A column of buttons.

    Attributes:
        word: on the button, before the component's name.
        key: on the keyboard, chooses it.
        fault: of the catalogue.
    """

    word: str
    key: str
    fault: Fault

    @property
    def title(self) -> str:
        return self.fault.title

    def why_not(self, environment: Environment, component: str) -> str | None:
        """Return why this component of this shop cannot have the fault; None if it can."""
        try:
            self.fault.require(environment, component)
        except Unsupported as error:
            return str(error)
        return None

    def plant(self, environment: Environment, component: str, seconds: float) -> Callable[[], None]:
        """Inject it, and return what reverts it. Raises LabError if it cannot be injected."""
        self.fault.inject(environment, component, FaultSpec(seconds=seconds))
        return lambda: self.fault.revert(environment, component)


KINDS: Mapping[str, Kind] = {
    "crash": Kind("Crash", "c", FAULTS["crash"]),
    "hang": Kind("Hang", "h", FAULTS["hang"]),
    "slow": Kind("Slow", "s", FAULTS["latency"]),
    "bug": Kind("Bug", "b", FAULTS["bug"]),
    "leak": Kind("Leak", "l", FAULTS["leak"]),
    "cut": Kind("Cut", "x", FAULTS["cut"]),
}
