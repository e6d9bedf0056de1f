"""The language of a text, told by its small words or its script."""

import pytest

from kg.articles.language import detect


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The mayor said that she had not been told of the sale and would ask for a new vote."),
        ("de", "Die Bürgermeisterin sagte, dass sie von dem Verkauf nicht gewusst habe und eine neue Wahl will."),
        (
            "fr",
            "La maire a dit que le port est vendu et que les ministres ne lui ont pas parlé dans la nuit.",
        ),
        (
            "es",
            "La alcaldesa dijo que el puerto se vende por una suma que no ha sido publicada.",
        ),
        (
            "it",
            "La sindaca ha detto che il porto è stato venduto per una somma che non si conosce.",
        ),
        (
            "pt",
            "A presidente da câmara disse que o porto foi vendido por uma soma que não se conhece.",
        ),
        ("nl", "De burgemeester zei dat zij niet wist dat de haven werd verkocht en dat het geld er nog niet is."),
        ("ru", "Мэр сказала, что она не знала о продаже порта и что деньги не были получены."),
        ("uk", "Мерка сказала, що вона не знала про продаж порту і що гроші ще не були отримані."),
        ("pl", "Burmistrz powiedziała, że nie wie o sprzedaży portu i że pieniądze nie są jeszcze na koncie."),
        ("ja", "市長は港の売却について知らなかったと述べた。"),
        ("zh", "市长说她不知道港口被出售。"),
    ],
)
def test_a_sentence_is_enough(language: str, text: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "42", "Reuters", "Zelenskyy Lukashenko Putin", "12 13 14 de la"])
def test_too_little_text_has_no_language(text: str) -> None:
    assert detect(text) is None
