# ruff: noqa: E501 (lists of words)
"""The language of a text: by its script, then by its commonest words. Deterministic, without a model.

A notice is read clause by clause: notices mix languages, and a ticker alone has none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import repeat

from exchanges.announcements.frames.words.en import PHRASES
from exchanges.announcements.text.normalise import remembered

OTHER = "other"
READ = ("en", "zh", "ko", "ja", "tr", "ru", "vi")

_SCRIPTS = re.compile(
    "(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)|(?P<kana>[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]+)"
    "|(?P<hangul>[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]+)|(?P<cyrillic>[\u0400-\u052f]+)"
    # Greek, Armenian, Hebrew, Arabic, the scripts of India, Thai to Myanmar, Georgian, Ethiopic, Khmer, Mongolian.
    "|(?P<foreign>[\u0370-\u03ff\u0530-\u109f\u10a0-\u10ff\u1200-\u139f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufefc]+)"
)
# Chinese words that no coin's name is made of: an English sentence may name a coin in Chinese.
_CHINESE = re.compile(
    "[将將]|[关關][于於]|空投|公告|通知|交易|下架|上[线線架市]|移除|[暂暫]停|恢[复復]|[充提][值币幣现現]|[币幣][种種]|代[币幣]|合[约約]|[现現][货貨]|[网網][络絡路]"
    "|[支维維][持护護]|用[户戶]|[时時][间間]|升[级級]|永[续續]|[杠槓][杆桿]|[标標][签籤]|[调調]整|[奖獎]|活[动動]|[开開][放启啟]|[终終停]止|[钱錢]包|[为為]|[与與]"
)
# Words of Chinese characters that only Japanese writes.
_JAPANESE = re.compile("[廃銭対売帯応価駅円択気覧掲巻]|取引|取扱|銘柄|入出[金庫]|[入出]庫|暗号|上場|板取引|注文")
# And words that only Chinese writes, though it shares 入出金 with Japanese.
_ONLY_CHINESE = re.compile(
    "[暂暫]停|[节節][点點]|[将將]|升[级級]|[与與]|[关關][于於]|恢[复復]|公告|[为為]|[这這]|[币幣]"
)
_NOT_RUSSIAN = re.compile("[іїєґўјљњћђџѓќәғқңөұүһ]", re.I)
_RUSSIAN = re.compile("[ыэё]", re.I)
_BULGARIAN = frozenset(
    "ще се със след бъде бъдат търговия търговията търговски двойки депозити тегления спиране".split()
)

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PLAIN_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
_VIETNAMESE_LETTERS = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_TURKISH_LETTERS = re.compile("[ğĞıİ]")
_TURKISH_ENDINGS = re.compile(
    "\\w{3,}(?:[ae]ca[kğ]|[ae]cek|[ae]caktır|[ae]cektir|[ıiuü]yor|m[ıi]ştır|m[ıi]ştir|lar[ıi]|ler[ıi]|lar[ıi]n|lerin|lerin[ea]|lar[ıi]n[ae]|lerinde|lar[ıi]nda|lerinden|lar[ıi]ndan)"
)
_NOT_TURKISH_LETTERS = re.compile("[əƏñãõßåøłąęśżźćčšžřůěőűțșăâêôëïîìàèéùûòœæ]")

# Words that decide between the languages of Latin letters. International words of the trade ("token", "spot",
# "trading", "staking", "margin") stand in none; a word that two of the lists would hold stands in none either.
_ENGLISH = frozenset(
    """
    the of and to will be is are was were been has have had that this these those from with by for at an as or not its
    it our your their we you they all any into than then after before until during between within per when where which who what how why
    shall may can could would should must no nor neither also only please following below above new now more most other
    remove removes removed removal delist delists delisted delisting suspend suspends suspended suspension resume
    resumes resumed resumption halt halted pause paused cease ceases ceased end ends ended ending launch launches
    launched adds added update updates updated updating upgrade upgrades support supports supported supporting
    notice announcement announces pair pairs deposit deposits withdrawal withdrawals withdraw network wallet users
    user service services trade traded removing adding listed list lists open opens opening opened close closes
    closed closing time date day days week month year market markets order orders position positions contract
    contracts migration migrate merge rename renamed
    maintenance scheduled schedule temporarily available unavailable affected postponed delayed cancelled completed
    complete warning risk extend extends include includes earn loan loans rewards reward win share
    campaign join guide about start starts started stop stops stopped holders account accounts balance balances
    here there through under over some each several multiple selected certain further details information
    """.split()
)
_TURKISH = frozenset(
    """
    ve ile için bir bu olarak olan edilecek edilecektir edilmiştir edilmistir olacak olacaktır olacaktir olacaktir
    islem işlem işlemleri islemleri işlemler islemler çifti ciftleri çiftleri çift ciftinin kaldırılacak kaldirilacak
    kaldırılıyor kaldirma kaldırma listeden durdurulacak durdurulması askıya askiya alınacak alinacak yatırma yatirma
    çekme cekme duyuru duyurusu önemli acil dikkat yeni tüm marjin acik açık hakkında hakkinda güncelleme guncelleme güncellemesi ağ agi ağı borsa kullanıcılar
    kullanicilar değerli degerli tarihinde saat itibarıyla itibariyle sonra önce sürekli vadeli kontrat kontratlar
    sözleşme varlık varlıklar kripto para yeniden başlatıldı tamamlandı ertelendi iptal listeleme listeleyecek
    desteklenecek desteği destek verecek sona erecek eriyor kapatılacak cüzdan bakım nedeniyle geçici süreyle
    listelenecek listelendi kaldırıldı eklendi ekliyor etiketi etiket izleme uyarı dönüşüm birleşme isim değişikliği
    nedir nasıl nasil hariç tüm tum çiftler çiftlerin emir emirler pozisyon pozisyonlar bazı bazi son gün ayında mayıs haziran temmuz ağustos eylül ekim kasım aralık ocak şubat nisan çatallanma çatallanması
    """.split()
)
_VIETNAMESE = frozenset(
    "là gì vui lòng xin khi theo tin tức hàng cập nhật thông báo giao dịch sẽ và của các cho trên được không từ vào lúc ngày với về mạng ví hỗ trợ rút".split()
)
_OTHERS = (
    frozenset(
        """
    el los las del una unos para por con sus se su al como más mas pero este esta estos estas desde hasta hacia sobre entre será serán
    eliminará eliminar eliminación eliminado suspenderá suspender suspensión suspensao suspensão retiro retiros depósitos depósito
    depositos retirada retiradas retirará comercio pares negociación negociação contratos perpetuos mantenimiento red reanuda reanudación
    aviso anuncio anúncio usuarios usuários listado listará lista lanzará actualización moneda monedas criptomonedas
    os uma umas dos das não nao ao aos pelo pela são sao está estão foi será serão também removerá remover remoção remocao retirar
    par rede saques saque compra venda negociações atualização moedas manutenção encerrará encerramento suspenderá
    le les des du un une et est sont pour dans sur avec aux ce cette ces qui que sera seront nous vous votre vos ne pas ou
    supprime supprimera suppression paires retrait retraits dépôts dépôt suspendra suspendus réseau marché marchés mise jour échange
    négociation contrats annonce maintenance
    der das und ist sind wird werden nicht von zu zum zur mit auf für den dem ein eine einen einer bei aus nach wir sie ihre über oder
    entfernt entfernung handelspaare handelspaar handel einzahlungen auszahlungen ausgesetzt einstellung netzwerk wartung ankündigung
    eingestellt aussetzung nutzer börse
    il lo gli della dello delle dei degli nel nella sono con per che alla saranno rimuoverà rimozione coppie sospensione sospesi depositi
    prelievi rete scambio contratti utenti
    akan yang dan untuk pada dengan dari tidak ini itu atau oleh di ke dalam telah sudah menghapus penghapusan pasangan perdagangan
    penarikan deposit setoran menghentikan penghentian dihentikan sementara jaringan pengguna pengumuman pemeliharaan melakukan kami anda
    mendukung daftar pembaruan koin
    ang mga ng sa ay na at para hindi
    het een van voor niet worden wordt zijn ook naar verwijdert handelsparen opnames stortingen
    nie jest są dla oraz przez zostanie zostaną usunie usunięcie handlu pary handlowe wpłaty wypłaty zawieszone sieci giełda
    och att som för inte med till kommer tas bort
    va vor pentru din cu sunt fi este perechi perechile eliminate retragerile depunerile rețea
    a az és nem lesz kereskedés párok kifizetések
    bude budou pro obchodní páry výběry vklady ukončí pozastavení
    va bu uchun bilan savdo juftliklar
    niem yet giao dich thong bao rut nap tien tam ngung
    """.split()
    )
    - _ENGLISH
    - _TURKISH
    - frozenset("pro a at yet di se na va con red den par mas lo maintenance deposit".split())
)
# Words that notices of every language write.
_INTERNATIONAL = frozenset(
    "spot margin trading trade token tokens coin perpetual perp futures future swap swaps hard fork network mainnet wallet staking crypto bonus quiz campaign exchange contract inverse linear options option pool bridge airdrop voucher arena launch platform blockchain protocol ledger node nodes layer rollup epoch testnet pair pairs market markets report".split()
)
# The English words of the trade, too.
_ENGLISH |= (
    frozenset(re.findall(r"[a-z]{4,}", " ".join(PHRASES.values()))) - _TURKISH - _VIETNAMESE - _OTHERS - _INTERNATIONAL
)
# As they are written in sentences.
_IS_ENGLISH = frozenset(each for word in _ENGLISH if len(word) > 1 for each in (word, word.capitalize())).__contains__
_UNKNOWN_WORDS = 8


def _latin(text: str) -> tuple[str | None, int]:
    """The language of the Latin words, and how many known words speak for it; None where none does."""
    # à, ê, ô and other letters are Vietnamese beside letters that are nothing else.
    accents = _VIETNAMESE_LETTERS if not text.isascii() and _VIETNAMESE_LETTERS.search(text) else None
    shouting = text.isupper()
    words = (_PLAIN_WORD if text.isascii() else _WORD).findall(text)
    votes = Counter(map(_votes_for, words, repeat(accents is not None), repeat(shouting)))
    english, turkish, vietnamese, others, plain = (votes[name] for name in ("en", "tr", "vi", OTHER, "plain"))
    best = max(english, turkish, vietnamese, others)
    if not best:
        return (OTHER, 1) if plain >= _UNKNOWN_WORDS else (None, 0)
    # English words stand in notices of every language, and not the other way round.
    if vietnamese == best:
        return "vi", vietnamese
    # In letters of English alone, as many words of each are English.
    if turkish == best and (turkish > english or not text.isascii()):
        return "tr", turkish
    return ("en", english) if english == best else (OTHER, others)


def _is_plainly_english(text: str) -> bool:
    """Whether the words of a text that vote are English for the greater part. Capitals do not vote."""
    words = (_PLAIN_WORD if text.isascii() else _WORD).findall(text)
    return 2 * sum(map(_IS_ENGLISH, words)) > len(words) - sum(map(str.isupper, words))


@lru_cache(maxsize=50_000)
def _votes_for(word: str, accents: bool, shouting: bool) -> str:
    """The language that a word speaks for; "plain" for small letters that tell nothing, "" for anything else."""
    # Capitals are tickers: LOS, PRO, AI.
    if word.isupper() and not shouting:
        return ""
    low = word.lower().replace("i̇", "i")
    for words, language in ((_ENGLISH, "en"), (_TURKISH, "tr"), (_VIETNAMESE, "vi"), (_OTHERS, OTHER)):
        if low in words:
            return language
    if _TURKISH_ENDINGS.fullmatch(low):
        return "tr"
    if low.isascii():
        return "plain" if word.islower() and len(word) > 2 else ""
    if _TURKISH_LETTERS.search(word):
        return "tr"
    if accents:
        return "vi"
    if _NOT_TURKISH_LETTERS.search(low) and word.islower():
        return OTHER
    # ç, ö, ü, ş: Turkish, and others too. With a capital it is a name: Pokémon.
    return "plain" if word.islower() else ""


@remembered
def language_of(text: str, default: str = "en") -> str:
    """The language of a text, one of `READ` or "other"; the default where nothing tells, as in a row of tickers."""
    if text.isascii():
        return "en" if _is_plainly_english(text) else _latin(text)[0] or default
    han = kana = hangul = cyrillic = foreign = 0
    cyrillic_words: list[str] = []
    for found in _SCRIPTS.finditer(text):
        size = len(found[0])
        match found.lastgroup:
            case "han":
                han += size
            case "kana":
                kana += size
            case "hangul":
                hangul += size
            case "cyrillic":
                cyrillic += size
                cyrillic_words.append(found[0].lower())
            case _:
                foreign += size
    # Letters become words, about.
    eastern, letters = han + kana + hangul, cyrillic + foreign
    if not eastern and not letters:
        return "en" if _is_plainly_english(text) else _latin(text)[0] or default
    latin, known = _latin(text)
    if eastern >= letters:
        return _eastern(text, han, kana, hangul, latin, known) or default
    if latin and known * 4 > letters:
        return latin
    if foreign > cyrillic:
        return OTHER
    return _cyrillic(text, cyrillic_words)


def _eastern(text: str, han: int, kana: int, hangul: int, latin: str | None, known: int) -> str | None:
    if hangul >= han + kana:
        return latin if latin and known * 2 > hangul else "ko"
    if latin and known * 2 > han + kana:
        return latin
    if (kana > 1 and kana * 8 >= han) or (_JAPANESE.search(text) and (kana or not _ONLY_CHINESE.search(text))):
        return "ja"
    if _CHINESE.search(text):
        return "zh"
    # Characters without a word of the trade are a coin's name as likely as a sentence.
    return latin or ("zh" if han > 2 else None)


def _cyrillic(text: str, words: list[str]) -> str:
    if _NOT_RUSSIAN.search(text):
        return OTHER
    bulgarian = sum(word in _BULGARIAN for word in words)
    return OTHER if bulgarian and not _RUSSIAN.search(text) else "ru"


def common_words(text: str, language: str) -> list[tuple[int, int]]:
    """The places of words in capitals that are words of the language: a title in capitals names no coin by them."""
    words = {"tr": _TURKISH, "vi": _VIETNAMESE}.get(language)
    if words is None:
        return []
    return [
        (found.start(), found.end())
        for found in _WORD.finditer(text)
        if found[0].isupper()
        and (low := found[0].replace("İ", "i").lower())
        and (low in words or _TURKISH_ENDINGS.fullmatch(low))
    ]


def languages_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The language of each clause of a notice. A clause that does not tell has the language of the whole."""
    pieces = tuple(texts)
    default = language_of(" ".join(pieces))
    return tuple(language_of(piece, default) for piece in pieces)
