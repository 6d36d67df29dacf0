"""The closed lists of words that events, tables, metrics and pages share."""

from enum import StrEnum


class AspirationType(StrEnum):
    """What a citizen hands in (D5)."""

    COMPLAINT = "pengaduan"
    ASPIRATION = "aspirasi"
    QUESTION = "permintaan_informasi"


class Role(StrEnum):
    """In which role the contributor speaks."""

    RESIDENT = "resident"
    RW_RT_HEAD = "rw_rt_head"
    CIVIL_SERVANT = "civil_servant"
    COMMUNITY = "community"
    MEDIA = "media"


class Language(StrEnum):
    ID = "id"
    EN = "en"


class ContactKind(StrEnum):
    """How a citizen wants to hear from the city; `none` is an answer too, `erased` is what a tombstone leaves."""

    NONE = "none"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    ERASED = "erased"


class Status(StrEnum):
    """Where an aspiration stands (D5)."""

    RECEIVED = "received"
    TRIAGE = "triage"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    WAITING_CITIZEN = "waiting_citizen"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


TERMINAL = frozenset({Status.CLOSED, Status.REJECTED, Status.MERGED, Status.WITHDRAWN})


class Fact(StrEnum):
    """What happened to an aspiration; the past tense of `serap.aspiration.<fact>.v1` (D3)."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    PROGRESSED = "progressed"
    ASKED = "asked"
    REPLIED = "replied"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    CLOSED_UNCONFIRMED = "closed_unconfirmed"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    REMINDED = "reminded"
    ESCALATED = "escalated"


class Actor(StrEnum):
    """Which kind of actor caused a fact; never a person."""

    CITIZEN = "citizen"
    AGENCY = "agency"
    OFFICER = "officer"
    SYSTEM = "system"
    CLOCK = "clock"


class UpdateKind(StrEnum):
    """What an agency says about an aspiration that was assigned to it."""

    ACCEPT = "accept"
    RETURN = "return"
    PROGRESS = "progress"
    ASK = "ask"
    RESOLVE = "resolve"
    REJECT = "reject"


class ReplyKind(StrEnum):
    """What a citizen says about an aspiration that was handed in before."""

    ANSWER = "answer"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    WITHDRAW = "withdraw"
    SUPPORT = "support"


class AssignmentKind(StrEnum):
    """What an agency hears about an aspiration."""

    ASSIGNED = "assigned"
    WITHDRAWN = "withdrawn"
    CITIZEN_REPLIED = "citizen_replied"
    DUE_SOON = "due_soon"
    UPDATE_REFUSED = "update_refused"


class AnswerKind(StrEnum):
    """What a citizen hears of the agency's own words; `refusal` tells that the citizen's own step was not possible."""

    PROGRESS = "progress"
    QUESTION = "question"
    RESULT = "result"
    REJECTION = "rejection"
    REFUSAL = "refusal"


class Outcome(StrEnum):
    """How one notification ended. `unknown`: a crash between sending and recording; never sent a second time."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


class Decision(StrEnum):
    """How the city decided on a programme that grew from aspirations."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    PROGRESSED = "progressed"
    DONE = "done"
