"""The tables of words: sentences of six languages, each with concepts that it has, and with others that it has not."""

from __future__ import annotations

import re
import time
from importlib import import_module

import pytest

from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.language import READ, common_words, language_of, languages_of
from exchanges.announcements.frames.tagger import tag
from exchanges.announcements.text.normalise import masked, normalise

# What it says -what it does not say | sentence
SENTENCES = {
    "zh": """
        delist pair spot -list | 币安将下架部分现货交易对
        remove pair spot -untag | 本平台将移除 MINA/BTC 等现货交易对
        delist -list | 关于 KAVA 终止上市的公告
        end trading -halt | MINA/USDT 将于 5 月 14 日永久停止交易
        end trading | 最后交易日为 5 月 14 日
        remove token | 我们将告别以下代币
        delist contract usdm settle -coinm | USDT 本位永续合约将自动结算并下架
        delist contract coinm -usdm | 币本位合约 MINAUSD 将下架
        halt wallet network upgrade | 因主网升级,我们将暂停 MINA 的充提服务
        halt deposit -withdrawal | 现已暂停 KAVA 充值
        end withdrawal -deposit | 提币将于 6 月 20 日停止
        fork network | Ethereum Classic 网络将进行硬分叉
        not halt trading -continue | 升级期间交易不会中断
        continue trading -not -halt | 交易不受影响
        swap token rename | LTO 代币将按 1:1 置换,并更名为 ZERO
        merge | 三个项目将合并为一个代币
        redenominate | MINA 将进行面值拆分
        warn add -untag | 平台对 FOR 添加观察标签
        warn untag -add | 平台取消 GPS 的监察标签
        warn | 以下代币将被实施特别处理
        resume wallet complete | KAVA 网络升级已完成,现已恢复充提
        postpone fork past | 原定于 5 月 12 日的硬分叉将延期
        -complete resume | 升级完成后将恢复充提
        cancel delist | 我们决定取消下架 VIB
        -cancel order | 请在下架前取消挂单
        list -delist -end | 欧易首发上线 ABC 现货
        promote fork | 答题瓜分奖励:什么是硬分叉
        side delist -spot | 活期理财产品将下架
        terms update | 调整多个合约的资金费率与杠杆档位
        except pair remove | 除 WAXP/USDT 外,其余交易对均将移除
        may delist | 该代币可能被下架
        explain | 关于网络传闻的澄清
        delist pair spot | 幣安將下架部分現貨交易對
        halt wallet network upgrade | 因應主網升級,本平台將暫停充提服務
        deposit withdrawal end | 停止加值,提領服務將同步終止
        warn add | 平台將把 FOR 納入觀察名單
        postpone delist | 下架時間調整至 5 月 19 日
        maintenance wallet | 錢包維護通知
    """,
    "ko": """
        delist -list | 미나(MINA) 거래지원 종료 안내
        delist | 바이낸스, 일부 현물 거래 페어 상장폐지
        end trading | 5월 14일부터 더 이상 MINA 거래를 지원하지 않습니다
        end pair | 해당 마켓은 5월 14일 문을 닫습니다
        remove | 아래 종목을 목록에서 삭제합니다
        warn add token -untag | 미나(MINA) 거래 유의종목 지정 안내
        warn untag | 위믹스(WEMIX) 유의종목 지정 해제
        warn -untag | 투자유의 촉구 안내
        -warn | 투자에 유의하시기 바랍니다
        halt wallet | 카바(KAVA) 입출금 일시 중단 안내
        halt deposit -withdrawal | 입금이 중지됩니다
        halt withdrawal -deposit | 현재 출금을 이용하실 수 없습니다
        upgrade network halt wallet | 네트워크 업그레이드에 따른 입출금 중단
        fork | 하드포크 지원 안내
        maintenance wallet | 지갑 점검 안내
        not halt trading | 거래는 중단되지 않습니다
        continue trading -not | 거래는 영향을 받지 않습니다
        continue trading -halt | 거래는 정상적으로 이용 가능합니다
        swap token | 토큰 스왑 지원 안내
        rename | 리브랜딩 및 티커 변경 안내
        merge token | 세 토큰이 하나로 통합됩니다
        redenominate | 액면 분할에 따른 조치 안내
        resume wallet | 입출금이 재개되었습니다
        complete upgrade | 네트워크 업그레이드가 완료되었습니다
        -complete resume | 작업이 완료되면 입출금을 재개합니다
        postpone delist | 거래지원 종료 일정이 연기되었습니다
        postpone | 종료 일시가 변경되었습니다
        cancel | 상장폐지 결정을 취소합니다
        -cancel order | 미체결 주문은 일괄 취소됩니다
        list -delist | 신규 거래지원 안내: 미나(MINA)
        promote fork | 하드포크 퀴즈 이벤트
        side -deposit -wallet | 원화 입출금 은행 점검 안내
        terms -margin | 무기한 선물 증거금 및 레버리지 변경
        contract usdm delist settle -coinm | 무기한 선물 상장폐지 및 자동 정산
        except pair | ABC/KRW 마켓을 제외하고
        may delist | 상장폐지될 수 있습니다
        explain | 허위 공지에 속지 마세요, 사실이 아닙니다
        -trading | 바이낸스 거래소 이용 안내
    """,
    "ja": """
        delist pair spot -list | 一部の現物取引ペアの上場廃止について
        delist token | 暗号資産の取扱い廃止のお知らせ
        delist | シンボル(XYM)の取り扱いを終了いたします
        end trading | 最終取引日は 5月14日です
        end | 5月14日以降は MINA を取引できなくなります
        remove pair | 下記のペアを削除します
        halt wallet | KAVA の入出金を一時停止いたします
        halt deposit -withdrawal | 入金を見合わせております
        halt withdrawal -deposit -not | 現在,出金はご利用いただけません
        upgrade network halt wallet | ネットワークアップグレードに伴う入出庫の停止
        fork | ハードフォークへの対応について
        maintenance wallet | ウォレットのメンテナンス
        not halt trading | 取引は停止されません
        continue trading -not | 取引への影響はありません
        continue trading | 取引は通常どおりご利用いただけます
        swap token | トークンスワップへの対応
        rename | ティッカーシンボルが ZERO に変更されます
        rename | リブランドに関するお知らせ
        merge token | 3つのトークンが統合されます
        redenominate | トークンの分割について
        warn add -untag | FOR に監視タグを追加します
        warn untag -add | GPS の監視タグを削除します
        resume wallet | 入出金を再開いたしました
        complete upgrade | アップグレードは完了しました
        -complete resume | 作業完了後に再開いたします
        postpone fork | ハードフォークは延期されました
        postpone delist | 取扱廃止の日程を変更いたします
        cancel -end | 上場廃止の決定を撤回いたします
        -cancel order | 未約定の注文は自動的にキャンセルされます
        list -delist | 新規上場のお知らせ
        list -delist | MINA の取扱いを開始します
        promote | クイズに答えて報酬を獲得しよう
        side -deposit -wallet | 日本円の入出金について
        terms -margin | 無期限先物の資金調達率と証拠金率の変更
        contract usdm delist settle -coinm | USDT 無期限契約の上場を廃止し,自動決済します
        except pair | WAXP/USDT を除くすべてのペア
        may delist | 上場廃止となる可能性があります
        explain | よくある質問
    """,
    "tr": """
        delist | Binance, MINA ve LTO'yu listeden çıkaracak
        remove pair spot -untag | Bazı spot işlem çiftleri kaldırılacak
        remove pair | BAZI İŞLEM ÇİFTLERİ KALDIRILACAK
        delist pair | Bazi islem ciftleri listeden cikarilacak
        end trading | MINA/TRY işlemleri sona erecek
        end pair | MINA/TRY paritesi 14 Mayıs'ta kapatılıyor
        end -not | MINA artık desteklenmeyecek
        end | Son işlem günü 14 Mayıs
        halt deposit withdrawal network | KAVA ağında yatırma ve çekme işlemleri askıya alınacaktır
        halt withdrawal -deposit -not | Çekimler geçici olarak yapılamayacaktır
        halt deposit | Yatırma işlemleri durduruldu
        not halt trading | Alım satım durdurulmayacaktır
        continue -not | Kullanıcılar bundan etkilenmeyecektir
        continue trading | İşlemler normal şekilde devam edecektir
        upgrade network | Mina ağ yükseltmesi desteklenecek
        fork | Hard fork duyurusu
        fork | Ağ çatallanması hakkında
        maintenance wallet | Cüzdan bakımı
        swap token | Token takası 1:1 oranında yapılacak
        rename | LTO'nun adı ZERO olarak değiştirilecek
        merge token | Üç token birleşiyor
        warn add -untag | FOR için Takip Etiketi eklenecek
        warn untag -add | GPS üzerindeki Takip Etiketi kaldırılacak
        resume | Çekimler yeniden açıldı
        complete maintenance | Bakım çalışması tamamlandı
        -complete | Dönüşüm tamamlandıktan sonra bilgi verilecektir
        postpone fork | Hard fork ertelendi
        postpone | Kapanış tarihi değişti
        cancel delist | Listeden çıkarma kararı iptal edildi
        -cancel order | Açık emirler iptal edilecektir
        list -delist | MINA listeleniyor
        list pair | Yeni işlem çifti: MINA/TRY
        promote | Yarışmaya katıl, ödül kazan
        side | Banka kaynaklı çalışma nedeniyle havale yapılamıyor
        terms -remove | Kaldıraç ve marjin kademeleri güncellendi
        contract usdm remove | Sürekli vadeli sözleşmeler kaldırılacaktır
        except pair | WAXP/USDT hariç tüm çiftler
        may | Bu varlıklar listeden çıkarılabilir
        explain | Sıkça sorulan sorular
    """,
    "ru": """
        delist pair end | Биржа проведёт делистинг MINA и прекратит торговлю парой MINA/BTC
        remove pair -list | Исключение торговых пар с MINA
        delist -list | Снимаем MINA с торгов
        delist -list | MINA выводится: удаление из листинга
        end trading | Торги парой MINA/USDT завершатся 14 мая
        end -not | MINA больше не будет поддерживаться
        end trading | Последний день торгов
        halt deposit withdrawal network | Приостановка ввода и вывода в сети TON
        halt withdrawal -deposit -not | Вывод KAVA временно недоступен
        halt deposit | Пополнение будет остановлено
        not halt trading | Торги не будут остановлены
        continue trading -not | Торговля не будет затронута
        continue trading | Торговля продолжается в обычном режиме
        upgrade network | Обновление сети Mina
        fork | Хардфорк и поддержка биржи
        maintenance wallet | Техническое обслуживание кошельков: плановые работы
        swap token | Обмен токенов LTO на ZERO
        rename | Ребрендинг и смена тикера
        merge token | Объединение трёх токенов
        redenominate | Деноминация токена
        warn add -untag | Тег мониторинга будет добавлен для FOR
        warn untag -add | Снятие метки мониторинга с GPS
        resume deposit | Депозиты возобновлены
        complete maintenance | Технические работы завершены
        -complete resume | После завершения работ ввод будет возобновлён
        postpone fork | Хардфорк перенесён на 19 мая
        postpone | Изменение даты прекращения торгов
        cancel delist | Делистинг отменён
        -cancel order | Все открытые ордера будут отменены
        list -delist | Листинг MINA и новые торговые пары
        promote | Викторина: выиграйте приз
        side | Вывод рублей на карты будет недоступен
        terms -margin | Изменение комиссий и шага цены
        contract usdm delist | Делистинг бессрочных контрактов
        except remove | За исключением MINA/USDT все пары будут исключены
        -except remove | MINA будет исключён
        may | Торги могут быть приостановлены
        -may withdrawal | Пользователи могут вывести средства
        explain | Опровержение слухов
    """,
    "vi": """
        delist pair -list -trading | Sàn sẽ hủy niêm yết các cặp giao dịch MINA/BTC
        delist -list | Huỷ niêm yết MINA
        delist -list | Ngừng niêm yết KAVA
        delist | Loại MINA ra khỏi danh sách niêm yết
        end trading | Sàn sẽ ngừng giao dịch MINA
        end trading | Ngày giao dịch cuối cùng là 14/05
        end -not | MINA không còn được hỗ trợ
        remove pair | Gỡ bỏ cặp MINA/USDT
        halt wallet -end | Tạm ngừng nạp rút KAVA
        halt deposit -withdrawal -end | Tạm dừng nạp KAVA
        halt withdrawal -not | Hiện không thể rút KAVA
        not halt deposit withdrawal | Việc nạp và rút sẽ không bị gián đoạn
        continue trading -not | Giao dịch không bị ảnh hưởng
        continue trading | Giao dịch vẫn diễn ra bình thường
        upgrade network | Hỗ trợ nâng cấp mạng Mina
        fork network | Hard fork của mạng Mina
        maintenance wallet | Bảo trì ví KAVA
        swap token | Hoán đổi token LTO sang ZERO
        rename | Dự án đổi tên và mã mới là ZERO
        merge token | Ba token sẽ hợp nhất
        redenominate | Chia tách token theo mệnh giá mới
        warn add -untag | Gắn thẻ giám sát cho FOR
        warn untag -add | Gỡ bỏ thẻ giám sát của GPS
        resume wallet | Mở lại nạp rút KAVA
        complete upgrade | Đã hoàn tất nâng cấp mạng
        -complete resume | Nạp rút mở lại sau khi hoàn tất bảo trì
        postpone upgrade -halt | Hoãn nâng cấp mạng sang 19/05
        postpone | Thay đổi thời gian ngừng giao dịch
        cancel -remove | Hủy bỏ kế hoạch nâng cấp
        -cancel order | Mọi lệnh sẽ bị hủy tự động; hủy lệnh đang chờ
        list -delist | Niêm yết MINA và mở giao dịch
        promote | Trả lời câu hỏi, nhận thưởng
        side | Bảo trì ngân hàng, nạp VND tạm gián đoạn
        terms | Điều chỉnh đòn bẩy và bước giá
        contract usdm | Hợp đồng vĩnh cửu MINAUSDT
        except | Ngoại trừ WAXP/USDT
        may | Token có thể bị hủy niêm yết
        -may withdrawal | Bạn có thể rút đến 14/06
        explain | Tin đồn không đúng sự thật
    """,
}
ROWS = [
    (language, *(part.strip() for part in line.split("|", 1)))
    for language, lines in SENTENCES.items()
    for line in lines.strip().splitlines()
]


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_have_their_concepts(language: str) -> None:
    wrong = []
    for row, wanted, sentence in ROWS:
        if row != language:
            continue
        text = normalise(sentence)
        found = {mention.concept.value for mention in tag(masked(text), language)}
        asked = {Concept(word.removeprefix("-")).value for word in wanted.split()}
        refused = {word[1:] for word in wanted.split() if word.startswith("-")}
        if missing := asked - refused - found:
            wrong.append(f"{sentence}: lacks {sorted(missing)}")
        if extra := refused & found:
            wrong.append(f"{sentence}: has {sorted(extra)}")
    assert not wrong, "\n".join(wrong)


def test_the_language_of_each_sentence_is_known() -> None:
    wrong = [(row, sentence) for row, _, sentence in ROWS if language_of(normalise(sentence), row) != row]
    assert not wrong


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Binance Will List 币安人生 (币安人生)"),
        ("en", "NULS Trading Halt: Reopening Delayed"),
        ("en", "MINA/BTC, LTO/BTC"),
        ("en", "Pokémon Café (POKE) goes live"),
        ("zh", "币安将移除 Monitoring Tag"),
        ("zh", "幣安將於五月下架 MINA/BTC"),
        ("ja", "上場廃止銘柄"),
        ("ja", "取引停止"),
        ("tr", "Binance bazi spot islem ciftlerini kaldiracak"),
        ("other", "Binance припинить торгівлю MINA"),
        ("other", "Binance ще премахне търговски двойки"),
        ("other", "Binance eliminará pares de trading spot"),
        ("other", "Binance removerá os pares de margin trading"),
        ("other", "Binance supprimera les paires de trading"),
        ("other", "Binance entfernt Spot-Handelspaare"),
        ("other", "Binance akan menghapus pasangan perdagangan spot"),
        ("other", "Binance usunie pary handlowe"),
        ("other", "ستقوم المنصة بإزالة أزواج التداول"),
        ("other", "แจ้งเพิกถอน MINA"),
        ("other", "Fin de la négociation de MINA"),
    ],
)
def test_language(language: str, text: str) -> None:
    assert language_of(text) == language


def test_a_clause_that_does_not_tell_has_the_language_of_its_notice() -> None:
    assert languages_of(["币安将移除以下交易对", "MINA/BTC", "The pairs will be removed"]) == ("zh", "zh", "en")


@pytest.mark.parametrize("language", [language for language in READ if language != "en"])
def test_tables_are_linear_and_never_empty(language: str) -> None:
    words = import_module(f"exchanges.announcements.frames.words.{language}").WORDS
    assert set(words) >= set(Concept)
    for concept, pattern in words.items():
        assert re.compile(pattern, re.X).match("") is None, concept


@pytest.mark.parametrize("language", SENTENCES)
def test_twice_the_text_takes_twice_the_time(language: str) -> None:
    sentences = " ".join(sentence for row, _, sentence in ROWS if row == language)

    def seconds(size: int) -> float:
        # Each run is of another text, because answers are kept.
        text = f"{size} {sentences * 40}"[:size]
        started = time.perf_counter()
        tag(text, language)
        language_of(text)
        return time.perf_counter() - started

    seconds(100)
    assert seconds(8_000) < 6 * min(seconds(3_999), seconds(4_000)) + 0.2


def test_words_in_capitals_of_a_turkish_title_are_no_names() -> None:
    text = "DUYURU: MINA VE LTO KALDIRILACAK"
    assert [text[start:stop] for start, stop in common_words(text, "tr")] == ["DUYURU", "VE", "KALDIRILACAK"]
    assert common_words("NOTICE: MINA", "en") == []


@pytest.mark.parametrize(
    ("language", "wanted", "sentence"),
    [
        ("zh", {"resume"}, "MINA 充提限制已解除"),
        ("ko", {"resume"}, "입출금 중단 조치를 해제합니다"),
        ("ja", {"resume"}, "入出金停止の解除"),
        ("tr", {"resume"}, "Çekimler aktif"),
        ("vi", {"halt"}, "Ngừng giao dịch tạm thời"),
        ("ru", {"halt"}, "Торги временно прекращены"),
    ],
)
def test_stops_for_a_time_and_their_end(language: str, wanted: set[str], sentence: str) -> None:
    found = {mention.concept.value for mention in tag(normalise(sentence), language)}
    assert wanted <= found
    assert "end" not in found
