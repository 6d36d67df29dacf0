"""`python -m tests.integration.notify.sending`: notify's sender in a process of its own, to be killed. Reads the environment."""

import asyncio

from services.notify.settings import NotifySettings
from shared.city import load_city
from tests.integration.notify.room import open_room


async def main() -> None:
    settings = NotifySettings()
    async with open_room(settings, load_city(settings.city)):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(main())
