"""What intake reads from its environment beside what every service reads."""

from pydantic import Field

from shared.runtime.settings import Settings


class IntakeSettings(Settings):
    pin_secret: str = Field(
        pattern=r"^(?:[0-9a-f]{2}){16,}$", description="hex; PINs are derived from it, so it must stay the same for ever"
    )

    @property
    def pin_key(self) -> bytes:
        """`pin_secret` as the key of `shared.contracts.ids.pin`."""
        return bytes.fromhex(self.pin_secret)
