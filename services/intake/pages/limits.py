"""How often one may try: unknown codes and forms per client address, forms per contact, replies per aspiration.

In memory; a restart forgives.
"""

import ipaddress
import time

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from shared.runtime.problems import Problem

UNKNOWN_CODES = RateLimitItemPerMinute(30, namespace="unknown-codes")
"""Only codes that do not exist count: thousands of citizens share an address of a mobile network, and they have real codes."""
FORMS = RateLimitItemPerHour(200, namespace="forms")
"""Many citizens may share an address, and few of them report in the same hour."""
FORMS_OF_CONTACT = RateLimitItemPerDay(5, namespace="forms-of-contact")
"""Anybody can type anybody's number: a stranger must not get more than a few of our messages by it."""
REPLIES = RateLimitItemPerHour(30, namespace="replies")


class CitizenLimits:
    """One per process. Nothing of it is logged or stored."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def check(self, item: RateLimitItem, who: str) -> None:
        """Problem `rate-limited` (429, Retry-After) where `who` has used up `item`."""
        if not self._limiter.test(item, who):
            ends = self._limiter.get_window_stats(item, who).reset_time
            raise Problem("rate-limited", headers={"Retry-After": str(max(1, int(ends - time.time()) + 1))})

    def count(self, item: RateLimitItem, who: str) -> None:
        self._limiter.hit(item, who)


def network_of(address: str) -> str:
    """Who counts as one client: an IPv4 address, or the /64 network that one household has in IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
