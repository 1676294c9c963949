"""The languages in which books are printed."""

from enum import StrEnum


class Language(StrEnum):
    """A language by its BCP 47 tag, in the order of their English names."""

    ARABIC = "ar"
    BENGALI = "bn"
    CHINESE = "zh"
    CZECH = "cs"
    DUTCH = "nl"
    ENGLISH = "en"
    FRENCH = "fr"
    GERMAN = "de"
    GUJARATI = "gu"
    HINDI = "hi"
    INDONESIAN = "id"
    ITALIAN = "it"
    JAPANESE = "ja"
    KANNADA = "kn"
    KOREAN = "ko"
    MALAYALAM = "ml"
    MARATHI = "mr"
    NEPALI = "ne"
    ODIA = "or"
    PERSIAN = "fa"
    POLISH = "pl"
    PORTUGUESE = "pt"
    PUNJABI = "pa"
    RUSSIAN = "ru"
    SINHALA = "si"
    SPANISH = "es"
    SWAHILI = "sw"
    TAMIL = "ta"
    TELUGU = "te"
    TURKISH = "tr"
    UKRAINIAN = "uk"
    URDU = "ur"
    VIETNAMESE = "vi"

    @property
    def english(self) -> str:
        """Its English name."""
        return self.name.capitalize()

    @property
    def tesseract(self) -> str:
        """What Tesseract calls its data: the ISO 639-2 code, but for Chinese."""
        return _TESSERACT[self]


_TESSERACT = {
    Language.ARABIC: "ara",
    Language.BENGALI: "ben",
    Language.CHINESE: "chi_sim",
    Language.CZECH: "ces",
    Language.DUTCH: "nld",
    Language.ENGLISH: "eng",
    Language.FRENCH: "fra",
    Language.GERMAN: "deu",
    Language.GUJARATI: "guj",
    Language.HINDI: "hin",
    Language.INDONESIAN: "ind",
    Language.ITALIAN: "ita",
    Language.JAPANESE: "jpn",
    Language.KANNADA: "kan",
    Language.KOREAN: "kor",
    Language.MALAYALAM: "mal",
    Language.MARATHI: "mar",
    Language.NEPALI: "nep",
    Language.ODIA: "ori",
    Language.PERSIAN: "fas",
    Language.POLISH: "pol",
    Language.PORTUGUESE: "por",
    Language.PUNJABI: "pan",
    Language.RUSSIAN: "rus",
    Language.SINHALA: "sin",
    Language.SPANISH: "spa",
    Language.SWAHILI: "swa",
    Language.TAMIL: "tam",
    Language.TELUGU: "tel",
    Language.TURKISH: "tur",
    Language.UKRAINIAN: "ukr",
    Language.URDU: "urd",
    Language.VIETNAMESE: "vie",
}
