"""What a citizen reads when a step of theirs was not possible, by reason and language."""

from collections.abc import Mapping

from services.routing.domain.lifecycle import RefusalReason
from shared.contracts.vocabulary import Language

SENTENCES: Mapping[RefusalReason, Mapping[Language, str]] = {
    RefusalReason.CLOSED: {
        Language.ID: "Laporan ini sudah selesai atau ditutup, jadi langkah Anda tidak dapat kami catat. "
        "Bila masalahnya masih ada, sampaikan lagi dengan menyebut kode ini.",
        Language.EN: "This report has already ended, so we could not record your step. "
        "If the matter is still there, please tell us again and mention this code.",
    },
    RefusalReason.NOT_NOW: {
        Language.ID: "Langkah Anda belum atau tidak lagi dapat dilakukan pada tahap ini. Lihat tahap terbaru di halaman laporan.",
        Language.EN: "Your step is not possible at this stage, or no longer. The report's page shows where it stands now.",
    },
    RefusalReason.WINDOW_OVER: {
        Language.ID: "Batas waktu untuk menyatakan bahwa masalah belum teratasi sudah lewat. "
        "Bila masalahnya masih ada, sampaikan lagi dengan menyebut kode ini.",
        Language.EN: "The time to say that the matter is not settled is over. "
        "If it is still there, please tell us again and mention this code.",
    },
}
"""For every reason by which the law refuses a citizen; the other reasons concern agencies and officers."""


def refusal_sentence(reason: RefusalReason, language: Language) -> str:
    """The sentence for the citizen. KeyError for a reason that is none of a citizen's."""
    return SENTENCES[reason][language]
