"""The translator over HTTP: parse, call, return."""

from fastapi import APIRouter

from twinshop.contracts.errors import Invalid, TooLarge, Unavailable, UnknownLanguage
from twinshop.contracts.translate import LanguagePair, Translation, TranslationRequest, Translator
from twinshop.kit import problems


def router(translator: Translator) -> APIRouter:
    """The operations of the port."""
    routes = APIRouter(prefix="/translate", tags=["translate"])

    @routes.post("/texts", responses=problems.documented(Invalid, UnknownLanguage, TooLarge, Unavailable))
    async def translate_texts(request: TranslationRequest) -> tuple[Translation, ...]:
        """The translations in the order of the texts, each with its origin."""
        return await translator.translate_many(request)

    @routes.get("/pairs")
    async def get_pairs() -> tuple[LanguagePair, ...]:
        """What can be translated; a pair without an engine only as far as the memory goes."""
        return await translator.pairs()

    return routes
