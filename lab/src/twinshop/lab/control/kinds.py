"""The faults that the room offers: those of the catalogue that can be seen from the back row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twinshop.lab.environments.protocol import Environment
from twinshop.lab.errors import Unsupported
from twinshop.lab.faults import FAULTS, Fault, FaultSpec


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One column of buttons.

    Attributes:
        word: on the button, before the component's name.
        fault: of the catalogue.
    """

    word: str
    fault: Fault

    @property
    def title(self) -> str:
        return self.fault.title

    def why_not(self, environment: Environment, component: str) -> str | None:
        """Why this component of this shop cannot have it."""
        try:
            self.fault.require(environment, component)
        except Unsupported as error:
            return str(error)
        return None

    def plant(self, environment: Environment, component: str, seconds: float) -> Callable[[], None]:
        """Inject it, and return what reverts it. Raises LabError if it cannot be injected."""
        self.fault.inject(environment, component, FaultSpec(seconds=seconds))
        return lambda: self.fault.heal(environment, component)


KINDS: Mapping[str, Kind] = {
    "crash": Kind("Crash", FAULTS["crash"]),
    "hang": Kind("Hang", FAULTS["hang"]),
    "slow": Kind("Slow", FAULTS["latency"]),
    "bug": Kind("Bug", FAULTS["bug"]),
    "leak": Kind("Leak", FAULTS["leak"]),
    "cut": Kind("Cut", FAULTS["cut"]),
}
