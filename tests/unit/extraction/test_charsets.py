"""The charset of a text is told by its mark, by its pattern of bytes, by its letters, or by what a page declares."""

from pathlib import Path

import pytest

from functions.extraction.readers.charsets import charset_of, declared
from tests.support import documents
from tests.unit.extraction.conftest import Reading

TEXTS = {
    "Polish": "Książka leży na stole, a obok są cztery jabłka i świeży chleb, który kupiłem wczoraj.\n",
    "Czech": "Včera večer jsme šli do města a koupili čerstvý chléb, mléko a několik jablek. Žluté květy měly vůni.\n",
    "Slovak": "Včera sme išli do mesta a kúpili čerstvý chlieb. Deti sa hrali v záhrade, potom začalo pršať znova.\n",
    "Hungarian": "Tegnap este elmentünk a városba, és friss kenyeret vettünk, később esni kezdett az eső.\n",
    "little Hungarian": "Kérjük, küldje el a számlát, köszönjük szépen! Üdvözlettel: Erdős Győző\n",
    "Croatian": "Gospođica je jučer kupila svježi kruh. Čuješ li kako šumi more? Možda ćemo doći sutra uvečer.\n",
    "Romanian": "Întâlnirea va avea loc mîine dimineaţă în oraş, iar părinţii pregătesc băuturile pentru oaspeţi.\n",
    "Turkish": "Dün akşam şehre gittik ve taze ekmek aldık. Çocuklar bahçede oynuyordu. Işığı görünce döndük.\n",
    "French": "Le cœur a ses raisons qu'on ne connaît point. L'été à la plage coûte 20 € et il fait très beau.\n",
    "Greek": "Χθες το βράδυ πήγαμε στην πόλη και αγοράσαμε φρέσκο ψωμί. Τα παιδιά έπαιζαν στον κήπο.\n",
    "Russian": "Вчера вечером мы ходили в город и купили свежий хлеб. Дети играли в саду.\n",
    "Ukrainian": "Учора ввечері ми ходили до міста і купили свіжий хліб. Її діти гралися в саду.\n",
    "Hebrew": "אתמול בערב הלכנו לעיר וקנינו לחם טרי. הילדים שיחקו בגן.\n",
    "Arabic": "ذهبنا أمس إلى المدينة واشترينا خبزا طازجا. كان الأطفال يلعبون في الحديقة.\n",
    "Latvian": "Vakar vakarā mēs gājām uz pilsētu un nopirkām svaigu maizi. Bērni spēlējās dārzā, pēc tam sāka līt.\n",
    "Lithuanian": "Vakar vakare ėjome į miestą ir nusipirkome šviežios duonos. Ačiū už jūsų dėmesį, draugai.\n",
    "Japanese": "これは日本語で書かれた普通の文章です。東京は日本の首都です。\n",
    "Chinese": "昨天晚上我们去城里买了新鲜的面包。孩子们在花园里玩耍，后来开始下雨了。\n",
    "Taiwanese": "昨天晚上我們去城裡買了新鮮的麵包。孩子們在花園裡玩耍，後來開始下雨了。\n",
    "Korean": "어제 저녁에 우리는 시내에 가서 신선한 빵을 샀습니다. 아이들은 정원에서 놀고 있었습니다.\n",
    "German": "Grüße aus Köln: schöne Straßen, größere Häuser und über allem Türme.\n",
}
CENTRAL = ("iso8859-2", "cp1250")
CHARSETS = {
    **dict.fromkeys(("Polish", "Czech", "Slovak", "Hungarian", "little Hungarian", "Croatian", "Romanian"), CENTRAL),
    "Turkish": ("cp1254", "iso8859-9"),
    "French": ("cp1252", "iso8859-15"),
    "Greek": ("cp1253", "iso8859-7"),
    "Russian": ("cp1251", "koi8-r", "iso8859-5", "cp866"),
    "Ukrainian": ("cp1251", "koi8-u"),
    "Hebrew": ("cp1255", "iso8859-8"),
    "Arabic": ("cp1256", "iso8859-6"),
    **dict.fromkeys(("Latvian", "Lithuanian"), ("cp1257", "iso8859-13")),
    "Japanese": ("iso2022_jp", "utf-32-le", "utf-32-be", "euc_jp", "shift_jis"),
    "Chinese": ("gb18030",),
    "Taiwanese": ("big5",),
    "Korean": ("cp949", "iso2022_kr"),
    "German": ("cp1252", "utf-32-le", "utf-16-be"),
}


@pytest.mark.parametrize("times", [1, 10])
@pytest.mark.parametrize(("language", "charset"), [(name, each) for name, found in CHARSETS.items() for each in found])
def test_the_language_of_a_text_tells_its_charset(tmp_path: Path, language: str, charset: str, times: int) -> None:
    text = TEXTS[language] * times
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(charset))
    assert path.read_text(charset_of(path)) == text


@pytest.mark.parametrize("text", ["Zoë", "Déjà vu", "El Niño: ¡qué año!", "São João", "10 € für Käse", "Smörgås på ön"])
def test_a_few_western_words_stay_western(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode("cp1252"))
    assert path.read_text(charset_of(path)) == text


NO_CHARSETS = ["hex", "idna", "undefined", "punycode", "unicode_escape", "rot13", "utf-16", "utf-32", "utf-7", "cp037"]


@pytest.mark.parametrize("name", NO_CHARSETS)
def test_a_page_that_declares_what_it_cannot_be_is_read_by_its_bytes(read: Reading, name: str) -> None:
    page = f'<html><head><meta charset="{name}"></head><body><p>Grüße aus Köln</p></body></html>'
    assert declared(page.encode("cp1252")) is None
    assert read(page.encode("cp1252"), "a.html").text == "Grüße aus Köln"
    book = documents.epub([f'<?xml version="1.0" encoding="{name}"?><p>Grüße</p>'])
    assert read(book, "a.epub").text == "Grüße"


def test_what_a_page_declares_decides_among_charsets() -> None:
    assert declared(b'<meta charset="ISO-8859-2">') == "iso8859-2"
    assert declared(b'<?xml version="1.0" encoding="Shift_JIS"?>') == "shift_jis"
