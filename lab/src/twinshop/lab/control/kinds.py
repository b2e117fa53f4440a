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
        """Why this component of this shop cannot have it."""
        try:
            self.fault.require(environment, component)
        except Unsupported as error:
            return str(error)
        return None

    def inject(self, environment: Environment, component: str, seconds: float) -> Callable[[], None]:
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
