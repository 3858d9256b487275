# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Turkish words: stems with open endings. Notices are also typed without Turkish letters; `_plain` allows that."""

from __future__ import annotations

from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.words.borrowed import with_borrowed

_LETTERS = {"ç": "[çc]", "ğ": "[ğg]", "ı": "[ıi]", "ö": "[öo]", "ş": "[şs]", "ü": "[üu]"}


def _plain(pattern: str) -> str:
    """The pattern, for plain letters too. No class of the pattern may hold a Turkish letter."""
    return "".join(_LETTERS.get(letter, letter) for letter in pattern)


_TAG = r"(?:etiket|uyarı|kısıtlama|ibare)\w*(?:'\w+)?"
# "Kaldıraç" is leverage, "kaldıracak" is "will remove".
_REMOVE = r"kaldır(?!aç(?!ak))\w*"
# Verbs that a sentence denies by an ending: "durdurulmayacak". One that says "cannot" (-ama-, -eme-) is a halt.
_STEM = r"\b(?!etkile|destekle)\w{2,20}"

_TURKISH = {
    Concept.DELIST: rf"\b(?:listeden|listelerden|listelemeden|kottan|kotasyondan)[ ](?:çıkar|{_REMOVE}|sil)\w* | \bliste[ ]dışı\w* | \bdelist\w* | \bişlem[ ]sırası\w*[ ]kapat\w*",
    Concept.REMOVE: rf"\b{_REMOVE} | \bçıkar(?:ıl|ac|ıyor|ma|dı|ır)\w* | \bsil(?:in|ec|iy)\w* | \bveda\w* | \bayrıl(?:ac|ıy|dı|ma)\w* | \bsilinm\w*",
    Concept.END: r"\bsona[ ]er\w* | \bson[ ]ver\w* | \bson[ ]bul\w* | \bsonlan\w* | \bbit(?:ir|ec|iy|me)\w* | (?<!geçici[ ]olarak[ ])\bkapat\w* | \bkapan\w* | \bson[ ](?:işlem[ ])?gün\w* | \bson[ ](?:işlem|kez|fırsat|çağrı)\w* | \bkalıcı\w* | \btamamen\b | \bartık[ ].{0,50}?m[ae]y[ae]c\w* | \bdesteklen?me(?:yece|mekte|z)\w* | \bdesteği?\w*[ ](?:çek|kes|sona)\w* | \bkadar[ ]işlem[ ]gör\w* | \bişlem[ ]görme(?:yec|z)\w* | \bkapanış\w*",
    Concept.HALT: rf"\baskı\w* | \bkapalı[ ](?:ol|kal)\w* | \bdurdur\w* | \bdur(?:du|acak|uyor)\b | \bara[ ]ver\w* | \bduraklat\w* | \bdondur\w* | \bkesinti(?!siz)\w* | \bkesil\w* | {_STEM}[ae]m[ae](?:y[ae]c|m[ae]kt|z)\w* | \bmümkün[ ]ol(?:may|am)\w* | \bmümkün[ ]değil\w* | \bdevre[ ]dışı\w* | \bkullanım[ ]dışı\w* | \bkısıtlan\w* | \baksa(?:ma|klı)\w* | \barıza\w* | \bhizmet[ ]dışı\w* | \bhizmet[ ]ver(?:em|mey)\w* | \bgeçici[ ]olarak[ ]kapa\w*",
    Concept.SETTLE: r"\buzlaş\w* | \btasfiye\w* | \bmutabakat\w* | \botomatik[ ]olarak[ ]kapat\w*",
    Concept.SWAP: r"\btakas(?!lar[ ]sitesi)\w* | \bswap\w* | \bdönüştür\w* | \bdönüşüm\w* | \btaşın\w* | \bgeçiş\w* | \bdeğiş(?:im|tok)\w* | \bmigrasyon\w* | \bgöç\w*",
    Concept.RENAME: r"\byeniden[ ](?:adlandır|marka|isimlendir)\w* | \b(?:ad|adı|isim|marka|sembol|kod|simge|ticker|kısaltma)\w*[ ](?:değiş|yenile|güncelle)\w* | \b(?:adı|ismi|sembolü|kodu|simgesi|ticker'?ı)\b.{0,40}?(?:değiş|olacak|olarak[ ]güncelle)\w* | \byeni[ ](?:adı|ismi|sembolü|kodu)\w*",
    Concept.MERGE: r"\bbirleş(?!ik)\w*",
    Concept.REDENOMINATE: r"\bbölün\w* | \bredenominasyon\w* | \bbirim[ ]değiş\w* | \bsıfır[ ]at\w* | \bnominal\w*",
    Concept.UPGRADE: r"\bağ\w*[ ](?:yükselt|güncelle|geliştir)\w* | \b(?:protokol|ana[ ]?ağ|zincir|mainnet|blokzincir)\w*[ ](?:yükselt|güncelle|geliştir)\w* | (?<!sistem[ ])\byükselt(?:me|il|im)\w*",
    Concept.FORK: r"\b(?:hard|soft)[ -]?fork\w* | \bsert[ ]çatal\w* | \bçatallan\w* | \bçatal\w*",
    Concept.MAINTENANCE: r"\bbakım\w* | \bsistem[ ]yükselt\w* | \bçalışma[ ]nedeniyle",
    Concept.WARN: r"\b(?:takip|izleme|gözlem|gözetim|uyarı|risk|dikkat|monitoring)[ ](?:etiket|liste|bölge|pazar|ibare)\w* | \b(?:risk|yatırım)[ ]uyarı\w*(?![ ]?:) | \byakın[ ](?:izleme|takip)\w* | \bözel[ ](?:izleme|gözetim)\w*",
    Concept.ADD: r"\bekle(?!n?ti)\w* | \bgenişlet\w* | \bdahil\w* | \bkapsamı?na[ ]al\w* | \blistesine[ ]al\w* | \bata(?:n|yac)\w* | \bişaretle\w*",
    Concept.UNTAG: rf"\bizleme[ ]liste\w*[ ](?:çıkar|kaldır)\w* | \b{_TAG}[^,.;]{{0,70}}?\b{_REMOVE} | \b{_REMOVE}[^,.;]{{0,30}}?\b{_TAG} | \b{_TAG}[^,.;]{{0,50}}?\bçıkar(?:ıl|ac|ıyor|dı)\w*",
    Concept.RESUME: r"\b(?:yeniden|tekrar)[ ](?:başla|aç|devre|aktif|etkin|kullanım|faal|hizmet|mümkün|işlem)\w* | \bnormale[ ]dön\w* | \baktif(?:leş\w*|tir)?\b | \bsürdürülmeye[ ]başla\w*",
    Concept.COMPLETE: r"\btamamla(?:ndı|dı|dık|nmış|mış)(?:tır|k)?\b | \bsona[ ]er(?:di|miştir)\b | \bbitti\b | \bbaşarıyla\b",
    Concept.POSTPONE: r"\bertele\w* | \bötele\w* | \bgecik\w* | \bileri[ ](?:bir[ ])?tarih\w* | \b(?:tarih|saat|zaman|takvim|vakit)\w*[ ].{0,30}?(?:değiş|güncelle|kaydır)\w* | \byeni[ ](?:tarih|saat|zaman|takvim)\w*",
    Concept.CANCEL: r"(?<!emirler[ ])(?<!emirleri[ ])(?<!emri[ ])(?<!emir[ ])(?<!otomatik[ ]olarak[ ])\biptal\w* | \bvazgeç\w* | \bgeri[ ]çek(?:ildi|ti|ilm)\w* | \bgerçekleşmeyecek\w*",
    Concept.UPDATE: r"\bgüncelle\w* | \bdüzelt\w* | \brevize\w* | \bdeğişikli\w* | \bdeğiştir\w* | \bek[ ]duyuru\w* | \böne[ ]al\w* | \böne[ ]çek\w*",
    Concept.LIST: r"\blistele(?!meden|rd|me[ ]komite|me[ ](?:politika|kriter|standart|ilke|kural))\w* | \b(?:işleme|işlemlere)[ ]aç\w* | \bçift\w*(?:[ ]\S{1,20}){0,4}[ ]ekle\w* | \blanse\w* | \b(?:piyasaya|kullanıma)[ ]sun\w* | \byeni[ ](?:çift|coin|token|listeleme|kripto|işlem)\w* | \blansman\w*",
    Concept.CONTINUE: r"\bişlem\w*[ ](?:\S+[ ]){0,2}?sür(?:er|ecek\w*|üyor)\b | \betkilenme\w* | \betkileme\w* | \baynen\b | \bnormal[ ](?:şekilde|olarak|seyr)\w* | \bdevam[ ](?:ed|et)\w* | \bkesintisiz\w* | \bsürdür(?!ülmeye)\w* | \baçık[ ]kal\w* | \bolağan\w* | \b(?:etkisi|değişiklik|aksama|kesinti)[ ](?:ol|yaşan)ma\w* | \bsürecek\w* | \bher[ ]zamanki\w* | \bkalmaya\b",
    Concept.PROMOTE: r"\bkampanya\w* | \bödül\w* | \bkazan(?!ç|d)\w* | \byarışma\w* | \bairdrop\w* | \bhediye\w* | \bçekiliş\w* | \bpromosyon\w* | \bdavet\w* | \bbonus\w* | \betkinlik\w* | \bpaylaş\w* | \bfırsat(?!ı)\w* | \bgörev\w*",
    Concept.EXPLAIN: r"\brehber\w* | \bnedir\b | \bnasıl\b | \bsss\b | \bsıkça[ ]sorulan\w* | \bkural\w* | \b(?:kullanım|hizmet)[ ](?:koşul|şart)\w* | \bkullanıcı[ ]sözleşme\w* | \brapor\w* | \bsöylenti\w* | \basılsız\w* | \biddia\w* | \bgerçek[ ]?dışı\w* | \bdoğru[ ]değil\w* | \bakademi\w* | \bkılavuz\w* | \bgizlilik\w* | \bpolitika\w*",
    Concept.FALSE: r"\bsöylenti\w* | \basılsız\w* | \bgerçek[ ]?dışı\w* | \bdoğru[ ]değil\w* | \byalan\b | \bsahte[ ](?:duyuru|haber)\w*",
    Concept.NOT: rf"\bdeğil(?!dir[ ]ki)\w* | \bhiçbir\w* | \byok\b | \byoktur\b | \bne[ ]de\b | {_STEM}(?<![ae])m[ae](?:y[ae]c[ae]|m[ae]kt|dı\b|di\b|z\b|zlar|zler)\w*",
    Concept.MAY: r"\b(?:kaldır|çıkar|durdur|al|ol|değiş|değiştir|ertele|uygula|sonlandır|gecik|yap|kes|iptal[ ]ed|askıya[ ]al|etkile|yaşa)(?:ı|i|u|ü)?[ln]?[ae]?y?[ae]bil\w* | \bolası\w* | \bihtimal\w* | \beğer\b | \b(?:durumunda|halinde|takdirde)\b | \bhakkını?[ ]saklı\w* | \bgerekirse\b | \bmuhtemel\w* | \brisk\w*[ ]taşı\w*",
    Concept.PAST: r"\bdaha[ ]önce\w* | \böncede?n\b | \bönceki\b | \bilk[ ](?:olarak|duyur)\w* | \bplanlan(?:an|mıştı)\w* | \bduyur(?:ul|duğumuz|muştuk|ulmuştu)\w* | \beski[ ](?:tarih|saat)\w*",
    Concept.EXCEPT: r"\bhariç\w* | (?<!liste[ ])(?<!hizmet[ ])(?<!devre[ ])(?<!gerçek[ ])\bdışında(?!ki)\w* | \bharicinde\b | \bistisna\w*",
    Concept.TRADING: r"(?<!çekme[ ])(?<!çekim[ ])(?<!yatırma[ ])(?<!yatırım[ ])(?<!transfer[ ])(?<!bakım[ ])\bişlem(?!ci)\w*(?![ ](?:çift|ücret|hacm|yarışma|bot|saat[ ]?ücret)) | \balım[ -]?satım\w* | \bal-?sat\b | \bticaret\w* | \btrade\b",
    Concept.PAIR: r"\bçift(?:i|in|ini|inin|ine|inde|ler)\w* | \bçift\b | \bparite\w* | \bpiyasa(?!ya)\w* | \btahta\w*",
    Concept.CONTRACT: r"(?<!akıllı[ ])\bkontrat\w* | (?<!akıllı[ ])(?<!kullanıcı[ ])\bsözleşme\w* | \bvadeli\w*",
    Concept.TOKEN: r"\btoken\w* | \bcoin\w* | \bvarlı[kğ]\w* | \bkripto\w* | \bjeton\w*",
    Concept.DEPOSIT: r"(?<!\btry[ ])(?<!\btl[ ])(?<!lirası[ ])(?<!para[ ])\byatırma\w* | \bpara[ ]yatırma\w* | \byatırım(?=lar\b|\w*[ ](?:ve|veya)[ ]çek|\w*[ ]?/[ ]?çek) | \bgiriş(?=\w*[ ](?:ve|/)[ ]çıkış)",
    Concept.WITHDRAWAL: r"(?<!yatırma-)\bçek(?:me|im|iş)\w* | \bçıkış(?=ları?\b)",
    Concept.WALLET: r"\bcüzdan\w* | (?<!\btry[ ])(?<!lirası[ ])\byatırma[ ]?[/-][ ]?çekme\w* | \btransfer\w* | \bgiriş[ ]?[/-][ ]?çıkış\w*",
    Concept.NETWORK: r"\bağ(?:ı|ın|ına|ında|ındaki|ından|ları|ların|larında|a|da|daki)?\b | \bana[ ]?ağ\w* | \bzincir\w* | \bblok[ ]?zincir\w* | \bdüğüm\w* | \bnode\w* | \bprotokol\w*",
    Concept.SPOT: r"\bspot\w* | \bkaldıraçlı[ ]token\w*",
    Concept.MARGIN: r"\bmarjin\w*(?![ ](?:kademe|oran|seviye)) | \bkaldıraçlı[ ](?:işlem|alım)\w* | \bizole\b",
    Concept.USDM: r"(?<!coin[ ]marjinli[ ])\bvadeli\w* | \bsürekli[ ](?:vadeli|sözleşme|kontrat|işlem)\w* | \bperpetual\w*",
    Concept.COINM: r"\bcoin[ -]?(?:m\b|marjin)\w* | \bters[ ](?:sözleşme|kontrat)\w*",
    Concept.OPTIONS: r"\bopsiyon\w*",
    Concept.ORDER: r"\bemir\w* | \bemr\w* | \bpozisyon\w*",
    Concept.SIDE: r"\bstak\w* | \bkredi\w* | \bborç\w* | \bödünç\w* | \bbot(?:u|lar|ları)?\b | \bgrid\w* | \bkopya\w* | \bbanka\w* | \btürk[ ]lirası\w* | \btry[ ]yatır\w* | \btl[ ]yatır\w* | \bhavale\w* | \beft\b | \bkart\w* | \buygulama(?!ya[ ]al)\w* | \bmobil\w* | \bkimlik\w* | \bteminat\w* | \btasarruf\w* | \botomatik[ ](?:yatırım|alım)\w* | \bçift[ ]yatırım\w* | \bweb[ ]?site\w* | \bdemo\b | \bbasit[ ]kazanç\w* | \bkazanç\w*",
    Concept.TERMS: r"\bücret\w* | \bkomisyon\w* | \bkaldıraç(?:ı|lar|ta|ın)?\b | \bfiyat[ ](?:adım|hassasiyet)\w* | \bminimum[ ](?:emir|işlem)\w* | \bteminat[ ]oran\w* | \bfonlama\w* | \blimit\w* | \bmarjin[ ](?:kademe|oran|seviye)\w* | \bendeks\w*",
}

WORDS: dict[Concept, str] = with_borrowed({concept: _plain(pattern) for concept, pattern in _TURKISH.items()})
